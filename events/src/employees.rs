//! What happens to employees: hired, corrected, dismissed.

use crate::{Change, Code, Day, Email, Event, ExternalId, PersonName, Personal, PhoneNumber, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An event of an employee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum EmployeeEvent {
    /// Began to work here.
    Hired {
        /// Name.
        name: Personal<PersonName>,
        /// Position held.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<Text<200>>,
        /// Department.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<Code>,
        /// Phone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<Personal<PhoneNumber>>,
        /// E-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<Personal<Email>>,
        /// First day here; absent: has always been here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hired_on: Option<Day>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
    },
    /// What was recorded about them was wrong or has become so.
    Corrected {
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Personal<PersonName>>,
        /// Position held.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        position: Change<Text<200>>,
        /// Department.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        department: Change<Code>,
        /// Phone.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        phone: Change<Personal<PhoneNumber>>,
        /// E-mail.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        email: Change<Personal<Email>>,
        /// First day here.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        hired_on: Change<Day>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Left; `on` is the first day they no longer work here.
    Dismissed {
        /// First day away.
        on: Day,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
}

impl Event for EmployeeEvent {
    const CATEGORY: &'static str = "employees";
}
