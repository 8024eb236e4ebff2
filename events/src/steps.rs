//! What happens to next steps: planned, moved, handed over, done or dropped.

use crate::{
    ClientId, Code, ContactId, Day, EmployeeId, Event, ExternalId, InteractionId, Moment, Personal, Text,
    TimeZone,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// On this day, at any hour.
    On(Day),
    /// At this moment, by the clocks of this zone.
    At {
        /// The moment.
        moment: Moment,
        /// The zone it was agreed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<TimeZone>,
    },
}

impl Due {
    /// The day it falls on; a moment's by UTC.
    pub fn day(&self) -> Day {
        match self {
            Self::On(day) => *day,
            Self::At { moment, time_zone: _ } => moment.day(),
        }
    }
}

/// An event of a next step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum StepEvent {
    /// Is to be done.
    Planned {
        /// For whom.
        client_id: ClientId,
        /// With whom there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact_id: Option<ContactId>,
        /// What.
        action: Code,
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Personal<Text<1000>>>,
        /// By when.
        due: Due,
        /// By whom.
        assignee: EmployeeId,
        /// In which interaction it was agreed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interaction_id: Option<InteractionId>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
    },
    /// Is to be done at another time.
    Moved {
        /// By when.
        due: Due,
        /// Why.
        reason: Text<1000>,
    },
    /// Is to be done by somebody else.
    HandedOver {
        /// By whom.
        assignee: EmployeeId,
        /// Why.
        reason: Text<1000>,
    },
    /// Was done.
    Done {
        /// When.
        on: Moment,
        /// What came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Code>,
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result_text: Option<Personal<Text<4000>>>,
        /// By which interaction.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interaction_id: Option<InteractionId>,
    },
    /// Will not be done.
    Dropped {
        /// Why, as a code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason_code: Option<Code>,
        /// Why.
        reason: Text<1000>,
    },
}

impl Event for StepEvent {
    const CATEGORY: &'static str = "steps";
}
