//! What a decision is: a pure function of a state, a command and what else it may know.

use crate::codes::Codes;
use letopis_events::likeness::{Candidate, Resemblance};
use letopis_events::{
    Actor, BadEvent, ClientId, Day, EmployeeId, Event, ExternalId, Moment, Position, StreamId, Version,
};
use letopis_eventstore::LogEvent;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A field of a command's body, as a JSON pointer.
pub type Field = Cow<'static, str>;

/// Why a module refuses.
pub trait Rejection {
    /// Stable code.
    fn code(&self) -> &'static str;
    /// The field at fault, as a JSON pointer into the body; `None` where a rule of the module refuses.
    fn field(&self) -> Option<String>;
    /// The clients that somebody must look at first.
    fn candidates(&self) -> &[Candidate] {
        &[]
    }
}

/// Another stream a decision must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Need {
    /// The module it belongs to.
    pub(crate) category: &'static str,
    /// Which one.
    pub(crate) stream: StreamId,
}

impl Need {
    /// The stream of a thing of the module `D`.
    pub fn of<D: Decider>(id: impl Into<StreamId>) -> Self {
        Self { category: D::Event::CATEGORY, stream: id.into() }
    }
}

/// A stream, folded.
#[derive(Clone, Debug)]
pub(crate) struct Folded<D: Decider> {
    pub(crate) state: D,
    pub(crate) version: Version,
    /// The last event's position.
    pub(crate) position: Position,
    /// The first event and its position.
    pub(crate) first: Option<(Arc<D::Event>, Position)>,
}

impl<D: Decider> Default for Folded<D> {
    fn default() -> Self {
        Self { state: D::default(), version: Version(0), position: Position(0), first: None }
    }
}

impl<D: Decider> Folded<D> {
    /// Folds an event of the stream onto it.
    pub(crate) fn take(&mut self, event: &LogEvent) -> Result<(), BadEvent> {
        let recorded = event.decode::<D::Event>()?;
        self.put(&recorded.event, event.version, event.position);
        Ok(())
    }

    /// Folds an event onto it that was just stored.
    pub(crate) fn put(&mut self, event: &D::Event, version: Version, position: Position) {
        self.state.evolve(event);
        (self.version, self.position) = (version, position);
        if self.first.is_none() {
            self.first = Some((Arc::new(event.clone()), position));
        }
    }
}

/// What a decision may see: the streams it asked for, folded and guarded in the append, so that they cannot go stale; and what a
/// read model answered, which may be stale and is only used to warn.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    streams: HashMap<Need, Arc<dyn Any + Send + Sync>>,
    pub(crate) alike: Vec<Candidate>,
}

/// A reference to nothing, or to somebody who was not here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    /// There is no such employee.
    #[error("there is no such employee")]
    UnknownEmployee(Field),
    /// They did not work here then.
    #[error("the employee {0} does not work here on {1}: was not hired yet or was dismissed")]
    NotHere(EmployeeId, Day),
    /// There is no such client.
    #[error("there is no such client")]
    UnknownClient(Field),
    /// There is no such interaction.
    #[error("there is no such interaction")]
    UnknownInteraction(Field),
    /// There is no such step.
    #[error("there is no such step")]
    UnknownStep(Field),
    /// There is no such contact person.
    #[error("there is no such contact person")]
    UnknownContact(Field),
    /// It is about somebody else.
    #[error("this is of another client")]
    OtherClient(Field),
}

impl Rejection for BadReference {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownEmployee(_) => "unknown_employee",
            Self::NotHere(..) => "employee_not_here",
            Self::UnknownClient(_) => "unknown_client",
            Self::UnknownInteraction(_) => "unknown_interaction",
            Self::UnknownStep(_) => "unknown_step",
            Self::UnknownContact(_) => "unknown_contact",
            Self::OtherClient(_) => "other_client",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::UnknownEmployee(field)
            | Self::UnknownClient(field)
            | Self::UnknownInteraction(field)
            | Self::UnknownStep(field)
            | Self::UnknownContact(field)
            | Self::OtherClient(field) => Some(field.clone().into_owned()),
            Self::NotHere(..) => None,
        }
    }
}

impl Seen {
    /// Adds a stream, folded as [`Folded`] of its module's state.
    pub(crate) fn put(&mut self, need: Need, folded: Arc<dyn Any + Send + Sync>) {
        self.streams.insert(need, folded);
    }

    /// The state of a thing, as far as it was asked for.
    pub fn state<D: Decider>(&self, id: impl Into<StreamId>) -> Option<&D> {
        let folded = self.streams.get(&Need::of::<D>(id))?.downcast_ref::<Folded<D>>()?;
        Some(&folded.state)
    }

    /// The clients that look like the one the decision is about, by what [`Decider::resembles`] asked.
    pub fn alike(&self) -> &[Candidate] {
        &self.alike
    }
}

/// What else a decision may know.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The stream it is about.
    pub stream: StreamId,
    /// Now; in a sample store the time of the command.
    pub now: Moment,
    /// Who commands.
    pub actor: &'a Actor,
    /// Makes an id nobody has.
    pub fresh: &'a (dyn Fn() -> Uuid + Send + Sync),
}

/// The state of one thing and its decisions. `Self::default()` is before anything.
pub trait Decider: Default + Clone + Send + Sync + 'static {
    /// Imperative.
    type Command: DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static;
    /// What it decides on.
    type Event: Event;
    /// Why it refuses.
    type Error: std::error::Error + Rejection + Send + Sync;
    /// The command that makes the thing.
    const CREATES: &'static str;
    /// The names of all commands, with what each is for.
    const COMMANDS: &'static [(&'static str, &'static str)];

    /// The other system's key, in a command that makes the thing.
    fn external(command: &Self::Command) -> Option<&ExternalId>;
    /// The stream of a thing of which every store has exactly one, in a command that makes it.
    fn fixed(_command: &Self::Command) -> Option<StreamId> {
        None
    }
    /// The codes of dictionaries it uses: checked before it decides.
    fn codes<'c>(&self, _command: &'c Self::Command) -> Codes<'c> {
        Codes::default()
    }
    /// The other streams it must see.
    fn needs(&self, command: &Self::Command, context: &Context<'_>) -> Vec<Need>;
    /// One more that it must see, by what it has seen: asked again until there is none.
    fn further(&self, _command: &Self::Command, _seen: &Seen, _context: &Context<'_>) -> Option<Need> {
        None
    }
    /// What follows; no events: it is so already.
    fn decide(
        &self,
        command: Self::Command,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<Self::Event>, Self::Error>;
    /// What a read model is asked before the events are recorded; then it is decided once more, seeing the answer.
    fn resembles(&self, _stream: StreamId, _events: &[Self::Event]) -> Option<Resemblance> {
        None
    }
    /// The only place where a change of the state is written.
    fn evolve(&mut self, event: &Self::Event);
    /// The clients the thing is about now.
    fn concerns(&self, stream: StreamId) -> Vec<ClientId>;
    /// Whether what the caller sent is what the first event says; ids, defaults and the actor are not what he sent.
    fn repeats(command: &Self::Command, first: &Self::Event) -> bool;
}
