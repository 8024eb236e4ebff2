//! Identities and places: which thing, which event, where in the log, where in the stream.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<StreamId> for $name {
            fn from(stream: StreamId) -> Self {
                Self(stream.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "format": "uuid"})
            }
        }
    )*};
}

/// The stream of one thing: its events in order. The id of a client, an employee, an interaction, a contact person or a step
/// is the id of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(pub Uuid);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StreamId {
    /// The stream of a thing another system already has a key for: the same key always names the same stream
    /// (UUID version 5 of category, source and id).
    pub fn external(category: &str, external: &crate::ExternalId) -> Self {
        let name = format!("{category}\n{}\n{}", external.source, external.id);
        Self(Uuid::new_v5(&NATURAL_KEYS, name.as_bytes()))
    }
}

/// The namespace of natural keys; part of the stored format, never to change.
const NATURAL_KEYS: Uuid = Uuid::from_u128(0x6c65_746f_7069_735f_6e61_7475_7261_6c31);

id! {
    /// One event, chosen by whoever proposes it, so that a repeated append is recognised.
    EventId;
    /// A client: company, trader, person or public body.
    ClientId;
    /// An employee of the company that keeps this chronicle.
    EmployeeId;
    /// One call, letter, meeting, message, visit or note.
    InteractionId;
    /// A contact person.
    ContactId;
    /// Something that is to be done for a client.
    StepId;
    /// A phone of a client or a contact person.
    PhoneId;
    /// An e-mail address of a client or a contact person.
    EmailId;
    /// A postal address of a client.
    AddressId;
    /// A set of registration data of a client.
    RequisitesId;
    /// One assignment of an employee to a client.
    AssignmentId;
    /// One absence of an employee.
    AbsenceId;
}

macro_rules! streams {
    ($($name:ident),*) => {$(
        impl From<$name> for StreamId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }
    )*};
}
streams!(ClientId, EmployeeId, InteractionId, ContactId, StepId);

macro_rules! place {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(pub i64);

        impl $name {
            /// The place after this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
place! {
    /// A place in the log: 1, 2, 3 … in commit order without a gap; 0 is before the first event.
    Position;
    /// A place in one stream: 1, 2, 3 …; 0 is a stream that does not exist yet.
    Version;
}
