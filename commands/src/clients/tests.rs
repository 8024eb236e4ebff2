//! Given / when / then, and any sequence of commands.

use super::Client;
use crate::decider::Decider;
use crate::dictionaries::Dictionary;
use crate::form;
use crate::given::{Given, id};
use letopis_events::clients::ClientEvent;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Actor, Event};
use proptest::prelude::*;
use serde_json::{Value, json};

fn registered() -> Given<Client> {
    let mut given = Given::<Client>::default()
        .employee(7, &json!({"name": {"last": "Иванова"}}), &[])
        .employee(8, &json!({"name": {"last": "Петров"}}), &[("dismiss", json!({"on": "2026-02-01"}))]);
    let body = json!({"kind": "company", "name": "ООО", "tags": ["vip"], "phones": [{"number": "8 495 123-45-67"}], "emails": [{"address": "egor@example.org"}]});
    given.when("register", &body).unwrap();
    let other = given.state.clone();
    given.beside(3, other)
}

#[test]
fn registering_records_what_was_told_and_defaults() {
    let mut given = Given::<Client>::default();
    let told = given.when("register", &json!({"kind": "person", "name": "Anna"})).unwrap();
    let own = id(1);
    assert_eq!(
        told,
        [json!(["Registered", {
            "kind": "person", "name": {"of": own, "is": "Anna"}, "status": "prospective", "country": "RU",
        }])]
    );
}

#[test]
fn what_is_registered_again_otherwise_is_no_repetition() {
    let body = json!({
        "kind": "company", "name": "ООО", "phones": [{"number": "8 495 123-45-67", "extension": "7", "kind": "work", "shared": true}],
        "emails": [{"address": "a@example.org", "kind": "work"}], "addresses": [{"kind": "legal", "text": "Москва"}],
    });
    let told = Given::<Client>::default().when("register", &body).unwrap();
    let first = ClientEvent::decode("Registered", 1, &told[0][1].to_string()).unwrap();
    let repeats =
        |body: &Value| Client::repeats(&form::read::<Client>("register", body.clone()).unwrap(), &first);
    assert!(repeats(&body));
    for (path, value) in [
        ("/kind", json!("person")),
        ("/name", json!("ОАО")),
        ("/phones/0/number", json!("8 495 123-45-68")),
        ("/phones/0/extension", json!("8")),
        ("/phones/0/kind", json!("home")),
        ("/phones/0/shared", json!(false)),
        ("/emails/0/address", json!("b@example.org")),
        ("/emails/0/kind", json!("home")),
        ("/addresses/0/kind", json!("postal")),
        ("/addresses/0/text", json!("Тверь")),
    ] {
        let mut other = body.clone();
        *other.pointer_mut(path).unwrap() = value;
        assert!(!repeats(&other), "{path}");
    }
}

#[test]
fn the_same_again_changes_nothing() {
    let mut given = registered();
    for (command, body) in [
        ("tag", json!({"tag": "vip"})),
        ("untag", json!({"tag": "b2b"})),
        ("add_phone", json!({"number": "+7 495 1234567"})),
        ("add_email", json!({"address": "Egor@example.org"})),
        ("change_status", json!({"status": "prospective", "reason": "x"})),
        ("set_requisites", json!({})),
        ("restore", json!({"reason": "x"})),
        ("correct", json!({"name": "ООО", "industry": null, "reason": "x"})),
    ] {
        assert_eq!(given.types(command, &body), [""; 0], "{command}");
    }
}

#[test]
fn a_main_manager_ends_the_one_before() {
    let mut given = registered().employee(9, &json!({"name": {"last": "Третий"}}), &[]);
    let assign = |employee: u128, since: &str| json!({"employee_id": id(employee), "kind": "main", "since": since, "reason": "x"});
    assert_eq!(given.types("assign", &assign(7, "2026-01-01T00:00:00Z")), ["ManagerAssigned"]);
    assert_eq!(given.types("assign", &assign(7, "2026-01-05T00:00:00Z")), [""; 0]);
    let events = given.types("assign", &assign(9, "2026-02-01T00:00:00Z"));
    assert_eq!(events, ["ManagerReleased", "ManagerAssigned"]);
    assert_eq!(given.refused("assign", &assign(7, "2026-01-10T00:00:00Z")).0, "main_overlaps");
    // Another responsibility is another main manager.
    let mut other = assign(7, "2026-02-02T00:00:00Z");
    other["responsibility"] = json!("metal");
    assert_eq!(given.types("assign", &other), ["ManagerAssigned"]);
}

#[test]
fn only_who_works_here_is_assigned() {
    let mut given = registered();
    let assign = |employee: u128, since: &str| json!({"employee_id": id(employee), "kind": "co", "since": since, "reason": "x"});
    let unknown = given.refused("assign", &assign(5, "2026-01-01T00:00:00Z"));
    assert_eq!(unknown, ("unknown_employee".into(), "/employee_id".into()));
    let gone = given.refused("assign", &assign(8, "2026-02-01T00:00:00Z"));
    assert_eq!(gone, ("employee_not_here".into(), String::new()));
    assert_eq!(given.types("assign", &assign(8, "2026-01-31T00:00:00Z")), ["ManagerAssigned"]);
}

#[test]
fn what_is_not_there_cannot_be_removed_or_released() {
    let mut given = registered();
    for (command, field) in
        [("remove_phone", "phone_id"), ("remove_email", "email_id"), ("remove_address", "address_id")]
    {
        let refused = given.refused(command, &json!({field: id(5)}));
        assert_eq!(refused, ("no_such_part".into(), format!("/{field}")));
    }
    let release = json!({"assignment_id": id(5), "reason": "x"});
    assert_eq!(given.refused("release", &release), ("no_such_part".into(), "/assignment_id".into()));
}

#[test]
fn an_archived_client_is_only_restored() {
    let mut given = registered();
    assert_eq!(given.types("archive", &json!({"reason": "x"})), ["Archived"]);
    assert_eq!(given.refused("tag", &json!({"tag": "b2b"})).0, "client_archived");
    assert_eq!(given.types("restore", &json!({"reason": "x"})), ["Restored"]);
    assert_eq!(given.types("tag", &json!({"tag": "b2b"})), ["Tagged"]);
}

#[test]
fn free_fields_change_one_by_one() {
    let mut given = registered();
    given.when("correct", &json!({"attributes": {"a": 1, "b": "x"}})).unwrap();
    let told = given.when("correct", &json!({"attributes": {"a": 1, "b": null, "c": true}})).unwrap();
    assert_eq!(told[0][1]["attributes"]["is"], json!({"b": null, "c": true}));
}

#[test]
fn codes_are_those_of_the_dictionaries() {
    let register = json!({"kind": "person", "name": "x", "industry": "reteil", "region": "msk", "channel": "x", "tags": ["vip", "y"]});
    let command = form::read::<Client>("register", register).unwrap();
    let seen = Given::<Client>::default().seen;
    let faults = Client::default().codes(&command).faults(&seen, &Actor::Agent("test".into()));
    let told: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect();
    let all = [("/industry", "unknown_code"), ("/channel", "unknown_code"), ("/tags/1", "unknown_code")];
    assert_eq!(told, all);
    assert_eq!(
        faults[0].message,
        "there is no code reteil in industries; near it: retail; /api/dictionaries/industries holds all"
    );
    let mut given = registered();
    assert_eq!(given.refused("tag", &json!({"tag": "wip"})), ("unknown_code".into(), "/tag".into()));
    let refused = given.refused("correct", &json!({"region": "moscow"}));
    assert_eq!(refused, ("unknown_code".into(), "/region".into()));
}

#[test]
fn what_is_recorded_stays_when_its_code_is_retired() {
    let mut given = registered();
    given.when("correct", &json!({"region": "msk"})).unwrap();
    let mut regions = Given::<Dictionary>::default();
    regions.when("open", &json!({"name": "regions"})).unwrap();
    for code in ["msk", "spb"] {
        regions.when("retire", &json!({"code": code})).unwrap();
    }
    let mut given = given.beside(DictionaryName::Regions.stream().0.as_u128(), regions.state);
    assert_eq!(given.types("correct", &json!({"region": "msk", "name": "Новое"})), ["Corrected"]);
    let refused = given.refused("correct", &json!({"region": "spb"}));
    assert_eq!(refused, ("retired_code".into(), "/region".into()));
    // A policy goes on from what was recorded.
    given.actor = Actor::Policy("x".into());
    assert_eq!(given.types("correct", &json!({"region": "spb"})), ["Corrected"]);
    assert_eq!(given.refused("correct", &json!({"region": "x"})).0, "unknown_code");
}

fn any_consent() -> impl Strategy<Value = (&'static str, Value)> {
    let channel = prop::sample::select(vec!["any", "call", "sms"]);
    (channel, 1..28_u32, any::<bool>()).prop_map(|(channel, day, given)| {
        let at = format!("2026-01-{day:02}T00:00:00Z");
        if given {
            let body = json!({"channel": channel, "purpose": "processing", "source": "x", "wording": "y", "given_at": at});
            ("give_consent", body)
        } else {
            ("withdraw_consent", json!({"channel": channel, "purpose": "processing", "withdrawn_at": at}))
        }
    })
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let tag = prop::sample::select(vec!["key", "b2b"]);
    let status = prop::sample::select(vec!["active", "former", "prospective"]);
    let day = 1..28_u32;
    prop_oneof![
        tag.clone().prop_map(|tag| ("tag", json!({"tag": tag}))),
        tag.prop_map(|tag| ("untag", json!({"tag": tag}))),
        status.prop_map(|status| ("change_status", json!({"status": status, "reason": "x"}))),
        day.prop_map(|day| {
            let since = format!("2026-01-{day:02}T00:00:00Z");
            ("assign", json!({"employee_id": id(7), "kind": "main", "since": since, "reason": "x"}))
        }),
        Just(("archive", json!({"reason": "x"}))),
        Just(("restore", json!({"reason": "x"}))),
        "[a-zа-я]{1,8}".prop_map(|name| ("correct", json!({"name": name, "region": null}))),
        Just(("add_phone", json!({"number": "8 495 765-43-21"}))),
        Just(("set_requisites", json!({"inn": "7707083893"}))),
        Just(("set_requisites", json!({}))),
        Just(("relate", json!({"client_id": id(3), "kind": "payer", "since": "2026-01-01"}))),
        Just(("unrelate", json!({"client_id": id(3), "kind": "payer"}))),
        Just(("forbid", json!({"channel": "call"}))),
        Just(("allow", json!({"channel": "any"}))),
        Just(("merge", json!({"into": id(3), "reason": "x"}))),
        Just(("unmerge", json!({"reason": "x"}))),
        Just(("suspect", json!({"client_id": id(3), "score": 85, "reasons": ["phone"]}))),
        Just(("not_a_duplicate", json!({"client_id": id(3), "reason": "x"}))),
        any_consent(),
    ]
}

proptest! {
    /// No sequence panics; the stored events give the live state again; a repeated command adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..30)) {
        let mut given = registered();
        let mut stored = vec![];
        for (command, body) in commands {
            if let Ok(events) = given.when(command, &body) {
                stored.extend(events);
                prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new());
            }
        }
        let mut replayed = registered().state;
        for event in stored {
            let kind = event[0].as_str().unwrap();
            replayed.evolve(&ClientEvent::decode(kind, 1, &event[1].to_string()).unwrap());
        }
        prop_assert_eq!(replayed, given.state);
    }
}
