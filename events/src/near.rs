//! What may have been meant by a name that nobody knows.

use std::fmt;

/// The most that are named.
const MOST: usize = 5;
/// How near one must be, of 1 for the same.
const NEARNESS: f64 = 0.5;

/// The names that may have been meant, the nearest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Near(Vec<String>);

impl Near {
    /// Of the names, each with the texts it stands for, those that are like this one.
    pub fn to<'a, const TEXTS: usize>(
        wanted: &str,
        known: impl Iterator<Item = (&'a str, [&'a str; TEXTS])>,
    ) -> Self {
        let wanted = wanted.to_lowercase();
        let like = |text: &str| strsim::normalized_damerau_levenshtein(&wanted, &text.to_lowercase());
        let mut near: Vec<(f64, &str)> = known
            .map(|(name, texts)| (texts.map(like).into_iter().fold(like(name), f64::max), name))
            .filter(|(nearness, _)| *nearness >= NEARNESS)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Self(near.into_iter().take(MOST).map(|(_, name)| name.to_owned()).collect())
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; near it: {}", self.0.join(", ")) }
    }
}
