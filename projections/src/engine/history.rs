//! Histories for tests: what happened to a few streams, numbered in its order. The tests of policies use this file, too.

use letopis_events::{
    Actor, DomainEvent, EventId, FIXTURES, Metadata, Position, Recorded, StreamId, Version, kinds,
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A stream by its category and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stream(pub(crate) &'static str, pub(crate) u128);

pub(crate) const EMPLOYEE: Stream = Stream("employees", 2);
pub(crate) const CLIENT: Stream = Stream("clients", 3);
pub(crate) const OTHER: Stream = Stream("clients", 4);
pub(crate) const CALL: Stream = Stream("interactions", 5);
pub(crate) const CONTACT: Stream = Stream("contacts", 6);
pub(crate) const STEP: Stream = Stream("steps", 7);
pub(crate) const DEPARTMENTS: Stream = Stream("departments", 8);
const DICTIONARY: Stream = Stream("dictionaries", 10);

/// What happened to which stream.
pub(crate) type Told = (Stream, DomainEvent);

impl Stream {
    /// Its id.
    pub(crate) const fn id(self) -> Uuid {
        Uuid::from_u128(self.1)
    }

    /// An event of it with this payload.
    pub(crate) fn says(self, kind: &str, payload: &Value) -> Told {
        (self, DomainEvent::decode(self.0, kind, 1, &payload.to_string()).unwrap().unwrap())
    }

    /// An event of it with the payload kept for good, but for these fields.
    pub(crate) fn golden(self, kind: &str, but: &Value) -> Told {
        let text = std::fs::read_to_string(format!("{FIXTURES}/{}.{kind}.v1.json", self.0)).unwrap();
        let mut payload: Value = serde_json::from_str(&text).unwrap();
        for (field, value) in but.as_object().unwrap() {
            payload[field] = value.clone();
        }
        self.says(kind, &payload)
    }
}

/// A person's value.
pub(crate) fn personal(value: impl Into<Value>) -> Value {
    json!({"of": CLIENT.id(), "is": value.into()})
}

/// A person's value that nobody can read.
pub(crate) fn erased() -> Value {
    json!({"of": CLIENT.id(), "sealed": "x"})
}

/// All of it in the log: positions from 1, versions from 1 in each stream.
pub(crate) fn history(told: impl IntoIterator<Item = Told>) -> Vec<Recorded<DomainEvent>> {
    let mut versions: HashMap<Stream, i64> = HashMap::new();
    (1..)
        .zip(told)
        .map(|(position, (stream, event))| {
            let version = versions.entry(stream).or_default();
            *version += 1;
            Recorded {
                position: Position(position),
                stream: StreamId(stream.id()),
                version: Version(*version),
                id: EventId(Uuid::from_u128(1_000 + u128::from(position.unsigned_abs()))),
                recorded_at: "2026-03-02T10:00:00Z".parse().unwrap(),
                metadata: Metadata {
                    actor: Actor::Agent("test".into()),
                    concerns: vec![],
                    correlation: Uuid::nil(),
                    causation: None,
                },
                event,
            }
        })
        .collect()
}

/// Which events change what `rows` tells: each golden one alone, after all that it can be about.
pub(crate) fn changing(rows: impl Fn(Vec<Recorded<DomainEvent>>) -> String) -> BTreeSet<String> {
    let mut changing = BTreeSet::new();
    for (module, kind) in kinds() {
        let none = json!({});
        let mut before = vec![
            EMPLOYEE.golden("Hired", &none),
            CLIENT.golden("Registered", &none),
            CLIENT.golden("ManagerAssigned", &none),
            CALL.golden("Recorded", &json!({"client_id": CLIENT.id()})),
            CONTACT.golden("Registered", &json!({"joins": [{"client_id": CLIENT.id()}]})),
            STEP.golden("Planned", &json!({"client_id": CLIENT.id(), "assignee": EMPLOYEE.id()})),
            DEPARTMENTS.golden("Founded", &none),
            DICTIONARY.golden("Opened", &none),
        ];
        match kind.as_str() {
            "Restored" => before.push(CLIENT.golden("Archived", &none)),
            "Unmerged" => before.push(CLIENT.golden("MergedInto", &none)),
            "Unrelated" => before.push(CLIENT.golden("Related", &none)),
            _ => {}
        }
        // What begins a stream begins another one.
        let (stream, first) = before.iter().find(|(stream, _)| stream.0 == module).unwrap();
        let number = if first.encode().unwrap().0 == kind { 9 } else { stream.1 };
        let but = match kind.as_str() {
            "Unlinked" | "Joined" | "Left" => json!({"client_id": CLIENT.id()}),
            "PhoneAdded" => {
                let number = personal(json!({"raw": "+7 921 555-00-11", "e164": "+79215550011"}));
                json!({"phone": {"id": Uuid::from_u128(11), "number": number}})
            }
            "PhoneMarked" => json!({"mark": "invalid"}),
            "Untagged" => json!({"tag": "vip"}),
            "ManagerAssigned" => json!({"assignment_id": Uuid::from_u128(7)}),
            _ => none,
        };
        let then = rows(history(before.clone()));
        before.push(Stream(module, number).golden(&kind, &but));
        if rows(history(before)) != then {
            changing.insert(format!("{module}.{kind}"));
        }
    }
    changing
}
