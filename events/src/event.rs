//! What an event is, how a recorded one looks, and the union of all of them.

use crate::{Actor, ClientId, EventId, Position, StreamId, Version};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// The facts of one write module: an enum of struct variants in the past tense, `#[serde(tag = "type", content = "data")]`.
pub trait Event:
    Serialize + DeserializeOwned + JsonSchema + Clone + PartialEq + Debug + Send + Sync + 'static
{
    /// The kind of stream these events stand in: the module's name.
    const CATEGORY: &'static str;

    /// The version of the payloads this code writes.
    const SCHEMA: u16 = 1;

    /// Brings a payload stored under an older `schema` to the form this code reads.
    fn upcast(_kind: &str, _schema: u16, payload: Value) -> Value {
        payload
    }

    /// The type's name and the payload, as they are stored.
    fn encode(&self) -> Result<(String, String), serde_json::Error> {
        #[derive(Deserialize)]
        struct Tagged<'a> {
            r#type: &'a str,
            #[serde(borrow)]
            data: &'a serde_json::value::RawValue,
        }
        let text = serde_json::to_string(self)?;
        let tagged: Tagged<'_> = serde_json::from_str(&text)?;
        Ok((tagged.r#type.to_owned(), tagged.data.get().to_owned()))
    }

    /// Reads a stored payload of the type `kind`.
    fn decode(kind: &str, schema: u16, payload: &str) -> Result<Self, serde_json::Error> {
        if schema == Self::SCHEMA {
            // The type stands first, so that serde reads the data straight into the variant.
            return serde_json::from_str(&format!(r#"{{"type":{kind:?},"data":{payload}}}"#));
        }
        let data = Self::upcast(kind, schema, serde_json::from_str(payload)?);
        serde_json::from_value(serde_json::json!({"type": kind, "data": data}))
    }
}

/// What is known about an event beside what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Who caused it.
    pub actor: Actor,
    /// The clients it is about, as far as known when it was recorded; sorted, without repetition.
    pub concerns: Vec<ClientId>,
    /// The request that started it all.
    pub correlation: Uuid,
    /// The event that a policy answered with this one.
    pub causation: Option<EventId>,
}

/// An event in its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<E> {
    /// Its place in the log.
    pub position: Position,
    /// Whose stream it stands in.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its identity.
    pub id: EventId,
    /// When the log learnt it.
    pub recorded_at: DateTime<Utc>,
    /// Who, about whom, why.
    pub metadata: Metadata,
    /// What happened.
    pub event: E,
}

/// A stored event that this code cannot read or a fold cannot take.
#[derive(Debug, thiserror::Error)]
#[error("event {position} ({category}.{kind}) cannot be read")]
pub struct BadEvent {
    /// Where it stands.
    pub position: Position,
    /// Its stream's category.
    pub category: String,
    /// Its type.
    pub kind: String,
    /// What is wrong with it.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Category and type of every event there is.
pub fn kinds() -> Vec<(&'static str, String)> {
    let kinds = |(category, _, schema): (&'static str, u16, schemars::Schema)| {
        let variants = schema.get("oneOf").and_then(Value::as_array).cloned().unwrap_or_default();
        let name = |variant: Value| variant["properties"]["type"]["const"].as_str().map(str::to_owned);
        variants.into_iter().filter_map(name).map(move |kind| (category, kind)).collect::<Vec<_>>()
    };
    modules().into_iter().flat_map(kinds).collect()
}

/// Name, version and JSON Schema of every module's payloads, as they are stored and sent: an event's stands at `#/$defs/<type>`.
pub fn payloads() -> Vec<(&'static str, u16, Value)> {
    let parted = |(category, version, schema): (&'static str, u16, schemars::Schema)| {
        let mut whole = schema.to_value();
        let variants = whole["oneOf"].take();
        for variant in variants.as_array().into_iter().flatten() {
            let mut payload = variant["properties"]["data"].clone();
            payload["description"] = variant["description"].clone();
            let kind = variant["properties"]["type"]["const"].as_str().unwrap_or_default();
            whole["$defs"][kind] = payload;
        }
        let Value::Object(mut whole) = whole else { return (category, version, whole) };
        whole.remove("oneOf");
        (category, version, Value::Object(whole))
    };
    modules().into_iter().map(parted).collect()
}

/// Makes the union of all events from the list of modules.
macro_rules! domain_events {
    ($($variant:ident: $event:ty,)*) => {
        /// An event of any module.
        #[derive(Clone, Debug, PartialEq)]
        pub enum DomainEvent {$(
            #[doc = concat!("Of the module of [`", stringify!($event), "`].")]
            $variant($event),
        )*}

        impl DomainEvent {
            /// Reads a stored payload; `None` for a category no module owns.
            pub fn decode(category: &str, kind: &str, schema: u16, payload: &str) -> Option<serde_json::Result<Self>> {
                match category {
                    $(<$event>::CATEGORY => Some(<$event>::decode(kind, schema, payload).map(Self::$variant)),)*
                    _ => None,
                }
            }

            /// The type's name and the payload, as they are stored.
            pub fn encode(&self) -> serde_json::Result<(String, String)> {
                match self { $(Self::$variant(event) => event.encode(),)* }
            }

            /// The category of its stream.
            pub const fn category(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$event>::CATEGORY,)* }
            }
        }

        $(impl From<$event> for DomainEvent {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        })*

        /// Name, schema version and JSON Schema of every module's events.
        pub fn modules() -> Vec<(&'static str, u16, schemars::Schema)> {
            vec![$((<$event>::CATEGORY, <$event>::SCHEMA, schemars::schema_for!($event)),)*]
        }
    };
}

domain_events! {
    Employees: crate::employees::EmployeeEvent,
    Clients: crate::clients::ClientEvent,
    Interactions: crate::interactions::InteractionEvent,
    Contacts: crate::contacts::ContactEvent,
    Steps: crate::steps::StepEvent,
    Departments: crate::departments::DepartmentEvent,
    Dictionaries: crate::dictionaries::DictionaryEvent,
}
