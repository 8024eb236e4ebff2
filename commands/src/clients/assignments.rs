//! Who looks after a client: one main manager per responsibility at any moment.

use super::command::ClientCommand;
use super::error::ClientError;
use super::profile::Profile;
use crate::decider::{Context, Seen};
use letopis_events::clients::{AssignmentKind, ClientEvent};
use letopis_events::{AssignmentId, Code, EmployeeId, Moment, Personal, Text};

/// One assignment of an employee.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    pub(super) id: AssignmentId,
    pub(super) employee: EmployeeId,
    pub(super) kind: AssignmentKind,
    pub(super) responsibility: Option<Code>,
    pub(super) since: Moment,
    pub(super) until: Option<Moment>,
}

impl Assignment {
    /// Whether it is in force at some moment of `[since, until)`.
    pub(super) fn meets(&self, since: Moment, until: Option<Moment>) -> bool {
        self.until.is_none_or(|end| end > since) && until.is_none_or(|end| self.since < end)
    }
}

impl Profile {
    pub(super) fn assign(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ClientCommand::Assign { employee_id, kind, responsibility, since, until, reason, handover_note } =
            command
        else {
            return Ok(vec![]);
        };
        let since = since.unwrap_or(context.now);
        if until.is_some_and(|until| until <= since) {
            return Err(ClientError::EndsBeforeStart("/until"));
        }
        seen.works_here(employee_id, since.day(), "/employee_id")?;
        let meets: Vec<&Assignment> = self
            .assignments
            .iter()
            .filter(|a| a.kind == kind && a.responsibility == responsibility && a.meets(since, until))
            .collect();
        if meets.iter().any(|a| a.employee == employee_id && a.since <= since && a.until == until) {
            return Ok(vec![]);
        }
        let mut events = vec![];
        if kind == AssignmentKind::Main {
            for before in meets {
                if before.since > since {
                    return Err(ClientError::MainOverlaps(before.since));
                }
                let reason = reason.clone();
                events.push(ClientEvent::ManagerReleased { assignment_id: before.id, on: since, reason });
            }
        }
        events.push(ClientEvent::ManagerAssigned {
            assignment_id: AssignmentId((context.fresh)()),
            employee_id,
            kind,
            responsibility,
            since,
            until,
            reason,
            handover_note: handover_note.map(|note| Personal::new(context.stream, note)),
        });
        Ok(events)
    }

    pub(super) fn release(
        &self,
        assignment_id: AssignmentId,
        on: Moment,
        reason: Text<1000>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let assignment = self.assignments.iter().find(|a| a.id == assignment_id);
        let assignment = assignment.ok_or(ClientError::NoSuch("/assignment_id"))?;
        if on < assignment.since {
            return Err(ClientError::EndsBeforeStart("/on"));
        }
        let so = assignment.until.is_some_and(|until| until <= on);
        Ok(if so { vec![] } else { vec![ClientEvent::ManagerReleased { assignment_id, on, reason }] })
    }
}
