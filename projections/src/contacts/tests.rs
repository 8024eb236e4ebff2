//! Given a history, then these rows.

use super::{ContactRows, Contacts, StayRow};
use crate::engine::given;
use crate::engine::history::{CLIENT, CONTACT, OTHER, changing, erased, history, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// The rows of the person to whom this happened.
fn rows(told: &[(&str, Value)]) -> ContactRows {
    let told = told.iter().map(|(kind, data)| CONTACT.says(kind, data));
    given::<Contacts>(history(told)).unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn phone(number: u128, e164: &str, primary: bool) -> Value {
    let value = personal(json!({"raw": e164, "e164": e164}));
    json!({"id": id(number), "number": value, "primary": primary})
}

fn registered() -> (&'static str, Value) {
    let data = json!({
        "name": personal(json!({"last": "Смирнова", "first": "Анна"})), "country": "RU",
        "phones": [phone(11, "+79215551234", true)],
        "emails": [{"id": id(12), "address": personal("Anna@example.org")}],
        "joins": [{"client_id": CLIENT.id(), "position": "закупщик", "since": "2026-01-01"}],
    });
    ("Registered", data)
}

/// Client, first day, last day, void and reason of each stay.
fn stays(rows: &ContactRows) -> Value {
    let told = |row: StayRow| json!([row.client_id.0.as_u128(), row.since, row.until, row.void, row.reason]);
    rows.stay.rows().into_iter().map(told).collect()
}

#[test]
fn every_event_of_a_contact_person_and_no_other_changes_the_rows() {
    let changing = changing(|history| {
        let rows = given::<Contacts>(history).unwrap();
        format!("{:?}{:?}{:?}", rows.contact.rows(), rows.contact_key.rows(), rows.stay.rows())
    });
    for (module, kind) in letopis_events::kinds() {
        assert_eq!(changing.contains(&format!("{module}.{kind}")), module == "contacts", "{module}.{kind}");
    }
}

#[test]
fn a_registration_gives_the_person_the_keys_and_the_stays() {
    let rows = rows(&[registered()]);
    let person = &rows.contact.rows()[0];
    assert_eq!((person.name.as_deref(), person.version), (Some("Смирнова Анна"), 1));
    assert_eq!(person.phones.0[0]["e164"], "+79215551234");
    let keys: Vec<String> = rows.contact_key.rows().into_iter().map(|key| key.value).collect();
    assert_eq!(keys, ["+79215551234", "anna@example.org"]);
    assert_eq!(stays(&rows), json!([[3, "2026-01-01", null, false, null]]));
}

#[test]
fn a_correction_changes_what_it_names() {
    let fix = json!({"name": personal(json!({"last": "Петрова"})), "birthday": personal("1985-04-12"), "language": "en"});
    let rows =
        rows(&[registered(), ("Corrected", fix), ("Corrected", json!({"birthday": null, "country": "BY"}))]);
    let person = &rows.contact.rows()[0];
    assert_eq!((person.name.as_deref(), person.birthday, person.version), (Some("Петрова"), None, 3));
    assert_eq!((person.country.as_str(), person.language.as_ref().unwrap().as_str()), ("BY", "en"));
    assert_eq!(person.phones.0.len(), 1);
}

#[test]
fn one_phone_is_first_and_marks_stand_on_the_keys() {
    let mut history = vec![
        registered(),
        ("PhoneAdded", json!({"phone": phone(13, "+74951234567", true)})),
        ("PhoneMarked", json!({"phone_id": id(11), "mark": "not_theirs", "shared": true})),
    ];
    let first = |rows: &ContactRows| -> Vec<bool> {
        rows.contact.rows()[0].phones.0.iter().map(|phone| phone["primary"] == true).collect()
    };
    let now = rows(&history);
    assert_eq!(first(&now), [false, true]);
    assert_eq!(now.contact.rows()[0].phones.0[0]["mark"], "not_theirs");
    let key = now.contact_key.rows().into_iter().find(|key| key.value == "+79215551234").unwrap();
    assert!(key.shared && key.mark.is_some_and(letopis_events::contacts::ReachMark::misleads));

    history.push(("PhoneMarked", json!({"phone_id": id(11), "mark": null, "primary": true})));
    assert_eq!(first(&rows(&history)), [true, false]);
    history.push(("PhoneRemoved", json!({"phone_id": id(11)})));
    history.push(("EmailMarked", json!({"email_id": id(12), "mark": "invalid"})));
    let now = rows(&history);
    assert_eq!((first(&now), now.contact_key.rows().len()), (vec![false], 2));
    assert_eq!(now.contact.rows()[0].emails.0[0]["mark"], "invalid");
    history.push(("EmailRemoved", json!({"email_id": id(12)})));
    history.push(("EmailAdded", json!({"email": {"id": id(14), "address": personal("b@example.org")}})));
    assert_eq!(rows(&history).contact.rows()[0].emails.0[0]["address"], "b@example.org");
}

#[test]
fn stays_follow_each_other() {
    let history = [
        registered(),
        ("Joined", json!({"client_id": CLIENT.id(), "position": "директор", "since": "2026-02-01"})),
        ("Left", json!({"client_id": CLIENT.id(), "until": "2026-03-01", "reason": "уволилась"})),
        ("Joined", json!({"client_id": OTHER.id(), "since": "2026-03-01"})),
        ("Left", json!({"client_id": OTHER.id(), "until": "2026-03-01"})),
    ];
    assert_eq!(
        stays(&rows(&history)),
        json!([
            [3, "2026-01-01", "2026-02-01", false, null],
            [3, "2026-02-01", "2026-03-01", false, "уволилась"],
            [4, "2026-03-01", "2026-03-01", true, null],
        ])
    );
}

#[test]
fn what_is_erased_is_absent() {
    let sealed = erased();
    let mut data = registered().1;
    data["name"] = sealed.clone();
    data["phones"][0]["number"] = sealed.clone();
    data["emails"][0]["address"] = sealed;
    let rows = rows(&[("Registered", data)]);
    let person = &rows.contact.rows()[0];
    assert_eq!((&person.name, &person.phones.0[0]["raw"]), (&None, &Value::Null));
    assert_eq!(rows.contact_key.rows(), []);
}
