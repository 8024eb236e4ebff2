//! Given a history, then these rows.

use super::{Timeline, TimelineRows};
use crate::engine::given;
use crate::engine::history::{
    CALL, CLIENT, CONTACT, OTHER, STEP, Stream, Told, changing, erased, history, personal,
};
use serde_json::{Value, json};

fn registered(client: Stream) -> Told {
    client.golden("Registered", &json!({}))
}

fn recorded() -> Told {
    CALL.golden("Recorded", &json!({"client_id": CLIENT.id()}))
}

/// A contact person who stands at the client.
fn person() -> Told {
    let join = json!({"client_id": CLIENT.id(), "position": "бухгалтер", "role": "influences", "since": "2024-02-01"});
    CONTACT.golden("Registered", &json!({"joins": [join]}))
}

fn rows(told: &[Told]) -> TimelineRows {
    given::<Timeline>(history(told.to_vec())).unwrap()
}

/// The entries of a client: positions and events.
fn told(rows: &TimelineRows, client: Stream) -> Vec<(i64, String)> {
    let entries = rows.entry.rows().into_iter().filter(|entry| entry.client_id.0 == client.id());
    let mut told: Vec<_> = entries.map(|entry| (entry.position, entry.event)).collect();
    told.sort();
    told
}

#[test]
fn every_event_about_a_client_makes_an_entry() {
    let entries = |rows: &TimelineRows| format!("{:?}", rows.entry.rows());
    let changing = changing(|history| entries(&given::<Timeline>(history).unwrap()));
    for (module, kind) in letopis_events::kinds() {
        // What happens within the company happens to no client.
        let expected = ["clients", "contacts", "interactions", "steps"].contains(&module);
        assert_eq!(changing.contains(&format!("{module}.{kind}")), expected, "{module}.{kind}");
    }
}

#[test]
fn an_interaction_linked_later_brings_its_story_and_takes_it_away() {
    let mut history = vec![
        registered(CLIENT),
        registered(OTHER),
        recorded(),
        CALL.says("ResultSet", &json!({"result": "agreed"})),
        CALL.says("Linked", &json!({"client_id": OTHER.id(), "how": "manual"})),
    ];
    let story = [(2, "Registered"), (3, "Recorded"), (4, "ResultSet"), (5, "Linked")];
    assert_eq!(told(&rows(&history), OTHER), story.map(|(at, event)| (at, event.to_owned())));
    history.push(CALL.says("Unlinked", &json!({"client_id": OTHER.id(), "reason": "x"})));
    let rows = rows(&history);
    assert_eq!(told(&rows, OTHER), [(2, "Registered".to_owned()), (6, "Unlinked".to_owned())]);
    assert_eq!(told(&rows, CLIENT).len(), 5);
}

#[test]
fn of_an_interaction_unlinked_one_line_stays_whatever_else_was_unlinked() {
    let unlink = |client: Stream| CALL.says("Unlinked", &json!({"client_id": client.id(), "reason": "x"}));
    let link = CALL.says("Linked", &json!({"client_id": OTHER.id(), "how": "manual"}));
    let history = [registered(CLIENT), registered(OTHER), recorded(), link, unlink(CLIENT), unlink(OTHER)];
    let rows = rows(&history);
    assert_eq!(told(&rows, CLIENT), [(1, "Registered".to_owned()), (5, "Unlinked".to_owned())]);
    assert_eq!(told(&rows, OTHER), [(2, "Registered".to_owned()), (6, "Unlinked".to_owned())]);
}

#[test]
fn a_correction_moves_the_entry_and_tells_old_and_new() {
    let correction = json!({"occurred_at": "2026-03-05T10:00:00Z", "duration_seconds": 90, "reason": "x"});
    let rows = rows(&[registered(CLIENT), recorded(), CALL.says("Corrected", &correction)]);
    let entries = rows.entry.rows();
    let first = entries.iter().find(|entry| entry.whole).unwrap();
    assert_eq!(first.at.to_string(), "2026-03-05T10:00:00Z");
    let corrected = entries.iter().find(|entry| entry.event == "Corrected").unwrap();
    assert_eq!(corrected.data.0["changes"]["duration_seconds"], json!({"old": 75, "new": 90}));
    assert_eq!(rows.interaction.rows()[0].duration_seconds, Some(90));
}

#[test]
fn what_is_erased_is_null_and_nothing_else_changes() {
    let mut but = json!({"client_id": CLIENT.id()});
    for field in
        ["text", "subject", "counterpart", "participants", "result_text", "recording_url", "attributes"]
    {
        but[field] = erased();
    }
    let rows = rows(&[registered(CLIENT), CALL.golden("Recorded", &but)]);
    let row = &rows.interaction.rows()[0];
    assert_eq!((&row.state.0["text"], &row.number), (&Value::Null, &None));
    assert_eq!(row.state.0["result"], "interested");
}

#[test]
fn a_step_moved_and_handed_over_tells_old_and_new() {
    let given_to = json!({"assignee": OTHER.id(), "reason": "отпуск"});
    let rows = rows(&[
        registered(CLIENT),
        STEP.golden("Planned", &json!({"client_id": CLIENT.id()})),
        STEP.golden("Moved", &json!({})),
        STEP.says("HandedOver", &given_to),
    ]);
    let lines = rows.entry.rows();
    let line = |name: &str| lines.iter().find(|entry| entry.event == name).unwrap().data.0.clone();
    assert_eq!(line("Moved")["changes"]["due"]["old"], json!({"on": "2026-03-05"}));
    assert_eq!(line("Moved")["changes"]["due"]["new"]["at"]["moment"], "2026-03-05T09:00:00Z");
    assert_eq!(line("HandedOver")["changes"]["assignee"]["new"], json!(OTHER.id()));
    assert_eq!(
        (&line("HandedOver")["reason"], &line("HandedOver")["action"]),
        (&json!("отпуск"), &json!("call"))
    );
}

/// What a client's line at a place in the log is: its kind, when, and what it says.
fn line(told: &[Told], client: Stream, position: i64) -> (String, String, Value) {
    let entries = rows(told).entry.rows();
    let here = |entry: &&super::Entry| entry.client_id.0 == client.id() && entry.position == position;
    let entry = entries.iter().find(here).unwrap_or_else(|| panic!("nothing at {position}"));
    (entry.kind.clone(), entry.at.to_string(), entry.data.0.clone())
}

#[test]
fn registration_data_are_told_set_by_set() {
    let other = json!({"id": OTHER.id(), "kpp": "770701001"});
    let history = [
        registered(CLIENT),
        CLIENT.says("RequisitesSet", &json!({"requisites": other})),
        CLIENT.golden("RequisitesSet", &json!({})),
        CLIENT.says("RequisitesRemoved", &json!({"requisites_id": OTHER.id(), "reason": "x"})),
    ];
    let changes = |position| line(&history, CLIENT, position).2["changes"]["requisites"].clone();
    assert_eq!(changes(2), json!({"old": null, "new": other}));
    let inn = (changes(3)["old"]["inn"].clone(), changes(3)["new"]["inn"].clone());
    assert_eq!(inn, (json!("7707083893"), json!("7736050003")));
    assert_eq!(changes(4), json!({"old": other, "new": null}));
}

#[test]
fn what_is_between_two_clients_stands_in_both_histories() {
    let history = [
        registered(CLIENT),
        registered(OTHER),
        CLIENT.says("Related", &json!({"client_id": OTHER.id(), "kind": "payer"})),
        CLIENT.says("MergedInto", &json!({"into": OTHER.id(), "reason": "x"})),
        CLIENT.says("Unmerged", &json!({"reason": "y"})),
    ];
    for (position, kind) in [(3, "relation"), (4, "client"), (5, "client")] {
        let (own, theirs) = (line(&history, CLIENT, position), line(&history, OTHER, position));
        assert_eq!((own.0.as_str(), theirs.0.as_str()), (kind, kind));
        assert_eq!(own.2.get("of_client_id"), None);
        assert_eq!(theirs.2["of_client_id"], json!(CLIENT.id()));
    }
    assert_eq!(line(&history, CLIENT, 5).2, json!({"reason": "y", "from": OTHER.id()}));
}

#[test]
fn a_consent_stands_when_it_was_given() {
    let history = [registered(CLIENT), CLIENT.golden("ConsentGiven", &json!({}))];
    let (kind, at, data) = line(&history, CLIENT, 2);
    let told = (kind.as_str(), at.as_str(), &data["channel"]);
    assert_eq!(told, ("consent", "2026-01-01T00:00:00Z", &json!("any")));
}

#[test]
fn a_contact_person_s_lines_stand_where_they_are_and_tell_old_and_new() {
    let said = |rows: &TimelineRows, client: Stream, position: i64| {
        let entries = rows.entry.rows();
        let entry = entries.into_iter().find(|e| e.client_id.0 == client.id() && e.position == position);
        entry.map(|entry| (entry.at.day().to_string(), entry.data.0))
    };
    let removed = CONTACT.golden("PhoneRemoved", &json!({}));
    let rows = rows(&[
        registered(CLIENT),
        registered(OTHER),
        person(),
        CONTACT.says("Corrected", &json!({"birthday": personal("1985-04-13")})),
        CONTACT.golden("PhoneMarked", &json!({"mark": "invalid"})),
        CONTACT
            .says("Joined", &json!({"client_id": CLIENT.id(), "role": "influences", "since": "2026-02-01"})),
        CONTACT.says("Left", &json!({"client_id": CLIENT.id(), "until": "2026-03-01"})),
        CONTACT.says("Joined", &json!({"client_id": OTHER.id(), "since": "2026-03-01"})),
        removed,
    ]);
    let (day, registered) = said(&rows, CLIENT, 3).unwrap();
    assert_eq!(
        (day.as_str(), &registered["position"], &registered["name"]["last"]),
        ("2024-02-01", &json!("бухгалтер"), &json!("Смирнова"))
    );
    let (day, corrected) = said(&rows, CLIENT, 4).unwrap();
    assert_eq!((day.as_str(), &corrected["contact_id"]), ("2026-03-02", &json!(CONTACT.id())));
    assert_eq!(corrected["changes"], json!({"birthday": {"old": "1985-04-12", "new": "1985-04-13"}}));
    let (_, marked) = said(&rows, CLIENT, 5).unwrap();
    assert_eq!(marked["changes"]["mark"], json!({"old": null, "new": "invalid"}));
    assert_eq!(marked["phone"]["number"]["e164"], "+79215551234");
    let (day, joined) = said(&rows, CLIENT, 6).unwrap();
    assert_eq!(
        (day.as_str(), &joined["changes"]),
        ("2026-02-01", &json!({"position": {"old": "бухгалтер", "new": null}}))
    );
    assert_eq!(said(&rows, CLIENT, 7).unwrap().0, "2026-03-01");
    // Since they have left, nothing more stands there.
    assert_eq!((said(&rows, CLIENT, 8), said(&rows, CLIENT, 9)), (None, None));
    assert_eq!(said(&rows, OTHER, 9).unwrap().1["phone"]["number"]["e164"], "+79215551234");
}

#[test]
fn who_took_part_is_known_both_ways() {
    let of = |kind: &str| CALL.says(kind, &json!({"contact_id": CONTACT.id(), "reason": "x"}));
    let mut history = vec![registered(CLIENT), recorded(), of("ContactLinked")];
    let then = rows(&history);
    let call = &then.interaction.rows()[0];
    assert_eq!((call.contacts.len(), call.state.0["contact_ids"].as_array().unwrap().len()), (2, 2));
    assert_eq!(then.part.rows().len(), 2);
    history.push(of("ContactUnlinked"));
    history.push(CALL.says("Corrected", &json!({"contact_ids": [], "reason": "x"})));
    let then = rows(&history);
    assert_eq!((then.interaction.rows()[0].contacts.len(), then.part.rows()), (0, vec![]));
}
