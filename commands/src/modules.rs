//! The modules and their commands: the one list that routes, documents and the batch go by.

use crate::cache::Cache;
use crate::clients::Client;
use crate::decider::{Context, Decider, Need};
use crate::employees::Employee;
use crate::execute::{Fresh, Prepared, Shared};
use crate::form;
use crate::interactions::Interaction;
use crate::order::{Done, Order, Refused};
use letopis_events::{Event, Moment, StreamId};
use schemars::Schema;
use std::collections::HashSet;

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
                &shared.$cache
            }
        })*

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
            pub(crate) fn wants(&self, shared: &Shared, wanted: &mut HashSet<(&'static str, StreamId)>) {
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
    };
}
modules! {
    Employee: employees,
    Client: clients,
    Interaction: interactions,
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
    let stream = match (order.id, D::external(&command)) {
        (Some(id), _) => StreamId(id),
        (None, Some(external)) => StreamId::external(D::Event::CATEGORY, external),
        (None, None) => StreamId(fresh()),
    };
    Ok(Prepared { order, stream, command, creates })
}

fn wants<D: Module>(prepared: &Prepared<D>, shared: &Shared, wanted: &mut HashSet<(&'static str, StreamId)>) {
    let Prepared { order, stream, command, creates } = prepared;
    if *creates && D::external(command).is_none() {
        // Nobody has this id yet: there is nothing to read.
        D::cache(shared).keep(*stream, std::sync::Arc::default());
    } else if D::cache(shared).get(*stream).is_none() {
        wanted.insert((D::Event::CATEGORY, *stream));
    }
    let Ok(now) = Moment::try_from(order.at.unwrap_or_default()) else {
        return;
    };
    let context = Context { stream: *stream, now, actor: &order.actor, fresh: &|| uuid::Uuid::nil() };
    for need in D::default().needs(command, &context) {
        let there = match need {
            Need::Employee(id) => shared.employees.get(id.into()).is_some(),
            Need::Client(id) => shared.clients.get(id.into()).is_some(),
        };
        if !there {
            wanted.insert(need.stream());
        }
    }
}
