//! Facts: what can happen in Letopis, one file per write module, and the value types the facts are made of.
//!
//! Nothing here does I/O. A stored event is a promise: variants and fields are only ever added, and
//! `fixtures/` keeps one golden example of each for good.

mod actor;
mod bank_account;
mod change;
mod contact_details;
mod event;
mod expected;
#[cfg(test)]
mod golden;
mod ids;
mod near;
mod person_name;
mod personal;
mod requisites;
mod text;
mod time;
mod working_hours;

pub mod clients;
pub mod contacts;
pub mod departments;
pub mod dictionaries;
pub mod employees;
pub mod interactions;
pub mod likeness;
pub mod steps;

pub use actor::{Actor, BadActor};
pub use bank_account::{AccountNumber, BankAccount, Bik};
pub use change::Change;
pub use contact_details::{BadPhone, Email, ExternalId, Language, PhoneNumber, TimeZone, Website};
pub use event::{BadEvent, DomainEvent, Event, Metadata, Recorded, kinds, modules, payloads};
pub use expected::{BAD_ID, expected, formats, listed, one_of, texts};
pub use ids::*;
pub use near::Near;
pub use person_name::PersonName;
pub use personal::Personal;
pub use requisites::{Inn, Kpp, Ogrn, Requisites, Signatory};
pub use text::{Attribute, Attributes, BadValue, Code, Color, Country, Text};
pub use time::{Day, DayTime, Moment, Occurred};
pub use working_hours::{Pause, Shift, WeekDay, Weekly, WorkingHours};

/// Where one payload of each event is kept for good: for tests.
#[doc(hidden)]
pub const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
