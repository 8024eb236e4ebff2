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
const PERSON: u128 = 6;

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

/// A contact person who stands at the client.
fn person(position: i64) -> Recorded<DomainEvent> {
    let mut data = golden("contacts", "Registered");
    data["joins"][0]["client_id"] = json!(client(CLIENT));
    event(position, PERSON, "contacts", "Registered", &data)
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
fn every_event_about_a_client_makes_an_entry() {
    for (module, _, schema) in modules() {
        for variant in schema.as_value()["oneOf"].as_array().unwrap() {
            let kind = variant["properties"]["type"]["const"].as_str().unwrap();
            let mut data = golden(module, kind);
            if data.get("client_id").is_some() {
                data["client_id"] = json!(client(CLIENT));
            }
            let stream = match module {
                "interactions" => CALL,
                "contacts" => PERSON,
                _ => CLIENT,
            };
            let mut history = vec![registered(1, CLIENT)];
            if kind == "Recorded" {
                history.push(recorded(2));
            } else if (module, kind) == ("contacts", "Registered") {
                history.push(person(2));
            } else if (module, kind) != ("clients", "Registered") {
                history.extend([recorded(2), person(3), event(4, stream, module, kind, &data)]);
            }
            let last = history.last().unwrap().position.0;
            let rows = given::<Timeline>(history).unwrap();
            // What happens to employees, departments and dictionaries happens to no client.
            let expected = !["employees", "departments", "dictionaries", "steps"].contains(&module);
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
fn a_contact_person_s_lines_stand_where_they_are_and_tell_old_and_new() {
    let said = |rows: &TimelineRows, number: u128, position: i64| {
        let entries = rows.entry.rows();
        let entry = entries.into_iter().find(|e| e.client_id == client(number) && e.position == position);
        entry.map(|entry| (entry.at.day().to_string(), entry.data.0))
    };
    let phone = &golden("contacts", "PhoneMarked")["phone_id"];
    let history = [
        registered(1, CLIENT),
        registered(2, OTHER),
        person(3),
        event(
            4,
            PERSON,
            "contacts",
            "Corrected",
            &json!({"birthday": {"of": client(PERSON), "is": "1985-04-13"}}),
        ),
        event(
            5,
            PERSON,
            "contacts",
            "PhoneMarked",
            &json!({"phone_id": phone, "mark": "invalid", "reason": "x"}),
        ),
        event(
            6,
            PERSON,
            "contacts",
            "Joined",
            &json!({"client_id": client(CLIENT), "role": "influences", "since": "2026-02-01"}),
        ),
        event(7, PERSON, "contacts", "Left", &json!({"client_id": client(CLIENT), "until": "2026-03-01"})),
        event(8, PERSON, "contacts", "Joined", &json!({"client_id": client(OTHER), "since": "2026-03-01"})),
        event(9, PERSON, "contacts", "PhoneRemoved", &json!({"phone_id": phone})),
    ];
    let rows = given::<Timeline>(history).unwrap();
    let (day, registered) = said(&rows, CLIENT, 3).unwrap();
    assert_eq!(
        (day.as_str(), &registered["position"], &registered["name"]["last"]),
        ("2024-02-01", &json!("бухгалтер"), &json!("Смирнова"))
    );
    let (day, corrected) = said(&rows, CLIENT, 4).unwrap();
    assert_eq!((day.as_str(), &corrected["contact_id"]), ("2026-03-02", &json!(client(PERSON))));
    assert_eq!(corrected["changes"], json!({"birthday": {"old": "1985-04-12", "new": "1985-04-13"}}));
    let (_, marked) = said(&rows, CLIENT, 5).unwrap();
    assert_eq!(marked["changes"], json!({"mark": {"old": null, "new": "invalid"}}));
    assert_eq!(
        (&marked["phone"]["number"]["e164"], &marked["reason"]),
        (&json!("+79215551234"), &json!("x"))
    );
    let (day, joined) = said(&rows, CLIENT, 6).unwrap();
    assert_eq!(
        (day.as_str(), &joined["changes"]),
        ("2026-02-01", &json!({"position": {"old": "бухгалтер", "new": null}}))
    );
    assert_eq!(said(&rows, CLIENT, 7).unwrap().0, "2026-03-01");
    // Since they have left, nothing more stands there.
    assert_eq!((said(&rows, CLIENT, 8), said(&rows, CLIENT, 9)), (None, None));
    assert_eq!(said(&rows, OTHER, 9).unwrap().1["phone"]["mark"], "invalid");
}

#[test]
fn who_took_part_is_known_both_ways() {
    let link = json!({"contact_id": client(PERSON)});
    let unlink = json!({"contact_id": client(PERSON), "reason": "x"});
    let mut history = vec![
        registered(1, CLIENT),
        recorded(2),
        person(3),
        event(4, CALL, "interactions", "ContactLinked", &link),
    ];
    let rows = given::<Timeline>(history.clone()).unwrap();
    let call = &rows.interaction.rows()[0];
    assert_eq!((call.contacts.len(), call.state.0["contact_ids"].as_array().unwrap().len()), (2, 2));
    assert_eq!(rows.part.rows().len(), 2);
    history.push(event(5, CALL, "interactions", "ContactUnlinked", &unlink));
    history.push(event(6, CALL, "interactions", "Corrected", &json!({"contact_ids": [], "reason": "x"})));
    let rows = given::<Timeline>(history).unwrap();
    assert_eq!((rows.interaction.rows()[0].contacts.len(), rows.part.rows()), (0, vec![]));
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
