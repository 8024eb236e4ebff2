//! What happens to employees: hired, corrected, dismissed.

use crate::{Change, Code, Day, Email, Event, ExternalId, Personal, PhoneNumber, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's name in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// Family name.
    pub last: Text<100>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Text<100>>,
    /// Patronymic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patronymic: Option<Text<100>>,
}

impl PersonName {
    /// The name as it is read in a list: last, first, patronymic.
    pub fn full(&self) -> String {
        let parts = [Some(&self.last), self.first.as_ref(), self.patronymic.as_ref()];
        parts.into_iter().flatten().map(Text::as_str).collect::<Vec<_>>().join(" ")
    }
}

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
