//! The dictionaries and their entries, retired ones among them.

use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::dictionaries::{DictionaryEvent, DictionaryName, Entry};
use letopis_events::{Attributes, BadEvent, Code, Color, DomainEvent, Recorded, StreamId, Text};

table! {
    /// A dictionary.
    pub struct Dictionary: "dictionary" key (name: DictionaryName) {
        /// Its stream, which its commands name.
        dictionary_id: StreamId,
        /// The version of its stream.
        version: i64,
    }
}

table! {
    /// An entry of a dictionary.
    pub struct DictionaryEntry: "dictionary_entry" key (dictionary: DictionaryName, code: Code) {
        /// Its text in Russian.
        ru: Text<200>,
        /// Its text in English.
        en: Text<200>,
        /// Its place in a list.
        place: i64,
        /// Its colour.
        color: Option<Color>,
        /// What it counts as.
        attributes: Json<Attributes>,
        /// Whether it is no longer offered.
        retired: bool,
    }
}

row_set! {
    /// The tables of dictionaries.
    pub struct DictionaryRows { dictionary: Set<Dictionary>, entry: Set<DictionaryEntry> }
}

/// The read model of dictionaries.
#[derive(Debug)]
pub struct Dictionaries;

impl Projection for Dictionaries {
    const NAME: &'static str = "dictionaries";
    type Rows = DictionaryRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut DictionaryRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Dictionaries(dictionary) => dictionaries(event, dictionary, rows),
            DomainEvent::Employees(_)
            | DomainEvent::Clients(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_) => {}
        }
        Ok(())
    }
}

fn dictionaries(recorded: &Recorded<DomainEvent>, event: &DictionaryEvent, rows: &mut DictionaryRows) {
    let Some(name) = DictionaryName::of(recorded.stream) else { return };
    let version = recorded.version.0;
    match event {
        DictionaryEvent::Opened { name, entries } => {
            let dictionary_id = recorded.stream;
            rows.dictionary.insert(Dictionary { name: *name, dictionary_id, version });
            for entry in entries {
                rows.entry.insert(row(*name, entry));
            }
        }
        DictionaryEvent::EntryAdded { entry } => rows.entry.insert(row(name, entry)),
        DictionaryEvent::EntryChanged { entry } => {
            rows.entry.edit(&(name, entry.code.clone()), |before| {
                let retired = before.retired;
                *before = DictionaryEntry { retired, ..row(name, entry) };
            });
        }
        DictionaryEvent::EntryRetired { code, reason: _ } => {
            rows.entry.edit(&(name, code.clone()), |entry| entry.retired = true);
        }
        DictionaryEvent::EntryRestored { code } => {
            rows.entry.edit(&(name, code.clone()), |entry| entry.retired = false);
        }
    }
    rows.dictionary.edit(&(name,), |dictionary| dictionary.version = version);
}

fn row(dictionary: DictionaryName, entry: &Entry) -> DictionaryEntry {
    let Entry { code, ru, en, order, color, attributes } = entry;
    DictionaryEntry {
        dictionary,
        code: code.clone(),
        ru: ru.clone(),
        en: en.clone(),
        place: i64::from(*order),
        color: color.clone(),
        attributes: Json(attributes.clone()),
        retired: false,
    }
}

#[cfg(test)]
mod tests;
