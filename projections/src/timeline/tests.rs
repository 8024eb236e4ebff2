//! Given a history, then these rows.

use super::{Timeline, TimelineRows};
use crate::engine::given;
use letopis_events::{
    Actor, ClientId, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version, modules,
};
use serde_json::{Value, json};
use uuid::Uuid;

const CLIENT: u128 = 3;
const OTHER: u128 = 4;
const CALL: u128 = 5;
const STEP: u128 = 6;

/// An event of a stream, at this place of the log.
fn event(position: i64, stream: u128, category: &str, kind: &str, data: &Value) -> Recorded<DomainEvent> {
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

/// The payload kept for good for this event.
fn golden(category: &str, kind: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/fixtures");
    let text = std::fs::read_to_string(format!("{path}/{category}.{kind}.v1.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn client(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn registered(position: i64, number: u128) -> Recorded<DomainEvent> {
    event(position, number, "clients", "Registered", &golden("clients", "Registered"))
}

fn recorded(position: i64) -> Recorded<DomainEvent> {
    let mut data = golden("interactions", "Recorded");
    data["client_id"] = json!(client(CLIENT));
    event(position, CALL, "interactions", "Recorded", &data)
}

fn planned(position: i64) -> Recorded<DomainEvent> {
    let mut data = golden("steps", "Planned");
    data["client_id"] = json!(client(CLIENT));
    event(position, STEP, "steps", "Planned", &data)
}

fn told(rows: &TimelineRows, number: u128) -> Vec<(i64, String)> {
    let mut told: Vec<_> = rows
        .entry
        .rows()
        .into_iter()
        .filter(|entry| entry.client_id == client(number))
        .map(|entry| (entry.position, entry.event))
        .collect();
    told.sort();
    told
}

#[test]
fn every_event_of_a_client_an_interaction_or_a_step_makes_an_entry() {
    for (module, _, schema) in modules() {
        for variant in schema.as_value()["oneOf"].as_array().unwrap() {
            let kind = variant["properties"]["type"]["const"].as_str().unwrap();
            let mut data = golden(module, kind);
            if data.get("client_id").is_some() {
                data["client_id"] = json!(client(CLIENT));
            }
            let stream = match module {
                "interactions" => CALL,
                "steps" => STEP,
                _ => CLIENT,
            };
            let mut history = vec![registered(1, CLIENT)];
            match (module, kind) {
                ("interactions", kind) if kind != "Recorded" => history.push(recorded(2)),
                ("steps", kind) if kind != "Planned" => history.push(planned(2)),
                _ => {}
            }
            if (module, kind) != ("clients", "Registered") {
                history.push(event(3, stream, module, kind, &data));
            }
            let last = history.last().unwrap().position.0;
            let rows = given::<Timeline>(history).unwrap();
            // What happens to these happens to no client.
            let expected = !["employees", "contacts", "departments", "dictionaries"].contains(&module);
            let there = told(&rows, CLIENT).contains(&(last, kind.to_owned()));
            assert_eq!(there, expected, "{module}.{kind}");
        }
    }
}

#[test]
fn an_interaction_linked_later_brings_its_story_and_takes_it_away() {
    let link = json!({"client_id": client(OTHER), "how": "manual"});
    let unlink = json!({"client_id": client(OTHER), "reason": "x"});
    let mut history = vec![
        registered(1, CLIENT),
        registered(2, OTHER),
        recorded(3),
        event(4, CALL, "interactions", "ResultSet", &json!({"result": "agreed"})),
        event(5, CALL, "interactions", "Linked", &link),
    ];
    let rows = given::<Timeline>(history.clone()).unwrap();
    let story = [(2, "Registered"), (3, "Recorded"), (4, "ResultSet"), (5, "Linked")];
    assert_eq!(told(&rows, OTHER), story.map(|(at, event)| (at, event.to_owned())));
    history.push(event(6, CALL, "interactions", "Unlinked", &unlink));
    let rows = given::<Timeline>(history).unwrap();
    assert_eq!(told(&rows, OTHER), [(2, "Registered".to_owned()), (6, "Unlinked".to_owned())]);
    assert_eq!(told(&rows, CLIENT).len(), 5);
}

#[test]
fn a_correction_moves_the_entry_and_tells_old_and_new() {
    let correction = json!({"occurred_at": "2026-03-05T10:00:00Z", "duration_seconds": 90, "reason": "x"});
    let history =
        [registered(1, CLIENT), recorded(2), event(3, CALL, "interactions", "Corrected", &correction)];
    let rows = given::<Timeline>(history).unwrap();
    let entries = rows.entry.rows();
    let first = entries.iter().find(|entry| entry.whole).unwrap();
    assert_eq!(first.at.to_string(), "2026-03-05T10:00:00Z");
    let corrected = entries.iter().find(|entry| entry.event == "Corrected").unwrap();
    assert_eq!(corrected.data.0["changes"]["duration_seconds"], json!({"old": 75, "new": 90}));
    assert_eq!(rows.interaction.rows()[0].duration_seconds, Some(90));
}

#[test]
fn what_is_erased_is_null_and_nothing_else_changes() {
    let mut data = golden("interactions", "Recorded");
    data["client_id"] = json!(client(CLIENT));
    for field in
        ["text", "subject", "counterpart", "participants", "result_text", "recording_url", "attributes"]
    {
        data[field] = json!({"of": client(CLIENT), "sealed": "x"});
    }
    let history = [registered(1, CLIENT), event(2, CALL, "interactions", "Recorded", &data)];
    let rows = given::<Timeline>(history).unwrap();
    let row = &rows.interaction.rows()[0];
    assert_eq!((&row.state.0["text"], &row.number), (&Value::Null, &None));
    assert_eq!(row.state.0["result"], "interested");
}

#[test]
fn a_step_moved_and_handed_over_tells_old_and_new() {
    let moved = event(3, STEP, "steps", "Moved", &golden("steps", "Moved"));
    let given_to = json!({"assignee": client(OTHER), "reason": "отпуск"});
    let history =
        [registered(1, CLIENT), planned(2), moved, event(4, STEP, "steps", "HandedOver", &given_to)];
    let rows = given::<Timeline>(history).unwrap();
    let lines = rows.entry.rows();
    let line = |name: &str| lines.iter().find(|entry| entry.event == name).unwrap().data.0.clone();
    assert_eq!(line("Moved")["changes"]["due"]["old"], json!({"on": "2026-03-05"}));
    assert_eq!(line("Moved")["changes"]["due"]["new"]["at"]["moment"], "2026-03-05T09:00:00Z");
    assert_eq!(line("HandedOver")["changes"]["assignee"]["new"], json!(client(OTHER)));
    assert_eq!(
        (&line("HandedOver")["reason"], &line("HandedOver")["action"]),
        (&json!("отпуск"), &json!("call"))
    );
}
