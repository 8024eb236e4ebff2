//! What happens to the company's departments: one tree in one stream.

use crate::{Code, EmployeeId, Event, StreamId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The stream of the company's tree: every store has the same one. Part of the stored format, never to change.
pub const COMPANY: StreamId = StreamId(Uuid::from_u128(0x6c65_746f_7069_8000_8063_6f6d_7061_6e79));

/// An event of the company's tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum DepartmentEvent {
    /// The company began, without departments.
    Founded {},
    /// A department opened.
    Opened {
        /// Its code.
        code: Code,
        /// What it is called.
        name: Text<200>,
        /// The department above it; absent: it stands at the top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Code>,
    },
    /// It is called so now.
    Renamed {
        /// Which one.
        code: Code,
        /// The new name.
        name: Text<200>,
    },
    /// It stands elsewhere now.
    Moved {
        /// Which one.
        code: Code,
        /// The department above it; absent: it stands at the top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Code>,
    },
    /// It has this head now.
    HeadAppointed {
        /// Which one.
        code: Code,
        /// Who; absent: nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        employee_id: Option<EmployeeId>,
    },
    /// It takes nobody any more; what was in it stays readable.
    Closed {
        /// Which one.
        code: Code,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
}

impl Event for DepartmentEvent {
    const CATEGORY: &'static str = "departments";
}
