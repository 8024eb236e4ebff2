//! When an employee is away and who stands in: planned, changed, cancelled, ended early.

use super::command::{AbsenceChange, AbsenceGiven};
use super::{Employee, EmployeeError, Person};
use crate::decider::{BadReference, Context, Seen};
use crate::form::List;
use letopis_events::employees::{AbsenceKind, EmployeeEvent};
use letopis_events::{AbsenceId, Change, ClientId, Day, EmployeeId, Personal, Text};
use std::collections::BTreeSet;

/// An absence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Absence {
    id: AbsenceId,
    from: Day,
    until: Day,
    deputies: Vec<EmployeeId>,
    client_ids: Option<Vec<ClientId>>,
    kind: Option<AbsenceKind>,
    note: Option<Personal<Text<1000>>>,
    cancelled: bool,
}

impl Absence {
    /// Whether both take the same day.
    fn meets(&self, other: &Self) -> bool {
        !self.cancelled && self.from < other.until && other.from < self.until
    }

    /// Whether it ends after it begins and takes no day of the others.
    fn fits<'a>(&self, mut others: impl Iterator<Item = &'a Self>) -> Result<(), EmployeeError> {
        if self.until <= self.from {
            return Err(EmployeeError::EndsBeforeStart("/until"));
        }
        match others.find(|other| other.meets(self)) {
            Some(other) => Err(EmployeeError::AbsenceOverlaps(other.from)),
            None => Ok(()),
        }
    }

    /// Does to it what a later event does.
    fn change(&mut self, event: &EmployeeEvent) {
        match event {
            EmployeeEvent::AbsenceChanged { from, until, deputies, client_ids, kind, note, .. } => {
                self.from = from.unwrap_or(self.from);
                self.until = until.unwrap_or(self.until);
                if let Some(deputies) = deputies {
                    self.deputies.clone_from(deputies);
                }
                client_ids.apply(&mut self.client_ids);
                kind.apply(&mut self.kind);
                note.apply(&mut self.note);
            }
            EmployeeEvent::AbsenceCancelled { .. } => self.cancelled = true,
            EmployeeEvent::ReturnedEarly { on, .. } => self.until = *on,
            EmployeeEvent::Hired { .. }
            | EmployeeEvent::Corrected { .. }
            | EmployeeEvent::Transferred { .. }
            | EmployeeEvent::HoursSet { .. }
            | EmployeeEvent::AbsencePlanned { .. }
            | EmployeeEvent::Dismissed { .. }
            | EmployeeEvent::Reinstated { .. } => {}
        }
    }
}

/// Those named, each once, who work here on that day and are not the employee themselves.
pub(super) fn others(
    named: List<EmployeeId>,
    on: Day,
    field: &'static str,
    seen: &Seen,
    context: &Context<'_>,
) -> Result<Vec<EmployeeId>, EmployeeError> {
    for (index, id) in named.0.iter().enumerate() {
        if *id == EmployeeId::from(context.stream) {
            return Err(EmployeeError::Oneself(field));
        }
        seen.works_here(*id, on, format!("{field}/{index}"))?;
    }
    once(&named.0, field)?;
    Ok(named.0)
}

fn once<T: Ord>(named: &[T], field: &'static str) -> Result<(), EmployeeError> {
    let distinct: BTreeSet<&T> = named.iter().collect();
    if distinct.len() == named.len() { Ok(()) } else { Err(EmployeeError::Twice(field)) }
}

/// The clients named, each once, who exist.
fn clients(named: List<ClientId>, seen: &Seen) -> Result<Vec<ClientId>, EmployeeError> {
    for (index, id) in named.0.iter().enumerate() {
        seen.client(*id, format!("/client_ids/{index}"))?;
    }
    once(&named.0, "/client_ids")?;
    Ok(named.0)
}

impl Employee {
    pub(super) fn plan_absence(
        &self,
        given: AbsenceGiven,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let Some(person) = self.person() else { return Ok(vec![]) };
        if !self.works_on(given.from) {
            return Err(BadReference::NotHere(context.stream.into(), given.from).into());
        }
        let absence = Absence {
            id: AbsenceId((context.fresh)()),
            from: given.from,
            until: given.until,
            deputies: others(given.deputies, given.from, "/deputies", seen, context)?,
            client_ids: given.client_ids.map(|named| clients(named, seen)).transpose()?,
            kind: given.kind,
            note: given.note.map(|note| Personal::new(context.stream, note)),
            cancelled: false,
        };
        let same = |other: &Absence| Absence { id: absence.id, ..other.clone() } == absence;
        if person.absences.iter().any(same) {
            return Ok(vec![]);
        }
        absence.fits(person.absences.iter())?;
        let Absence { id, from, until, deputies, client_ids, kind, note, cancelled: _ } = absence;
        Ok(vec![EmployeeEvent::AbsencePlanned {
            absence_id: id,
            from,
            until,
            deputies,
            client_ids,
            kind,
            note,
        }])
    }

    pub(super) fn change_absence(
        &self,
        given: AbsenceChange,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let Some(person) = self.person() else { return Ok(vec![]) };
        let now = person.absence(given.absence_id)?;
        if now.cancelled {
            return Err(EmployeeError::AbsenceCancelled);
        }
        let from = given.from.unwrap_or(now.from);
        if !self.works_on(from) {
            return Err(BadReference::NotHere(context.stream.into(), from).into());
        }
        let deputies = given.deputies.map(|named| others(named, from, "/deputies", seen, context));
        let client_ids = match given.client_ids {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(named) => Change::Set(clients(named, seen)?),
        };
        let note = given.note.map(|note| Personal::new(context.stream, note));
        let event = EmployeeEvent::AbsenceChanged {
            absence_id: now.id,
            from: given.from.filter(|from| *from != now.from),
            until: given.until.filter(|until| *until != now.until),
            deputies: deputies.transpose()?.filter(|deputies| *deputies != now.deputies),
            client_ids: client_ids.against(now.client_ids.as_ref()),
            kind: given.kind.against(now.kind.as_ref()),
            note: note.against(now.note.as_ref()),
            reason: given.reason,
        };
        let mut after = now.clone();
        after.change(&event);
        after.fits(person.absences.iter().filter(|other| other.id != now.id))?;
        Ok(if after == *now { vec![] } else { vec![event] })
    }

    pub(super) fn cancel_absence(
        &self,
        absence_id: AbsenceId,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let Some(person) = self.person() else { return Ok(vec![]) };
        let so = person.absence(absence_id)?.cancelled;
        Ok(if so { vec![] } else { vec![EmployeeEvent::AbsenceCancelled { absence_id, reason }] })
    }

    pub(super) fn return_early(
        &self,
        absence_id: AbsenceId,
        on: Day,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let Some(person) = self.person() else { return Ok(vec![]) };
        let now = person.absence(absence_id)?;
        if now.cancelled {
            return Err(EmployeeError::AbsenceCancelled);
        }
        if on <= now.from || on > now.until {
            return Err(EmployeeError::NotWithin);
        }
        Ok(if on == now.until { vec![] } else { vec![EmployeeEvent::ReturnedEarly { absence_id, on }] })
    }
}

impl Person {
    fn absence(&self, id: AbsenceId) -> Result<&Absence, EmployeeError> {
        self.absences.iter().find(|absence| absence.id == id).ok_or(EmployeeError::NoSuchAbsence)
    }

    /// Does to the absences what an event does.
    pub(super) fn absences(&mut self, event: &EmployeeEvent) {
        match event {
            EmployeeEvent::AbsencePlanned { absence_id, from, until, deputies, client_ids, kind, note } => {
                self.absences.push(Absence {
                    id: *absence_id,
                    from: *from,
                    until: *until,
                    deputies: deputies.clone(),
                    client_ids: client_ids.clone(),
                    kind: *kind,
                    note: note.clone(),
                    cancelled: false,
                });
            }
            EmployeeEvent::AbsenceChanged { absence_id, .. }
            | EmployeeEvent::AbsenceCancelled { absence_id, .. }
            | EmployeeEvent::ReturnedEarly { absence_id, .. } => {
                if let Some(absence) = self.absences.iter_mut().find(|absence| absence.id == *absence_id) {
                    absence.change(event);
                }
            }
            EmployeeEvent::Hired { .. }
            | EmployeeEvent::Corrected { .. }
            | EmployeeEvent::Transferred { .. }
            | EmployeeEvent::HoursSet { .. }
            | EmployeeEvent::Dismissed { .. }
            | EmployeeEvent::Reinstated { .. } => {}
        }
    }
}
