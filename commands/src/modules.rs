//! The modules and their commands: the one list that routes, documents and the batch go by.

use crate::cache::Cache;
use crate::clients::Client;
use crate::contacts::Contact;
use crate::decider::{Context, Decider, Need};
use crate::departments::Company;
use crate::dictionaries::Dictionary;
use crate::employees::Employee;
use crate::execute::{Prepared, Shared, needs};
use crate::form;
use crate::interactions::Interaction;
use crate::order::{Done, Fresh, Order, Refused};
use crate::steps::Step;
use letopis_events::{BadEvent, Event, Moment, StreamId, Version};
use letopis_eventstore::LogEvent;
use schemars::Schema;
use std::any::Any;
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// A decider with a cache of its states.
pub(crate) trait Module: Decider {
    fn cache(shared: &Shared) -> &Cache<Self>;
}

/// A command as it is described to the world.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// The module.
    pub module: &'static str,
    /// The command.
    pub name: &'static str,
    /// Whether it makes a thing and takes no id.
    pub creates: bool,
    /// What it is for.
    pub summary: &'static str,
    /// What its body must be.
    pub schema: Schema,
}

macro_rules! modules {
    ($($decider:ident: $cache:ident,)*) => {
        $(impl Module for $decider {
            fn cache(shared: &Shared) -> &Cache<Self> {
                &shared.caches.$cache
            }
        })*

        /// The folded states of all modules.
        pub(crate) struct Caches {$(
            $cache: Cache<$decider>,
        )*}

        impl Caches {
            pub(crate) fn new(size: NonZeroUsize) -> Self {
                Self {$($cache: Cache::new(size),)*}
            }

            /// The version and the folded state of a stream, as it is seen by others.
            pub(crate) fn get(&self, need: Need) -> Option<(Version, Arc<dyn Any + Send + Sync>)> {
                match need.category {
                    $(<$decider as Decider>::Event::CATEGORY => {
                        let folded = self.$cache.get(need.stream)?;
                        Some((folded.version, folded))
                    })*
                    _ => None,
                }
            }

            /// Folds a whole stream and keeps it.
            pub(crate) fn fold(&self, need: Need, events: &[&LogEvent]) -> Result<(), BadEvent> {
                match need.category {
                    $(<$decider as Decider>::Event::CATEGORY => self.$cache.fold(need.stream, events),)*
                    _ => Ok(()),
                }
            }
        }

        /// A command of any module, its form read.
        pub(crate) enum Task {$(
            $decider(Prepared<$decider>),
        )*}

        impl Task {
            /// Reads an order's form.
            pub(crate) fn prepare(order: Order, fresh: &Fresh) -> Result<Self, Refused> {
                match order.module.as_str() {
                    $(<$decider as Decider>::Event::CATEGORY => prepare::<$decider>(order, fresh).map(Self::$decider),)*
                    _ => Err(Refused::UnknownCommand(order.module)),
                }
            }

            /// The stream it writes.
            pub(crate) fn stream(&self) -> StreamId {
                match self {$(Self::$decider(prepared) => prepared.stream,)*}
            }

            /// The streams it will look at and that are not cached.
            pub(crate) fn wants(&self, shared: &Shared, wanted: &mut HashSet<Need>) {
                match self {$(Self::$decider(prepared) => wants(prepared, shared, wanted),)*}
            }

            /// Carries it out.
            pub(crate) async fn run(self, shared: &Shared) -> Result<Done, Refused> {
                match self {$(Self::$decider(prepared) => shared.run(prepared).await,)*}
            }
        }

        /// Whether a module has a command of this name.
        pub fn knows(module: &str, command: &str) -> bool {
            match module {
                $(<$decider as Decider>::Event::CATEGORY => has::<$decider>(command),)*
                _ => false,
            }
        }

        /// All commands of all modules, with their schemas: made anew at each call, which takes milliseconds.
        pub fn commands() -> Vec<CommandInfo> {
            [$(described::<$decider>(),)*].into_iter().flatten().collect()
        }

        #[cfg(test)]
        #[test]
        fn every_command_of_a_module_is_listed_and_no_other() {
            $(assert_eq!(listed::<$decider>(), variants::<$decider>(), "{}", stringify!($decider));)*
        }
    };
}
modules! {
    Employee: employees,
    Client: clients,
    Contact: contacts,
    Interaction: interactions,
    Step: steps,
    Company: departments,
    Dictionary: dictionaries,
}

fn has<D: Decider>(command: &str) -> bool {
    D::COMMANDS.iter().any(|(name, _)| *name == command)
}

fn described<D: Decider>() -> Vec<CommandInfo> {
    let info = |(name, summary): &(&'static str, &'static str)| CommandInfo {
        module: D::Event::CATEGORY,
        name,
        creates: *name == D::CREATES,
        summary,
        schema: form::schema::<D>(name).unwrap_or_default(),
    };
    D::COMMANDS.iter().map(info).collect()
}

fn prepare<D: Module>(order: Order, fresh: &Fresh) -> Result<Prepared<D>, Refused> {
    let known = has::<D>(&order.command);
    let creates = order.command == D::CREATES;
    if !known || creates != order.id.is_none() {
        let id = if creates { "without an id" } else { "with an id" };
        let text = format!("{}/{}", order.module, order.command);
        return Err(Refused::UnknownCommand(if known { format!("{text} is asked {id}") } else { text }));
    }
    let command = form::read::<D>(&order.command, order.body.clone()).map_err(Refused::Invalid)?;
    let stream = order
        .id
        .map(StreamId)
        .or_else(|| natural::<D>(&command))
        .unwrap_or_else(|| StreamId(order.maker(fresh)()));
    Ok(Prepared { order, stream, command, creates })
}

/// The stream that the command itself names.
fn natural<D: Decider>(command: &D::Command) -> Option<StreamId> {
    let external = || Some(StreamId::external(D::Event::CATEGORY, D::external(command)?));
    D::fixed(command).or_else(external)
}

fn wants<D: Module>(prepared: &Prepared<D>, shared: &Shared, wanted: &mut HashSet<Need>) {
    let Prepared { order, stream, command, creates } = prepared;
    if *creates && natural::<D>(command).is_none() {
        // Nobody has this id yet: there is nothing to read.
        D::cache(shared).keep(*stream, Arc::default());
    } else if D::cache(shared).get(*stream).is_none() {
        wanted.insert(Need { category: D::Event::CATEGORY, stream: *stream });
    }
    let Ok(now) = Moment::try_from(order.at.unwrap_or_default()) else {
        return;
    };
    let context = Context { stream: *stream, now, actor: &order.actor, fresh: &|| uuid::Uuid::nil() };
    let needs = needs(&D::default(), command, &context);
    wanted.extend(needs.into_iter().filter(|need| shared.caches.get(*need).is_none()));
}

#[cfg(test)]
fn listed<D: Decider>() -> std::collections::BTreeSet<String> {
    D::COMMANDS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// The commands that can be read, by the schema of their type.
#[cfg(test)]
fn variants<D: Decider>() -> std::collections::BTreeSet<String> {
    let whole = schemars::schema_for!(D::Command).to_value();
    let all = whole["oneOf"].as_array().cloned().unwrap_or_else(|| vec![whole.clone()]);
    let name = |variant: &serde_json::Value| variant["required"][0].as_str().map(str::to_owned);
    all.iter().filter_map(name).collect()
}
