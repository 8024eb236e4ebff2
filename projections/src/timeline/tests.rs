//! Given a history, then these rows.

use super::{Timeline, TimelineRows};
use crate::engine::given;
use crate::engine::history::event;
use letopis_events::{ClientId, DomainEvent, Recorded, modules};
use serde_json::{Value, json};
use uuid::Uuid;

const CLIENT: u128 = 3;
const OTHER: u128 = 4;
const CALL: u128 = 5;

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
fn every_event_of_a_client_or_an_interaction_makes_an_entry() {
    for (module, _, schema) in modules() {
        for variant in schema.as_value()["oneOf"].as_array().unwrap() {
            let kind = variant["properties"]["type"]["const"].as_str().unwrap();
            let mut data = golden(module, kind);
            if data.get("client_id").is_some() {
                data["client_id"] = json!(client(CLIENT));
            }
            let stream = if module == "interactions" { CALL } else { CLIENT };
            let mut history = vec![registered(1, CLIENT)];
            if module == "interactions" && kind != "Recorded" {
                history.push(recorded(2));
            }
            if (module, kind) != ("clients", "Registered") {
                history.push(event(3, stream, module, kind, &data));
            }
            let last = history.last().unwrap().position.0;
            let rows = given::<Timeline>(history).unwrap();
            // What happens to employees happens to no client.
            let expected = matches!(module, "clients" | "interactions");
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

/// A client's event and what its line says, as it stands in the history of this client.
fn line(history: Vec<Recorded<DomainEvent>>, number: u128, position: i64) -> (String, String, Value) {
    let rows = given::<Timeline>(history).unwrap();
    let entries = rows.entry.rows();
    let entry = entries.iter().find(|entry| entry.client_id == client(number) && entry.position == position);
    let entry = entry.unwrap_or_else(|| panic!("nothing at {position}"));
    (entry.kind.clone(), entry.at.to_string(), entry.data.0.clone())
}

#[test]
fn registration_data_are_told_set_by_set() {
    let set = golden("clients", "RequisitesSet")["requisites"].clone();
    let other = json!({"id": client(9), "kpp": "770701001"});
    let history = vec![
        registered(1, CLIENT),
        event(2, CLIENT, "clients", "RequisitesSet", &json!({"requisites": other})),
        event(3, CLIENT, "clients", "RequisitesSet", &json!({"requisites": set})),
        event(4, CLIENT, "clients", "RequisitesRemoved", &json!({"requisites_id": client(9), "reason": "x"})),
    ];
    let changes = |position| line(history.clone(), CLIENT, position).2["changes"]["requisites"].clone();
    assert_eq!(changes(2), json!({"old": null, "new": other}));
    assert_eq!(
        (&changes(3)["old"]["inn"], &changes(3)["new"]["inn"]),
        (&json!("7707083893"), &json!("7736050003"))
    );
    assert_eq!(changes(4), json!({"old": other, "new": null}));
}

#[test]
fn what_is_between_two_clients_stands_in_both_histories() {
    let history = vec![
        registered(1, CLIENT),
        registered(2, OTHER),
        event(3, CLIENT, "clients", "Related", &json!({"client_id": client(OTHER), "kind": "payer"})),
        event(4, CLIENT, "clients", "MergedInto", &json!({"into": client(OTHER), "reason": "x"})),
        event(5, CLIENT, "clients", "Unmerged", &json!({"reason": "y"})),
    ];
    for (position, kind) in [(3, "relation"), (4, "client"), (5, "client")] {
        let (own, theirs) = (line(history.clone(), CLIENT, position), line(history.clone(), OTHER, position));
        assert_eq!((own.0.as_str(), theirs.0.as_str()), (kind, kind));
        assert_eq!(own.2.get("of_client_id"), None);
        assert_eq!(theirs.2["of_client_id"], json!(client(CLIENT)));
    }
    assert_eq!(line(history, CLIENT, 5).2, json!({"reason": "y", "from": client(OTHER)}));
}

#[test]
fn a_consent_stands_when_it_was_given() {
    let given = golden("clients", "ConsentGiven");
    let history = vec![registered(1, CLIENT), event(2, CLIENT, "clients", "ConsentGiven", &given)];
    let (kind, at, data) = line(history, CLIENT, 2);
    assert_eq!(
        (kind.as_str(), at.as_str(), &data["channel"]),
        ("consent", "2026-01-01T00:00:00Z", &json!("any"))
    );
}
