//! The entries each dictionary begins with, from the file of its name.

use super::STEP;
use letopis_events::dictionaries::{DictionaryName, Entry};
use letopis_events::{Attribute, Code, Color, Text};
use serde::Deserialize;

/// A line of such a file; the entries stand in its order.
#[derive(Debug, Deserialize)]
struct Line {
    code: Code,
    ru: Text<200>,
    en: Text<200>,
    color: Option<Color>,
    /// The attributes that are true, separated by spaces.
    flags: String,
}

const fn file(name: DictionaryName) -> &'static str {
    match name {
        DictionaryName::Results => include_str!("results.csv"),
        DictionaryName::Industries => include_str!("industries.csv"),
        DictionaryName::Channels => include_str!("channels.csv"),
        DictionaryName::Roles => include_str!("roles.csv"),
        DictionaryName::Regions => include_str!("regions.csv"),
        DictionaryName::Actions => include_str!("actions.csv"),
        DictionaryName::Reasons => include_str!("reasons.csv"),
        DictionaryName::Tags => include_str!("tags.csv"),
    }
}

/// The entries a dictionary begins with.
pub fn defaults(name: DictionaryName) -> Vec<Entry> {
    // A test sees to it that every line can be read.
    let lines = csv::Reader::from_reader(file(name).as_bytes()).into_deserialize::<Line>();
    (1..).zip(lines.flatten()).map(|(number, line)| line.entry(number * STEP)).collect()
}

impl Line {
    fn entry(self, order: i32) -> Entry {
        let flags = self.flags.split_whitespace().filter_map(|flag| flag.parse().ok());
        Entry {
            code: self.code,
            ru: self.ru,
            en: self.en,
            order,
            color: self.color,
            attributes: flags.map(|flag| (flag, Attribute::Flag(true))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionaries::FLAGS;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_an_entry_and_stands_once() {
        for name in DictionaryName::ALL {
            let entries = defaults(name);
            assert_eq!(entries.len(), file(name).lines().count() - 1, "{}", name.name());
            let codes: BTreeSet<&Code> = entries.iter().map(|entry| &entry.code).collect();
            let texts: BTreeSet<&Text<200>> = entries.iter().map(|entry| &entry.ru).collect();
            assert_eq!((codes.len(), texts.len()), (entries.len(), entries.len()), "{}", name.name());
            assert!(entries.len() >= 9, "{}", name.name());
            for entry in entries {
                let flags: Vec<&str> = entry.attributes.keys().map(Code::as_str).collect();
                assert!(flags.iter().all(|flag| FLAGS.contains(flag)), "{entry:?}");
                assert!(flags.is_empty() || name == DictionaryName::Results, "{entry:?}");
            }
        }
    }

    #[test]
    fn a_region_stands_for_every_part_of_the_country() {
        let regions = defaults(DictionaryName::Regions);
        assert_eq!(regions.len(), 89 + 1);
        for code in ["msk", "spb", "mosobl", "abroad"] {
            assert!(regions.iter().any(|entry| entry.code.as_str() == code), "{code}");
        }
    }
}
