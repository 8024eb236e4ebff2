//! The codes a command uses, each an entry of a dictionary. What a module lists in [`Decider::codes`](crate::decider::Decider::codes)
//! is looked up before it decides, guarded in the append, and all that is unknown or retired is told at once.

use crate::decider::{Need, Seen};
use crate::dictionaries::Dictionary;
use crate::form::FieldFault;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Actor, Change, Code};
use std::borrow::Cow;
use std::fmt;

/// The most near codes that are named.
const NEAR: usize = 5;
/// How near a code must be, of 1 for the same.
const NEARNESS: f64 = 0.5;
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

/// The codes that may have been meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Near(Vec<Code>);

impl Near {
    /// Of the codes with their texts those that are like this one.
    pub(crate) fn to<'a>(wanted: &Code, known: impl Iterator<Item = (&'a Code, [&'a str; 2])>) -> Self {
        let like = |text: &str| strsim::normalized_damerau_levenshtein(wanted.as_str(), &text.to_lowercase());
        let mut near: Vec<(f64, &Code)> = known
            .map(|(code, texts)| (texts.map(like).into_iter().fold(like(code.as_str()), f64::max), code))
            .filter(|(nearness, _)| *nearness >= NEARNESS)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Self(near.into_iter().take(NEAR).map(|(_, code)| code.clone()).collect())
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.0.iter().map(Code::as_str).collect();
        if codes.is_empty() { Ok(()) } else { write!(f, "; near it: {}", codes.join(", ")) }
    }
}
