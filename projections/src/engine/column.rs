//! How a value stands in a column: its SQL type, and its text as PostgreSQL writes and reads it.

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{
    AbsenceId, Actor, AddressId, AssignmentId, ClientId, Code, Color, ContactId, Country, Day, Email,
    EmailId, EmployeeId, EventId, Inn, InteractionId, Kpp, Language, Moment, Ogrn, PhoneId, Position, StepId,
    StreamId, Text, TimeZone, Version, Website, clients, contacts, employees, interactions, texts,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// What a read model holds cannot be read back: the schema was altered, or the value's type has become narrower.
#[derive(Debug, thiserror::Error)]
#[error("a column of type {0} holds {1:?}")]
pub struct BadColumn(pub &'static str, pub Option<String>);

/// What a column can hold.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Whatever its type takes.
    Any,
    /// One of these.
    Listed(fn() -> Vec<String>),
    /// A code of this dictionary.
    Codes(DictionaryName),
}

/// A value of a column.
pub trait Column: Sized + Clone + PartialEq + Send + Sync + 'static {
    /// Its SQL type.
    const SQL: &'static str;
    /// Whether the column takes null.
    const NULLABLE: bool = false;
    /// What its text can be.
    const VALUES: Values = Values::Any;
    /// Its text; `None` is null.
    fn write(&self) -> Option<String>;
    /// Reads the text back.
    fn read(text: Option<&str>) -> Result<Self, BadColumn>;
}

/// A value whose text holds nothing to be escaped within an array.
pub trait Element: Column {
    /// The SQL type of an array of it.
    const ARRAY: &'static str;
}

macro_rules! by_text {
    ($($sql:literal: $($type:ty),+;)*) => {$($(
        impl Column for $type {
            const SQL: &'static str = $sql;
            fn write(&self) -> Option<String> {
                Some(self.to_string())
            }
            fn read(text: Option<&str>) -> Result<Self, BadColumn> {
                text.and_then(|text| text.parse().ok())
                    .ok_or_else(|| BadColumn(stringify!($type), text.map(str::to_owned)))
            }
        }
    )+)*};
}
by_text! {
    "text": String, Code, Color, Country, Email, Inn, Kpp, Language, Ogrn, TimeZone, Website, Actor;
    "bigint": i64, u32;
}

macro_rules! wrapped {
    ($($inner:ty: $($type:ident),+;)*) => {$($(
        impl Column for $type {
            const SQL: &'static str = <$inner>::SQL;
            fn write(&self) -> Option<String> {
                self.0.write()
            }
            fn read(text: Option<&str>) -> Result<Self, BadColumn> {
                <$inner>::read(text).map(Self)
            }
        }
    )+)*};
}
wrapped! {
    Uuid: AbsenceId, ClientId, EmployeeId, InteractionId, ContactId, StepId, PhoneId, EmailId, AddressId, AssignmentId, StreamId, EventId;
    i64: Position, Version;
}

macro_rules! by_serde {
    ($($type:ty),+ $(,)?) => {$(
        impl Column for $type {
            const SQL: &'static str = "text";
            const VALUES: Values = Values::Listed(texts::<Self>);
            fn write(&self) -> Option<String> {
                name(self)
            }
            fn read(text: Option<&str>) -> Result<Self, BadColumn> {
                named(text).ok_or_else(|| BadColumn(stringify!($type), text.map(str::to_owned)))
            }
        }
    )+};
}
by_serde! {
    DictionaryName,
    clients::ClientKind, clients::ClientStatus, clients::AssignmentKind, clients::RelationKind, clients::Channel,
    clients::Purpose,
    interactions::InteractionKind, interactions::Direction, interactions::Precision, interactions::TelephonyStatus,
    interactions::Origin, interactions::LinkHow,
    contacts::ReachMark,
    employees::AbsenceKind,
}

/// The name a variant has in JSON.
fn name(value: &impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Some(name),
        Ok(_) | Err(_) => None,
    }
}

fn named<T: DeserializeOwned>(text: Option<&str>) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text?.to_owned())).ok()
}

impl Column for Uuid {
    const SQL: &'static str = "uuid";
    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.and_then(|text| text.parse().ok()).ok_or_else(|| BadColumn("uuid", text.map(str::to_owned)))
    }
}

impl<const MAX: usize> Column for Text<MAX> {
    const SQL: &'static str = "text";
    fn write(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.and_then(|text| text.parse().ok()).ok_or_else(|| BadColumn("text", text.map(str::to_owned)))
    }
}

impl Column for bool {
    const SQL: &'static str = "boolean";
    fn write(&self) -> Option<String> {
        Some(if *self { "t" } else { "f" }.to_owned())
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        match text {
            Some("t" | "true") => Ok(true),
            Some("f" | "false") => Ok(false),
            other => Err(BadColumn("boolean", other.map(str::to_owned))),
        }
    }
}

impl Column for DateTime<Utc> {
    const SQL: &'static str = "timestamptz";
    fn write(&self) -> Option<String> {
        let (day, hour, minute, second) = (self.date_naive(), self.hour(), self.minute(), self.second());
        let micros = self.timestamp_subsec_micros();
        Some(format!("{day} {hour:02}:{minute:02}:{second:02}.{micros:06}+00"))
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.and_then(|text| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok())
            .map(|moment| moment.to_utc())
            .ok_or_else(|| BadColumn("timestamptz", text.map(str::to_owned)))
    }
}

impl Column for Moment {
    const SQL: &'static str = "timestamptz";
    fn write(&self) -> Option<String> {
        self.utc().write()
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        DateTime::read(text)?.try_into().map_err(|_| BadColumn("moment", text.map(str::to_owned)))
    }
}

impl Column for NaiveDate {
    const SQL: &'static str = "date";
    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.and_then(|text| text.parse().ok()).ok_or_else(|| BadColumn("date", text.map(str::to_owned)))
    }
}

impl Column for Day {
    const SQL: &'static str = "date";
    fn write(&self) -> Option<String> {
        self.date().write()
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        NaiveDate::read(text)?.try_into().map_err(|_| BadColumn("day", text.map(str::to_owned)))
    }
}

/// Anything with a shape of its own, as jsonb; texts within it hold no U+0000 by their types.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> Column for Json<T>
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static,
{
    const SQL: &'static str = "jsonb";
    fn write(&self) -> Option<String> {
        serde_json::to_string(&self.0).ok()
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.and_then(|text| serde_json::from_str(text).ok())
            .map(Self)
            .ok_or_else(|| BadColumn("jsonb", text.map(str::to_owned)))
    }
}

impl<T: Column> Column for Option<T> {
    const SQL: &'static str = T::SQL;
    const NULLABLE: bool = true;
    const VALUES: Values = T::VALUES;
    fn write(&self) -> Option<String> {
        self.as_ref().and_then(T::write)
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        text.map(|text| T::read(Some(text))).transpose()
    }
}

impl Element for Code {
    const ARRAY: &'static str = "text[]";
}
impl Element for ClientId {
    const ARRAY: &'static str = "uuid[]";
}
impl Element for ContactId {
    const ARRAY: &'static str = "uuid[]";
}
impl Element for EmployeeId {
    const ARRAY: &'static str = "uuid[]";
}

impl<T: Element> Column for Vec<T> {
    const SQL: &'static str = T::ARRAY;
    const VALUES: Values = T::VALUES;
    fn write(&self) -> Option<String> {
        // In quotes, for a code may read `null`.
        let elements = self.iter().filter_map(T::write).map(|element| format!("\"{element}\""));
        Some(format!("{{{}}}", elements.collect::<Vec<_>>().join(",")))
    }
    fn read(text: Option<&str>) -> Result<Self, BadColumn> {
        let bad = || BadColumn(T::ARRAY, text.map(str::to_owned));
        let inner = text.and_then(|text| text.strip_prefix('{')?.strip_suffix('}')).ok_or_else(bad)?;
        if inner.is_empty() {
            return Ok(vec![]);
        }
        inner.split(',').map(|element| T::read(Some(element.trim_matches('"')))).collect()
    }
}

#[cfg(test)]
mod tests;
