//! The codes of a command looked up before it is decided on: guarded in the append, and all that is unknown or retired is told at once.

use super::Dictionary;
use crate::codes::Codes;
use crate::decider::{Need, Seen};
use crate::form::FieldFault;
use letopis_events::{Actor, Near};

/// For so many faults of a command near codes are looked for: a large dictionary takes some ten milliseconds each.
const EXPLAINED: usize = 5;

impl Codes<'_> {
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
                    (
                        "unknown_code",
                        format!(
                            "there is no code {code} in {of}{near}; /api/dictionaries/{of} holds all",
                            of = of.name()
                        ),
                    )
                }
            };
            faults.push(FieldFault { path: path.to_string(), code: fault.0, message: fault.1 });
        }
        faults
    }
}
