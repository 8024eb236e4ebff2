//! Given / when / then, and any sequence of commands.

use super::{Contact, ContactCommand};
use crate::clients::Client;
use crate::decider::Decider;
use crate::form;
use crate::given::{Given, OWN, id};
use letopis_events::Event;
use letopis_events::contacts::ContactEvent;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Clients of numbers 3 and 4, and one of number 5 that is put away. Today is 2 March 2026.
fn world() -> Given<Contact> {
    let client = |archive: bool| {
        let mut client = Given::<Client>::default();
        client.when("register", &json!({"kind": "company", "name": "ООО"})).unwrap();
        if archive {
            client.when("archive", &json!({"reason": "x"})).unwrap();
        }
        client.state
    };
    Given::default().beside(3, client(false)).beside(4, client(false)).beside(5, client(true))
}

fn anna() -> Value {
    json!({
        "name": {"last": "Смирнова", "first": "Анна"},
        "phones": [{"number": "8 921 555-12-34", "primary": true}, {"number": "8 495 123-45-67", "shared": true}],
        "emails": [{"address": "anna@example.org"}],
    })
}

fn known() -> Given<Contact> {
    let mut given = world();
    given.when("register", &anna()).unwrap();
    given
}

/// Who has stood at the client of number 3 since 1 January 2026, as a buyer.
fn standing() -> Given<Contact> {
    let mut given = known();
    let joined =
        given.types("join", &json!({"client_id": id(3), "position": "закупщик", "since": "2026-01-01"}));
    assert_eq!(joined, ["Joined"]);
    given
}

fn at(given: &Given<Contact>, day: &str) -> Vec<uuid::Uuid> {
    given.state.stands_at(day.parse().unwrap()).into_iter().map(|client| client.0).collect()
}

#[test]
fn they_like_to_be_reached_by_one_of_the_ways_there_are() {
    let mut given = known();
    let by = |way: &str| json!({"preferred_channel": way});
    let told = given.when("correct", &by("messenger")).unwrap();
    assert_eq!(told[0][1], by("messenger"));
    assert_eq!(given.types("correct", &by("messenger")), [""; 0]);
    assert_eq!(given.types("correct", &json!({"preferred_channel": null})), ["Corrected"]);
    assert!(form::read::<Contact>("correct", by("phone")).is_err());
}

#[test]
fn registering_records_what_was_told_and_defaults() {
    let body = json!({
        "name": {"last": "Смирнова"}, "phones": [{"number": "8 921 555-12-34"}],
        "joins": [{"client_id": id(3), "position": "директор"}],
    });
    let mut given = world();
    let told = given.when("register", &body).unwrap();
    let number = json!({"of": OWN, "is": {"raw": "8 921 555-12-34", "e164": "+79215551234"}});
    assert_eq!(
        told,
        [json!(["Registered", {
            "name": {"of": OWN, "is": {"last": "Смирнова"}}, "country": "RU", "phones": [{"id": id(99), "number": number}],
            "joins": [{"client_id": id(3), "position": "директор"}],
        }])]
    );
    // Without a day they have stood there as long as is known.
    assert_eq!(at(&given, "1999-01-01"), [id(3)]);
}

#[test]
fn what_is_told_is_checked() {
    let mut phones = anna();
    phones["phones"][1]["primary"] = json!(true);
    let mut number = anna();
    number["phones"][1]["number"] = json!("hidden");
    let joins = |joins: Value| {
        let mut body = anna();
        body["joins"] = joins;
        body
    };
    let twice = json!([{"client_id": id(3)}, {"client_id": id(3), "position": "x"}]);
    for (body, code, field) in [
        (phones, "several_primary", "/phones/1/primary"),
        (number, "bad_value", "/phones/1/number"),
        (joins(json!([{"client_id": id(3)}, {"client_id": id(9)}])), "unknown_client", "/joins/1/client_id"),
        (joins(json!([{"client_id": id(5)}])), "client_archived", ""),
        (joins(twice), "joined_twice", "/joins/1/client_id"),
        (json!({"name": {"first": "Анна"}}), "form", "/name/last"),
    ] {
        assert_eq!(world().refused("register", &body), (code.into(), field.into()), "{body}");
    }
    // A number is read as one dials it in the person's country.
    let polish =
        json!({"name": {"last": "Kowalska"}, "country": "PL", "phones": [{"number": "22 123 45 67"}]});
    let told = world().when("register", &polish).unwrap();
    assert_eq!(told[0][1]["phones"][0]["number"]["is"]["e164"], "+48221234567");
}

#[test]
fn roles_are_those_of_the_dictionary() {
    let mut body = anna();
    body["joins"] = json!([{"client_id": id(3), "role": "decides"}, {"client_id": id(4), "role": "decide"}]);
    for (command, body, field) in [
        ("register", body, "/joins/1/role"),
        ("join", json!({"client_id": id(3), "role": "decide"}), "/role"),
        ("move", json!({"from_client_id": id(3), "to_client_id": id(4), "role": "decide"}), "/role"),
    ] {
        assert_eq!(standing().refused(command, &body), ("unknown_code".into(), field.into()));
    }
}

#[test]
fn a_repeated_registration_is_recognised_by_what_was_sent() {
    let mut body = anna();
    body["joins"] = json!([{"client_id": id(3), "since": "2026-01-01"}]);
    let told = world().when("register", &body).unwrap();
    let first = ContactEvent::decode("Registered", 1, &told[0][1].to_string()).unwrap();
    let repeats = |body: &Value| {
        let command: ContactCommand = form::read::<Contact>("register", body.clone()).unwrap();
        Contact::repeats(&command, &first)
    };
    assert!(repeats(&body));
    for (path, value) in [
        ("/joins/0/client_id", json!(id(4))),
        ("/phones/0/primary", json!(false)),
        ("/phones/1/shared", json!(false)),
        ("/emails/0/address", json!("b@example.org")),
    ] {
        let mut other = body.clone();
        *other.pointer_mut(path).unwrap() = value;
        assert!(!repeats(&other), "{path}");
    }
}

#[test]
fn a_correction_says_what_changes_alone() {
    let mut given = known();
    assert_eq!(given.types("correct", &json!({"name": anna()["name"], "salutation": null})), [""; 0]);
    let told = given.when("correct", &json!({"birthday": "1985-04-12", "reason": "x"})).unwrap();
    assert_eq!(told, [json!(["Corrected", {"birthday": {"of": OWN, "is": "1985-04-12"}, "reason": "x"}])]);
    for field in ["name", "country"] {
        let refused = given.refused("correct", &json!({field: null}));
        assert_eq!(refused, ("missing_field".into(), format!("/{field}")));
    }
}

#[test]
fn one_phone_is_the_first_to_try() {
    let mut given = known();
    let told = given.when("add_phone", &json!({"number": "8 800 555-35-35", "primary": true})).unwrap();
    let added = &told[0][1]["phone"]["id"];
    // The one before is no more: making it the first again is an event.
    let told = given.when("add_phone", &json!({"number": "+7 921 555 1234", "primary": true})).unwrap();
    assert_eq!((&told[0][0], &told[0][1]["primary"]), (&json!("PhoneMarked"), &json!(true)));
    assert_eq!(given.types("add_phone", &json!({"number": "+7 921 555 1234"})), [""; 0]);
    assert_eq!(given.types("mark_phone", &json!({"phone_id": added, "primary": false})), [""; 0]);
}

#[test]
fn what_is_known_of_a_phone_or_an_address_is_told_once() {
    for (kind, add, body) in [
        ("phone", "add_phone", json!({"number": "8 800 555-35-35"})),
        ("email", "add_email", json!({"address": "a@example.org"})),
    ] {
        let mut given = known();
        let added = given.when(add, &body).unwrap();
        let field = format!("{kind}_id");
        let own = added[0][1][kind]["id"].clone();
        let mark = format!("mark_{kind}");
        for (told, news) in [
            (json!({"mark": "not_theirs"}), true),
            (json!({"mark": "not_theirs", "shared": false}), false),
            (json!({"shared": true}), true),
            (json!({"mark": null}), true),
            (json!({"mark": null}), false),
            (json!({}), false),
        ] {
            let mut body = told;
            body[&field] = own.clone();
            assert_eq!(!given.types(&mark, &body).is_empty(), news, "{mark} {body}");
        }
        let nobody = json!({&field: id(50)});
        let remove = format!("remove_{kind}");
        for command in [&mark, &remove] {
            assert_eq!(given.refused(command, &nobody), ("no_such_part".into(), format!("/{field}")));
        }
        let gone = given.types(&remove, &json!({&field: own}));
        assert_eq!(gone.len(), 1);
        assert_eq!(given.refused(&remove, &json!({&field: own})).0, "no_such_part");
    }
}

#[test]
fn another_position_since_a_day_ends_the_one_before() {
    let mut given = standing();
    let boss = json!({"client_id": id(3), "position": "директор", "role": "decides", "since": "2026-03-01"});
    let told = given.when("join", &boss).unwrap();
    assert_eq!(told, [json!(["Joined", boss])]);
    assert_eq!(given.types("join", &boss), [""; 0]);
    // What is not told stays: another role alone keeps the position.
    let role = given.when("join", &json!({"client_id": id(3), "role": "influences", "since": "2026-04-01"}));
    assert_eq!(role.unwrap()[0][1]["position"], "директор");
    let early = json!({"client_id": id(3), "position": "стажёр", "since": "2026-03-15"});
    assert_eq!(given.refused("join", &early), ("stays_overlap".into(), String::new()));
    assert_eq!(at(&given, "2026-02-28"), [id(3)]);
}

#[test]
fn without_a_day_the_position_is_corrected() {
    let mut given = standing();
    assert_eq!(given.types("join", &json!({"client_id": id(3)})), [""; 0]);
    let told = given.when("join", &json!({"client_id": id(3), "position": "старший закупщик"})).unwrap();
    assert_eq!(told[0][1]["since"], "2026-01-01");
    let told = given.when("join", &json!({"client_id": id(3), "position": null})).unwrap();
    assert_eq!(told, [json!(["Joined", {"client_id": id(3), "since": "2026-01-01"}])]);
    // It is still one stay: who leaves on its first day never was there.
    given.when("leave", &json!({"client_id": id(3), "on": "2026-01-01"})).unwrap();
    assert!(at(&given, "2026-01-01").is_empty());
}

#[test]
fn leaving_ends_the_stay_and_can_be_corrected() {
    let mut given = standing();
    let early = given.refused("leave", &json!({"client_id": id(3), "on": "2025-12-31"}));
    assert_eq!(early, ("ends_before_start".into(), "/on".into()));
    let told = given.when("leave", &json!({"client_id": id(3), "reason": "уволилась"})).unwrap();
    assert_eq!(told[0][1]["until"], "2026-03-02");
    assert_eq!(given.types("leave", &json!({"client_id": id(3)})), [""; 0]);
    assert_eq!(given.types("leave", &json!({"client_id": id(3), "on": "2026-02-15"})), ["Left"]);
    assert!(at(&given, "2026-02-20").is_empty());
    assert_eq!(
        given.refused("leave", &json!({"client_id": id(4)})),
        ("not_there".into(), "/client_id".into())
    );
    // Coming back begins a stay of its own, today where no day is told.
    let back = given.when("join", &json!({"client_id": id(3)})).unwrap();
    assert_eq!(back, [json!(["Joined", {"client_id": id(3), "since": "2026-03-02"}])]);
    let mut given = standing();
    given.when("leave", &json!({"client_id": id(3)})).unwrap();
    assert_eq!(given.refused("join", &json!({"client_id": id(3), "since": "2026-03-01"})).0, "stays_overlap");
}

#[test]
fn a_stay_told_by_mistake_does_not_stand_in_the_way() {
    let mut given = standing();
    let leave = json!({"client_id": id(3), "on": "2026-01-01"});
    assert_eq!(given.types("leave", &leave), ["Left"]);
    assert_eq!(given.types("leave", &leave), [""; 0]);
    assert_eq!(given.types("join", &json!({"client_id": id(3), "since": "2024-01-01"})), ["Joined"]);
    assert_eq!(at(&given, "2024-06-01"), [id(3)]);
}

#[test]
fn moving_leaves_and_joins_on_one_day() {
    let mut given = standing();
    let step =
        json!({"from_client_id": id(3), "to_client_id": id(4), "position": "директор", "on": "2026-02-01"});
    let told = given.when("move", &step).unwrap();
    assert_eq!(
        told,
        [
            json!(["Left", {"client_id": id(3), "until": "2026-02-01"}]),
            json!(["Joined", {"client_id": id(4), "position": "директор", "since": "2026-02-01"}]),
        ]
    );
    assert_eq!(given.types("move", &step), [""; 0]);
    assert_eq!((at(&given, "2026-01-31"), at(&given, "2026-02-01")), (vec![id(3)], vec![id(4)]));
    for (from, to, code, field) in [
        (3, 4, "not_there", "/from_client_id"),
        (4, 4, "same_client", "/to_client_id"),
        (4, 5, "client_archived", ""),
        (4, 9, "unknown_client", "/to_client_id"),
    ] {
        let body = json!({"from_client_id": id(from), "to_client_id": id(to)});
        assert_eq!(given.refused("move", &body), (code.into(), field.into()), "{from} {to}");
    }
    let early = json!({"from_client_id": id(4), "to_client_id": id(3), "on": "2026-01-15"});
    assert_eq!(given.refused("move", &early), ("ends_before_start".into(), "/on".into()));
}

#[test]
fn nobody_joins_a_client_who_is_not_there() {
    let mut given = known();
    assert_eq!(
        given.refused("join", &json!({"client_id": id(9)})),
        ("unknown_client".into(), "/client_id".into())
    );
    assert_eq!(given.refused("join", &json!({"client_id": id(5)})).0, "client_archived");
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let client = || prop::sample::select(vec![id(3), id(4)]);
    let day = || prop::option::of((1..28_u32).prop_map(|day| format!("2026-02-{day:02}")));
    let position = || prop::option::of(prop::sample::select(vec!["закупщик", "директор"]));
    let flag = || prop::option::of(any::<bool>());
    let number = prop::sample::select(vec!["8 921 555-12-34", "+7 495 1234567", "8 800 555-35-35"]);
    let mark = prop::option::of(prop::sample::select(vec!["invalid", "not_theirs", "do_not_use"]));
    prop_oneof![
        (client(), position(), day()).prop_map(|(client, position, since)| {
            ("join", json!({"client_id": client, "position": position, "since": since}))
        }),
        (client(), day()).prop_map(|(client, on)| ("leave", json!({"client_id": client, "on": on}))),
        (client(), client(), position(), day()).prop_map(|(from, to, position, on)| {
            ("move", json!({"from_client_id": from, "to_client_id": to, "position": position, "on": on}))
        }),
        (number, any::<bool>(), any::<bool>()).prop_map(|(number, primary, shared)| {
            ("add_phone", json!({"number": number, "primary": primary, "shared": shared}))
        }),
        (mark, flag(), flag()).prop_map(|(mark, primary, shared)| {
            ("mark_phone", json!({"phone_id": id(99), "mark": mark, "primary": primary, "shared": shared}))
        }),
        Just(("remove_phone", json!({"phone_id": id(99)}))),
        "[a-zа-я]{1,8}".prop_map(|last| ("correct", json!({"name": {"last": last}, "language": null}))),
    ]
}

/// No two stays at one client share a day, and at most one phone is the first to try.
fn sound(state: &Contact) -> bool {
    let Contact::Known(person) = state else { return true };
    let stays = &person.stays.0;
    let apart = stays.iter().enumerate().all(|(index, one)| {
        stays[index + 1..].iter().all(|other| {
            let meets = one.until.is_none_or(|until| other.join.since.is_none_or(|since| since < until))
                && other.until.is_none_or(|until| one.join.since.is_none_or(|since| since < until));
            one.join.client_id != other.join.client_id || !meets || one.is_void() || other.is_void()
        })
    });
    apart && person.phones.first() <= 1
}

proptest! {
    /// No sequence panics or breaks what the module protects; the stored events give the live state again; a repeated command
    /// adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..30)) {
        let mut given = known();
        let mut stored = vec![];
        for (command, body) in commands {
            if let Ok(events) = given.when(command, &body) {
                stored.extend(events);
                prop_assert!(sound(&given.state), "{} {}", command, body);
                prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new(), "{} {}", command, body);
            }
        }
        let mut replayed = known().state;
        for event in stored {
            let kind = event[0].as_str().unwrap();
            replayed.evolve(&ContactEvent::decode(kind, 1, &event[1].to_string()).unwrap());
        }
        prop_assert_eq!(replayed, given.state);
    }
}
