//! Bounded texts and codes: what is too long or could not be stored is refused before it becomes a fact.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A value was refused by its type; the text says what the type accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub &'static str);

/// A string type checked by `$check: fn(&str) -> Result<String, BadValue>`, which may also normalise.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $format:literal, $max:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::BadValue;
            fn from_str(text: &str) -> Result<Self, $crate::BadValue> {
                let check: fn(&str) -> Result<String, $crate::BadValue> = $check;
                check(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": $format, "maxLength": $max})
            }
        }
    };
}
pub(crate) use checked_text;

const BLANK: BadValue = BadValue("must be a text one can see, without the character U+0000");

/// A text of 1 to `MAX` characters, not all of them white space, without `U+0000`, which PostgreSQL cannot store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(BLANK);
        }
        // Bytes first: most texts are shorter than the limit even so, and need no counting.
        if text.len() > MAX && text.chars().count() > MAX {
            return Err(BadValue("is longer than this field allows"));
        }
        Ok(Self(text.into()))
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "text", "minLength": 1, "maxLength": MAX})
    }
}

checked_text!(
    /// A short name of a dictionary entry: `[a-z0-9_-]`, 1 to 64 characters.
    Code, "code", 64, |text| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(text.into())
        } else {
            Err(BadValue("must be a code such as msk: 1 to 64 characters of a-z, 0-9, _ and -; /api/dictionaries lists those in use"))
        }
    }
);

checked_text!(
    /// A colour, `#rrggbb`; stored in lower case.
    Color, "color", 7, |text| {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(text.to_ascii_lowercase())
        } else {
            Err(BadValue("must be a colour: # and six digits of 0-9 and a-f, such as #2e9e5b"))
        }
    }
);

checked_text!(
    /// A country by its two letters (ISO 3166-1 alpha-2), upper case.
    Country, "country", 2, |text| {
        if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(text.into())
        } else {
            Err(BadValue("must be a country code of two capital letters, such as RU"))
        }
    }
);

impl Default for Country {
    fn default() -> Self {
        Self("RU".into())
    }
}

/// A free field of the customer's own: text, number or yes/no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Attribute {
    /// A text.
    Text(Text<1000>),
    /// A number.
    Number(#[serde(deserialize_with = "plain")] serde_json::Number),
    /// Yes or no.
    Flag(bool),
}

/// A number as PostgreSQL gives it back: without an exponent where it is a whole one of at most 64 bits.
fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<serde_json::Number, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let large = number.as_f64().filter(|value| number.is_f64() && value.abs() >= 1e16);
    Ok(large.and_then(|value| format!("{value:.0}").parse().ok()).unwrap_or(number))
}

/// Free fields by code.
pub type Attributes = BTreeMap<Code, Attribute>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_number_is_written_one_way() {
        for (told, kept) in [
            ("1e16", "10000000000000000"),
            ("-1e18", "-1000000000000000000"),
            ("18446744073709551615", "18446744073709551615"),
            ("1e15", "1000000000000000.0"),
            ("1e20", "1e+20"),
            ("1.5", "1.5"),
        ] {
            let read: Attribute = serde_json::from_str(told).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), kept);
        }
    }
}
