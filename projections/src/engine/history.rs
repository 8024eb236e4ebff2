//! Events of a made-up history, for tests of folds.

use letopis_events::{Actor, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version};
use serde_json::Value;
use uuid::Uuid;

/// An event of a stream, at this place of the log.
pub(crate) fn event(
    position: i64,
    stream: u128,
    category: &str,
    kind: &str,
    data: &Value,
) -> Recorded<DomainEvent> {
    let event = DomainEvent::decode(category, kind, 1, &data.to_string()).unwrap().unwrap();
    Recorded {
        position: Position(position),
        stream: StreamId(Uuid::from_u128(stream)),
        version: Version(position),
        id: EventId(Uuid::from_u128(1_000 + u128::try_from(position).unwrap())),
        recorded_at: "2026-03-02T10:00:00Z".parse().unwrap(),
        metadata: Metadata {
            actor: Actor::Agent("test".into()),
            concerns: vec![],
            correlation: Uuid::nil(),
            causation: None,
        },
        event,
    }
}
