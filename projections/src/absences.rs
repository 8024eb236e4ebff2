//! Who is away, from when to when, and who stands in. One row per absence; a cancelled one is gone.

use crate::client_cards::open;
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::employees::{AbsenceKind, EmployeeEvent};
use letopis_events::{AbsenceId, BadEvent, ClientId, Day, DomainEvent, EmployeeId, Recorded, Text};

table! {
    /// An absence as it stands.
    pub struct Absence: "absence" key (absence_id: AbsenceId) by AbsencesOf(employee_id: EmployeeId) {
        /// Who is away.
        employee_id: EmployeeId,
        /// First day away.
        from_day: Day,
        /// First day back.
        until_day: Day,
        /// Who stands in, in order: the first of them who works here and is not away.
        deputies: Vec<EmployeeId>,
        /// For these clients alone; none: for all.
        client_ids: Option<Vec<ClientId>>,
        /// What kind of absence.
        kind: Option<AbsenceKind>,
        /// What else is worth knowing; none when erased.
        note: Option<Text<1000>>,
    }
}

row_set! {
    /// The tables of absences.
    pub struct AbsenceRows { absence: Set<Absence> }
}

/// The read model of absences.
#[derive(Debug)]
pub struct Absences;

impl Projection for Absences {
    const NAME: &'static str = "absences";
    type Rows = AbsenceRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut AbsenceRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Employees(employee) => absences(event.stream.into(), employee, rows),
            DomainEvent::Clients(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn absences(employee_id: EmployeeId, event: &EmployeeEvent, rows: &mut AbsenceRows) {
    match event {
        EmployeeEvent::AbsencePlanned { absence_id, from, until, deputies, client_ids, kind, note } => {
            rows.absence.insert(Absence {
                absence_id: *absence_id,
                employee_id,
                from_day: *from,
                until_day: *until,
                deputies: deputies.clone(),
                client_ids: client_ids.clone(),
                kind: *kind,
                note: open(note.as_ref()),
            });
        }
        EmployeeEvent::AbsenceChanged {
            absence_id, from, until, deputies, client_ids, kind, note, ..
        } => {
            rows.absence.edit(&(*absence_id,), |row| {
                row.from_day = from.unwrap_or(row.from_day);
                row.until_day = until.unwrap_or(row.until_day);
                if let Some(deputies) = deputies {
                    row.deputies.clone_from(deputies);
                }
                client_ids.apply(&mut row.client_ids);
                kind.apply(&mut row.kind);
                if !note.is_keep() {
                    row.note = open(note.value());
                }
            });
        }
        EmployeeEvent::AbsenceCancelled { absence_id, reason: _ } => rows.absence.remove(&(*absence_id,)),
        EmployeeEvent::ReturnedEarly { absence_id, on } => {
            rows.absence.edit(&(*absence_id,), |row| row.until_day = *on);
        }
        EmployeeEvent::Hired { .. }
        | EmployeeEvent::Corrected { .. }
        | EmployeeEvent::Transferred { .. }
        | EmployeeEvent::HoursSet { .. }
        | EmployeeEvent::Dismissed { .. }
        | EmployeeEvent::Reinstated { .. } => {}
    }
}

#[cfg(test)]
mod tests;
