//! Given contact persons and their numbers, then these clients and persons are linked.

use super::history::{CALL, CLIENT, CONTACT, OTHER, Stream, Told, history, personal};
use super::{ELSEWHERE, MatchCallers, NUMBER, called, phone, plain, registered};
use letopis_projections::engine::answered;
use serde_json::{Value, json};
use uuid::Uuid;

const COLLEAGUE: Stream = Stream("contacts", 12);
const NONE: [&str; 0] = [];

/// A person with these phones, who stands at these clients.
fn person(person: Stream, phones: &[Value], at: &[Stream]) -> Told {
    let joins: Vec<Value> = at.iter().map(|client| json!({"client_id": client.id()})).collect();
    person.golden("Registered", &json!({"phones": phones, "joins": joins}))
}

fn own() -> [Value; 1] {
    [phone(NUMBER, false)]
}

fn shared() -> [Value; 1] {
    [phone(NUMBER, true)]
}

/// A call on 1 March 2026.
fn call(with: &Value) -> Told {
    let heard = personal(json!({"raw": NUMBER, "e164": NUMBER}));
    let mut but = json!({
        "client_id": null, "contact_ids": [], "counterpart": heard, "occurred_at": "2026-03-01T10:00:00Z",
    });
    for (field, value) in with.as_object().unwrap() {
        but[field] = value.clone();
    }
    CALL.golden("Recorded", &but)
}

fn heard() -> Told {
    call(&json!({}))
}

fn marked(mark: &Value) -> Told {
    CONTACT.says("PhoneMarked", &json!({"phone_id": Uuid::from_u128(1), "mark": mark}))
}

fn joined(client: Stream, since: &str) -> Told {
    CONTACT.says("Joined", &json!({"client_id": client.id(), "since": since}))
}

/// What the last event leads to: `client 3`, `person 6`.
fn links(told: impl IntoIterator<Item = Told>) -> Vec<String> {
    let told = history(told);
    let last = told.last().unwrap().position;
    let (_, asked) = answered::<MatchCallers>(told).unwrap();
    let link = |command: &super::Ask| {
        let (name, field) =
            if command.command == "link" { ("client", "client_id") } else { ("person", "contact_id") };
        assert_eq!(command.id, Some(CALL.id()));
        let to: Uuid = serde_json::from_value(command.body[field].clone()).unwrap();
        format!("{name} {}", to.as_u128())
    };
    asked.iter().filter(|asked| asked.event.position == last).map(|asked| link(&asked.command)).collect()
}

#[test]
fn a_number_names_as_much_as_it_makes_clear() {
    for (whose, told, expected) in [
        ("nobody's", vec![person(CONTACT, &[phone(ELSEWHERE, false)], &[CLIENT])], &NONE[..]),
        ("a person's at one client", vec![person(CONTACT, &own(), &[CLIENT])], &["person 6", "client 3"]),
        ("a person's at two clients", vec![person(CONTACT, &own(), &[CLIENT, OTHER])], &["person 6"]),
        ("a person's nowhere", vec![person(CONTACT, &own(), &[])], &["person 6"]),
        ("a shared one at one client", vec![person(CONTACT, &shared(), &[CLIENT])], &["client 3"]),
        ("a shared one at two clients", vec![person(CONTACT, &shared(), &[CLIENT, OTHER])], &NONE),
        (
            "two persons' of one client",
            vec![person(CONTACT, &own(), &[CLIENT]), person(COLLEAGUE, &own(), &[CLIENT])],
            &["client 3"],
        ),
        (
            "two persons' of two clients",
            vec![person(CONTACT, &own(), &[CLIENT]), person(COLLEAGUE, &own(), &[OTHER])],
            &NONE,
        ),
        (
            "a client's and their person's",
            vec![registered(CLIENT, &own()), person(CONTACT, &own(), &[CLIENT])],
            &["person 6", "client 3"],
        ),
        (
            "a client's and another's person's",
            vec![registered(CLIENT, &own()), person(CONTACT, &own(), &[OTHER])],
            &NONE,
        ),
        (
            "a client's and of a person who left",
            vec![registered(CLIENT, &own()), person(CONTACT, &own(), &[])],
            &["client 3"],
        ),
        (
            "a shared one of a client and their person's",
            vec![registered(CLIENT, &shared()), person(CONTACT, &own(), &[CLIENT])],
            &NONE,
        ),
    ] {
        assert_eq!(links(told.into_iter().chain([heard()])), expected, "{whose}");
    }
}

#[test]
fn a_mark_that_misleads_takes_a_number_away_and_back() {
    for (mark, expected) in
        [("invalid", &NONE[..]), ("not_theirs", &NONE), ("do_not_use", &["person 6", "client 3"])]
    {
        let mut told = vec![person(CONTACT, &own(), &[CLIENT]), marked(&json!(mark)), heard()];
        assert_eq!(links(told.clone()), expected, "{mark}");
        told.push(marked(&Value::Null));
        assert_eq!(links(told), ["person 6", "client 3"], "{mark}");
    }
    let unshared = CONTACT.says("PhoneMarked", &json!({"phone_id": Uuid::from_u128(1), "shared": false}));
    let with_client = call(&json!({"client_id": CLIENT.id()}));
    assert_eq!(links([person(CONTACT, &shared(), &[CLIENT]), with_client, unshared]), ["person 6"]);
}

#[test]
fn what_is_known_later_links_what_waited() {
    assert_eq!(links([heard(), person(CONTACT, &own(), &[CLIENT])]), ["person 6", "client 3"]);
    let added = CONTACT.says("PhoneAdded", &json!({"phone": phone(NUMBER, false)}));
    let known = vec![heard(), person(CONTACT, &[], &[]), added];
    assert_eq!(links(known.clone()), ["person 6"]);
    // Where they stood on the day of the call counts, not where they stand today.
    for (since, expected) in [("2026-03-01", &["person 6", "client 3"][..]), ("2026-03-02", &["person 6"])] {
        assert_eq!(links(known.iter().cloned().chain([joined(CLIENT, since)])), expected, "{since}");
    }
    let left = CONTACT.says("Left", &json!({"client_id": CLIENT.id(), "until": "2026-02-01"}));
    let two = person(CONTACT, &own(), &[CLIENT, OTHER]);
    assert_eq!(links([heard(), two.clone(), left]), ["person 6", "client 4"]);
    // One of two persons no longer has it.
    let removed = COLLEAGUE.says("PhoneRemoved", &json!({"phone_id": Uuid::from_u128(1)}));
    let told = [heard(), person(COLLEAGUE, &own(), &[OTHER]), two, removed];
    assert_eq!(links(told), ["person 6"]);
}

#[test]
fn a_person_is_added_to_what_is_with_their_client_alone() {
    let known = || person(CONTACT, &own(), &[CLIENT]);
    let with = |with: Value| links([known(), call(&with)]);
    assert_eq!(with(json!({"client_id": CLIENT.id()})), ["person 6"]);
    assert_eq!(with(json!({"client_id": OTHER.id()})), NONE);
    assert_eq!(with(json!({"client_id": CLIENT.id(), "contact_ids": [COLLEAGUE.id()]})), NONE);
}

#[test]
fn what_a_person_unlinked_is_not_linked_again() {
    let by_number = |kind: &str, field: &str, to: Uuid| CALL.says(kind, &json!({field: to, "how": "number"}));
    let linked = [
        person(CONTACT, &own(), &[CLIENT]),
        heard(),
        by_number("Linked", "client_id", CLIENT.id()),
        by_number("ContactLinked", "contact_id", CONTACT.id()),
    ];
    let client = CALL.says("Unlinked", &json!({"client_id": CLIENT.id(), "reason": "x"}));
    let contact = CALL.says("ContactUnlinked", &json!({"contact_id": CONTACT.id(), "reason": "x"}));
    let nobody = CALL.says("Corrected", &json!({"contact_ids": [], "reason": "x"}));
    let another_day = CALL.says("Corrected", &json!({"occurred_at": "2026-02-01T10:00:00Z", "reason": "x"}));
    for then in [
        vec![client.clone()],
        vec![contact.clone()],
        vec![nobody],
        vec![client.clone(), contact, another_day],
        // The person is not linked either, while it is said not to be with their client.
        vec![client, marked(&Value::Null)],
    ] {
        assert_eq!(links(linked.iter().cloned().chain(then.clone())), NONE, "{then:?}");
    }
}

#[test]
fn a_correction_is_matched_anew() {
    let unheard = call(&json!({"counterpart": personal(json!({"raw": "директор"}))}));
    let number = personal(json!({"raw": NUMBER, "e164": NUMBER}));
    let corrected = |but: Value| CALL.says("Corrected", &but);
    let known = person(CONTACT, &own(), &[CLIENT]);
    assert_eq!(links([known.clone(), unheard.clone()]), NONE);
    let told = [known, unheard, corrected(json!({"counterpart": number, "reason": "x"}))];
    assert_eq!(links(told), ["person 6", "client 3"]);
    let early = vec![person(CONTACT, &shared(), &[]), joined(CLIENT, "2026-03-02"), heard()];
    assert_eq!(links(early.clone()), NONE);
    let day = corrected(json!({"occurred_at": "2026-03-02T10:00:00Z", "reason": "x"}));
    assert_eq!(links(early.into_iter().chain([day])), ["client 3"]);
}

#[test]
fn archived_clients_take_no_part() {
    let linked = CALL.says("ContactLinked", &json!({"contact_id": CONTACT.id()}));
    let two = [person(CONTACT, &own(), &[CLIENT, OTHER]), heard(), linked, plain(OTHER, "Archived")];
    assert_eq!(links(two), ["client 3"]);
    let put_away = [person(CONTACT, &own(), &[CLIENT]), plain(CLIENT, "Archived"), heard()];
    assert_eq!(links(put_away.clone()), ["person 6"]);
    assert_eq!(links(put_away.into_iter().chain([plain(CLIENT, "Restored")])), ["person 6", "client 3"]);
    // A call of the golden kind names somebody who took part already.
    assert_eq!(links([person(CONTACT, &own(), &[CLIENT]), called(CALL, NUMBER)]), ["client 3"]);
}
