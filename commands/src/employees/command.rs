//! The commands to an employee's record, as they are sent.

use crate::form::List;
use letopis_events::employees::AbsenceKind;
use letopis_events::{
    AbsenceId, Change, ClientId, Code, Day, Email, EmployeeId, ExternalId, PersonName, Text, TimeZone, Weekly,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Somebody who begins to work here.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Hiring {
    /// Name.
    pub name: PersonName,
    /// Position held.
    pub position: Option<Text<200>>,
    /// Department.
    pub department: Option<Code>,
    /// Phone.
    pub phone: Option<Text<64>>,
    /// E-mail.
    pub email: Option<Email>,
    /// Number within the company.
    pub extension: Option<Text<16>>,
    /// The company's number that rings at their desk.
    pub direct_number: Option<Text<64>>,
    /// First day; absent: no lower bound.
    pub hired_on: Option<Day>,
    /// Key in another system.
    pub external: Option<ExternalId>,
}

/// What was recorded wrongly; absent: unchanged, null: cleared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Correction {
    /// Name.
    #[serde(default)]
    pub name: Change<PersonName>,
    /// Position held, as of the last transfer.
    #[serde(default)]
    pub position: Change<Text<200>>,
    /// Department, as of the last transfer.
    #[serde(default)]
    pub department: Change<Code>,
    /// Phone.
    #[serde(default)]
    pub phone: Change<Text<64>>,
    /// E-mail.
    #[serde(default)]
    pub email: Change<Email>,
    /// Number within the company.
    #[serde(default)]
    pub extension: Change<Text<16>>,
    /// The company's number that rings at their desk.
    #[serde(default)]
    pub direct_number: Change<Text<64>>,
    /// First day.
    #[serde(default)]
    pub hired_on: Change<Day>,
    /// Why.
    pub reason: Option<Text<1000>>,
}

/// An absence as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct AbsenceGiven {
    /// First day away.
    pub from: Day,
    /// First day back.
    pub until: Day,
    /// Who stands in, in order: the first of them who works here and is not away.
    #[serde(default)]
    pub deputies: List<EmployeeId>,
    /// For these clients alone; absent: for all.
    pub client_ids: Option<List<ClientId>>,
    /// What kind of absence; never a reason of health.
    pub kind: Option<AbsenceKind>,
    /// What else is worth knowing.
    pub note: Option<Text<1000>>,
}

/// What becomes other of an absence; absent: unchanged, null: cleared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct AbsenceChange {
    /// Which absence.
    pub absence_id: AbsenceId,
    /// First day away.
    pub from: Option<Day>,
    /// First day back.
    pub until: Option<Day>,
    /// Who stands in, in order.
    pub deputies: Option<List<EmployeeId>>,
    /// For these clients alone; null: for all.
    #[serde(default)]
    pub client_ids: Change<List<ClientId>>,
    /// What kind of absence; never a reason of health.
    #[serde(default)]
    pub kind: Change<AbsenceKind>,
    /// What else is worth knowing.
    #[serde(default)]
    pub note: Change<Text<1000>>,
    /// Why.
    pub reason: Option<Text<1000>>,
}

/// Somebody who leaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Dismissal {
    /// First day away; today where absent.
    pub on: Option<Day>,
    /// Why.
    pub reason: Option<Text<1000>>,
    /// Who takes over clients and open steps: one takes all, several take turns; nobody: the clients stand without a manager.
    #[serde(default)]
    pub hand_over_to: List<EmployeeId>,
    /// What they should know.
    pub handover_note: Option<Text<4000>>,
}

/// A command to an employee's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EmployeeCommand {
    /// Begins to work here.
    Hire(Hiring),
    /// Corrects what is recorded; absent: unchanged, null: cleared.
    Correct(Correction),
    /// Works in another department, or as something else.
    Transfer {
        /// Department; absent: the same.
        department: Option<Code>,
        /// Position held; absent: the same.
        position: Option<Text<200>>,
        /// From this day on.
        since: Day,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// Works at these hours.
    SetHours {
        /// The shifts of a week; one over midnight is two.
        weekly: Weekly,
        /// By the clocks of this zone.
        time_zone: TimeZone,
        /// From this day on.
        valid_from: Day,
    },
    /// Will be away, or is.
    PlanAbsence(AbsenceGiven),
    /// Will be away otherwise than planned.
    ChangeAbsence(AbsenceChange),
    /// Will not be away after all.
    CancelAbsence {
        /// Which absence.
        absence_id: AbsenceId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// Came back before the end.
    ReturnEarly {
        /// From which absence.
        absence_id: AbsenceId,
        /// First day back.
        on: Day,
    },
    /// Leaves.
    Dismiss(Dismissal),
    /// Does not leave after all, or did not; what was handed over stays where it is.
    Reinstate {
        /// Why.
        reason: Text<1000>,
    },
}

impl EmployeeCommand {
    /// The department it names.
    pub(super) fn department(&self) -> Option<&Code> {
        match self {
            Self::Hire(hiring) => hiring.department.as_ref(),
            Self::Correct(correction) => correction.department.value(),
            Self::Transfer { department, .. } => department.as_ref(),
            Self::SetHours { .. }
            | Self::PlanAbsence(_)
            | Self::ChangeAbsence(_)
            | Self::CancelAbsence { .. }
            | Self::ReturnEarly { .. }
            | Self::Dismiss(_)
            | Self::Reinstate { .. } => None,
        }
    }
}
