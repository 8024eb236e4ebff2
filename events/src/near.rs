//! What may have been meant by a name that nobody knows.

use std::fmt;
use strsim::normalized_damerau_levenshtein as alike;

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
        let length = wanted.chars().count();
        let like = |text: &str| {
            // Where one is twice as long as the other they are not alike, and a long one would take its time.
            let (short, long) = (length.min(text.chars().count()), length.max(text.chars().count()));
            if short * 2 < long { 0.0 } else { alike(&wanted, &text.to_lowercase()) }
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_stands_first() {
        let known = [("msk", ["Москва"]), ("mos_obl", ["Московская область"]), ("spb", ["Санкт-Петербург"])];
        let near = |wanted: &str| Near::to(wanted, known.into_iter()).to_string();
        assert_eq!(near("MSC"), "; near it: msk");
        assert_eq!(near("москва"), "; near it: msk");
        assert_eq!(near(&"msk".repeat(1_000_000)), "");
    }
}
