//! Who looks after whom, from when to when and why; nobody's past assignment is overwritten.

use crate::client_cards::open;
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{AssignmentKind, ClientEvent};
use letopis_events::{
    Actor, AssignmentId, BadEvent, ClientId, Code, DomainEvent, EmployeeId, Moment, Recorded, Text,
};

table! {
    /// An assignment.
    pub struct Assignment: "assignment" key (assignment_id: AssignmentId)
        by AssignmentsOf(client_id: ClientId) by AssignmentsTo(employee_id: EmployeeId) {
        /// Whom.
        client_id: ClientId => "Клиент" / "Client",
        /// Who.
        employee_id: EmployeeId => "Сотрудник" / "Employee",
        /// As what.
        kind: AssignmentKind => "Вид" / "Kind",
        /// For which product line or branch; none: for all.
        responsibility: Option<Code> => "Участок" / "Responsibility",
        /// From when, by business time.
        since: Moment => "С" / "Since",
        /// Until when, by business time.
        until: Option<Moment> => "По" / "Until",
        /// Why it began.
        reason: Text<1000> => "Причина" / "Reason",
        /// Why it ended.
        release_reason: Option<Text<1000>> => "Причина снятия" / "Reason for release",
        /// What the next one should know.
        handover_note: Option<Text<4000>> => "Передача дел" / "Handover note",
        /// Who decided on it.
        assigned_by: Actor => "Кто назначил" / "Assigned by",
    }
}

row_set! {
    /// The tables of assignments.
    pub struct AssignmentRows { assignment: Set<Assignment> }
}

/// The read model of assignments.
#[derive(Debug)]
pub struct Assignments;

impl Projection for Assignments {
    const NAME: &'static str = "assignments";
    type Rows = AssignmentRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut AssignmentRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(ClientEvent::ManagerAssigned {
                assignment_id,
                employee_id,
                kind,
                responsibility,
                since,
                until,
                reason,
                handover_note,
            }) => rows.assignment.insert(Assignment {
                assignment_id: *assignment_id,
                client_id: event.stream.into(),
                employee_id: *employee_id,
                kind: *kind,
                responsibility: responsibility.clone(),
                since: *since,
                until: *until,
                reason: reason.clone(),
                release_reason: None,
                handover_note: open(handover_note.as_ref()),
                assigned_by: event.metadata.actor.clone(),
            }),
            DomainEvent::Clients(ClientEvent::ManagerReleased { assignment_id, on, reason }) => {
                rows.assignment.edit(&(*assignment_id,), |row| {
                    row.until = Some(*on);
                    row.release_reason = Some(reason.clone());
                });
            }
            DomainEvent::Clients(
                ClientEvent::StatusChanged { .. }
                | client_events!(
                    profile, reach, requisites, tags, relations, consents, duplicates, merging, archive
                ),
            )
            | DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
