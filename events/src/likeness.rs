//! Whether two clients look like one: what is compared, which signs tell, and how much. One rule for the warning before a command,
//! for the policy that looks behind it, and for whoever lists the pairs.
//!
//! The same INN with no other KPP, the same phone that is nobody else's, the same e-mail address are signs by themselves. Likeness
//! of names is one only beside another: region (not for people, who have namesakes), address, site, or a phone that others use too.

mod names;
mod sketch;

pub use sketch::Sketch;

use crate::{BadValue, ClientId, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;

/// What two clients have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Sign {
    /// The taxpayer's number, and no other KPP.
    Inn,
    /// A phone that is nobody else's.
    Phone,
    /// An e-mail address.
    Email,
    /// Names that are alike.
    Name,
    /// The region.
    Region,
    /// An address.
    Address,
    /// A phone that others use too.
    SharedPhone,
    /// The site.
    Site,
}

/// How much two clients look like one: 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Score(u8);

impl Score {
    /// No score is higher.
    pub const MAX: Self = Self(100);

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Score {
    type Error = BadValue;
    fn try_from(number: u8) -> Result<Self, BadValue> {
        let score = Self(number);
        if score > Self::MAX { Err(BadValue("must be a score: 0 to 100")) } else { Ok(score) }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Score {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Score".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 0, "maximum": 100})
    }
}

/// That two clients look like one, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    /// How much.
    pub score: Score,
    /// By what.
    pub reasons: Vec<Sign>,
}

/// That a client is entered or changed although it looks like another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Acceptance {
    /// Why.
    pub reason: Text<1000>,
}

/// A client and how a command changes its look; asked of a read model before the command is carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Resemblance {
    /// Who.
    pub client_id: ClientId,
    /// The look it has; none of a client that is being registered.
    pub before: Option<Sketch>,
    /// The look it would have.
    pub after: Sketch,
}

impl Resemblance {
    /// Whether the client would look like `other` by a sign by which it does not yet.
    pub fn to(&self, other: &Sketch) -> Option<Likeness> {
        self.after.newly_like(self.before.as_ref(), other)
    }
}

/// A client that another one looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Who.
    pub client_id: ClientId,
    /// What they are called; none when erased.
    pub name: Option<String>,
    /// The names of the employees who look after them.
    pub managers: Vec<String>,
    /// How much.
    pub score: Score,
    /// By what.
    pub reasons: Vec<Sign>,
}
