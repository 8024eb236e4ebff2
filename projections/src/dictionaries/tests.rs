//! Given a history, then these rows.

use super::{Dictionaries, DictionaryEntry};
use crate::engine::given;
use crate::engine::history::{Stream, Told, changing, history};
use letopis_events::dictionaries::DictionaryName;
use serde_json::json;

/// The dictionary that the golden events are about.
fn results() -> Stream {
    Stream("dictionaries", DictionaryName::Results.stream().0.as_u128())
}

fn says(kind: &str) -> Told {
    results().golden(kind, &json!({}))
}

/// The entry `call_back` of a dictionary opened, after what came then.
fn entry(told: impl IntoIterator<Item = Told>) -> DictionaryEntry {
    let rows = given::<Dictionaries>(history([says("Opened")].into_iter().chain(told))).unwrap();
    rows.entry.rows().into_iter().find(|entry| entry.code.as_str() == "call_back").unwrap()
}

#[test]
fn no_events_of_others_change_dictionaries() {
    let rows = |history| format!("{:?}", given::<Dictionaries>(history).unwrap().entry.rows());
    let others = changing(rows).into_iter().filter(|kind| !kind.starts_with("dictionaries."));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn opened_it_has_its_entries_and_each_event_counts() {
    let rows = given::<Dictionaries>(history([says("Opened"), says("EntryRetired")])).unwrap();
    let codes: Vec<String> = rows.entry.rows().iter().map(|entry| entry.code.to_string()).collect();
    assert_eq!((codes, rows.dictionary.rows()[0].version), (vec!["agreed".into(), "call_back".into()], 2));
}

#[test]
fn an_entry_is_changed_retired_and_restored() {
    let before = entry([]);
    assert_eq!((before.ru.as_str(), before.en.as_str(), before.place), ("Перезвонить", "Call back", 30));
    assert_eq!(
        (before.color.as_ref().map(ToString::to_string), before.retired),
        (Some("#ffaa00".into()), false)
    );
    assert_eq!(before.attributes.0.len(), 2);
    assert!(entry([says("EntryRetired")]).retired);
    assert!(!entry([says("EntryRetired"), says("EntryRestored")]).retired);
    let other = json!({"entry": {"code": "call_back", "ru": "Позже", "en": "Later", "order": 5}});
    let changed = entry([says("EntryRetired"), results().says("EntryChanged", &other)]);
    // A change leaves it retired.
    assert_eq!((changed.ru.as_str(), changed.place, changed.retired), ("Позже", 5, true));
    assert_eq!((changed.color, changed.attributes.0.len()), (None, 0));
}
