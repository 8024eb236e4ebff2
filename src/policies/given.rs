//! A history for the tests of policies: events of streams, one after another.

use letopis_events::{Actor, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// What happened so far.
#[derive(Default)]
pub(super) struct History {
    pub(super) events: Vec<Recorded<DomainEvent>>,
    versions: HashMap<u128, i64>,
}

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

impl History {
    /// The same with an event more, of the stream of this number.
    pub(super) fn and(mut self, category: &str, stream: u128, kind: &str, data: &Value) -> Self {
        let event = DomainEvent::decode(category, kind, 1, &data.to_string()).unwrap().unwrap();
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        self.events.push(Recorded {
            position: Position(i64::try_from(self.events.len()).unwrap() + 1),
            stream: StreamId(id(stream)),
            version: Version(*version),
            id: EventId(Uuid::nil()),
            recorded_at: "2026-03-02T10:00:00Z".parse().unwrap(),
            metadata: Metadata {
                actor: Actor::Agent("test".into()),
                concerns: vec![],
                correlation: Uuid::nil(),
                causation: None,
            },
            event,
        });
        self
    }
}
