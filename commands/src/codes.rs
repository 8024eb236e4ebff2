//! The codes a command uses, each an entry of a dictionary. What a module lists in [`Decider::codes`](crate::decider::Decider::codes)
//! is looked up before it decides, guarded in the append, and all that is unknown or retired is told at once.

use crate::decider::{Need, Seen};
use crate::dictionaries::Dictionary;
use crate::form::FieldFault;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Actor, Change, Code, Near};
use std::borrow::Cow;

/// For so many faults of a command near codes are looked for: a large dictionary takes some ten milliseconds each.
const EXPLAINED: usize = 5;

/// The codes a command uses, with the dictionary and the field of each.
#[derive(Debug, Default)]
pub struct Codes<'c>(Vec<(DictionaryName, &'c Code, Cow<'static, str>)>);

impl<'c> Codes<'c> {
    /// The code in a field, where there is one.
    #[must_use]
    pub fn field(
        mut self,
        of: DictionaryName,
        code: Option<&'c Code>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.extend(code.map(|code| (of, code, path.into())));
        self
    }

    /// The code a field is changed to; what it is already was checked when it became so.
    #[must_use]
    pub fn change(
        self,
        of: DictionaryName,
        change: &'c Change<Code>,
        now: Option<&Code>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.field(of, change.value().filter(|code| Some(*code) != now), path)
    }

    /// The codes in a list.
    #[must_use]
    pub fn list(mut self, of: DictionaryName, codes: &'c [Code], path: &str) -> Self {
        let codes = codes.iter().enumerate();
        self.0.extend(codes.map(|(index, code)| (of, code, format!("{path}/{index}").into())));
        self
    }

    /// The dictionaries they stand in.
    pub(crate) fn needs(&self) -> impl Iterator<Item = Need> {
        self.0.iter().map(|(of, ..)| Need::of::<Dictionary>(of.stream()))
    }

    /// What is wrong with them. A policy goes on from what was recorded, whose codes may have been retired since.
    pub(crate) fn faults(&self, seen: &Seen, actor: &Actor) -> Vec<FieldFault> {
        let unknown = Dictionary::default();
        let mut faults: Vec<FieldFault> = vec![];
        for (of, code, path) in &self.0 {
            let dictionary = seen.state::<Dictionary>(of.stream()).unwrap_or(&unknown);
            let fault = match dictionary.offers(code) {
                Some(true) => continue,
                Some(false) if matches!(actor, Actor::Policy(_)) => continue,
                Some(false) => ("retired_code", format!("the code {code} of {} is retired", of.name())),
                None => {
                    let near = if faults.len() < EXPLAINED { dictionary.near(code) } else { Near::default() };
                    ("unknown_code", format!("there is no code {code} in {}{near}", of.name()))
                }
            };
            faults.push(FieldFault { path: path.to_string(), code: fault.0, message: fault.1 });
        }
        faults
    }
}
