//! Given a history, when a command comes, then these events or this refusal: how decisions are tested.

use crate::decider::{Context, Decider, Folded, Need, Rejection, Seen};
use crate::dictionaries::{Dictionary, defaults};
use crate::form;
use letopis_events::dictionaries::{DictionaryEvent, DictionaryName};
use letopis_events::{Actor, Event, Moment, StreamId};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// The stream all tests decide about.
pub(crate) const OWN: StreamId = StreamId(Uuid::from_u128(1));

/// A thing with a history, in a company whose dictionaries are as every store begins with.
pub(crate) struct Given<D: Decider> {
    pub(crate) state: D,
    pub(crate) seen: Seen,
    pub(crate) actor: Actor,
    fresh: AtomicU64,
}

/// The first of the ids that are nobody's; each decision's ids follow.
const FRESH: u64 = 99;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn now() -> Moment {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

/// What every store begins with.
fn seeded() -> Seen {
    let mut seen = Seen::default();
    for name in DictionaryName::ALL {
        let mut folded = Folded::<Dictionary>::default();
        folded.state.evolve(&DictionaryEvent::Opened { name, entries: defaults(name) });
        seen.put(Need::of::<Dictionary>(name.stream()), Arc::new(folded));
    }
    seen
}

impl<D: Decider> Default for Given<D> {
    fn default() -> Self {
        static SEEDED: OnceLock<Seen> = OnceLock::new();
        let seen = SEEDED.get_or_init(seeded).clone();
        let (actor, fresh) = (Actor::Agent("test".into()), AtomicU64::new(FRESH));
        Self { state: D::default(), seen, actor, fresh }
    }
}

impl<D: Decider> Given<D> {
    /// An employee who works here, of this number.
    pub(crate) fn employee(self, number: u128, hire: &Value, then: &[(&str, Value)]) -> Self {
        let mut employee = Given::<crate::employees::Employee>::default();
        employee.when("hire", hire).unwrap();
        for (command, body) in then {
            employee.when(command, body).unwrap();
        }
        self.beside(number, employee.state)
    }

    /// Another thing, of this number, that decisions may see.
    pub(crate) fn beside<O: Decider>(mut self, number: u128, state: O) -> Self {
        let folded = Folded::<O> { state, ..Folded::default() };
        self.seen.put(Need::of::<O>(StreamId(id(number))), Arc::new(folded));
        self
    }

    /// Decides, and lives on with what was decided.
    pub(crate) fn when(
        &mut self,
        command: &str,
        body: &Value,
    ) -> Result<Vec<Value>, (String, Option<String>)> {
        let read = form::read::<D>(command, body.clone());
        let command = read.map_err(|faults| ("form".to_owned(), faults.first().map(|f| f.path.clone())))?;
        let fresh = || id(self.fresh.fetch_add(1, Ordering::Relaxed).into());
        let context = Context { stream: OWN, now: now(), actor: &self.actor, fresh: &fresh };
        if let Some(fault) = self.state.codes(&command).faults(&self.seen, &self.actor).into_iter().next() {
            return Err((fault.code.to_owned(), Some(fault.path)));
        }
        let decided = self.state.decide(command, &self.seen, &context);
        let events = decided.map_err(|error| (error.code().to_owned(), error.field()))?;
        let mut told = vec![];
        for event in &events {
            self.state.evolve(event);
            let (kind, payload) = event.encode().unwrap();
            let payload: Value = serde_json::from_str(&payload).unwrap();
            told.push(json!([kind, payload]));
        }
        Ok(told)
    }

    /// The types of the events that follow.
    pub(crate) fn types(&mut self, command: &str, body: &Value) -> Vec<String> {
        let events = self.when(command, body).unwrap();
        events.iter().map(|event| event[0].as_str().unwrap().to_owned()).collect()
    }

    /// The code and the field of a refusal.
    pub(crate) fn refused(&mut self, command: &str, body: &Value) -> (String, String) {
        let (code, field) = self.when(command, body).unwrap_err();
        (code, field.unwrap_or_default())
    }
}
