//! What an answer is asked to show, by name: a parameter that lists columns, separated by commas.

use crate::openapi::SchemaOf;
use letopis_events::one_of;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::marker::PhantomData;

/// What an answer may show: its name, its SQL, and what that gives.
pub(crate) type Column = (&'static str, &'static str, SchemaOf);

/// The columns a parameter may name.
pub(crate) trait Columns {
    /// All of them.
    const KNOWN: &'static [Column];
    /// The most that may be named at once.
    const MOST: usize;
}

/// Names of columns, each known and once.
pub(crate) struct Names<C> {
    names: Vec<&'static str>,
    of: PhantomData<C>,
}

impl<C: Columns> Names<C> {
    /// As they were given; none where the parameter is absent.
    pub(crate) fn given(names: Option<Self>) -> Vec<&'static str> {
        names.map(|names| names.names).unwrap_or_default()
    }
}

impl<'de, C: Columns> Deserialize<'de> for Names<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let known: Vec<&str> = C::KNOWN.iter().map(|(name, ..)| *name).collect();
        let find = |given: &str| known.iter().find(|name| **name == given.trim()).copied();
        let names: Option<Vec<&str>> = text.split(',').map(find).collect();
        let names = names.ok_or_else(|| Error::custom(format!("each {}", one_of(&known))))?;
        let once = names.iter().enumerate().all(|(place, name)| !names[..place].contains(name));
        if !once || names.len() > C::MOST {
            return Err(Error::custom(format!("takes at most {} names, each once", C::MOST)));
        }
        Ok(Self { names, of: PhantomData })
    }
}

impl<C: Columns> JsonSchema for Names<C> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let known: Vec<&str> = C::KNOWN.iter().map(|(name, ..)| *name).collect();
        let text = format!("Up to {} of {}; separated by commas.", C::MOST, known.join(", "));
        json_schema!({"type": "string", "description": text})
    }
}

/// The columns of these names, in their order.
pub(crate) fn chosen(names: &[&str], known: &[Column]) -> Vec<Column> {
    names.iter().filter_map(|name| known.iter().find(|(known, ..)| known == name)).copied().collect()
}
