//! Dictionaries: the codes that commands may use, with their texts; one stream each, the same in every store.
//! States: unknown, open; its entries are offered or retired, and a retired one stays readable where it is used.
//! Whoever uses a code (see `codes`) sees the dictionary and is guarded by it.

mod defaults;
mod lookup;

pub use defaults::defaults;

use crate::decider::{Context, Decider, Need, Rejection, Seen};
use letopis_events::dictionaries::{DictionaryEvent, DictionaryName, Entry};
use letopis_events::{
    Attribute, Attributes, Change, ClientId, Code, Color, ExternalId, Near, StreamId, Text,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most entries of a dictionary: it is kept in memory and answered in one piece.
const MAX_ENTRIES: usize = 5_000;
/// The most attributes of an entry.
const MAX_ATTRIBUTES: usize = 20;
/// What a result counts as: attributes that are yes or no.
const FLAGS: [&str; 4] = ["reached", "success", "refusal", "call_back"];
/// The step between the places of entries, so that others can be put between them.
const STEP: i32 = 10;

/// A command to a dictionary.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DictionaryCommand {
    /// Begins, with the entries every store begins with.
    Open {
        /// Which one.
        name: DictionaryName,
    },
    /// Has this entry too.
    Add {
        /// What is stored where the entry is used.
        code: Code,
        /// Its text in Russian.
        ru: Text<200>,
        /// Its text in English.
        en: Text<200>,
        /// Its place in a list; absent: the last.
        order: Option<i32>,
        /// Its colour.
        color: Option<Color>,
        /// What it counts as: a result as `reached`, `success`, `refusal`, `call_back`.
        attributes: Option<Attributes>,
    },
    /// The entry reads otherwise; absent: unchanged, null: cleared.
    Change {
        /// Which one.
        code: Code,
        /// Its text in Russian.
        ru: Option<Text<200>>,
        /// Its text in English.
        en: Option<Text<200>>,
        /// Its place in a list.
        order: Option<i32>,
        /// Its colour.
        #[serde(default)]
        color: Change<Color>,
        /// All it counts as.
        #[serde(default)]
        attributes: Change<Attributes>,
    },
    /// The entry is no longer offered.
    Retire {
        /// Which one.
        code: Code,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// The entry is offered again.
    Restore {
        /// Which one.
        code: Code,
    },
}

/// An entry, and whether it is retired.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    entry: Entry,
    retired: bool,
}

/// The state of a dictionary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dictionary(BTreeMap<Code, Kept>);

impl Dictionary {
    /// Whether a code is offered; `None`: there is none such.
    pub fn offers(&self, code: &Code) -> Option<bool> {
        self.0.get(code).map(|kept| !kept.retired)
    }

    /// The offered codes that are like this one.
    pub fn near(&self, code: &Code) -> Near {
        let offered = self.0.iter().filter(|(_, kept)| !kept.retired);
        let texts =
            offered.map(|(code, kept)| (code.as_str(), [kept.entry.ru.as_str(), kept.entry.en.as_str()]));
        Near::to(code.as_str(), texts)
    }

    fn find(&self, code: &Code) -> Result<&Kept, DictionaryError> {
        self.0.get(code).ok_or_else(|| DictionaryError::Unknown(code.clone(), self.near(code)))
    }

    fn retire(&mut self, code: &Code, retired: bool) {
        if let Some(kept) = self.0.get_mut(code) {
            kept.retired = retired;
        }
    }

    fn last(&self) -> i32 {
        self.0.values().map(|kept| kept.entry.order).max().unwrap_or(0)
    }
}

/// Why a command to a dictionary is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum DictionaryError {
    /// No such entry.
    #[error("there is no code {0} here{1}")]
    Unknown(Code, Near),
    /// The code stands for something else, or is retired.
    #[error("the code {0} is here already, with another content or retired: change it or restore it")]
    Taken(Code),
    /// No room for a further entry.
    #[error("a dictionary has at most {MAX_ENTRIES} entries")]
    Full,
    /// Too much at one entry.
    #[error("an entry has at most {MAX_ATTRIBUTES} attributes")]
    Attributes,
    /// A flag that is none.
    #[error("must be true or false")]
    Flag(Code),
}

impl Rejection for DictionaryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(..) => "unknown_code",
            Self::Taken(_) => "code_taken",
            Self::Full => "dictionary_full",
            Self::Attributes | Self::Flag(_) => "bad_value",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Unknown(..) => Some("/code".into()),
            Self::Attributes => Some("/attributes".into()),
            Self::Flag(code) => Some(format!("/attributes/{code}")),
            Self::Taken(_) | Self::Full => None,
        }
    }
}

impl Decider for Dictionary {
    type Command = DictionaryCommand;
    type Event = DictionaryEvent;
    type Error = DictionaryError;
    const CREATES: &'static str = "open";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        (
            "open",
            "A dictionary begins, with the entries every store begins with; done when a store is first served.",
        ),
        ("add", "The dictionary has a further entry."),
        ("change", "An entry has another text, place, colour, or counts otherwise."),
        ("retire", "An entry is no longer offered; what uses it stays readable."),
        ("restore", "An entry is offered again."),
    ];

    fn external(_: &DictionaryCommand) -> Option<&ExternalId> {
        None
    }

    fn fixed(command: &DictionaryCommand) -> Option<StreamId> {
        if let DictionaryCommand::Open { name } = command { Some(name.stream()) } else { None }
    }

    fn needs(&self, _: &DictionaryCommand, _: &Context<'_>) -> Vec<Need> {
        vec![]
    }

    fn decide(
        &self,
        command: DictionaryCommand,
        _: &Seen,
        _: &Context<'_>,
    ) -> Result<Vec<DictionaryEvent>, DictionaryError> {
        match command {
            DictionaryCommand::Open { name } => {
                Ok(vec![DictionaryEvent::Opened { name, entries: defaults(name) }])
            }
            DictionaryCommand::Add { code, ru, en, order, color, attributes } => {
                let attributes = checked(attributes.unwrap_or_default())?;
                let there = self.0.get(&code);
                let next = self.last().saturating_add(STEP);
                let order = order.or(there.map(|kept| kept.entry.order)).unwrap_or(next);
                let entry = Entry { code, ru, en, order, color, attributes };
                match there {
                    Some(kept) if !kept.retired && kept.entry == entry => Ok(vec![]),
                    Some(_) => Err(DictionaryError::Taken(entry.code)),
                    None if self.0.len() >= MAX_ENTRIES => Err(DictionaryError::Full),
                    None => Ok(vec![DictionaryEvent::EntryAdded { entry }]),
                }
            }
            DictionaryCommand::Change { code, ru, en, order, color, attributes } => {
                let now = &self.find(&code)?.entry;
                let mut entry = now.clone();
                entry.ru = ru.unwrap_or(entry.ru);
                entry.en = en.unwrap_or(entry.en);
                entry.order = order.unwrap_or(entry.order);
                color.apply(&mut entry.color);
                match attributes {
                    Change::Keep => {}
                    Change::Clear => entry.attributes = Attributes::default(),
                    Change::Set(attributes) => entry.attributes = checked(attributes)?,
                }
                Ok(if entry == *now { vec![] } else { vec![DictionaryEvent::EntryChanged { entry }] })
            }
            DictionaryCommand::Retire { code, reason } => {
                let so = self.find(&code)?.retired;
                Ok(if so { vec![] } else { vec![DictionaryEvent::EntryRetired { code, reason }] })
            }
            DictionaryCommand::Restore { code } => {
                let retired = self.find(&code)?.retired;
                Ok(if retired { vec![DictionaryEvent::EntryRestored { code }] } else { vec![] })
            }
        }
    }

    fn evolve(&mut self, event: &DictionaryEvent) {
        let mut put = |entry: &Entry| {
            self.0.insert(entry.code.clone(), Kept { entry: entry.clone(), retired: false });
        };
        match event {
            DictionaryEvent::Opened { name: _, entries } => {
                for entry in entries {
                    put(entry);
                }
            }
            DictionaryEvent::EntryAdded { entry } => put(entry),
            DictionaryEvent::EntryChanged { entry } => {
                if let Some(kept) = self.0.get_mut(&entry.code) {
                    kept.entry = entry.clone();
                }
            }
            DictionaryEvent::EntryRetired { code, reason: _ } => self.retire(code, true),
            DictionaryEvent::EntryRestored { code } => self.retire(code, false),
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        vec![]
    }

    fn repeats(command: &DictionaryCommand, first: &DictionaryEvent) -> bool {
        // Its entries are the store's own from the first day on, whatever the defaults have become.
        matches!((command, first),
            (DictionaryCommand::Open { name }, DictionaryEvent::Opened { name: then, .. }) if name == then)
    }
}

/// The attributes, if they are few and the flags among them are flags.
fn checked(attributes: Attributes) -> Result<Attributes, DictionaryError> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(DictionaryError::Attributes);
    }
    let no_flag = |(code, value): &(&Code, &Attribute)| {
        FLAGS.contains(&code.as_str()) && !matches!(value, Attribute::Flag(_))
    };
    match attributes.iter().find(no_flag) {
        Some((code, _)) => Err(DictionaryError::Flag(code.clone())),
        None => Ok(attributes),
    }
}

#[cfg(test)]
mod tests;
