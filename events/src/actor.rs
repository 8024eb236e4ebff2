//! Who caused an event: an employee, or a program by its name.

use crate::EmployeeId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The author of an event. As text: an employee's id, or `kind:name` such as `agent:telephony`,
/// `policy:match_callers`, `import:loans`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// An employee who works here.
    Employee(EmployeeId),
    /// A program outside, by name.
    Agent(String),
    /// A policy of this system, by name.
    Policy(String),
    /// An import, by the name of its source.
    Import(String),
}

impl Actor {
    /// The employee, if it is one.
    pub const fn employee(&self) -> Option<EmployeeId> {
        match self {
            Self::Employee(id) => Some(*id),
            Self::Agent(_) | Self::Policy(_) | Self::Import(_) => None,
        }
    }
}

/// The text names no actor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an actor is an employee's id, or agent:, policy: or import: and a name of [a-z0-9_-]{{1,64}}")]
pub struct BadActor;

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Employee(id) => id.fmt(f),
            Self::Agent(name) => write!(f, "agent:{name}"),
            Self::Policy(name) => write!(f, "policy:{name}"),
            Self::Import(name) => write!(f, "import:{name}"),
        }
    }
}

impl FromStr for Actor {
    type Err = BadActor;

    fn from_str(text: &str) -> Result<Self, BadActor> {
        let Some((kind, name)) = text.split_once(':') else {
            return text.parse().map(Self::Employee).map_err(|_| BadActor);
        };
        if name.parse::<crate::Code>().is_err() {
            return Err(BadActor);
        }
        match kind {
            "agent" => Ok(Self::Agent(name.into())),
            "policy" => Ok(Self::Policy(name.into())),
            "import" => Ok(Self::Import(name.into())),
            _ => Err(BadActor),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Actor {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Actor".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "actor"})
    }
}
