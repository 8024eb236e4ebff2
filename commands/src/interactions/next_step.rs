//! What was agreed in an interaction to happen next.

use super::InteractionError;
use crate::decider::{Context, Need, Seen};
use crate::due::DueGiven;
use crate::employees::Employee;
use letopis_events::interactions::NextStep;
use letopis_events::steps::Due;
use letopis_events::{Code, Day, EmployeeId, Personal, StreamId, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// What was agreed to happen next.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct NextStepGiven {
    /// What.
    pub action: Code,
    /// In words.
    pub text: Option<Text<1000>>,
    /// On which day; this or `due` is needed.
    pub due_on: Option<Day>,
    /// By when, more exactly: as in `steps/plan`.
    pub due: Option<DueGiven>,
    /// By whom; absent: by who did it.
    pub assignee: Option<EmployeeId>,
}

impl NextStepGiven {
    /// By when, in one of the two ways.
    pub(super) fn due(&self) -> Result<DueGiven, InteractionError> {
        match (self.due_on, &self.due) {
            (Some(day), None) => Ok(DueGiven::On(day)),
            (None, Some(due)) => Ok(due.clone()),
            (None, None) | (Some(_), Some(_)) => Err(InteractionError::Due),
        }
    }

    /// As it is recorded; working hours are those of who is to do it, from now on.
    pub(super) fn record(
        self,
        of: StreamId,
        by: Option<EmployeeId>,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<NextStep, InteractionError> {
        if let Some(assignee) = self.assignee {
            seen.works_here(assignee, context.now.day(), "/next_step/assignee")?;
        }
        let due = self.due()?.settled(self.assignee.or(by), seen, context).ok_or(InteractionError::Hours)?;
        Ok(NextStep {
            action: self.action,
            text: self.text.map(|text| Personal::new(of, text)),
            due_on: due.day(),
            due: Some(due).filter(|due| matches!(due, Due::At { .. })),
            assignee: self.assignee,
        })
    }

    /// Whether this is what was sent when that was recorded.
    pub(super) fn repeats(&self, then: &NextStep) -> bool {
        self.action == then.action
            && self.text.as_ref() == then.text.as_ref().and_then(Personal::get)
            && self.due().is_ok_and(|due| due.repeats(&then.due()))
            && self.assignee == then.assignee
    }
}

/// Who is to do what comes next, if somebody else is named.
pub(super) fn assignee(step: Option<&NextStepGiven>) -> Option<Need> {
    step?.assignee.map(Need::of::<Employee>)
}
