//! Given / when / then.

use super::{Dictionary, MAX_ENTRIES};
use crate::decider::Decider;
use crate::given::Given;
use letopis_events::Event;
use letopis_events::dictionaries::{DictionaryEvent, Entry};
use proptest::prelude::*;
use serde_json::{Value, json};

fn results() -> Given<Dictionary> {
    let mut given = Given::default();
    given.when("open", &json!({"name": "results"})).unwrap();
    given
}

#[test]
fn an_entry_is_added_once_and_stands_last() {
    let mut given = results();
    let entry = json!({"code": "sold", "ru": "Продано", "en": "Sold", "color": "#00AA00", "attributes": {"success": true}});
    let told = given.when("add", &entry).unwrap();
    assert_eq!(
        told,
        [json!(["EntryAdded", {"entry": {
            "code": "sold", "ru": "Продано", "en": "Sold", "order": 220, "color": "#00aa00", "attributes": {"success": true},
        }}])]
    );
    assert_eq!(given.types("add", &entry), [""; 0]);
    let other = json!({"code": "sold", "ru": "Продано", "en": "Closed"});
    assert_eq!(given.refused("add", &other).0, "code_taken");
}

#[test]
fn a_change_says_what_changes_alone() {
    let mut given = results();
    assert_eq!(given.types("change", &json!({"code": "refused", "ru": "Отказ"})), [""; 0]);
    let told = given.when("change", &json!({"code": "refused", "en": "Declined", "color": null})).unwrap();
    assert_eq!(
        told[0][1]["entry"],
        json!({"code": "refused", "ru": "Отказ", "en": "Declined", "order": 150, "attributes": {"reached": true, "refusal": true}})
    );
    let told = given.when("change", &json!({"code": "refused", "attributes": null, "order": 1})).unwrap();
    assert_eq!(told[0][1]["entry"], json!({"code": "refused", "ru": "Отказ", "en": "Declined", "order": 1}));
}

#[test]
fn what_is_retired_is_not_offered_until_it_is_restored() {
    let mut given = results();
    let (code, retired) = ("thinking".parse().unwrap(), json!({"code": "thinking", "reason": "x"}));
    assert_eq!(given.types("retire", &retired), ["EntryRetired"]);
    assert_eq!(given.state.offers(&code), Some(false));
    assert_eq!(given.types("retire", &retired), [""; 0]);
    let again = json!({"code": "thinking", "ru": "Думает", "en": "Thinking it over"});
    assert_eq!(given.refused("add", &again).0, "code_taken");
    assert_eq!(given.types("change", &json!({"code": "thinking", "en": "Thinks"})), ["EntryChanged"]);
    assert_eq!(given.state.offers(&code), Some(false));
    assert_eq!(given.types("restore", &json!({"code": "thinking"})), ["EntryRestored"]);
    assert_eq!(given.types("restore", &json!({"code": "thinking"})), [""; 0]);
    assert_eq!(given.state.offers(&code), Some(true));
}

#[test]
fn what_is_wrong_with_an_entry_is_told() {
    let add = |attributes| json!({"code": "x", "ru": "x", "en": "x", "attributes": attributes});
    let many: serde_json::Map<_, _> = (0..21).map(|n| (format!("a{n}"), json!(n))).collect();
    for (command, body, code, field) in [
        ("add", add(json!({"reached": "yes"})), "bad_value", "/attributes/reached"),
        ("add", add(json!(many)), "bad_value", "/attributes"),
        ("add", json!({"code": "x", "ru": "x", "en": "x", "color": "red"}), "form", "/color"),
        ("change", json!({"code": "agred"}), "unknown_code", "/code"),
        ("retire", json!({"code": "x"}), "unknown_code", "/code"),
        ("restore", json!({"code": "x"}), "unknown_code", "/code"),
    ] {
        assert_eq!(results().refused(command, &body), (code.into(), field.into()), "{body}");
    }
}

#[test]
fn it_has_an_end() {
    let mut given = results();
    for number in 0.. {
        let entry = Entry {
            code: format!("c{number}").parse().unwrap(),
            ru: "x".parse().unwrap(),
            en: "x".parse().unwrap(),
            order: i32::MAX,
            color: None,
            attributes: [].into(),
        };
        given.state.evolve(&DictionaryEvent::EntryAdded { entry });
        if given.state.0.len() == MAX_ENTRIES {
            break;
        }
    }
    let further = json!({"code": "further", "ru": "x", "en": "x"});
    assert_eq!(given.refused("add", &further).0, "dictionary_full");
}

#[test]
fn near_codes_are_found_by_code_and_by_text() {
    let regions = || {
        let mut given = Given::<Dictionary>::default();
        given.when("open", &json!({"name": "regions"})).unwrap();
        given.state
    };
    for (wanted, meant) in [("intrested", "interested"), ("call-back", "call_back"), ("sold_out", "")] {
        let near = results().state.near(&wanted.parse().unwrap()).to_string();
        assert!(near.contains(meant) && near.is_empty() == meant.is_empty(), "{wanted}: {near}");
    }
    for (wanted, meant) in [("mks", "msk"), ("moscow", "msk"), ("tver", "tverobl")] {
        let near = regions().near(&wanted.parse().unwrap()).to_string();
        assert!(near.contains(meant), "{wanted}: {near}");
        assert!(near.matches(", ").count() < 5, "{near}");
    }
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let code = || "[a-c]|agreed";
    prop_oneof![
        code().prop_map(|code| ("add", json!({"code": code, "ru": "x", "en": "x"}))),
        (code(), 0..3)
            .prop_map(|(code, order)| ("change", json!({"code": code, "order": order, "color": null}))),
        (code(), "[xy]").prop_map(|(code, text)| (
            "change",
            json!({"code": code, "ru": text, "attributes": {"success": true}})
        )),
        code().prop_map(|code| ("retire", json!({"code": code}))),
        code().prop_map(|code| ("restore", json!({"code": code}))),
    ]
}

proptest! {
    /// No sequence panics; the stored events give the live state again; a repeated command adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..20)) {
        let mut given = results();
        let mut replayed = results().state;
        for (command, body) in commands {
            for event in given.when(command, &body).unwrap_or_default() {
                let kind = event[0].as_str().unwrap();
                replayed.evolve(&DictionaryEvent::decode(kind, 1, &event[1].to_string()).unwrap());
            }
            prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new());
        }
        prop_assert_eq!(replayed, given.state);
    }
}
