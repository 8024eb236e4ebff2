//! The commands to a next step, as they are sent.

use crate::due::DueGiven;
use letopis_events::{ClientId, Code, ContactId, EmployeeId, ExternalId, InteractionId, Moment, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A next step as it is planned.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Planning {
    /// For whom.
    pub client_id: ClientId,
    /// With whom there.
    pub contact_id: Option<ContactId>,
    /// What.
    pub action: Code,
    /// In words.
    pub text: Option<Text<1000>>,
    /// By when.
    pub due: DueGiven,
    /// By whom; the actor, if an employee.
    pub assignee: Option<EmployeeId>,
    /// In which interaction it was agreed.
    pub interaction_id: Option<InteractionId>,
    /// Key in another system.
    pub external: Option<ExternalId>,
}

/// A command to a next step.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepCommand {
    /// Is to be done.
    Plan(Planning),
    /// Is to be done at another time.
    Move {
        /// By when.
        due: DueGiven,
        /// Why.
        reason: Text<1000>,
    },
    /// Is to be done by somebody else.
    HandOver {
        /// By whom.
        assignee: EmployeeId,
        /// Why.
        reason: Text<1000>,
    },
    /// Was done.
    Complete {
        /// When; now where absent.
        on: Option<Moment>,
        /// What came of it.
        result: Option<Code>,
        /// What came of it, in words.
        result_text: Option<Text<4000>>,
        /// By which interaction.
        interaction_id: Option<InteractionId>,
    },
    /// Will not be done.
    Drop {
        /// Why.
        reason: Text<1000>,
        /// Why, as a code.
        reason_code: Option<Code>,
    },
}

impl StepCommand {
    /// The step's natural key, in the command that makes it.
    pub(super) fn external(&self) -> Option<&ExternalId> {
        if let Self::Plan(planning) = self { planning.external.as_ref() } else { None }
    }
}
