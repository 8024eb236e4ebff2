//! Employees: who works here, from when to when, as what and at which hours; who is away and who stands in.
//! States: unknown, hired, dismissed; a dismissed employee stays known, for what they did and had is history, and may be reinstated.
//! Who names an employee (an actor, an assignment, an interaction, a step) sees this stream and is guarded by it. The policy
//! `hand_over` gives the clients and open steps of a dismissed employee to who takes over.

mod absences;
mod command;

pub use command::{AbsenceChange, AbsenceGiven, Correction, Dismissal, EmployeeCommand, Hiring};

use crate::clients::Client;
use crate::decider::{BadReference, Context, Decider, Field, Need, Rejection, Seen};
use crate::departments::BadDepartment;
use absences::{Absence, others};
use letopis_events::employees::{EmployeeEvent, Posts};
use letopis_events::{
    BadValue, Change, ClientId, Country, Day, Email, EmployeeId, ExternalId, Moment, PersonName, Personal,
    PhoneNumber, StreamId, Text, TimeZone, WorkingHours,
};

/// What is recorded of an employee.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    name: Option<Personal<PersonName>>,
    posts: Posts,
    phone: Option<Personal<PhoneNumber>>,
    email: Option<Personal<Email>>,
    extension: Option<Text<16>>,
    direct_number: Option<PhoneNumber>,
    hired_on: Option<Day>,
    /// The hours and the day from which on they hold, in order.
    hours: Vec<(Day, WorkingHours)>,
    absences: Vec<Absence>,
}

/// The state of an employee.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Employee {
    /// Never hired.
    #[default]
    Unknown,
    /// Works here.
    Hired(Box<Person>),
    /// Does not work here from that day on; those took over.
    Dismissed(Box<Person>, Day, Vec<EmployeeId>),
}

impl Employee {
    /// Whether they work here on that day.
    pub fn works_on(&self, day: Day) -> bool {
        match self {
            Self::Unknown => false,
            Self::Hired(person) => person.hired_on.is_none_or(|from| from <= day),
            Self::Dismissed(person, until, _) => {
                person.hired_on.is_none_or(|from| from <= day) && day < *until
            }
        }
    }

    /// When they work, as agreed for that day.
    pub fn hours(&self, day: Day) -> WorkingHours {
        let agreed = self.person().into_iter().flat_map(|person| person.hours.iter().rev());
        agreed.into_iter().find(|(from, _)| *from <= day).map(|(_, hours)| hours.clone()).unwrap_or_default()
    }

    /// The moment by which they have worked so many minutes since this one, and by whose clocks, as far as their hours are agreed now.
    /// Who stands in for somebody away works on: days of absence count. None: it lies past all moments.
    pub fn worked(&self, since: Moment, minutes: u32) -> Option<(Moment, TimeZone)> {
        let (mut at, mut left, mut hours) = (since, minutes, self.hours(since.day()));
        let agreed = self.person().map(|person| person.hours.as_slice()).unwrap_or_default();
        for (from, then) in agreed.iter().filter(|(from, _)| *from > since.day()) {
            let change = hours.midnight(*from)?;
            if hours.after(at, left)? <= change {
                break;
            }
            left -= u32::try_from(hours.working_minutes(at, change)).ok()?;
            (at, hours) = (change, then.clone());
        }
        Some((hours.after(at, left)?, hours.time_zone))
    }

    fn person(&self) -> Option<&Person> {
        match self {
            Self::Unknown => None,
            Self::Hired(person) | Self::Dismissed(person, ..) => Some(person),
        }
    }
}

/// Why a command to an employee's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum EmployeeError {
    /// No phone number.
    #[error("{1}")]
    Phone(&'static str, BadValue),
    /// No department that takes somebody.
    #[error(transparent)]
    Department(#[from] BadDepartment),
    /// A name is never cleared.
    #[error("this field cannot be cleared")]
    Required(&'static str),
    /// A transfer to nowhere.
    #[error("say where to: department, position or both")]
    Nowhere,
    /// An end before its start.
    #[error("the end lies before the start")]
    EndsBeforeStart(&'static str),
    /// Already dismissed, otherwise.
    #[error("this employee is dismissed already, from {0}")]
    AlreadyDismissed(Day),
    /// Nobody stands in for or takes over from themselves.
    #[error("this must be others than the employee")]
    Oneself(&'static str),
    /// The same one twice.
    #[error("the same one is named twice")]
    Twice(&'static str),
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// No such absence.
    #[error("this employee has no absence with this id")]
    NoSuchAbsence,
    /// Two absences on one day.
    #[error("another absence begins on {0} and takes some of the same days")]
    AbsenceOverlaps(Day),
    /// Cancelled before.
    #[error("this absence is cancelled")]
    AbsenceCancelled,
    /// Back before being away, or after the end.
    #[error("must lie after the absence's first day and not after its end")]
    NotWithin,
}

impl Rejection for EmployeeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone(..) | Self::Twice(_) | Self::NotWithin => "bad_value",
            Self::Department(department) => department.code(),
            Self::Required(_) | Self::Nowhere => "missing_field",
            Self::EndsBeforeStart(_) => "ends_before_start",
            Self::AlreadyDismissed(_) => "already_dismissed",
            Self::Oneself(_) => "oneself",
            Self::Reference(reference) => reference.code(),
            Self::NoSuchAbsence => "no_such_part",
            Self::AbsenceOverlaps(_) => "absence_overlaps",
            Self::AbsenceCancelled => "absence_cancelled",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Phone(field, _)
            | Self::Required(field)
            | Self::EndsBeforeStart(field)
            | Self::Oneself(field)
            | Self::Twice(field) => Some((*field).into()),
            Self::Department(department) => department.field(),
            Self::Nowhere => Some("/department".into()),
            Self::NoSuchAbsence => Some("/absence_id".into()),
            Self::NotWithin => Some("/on".into()),
            Self::Reference(reference) => reference.field(),
            Self::AlreadyDismissed(_) | Self::AbsenceOverlaps(_) | Self::AbsenceCancelled => None,
        }
    }
}

impl Decider for Employee {
    type Command = EmployeeCommand;
    type Event = EmployeeEvent;
    type Error = EmployeeError;
    const CREATES: &'static str = "hire";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("hire", "Somebody begins to work here."),
        ("correct", "Corrects what is recorded of an employee."),
        ("transfer", "An employee works in another department, or as something else."),
        ("set_hours", "An employee works at these hours."),
        ("plan_absence", "An employee will be away, and others stand in."),
        ("change_absence", "An employee will be away otherwise than planned."),
        ("cancel_absence", "An employee will not be away after all."),
        ("return_early", "An employee came back before the absence's end."),
        ("dismiss", "An employee leaves; others take over the clients and open steps."),
        ("reinstate", "An employee does not leave after all; what was handed over stays where it is."),
    ];

    fn external(command: &EmployeeCommand) -> Option<&ExternalId> {
        if let EmployeeCommand::Hire(hiring) = command { hiring.external.as_ref() } else { None }
    }

    fn needs(&self, command: &EmployeeCommand, _: &Context<'_>) -> Vec<Need> {
        let none = (&[][..], &[][..]);
        let (people, clients): (&[EmployeeId], &[ClientId]) = match command {
            EmployeeCommand::PlanAbsence(given) => {
                (&given.deputies.0, given.client_ids.as_ref().map_or(&[], |list| &list.0))
            }
            EmployeeCommand::ChangeAbsence(given) => (
                given.deputies.as_ref().map_or(&[], |list| &list.0),
                given.client_ids.value().map_or(&[], |list| &list.0),
            ),
            EmployeeCommand::Dismiss(dismissal) => (&dismissal.hand_over_to.0, &[]),
            EmployeeCommand::Hire(_)
            | EmployeeCommand::Correct(_)
            | EmployeeCommand::Transfer { .. }
            | EmployeeCommand::SetHours { .. }
            | EmployeeCommand::CancelAbsence { .. }
            | EmployeeCommand::ReturnEarly { .. }
            | EmployeeCommand::Reinstate { .. } => none,
        };
        let people = people.iter().map(|id| Need::of::<Self>(*id));
        let clients = clients.iter().map(|id| Need::of::<Client>(*id));
        Need::department(command.department()).into_iter().chain(people).chain(clients).collect()
    }

    fn decide(
        &self,
        command: EmployeeCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        match command {
            EmployeeCommand::Hire(hiring) => hire(hiring, seen, context).map(|event| vec![event]),
            EmployeeCommand::Correct(correction) => self.correct(correction, seen, context),
            EmployeeCommand::Transfer { department, position, since, reason } => {
                let event = EmployeeEvent::Transferred { department, position, since, reason };
                self.transfer(event, since, seen, context)
            }
            EmployeeCommand::SetHours { weekly, time_zone, valid_from } => {
                let hours = WorkingHours { weekly, time_zone };
                let agreed = self.person().map(|person| person.hours.as_slice()).unwrap_or_default();
                let so = agreed.iter().any(|(from, there)| *from == valid_from && *there == hours);
                Ok(if so { vec![] } else { vec![EmployeeEvent::HoursSet { hours, valid_from }] })
            }
            EmployeeCommand::PlanAbsence(given) => self.plan_absence(given, seen, context),
            EmployeeCommand::ChangeAbsence(given) => self.change_absence(given, seen, context),
            EmployeeCommand::CancelAbsence { absence_id, reason } => self.cancel_absence(absence_id, reason),
            EmployeeCommand::ReturnEarly { absence_id, on } => self.return_early(absence_id, on),
            EmployeeCommand::Dismiss(dismissal) => self.dismiss(dismissal, seen, context),
            EmployeeCommand::Reinstate { reason } => Ok(match self {
                Self::Dismissed(..) => vec![EmployeeEvent::Reinstated { reason }],
                Self::Unknown | Self::Hired(_) => vec![],
            }),
        }
    }

    fn evolve(&mut self, event: &EmployeeEvent) {
        if let EmployeeEvent::Hired { .. } = event {
            *self = Self::Hired(Box::default());
        }
        let (Self::Hired(person) | Self::Dismissed(person, ..)) = self else {
            return;
        };
        person.change(event);
        if let EmployeeEvent::Dismissed { on, hand_over_to, .. } = event {
            *self = Self::Dismissed(std::mem::take(person), *on, hand_over_to.clone());
        } else if let EmployeeEvent::Reinstated { .. } = event {
            *self = Self::Hired(std::mem::take(person));
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        vec![]
    }

    fn repeats(command: &EmployeeCommand, first: &EmployeeEvent) -> bool {
        let EmployeeCommand::Hire(told) = command else { return false };
        let mut then = Person::default();
        then.change(first);
        let EmployeeEvent::Hired { position, department, .. } = first else { return false };
        then.name.as_ref().and_then(Personal::get) == Some(&told.name)
            && told.position == *position
            && told.department == *department
            && then.phone.as_ref().and_then(Personal::get).map(|p| &p.raw) == told.phone.as_ref()
            && then.email.as_ref().and_then(Personal::get) == told.email.as_ref()
            && then.extension == told.extension
            && then.direct_number.as_ref().map(|number| &number.raw) == told.direct_number.as_ref()
            && then.hired_on == told.hired_on
    }
}

impl Person {
    /// Does to what is recorded what an event does.
    fn change(&mut self, event: &EmployeeEvent) {
        self.posts.take(event);
        self.absences(event);
        match event {
            EmployeeEvent::Hired { name, phone, email, extension, direct_number, hired_on, .. } => {
                self.name = Some(name.clone());
                self.phone.clone_from(phone);
                self.email.clone_from(email);
                self.extension.clone_from(extension);
                self.direct_number.clone_from(direct_number);
                self.hired_on = *hired_on;
            }
            EmployeeEvent::Corrected { name, phone, email, extension, direct_number, hired_on, .. } => {
                self.name = name.clone().or(self.name.take());
                phone.apply(&mut self.phone);
                email.apply(&mut self.email);
                extension.apply(&mut self.extension);
                direct_number.apply(&mut self.direct_number);
                hired_on.apply(&mut self.hired_on);
            }
            EmployeeEvent::HoursSet { hours, valid_from } => {
                self.hours.retain(|(from, _)| from != valid_from);
                self.hours.push((*valid_from, hours.clone()));
                self.hours.sort_by_key(|(from, _)| *from);
            }
            EmployeeEvent::Transferred { .. }
            | EmployeeEvent::AbsencePlanned { .. }
            | EmployeeEvent::AbsenceChanged { .. }
            | EmployeeEvent::AbsenceCancelled { .. }
            | EmployeeEvent::ReturnedEarly { .. }
            | EmployeeEvent::Dismissed { .. }
            | EmployeeEvent::Reinstated { .. } => {}
        }
    }
}

fn known(phone: Text<64>, field: &'static str) -> Result<PhoneNumber, EmployeeError> {
    PhoneNumber::known(phone, None, &Country::default()).map_err(|bad| EmployeeError::Phone(field, bad))
}

fn hire(told: Hiring, seen: &Seen, context: &Context<'_>) -> Result<EmployeeEvent, EmployeeError> {
    let own = context.stream;
    told.department.as_ref().map(|code| seen.department(code, "/department")).transpose()?;
    let phone = told.phone.map(|phone| known(phone, "/phone")).transpose()?;
    Ok(EmployeeEvent::Hired {
        name: Personal::new(own, told.name),
        position: told.position,
        department: told.department,
        phone: phone.map(|phone| Personal::new(own, phone)),
        email: told.email.map(|email| Personal::new(own, email)),
        extension: told.extension,
        direct_number: told.direct_number.map(|number| known(number, "/direct_number")).transpose()?,
        hired_on: told.hired_on,
        external: told.external,
    })
}

/// The change to a phone number.
fn changed(number: Change<Text<64>>, field: &'static str) -> Result<Change<PhoneNumber>, EmployeeError> {
    Ok(match number {
        Change::Set(number) => Change::Set(known(number, field)?),
        Change::Clear => Change::Clear,
        Change::Keep => Change::Keep,
    })
}

impl Employee {
    fn correct(
        &self,
        told: Correction,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let own = context.stream;
        let Some(person) = self.person() else { return Ok(vec![]) };
        let name = match told.name {
            Change::Clear => return Err(EmployeeError::Required("/name")),
            Change::Keep => None,
            Change::Set(name) => Some(Personal::new(own, name)),
        };
        let post = person.posts.last();
        let phone = changed(told.phone, "/phone")?.map(|phone| Personal::new(own, phone));
        let direct_number = changed(told.direct_number, "/direct_number")?;
        let hired_on = told.hired_on.against(person.hired_on.as_ref());
        if let (Self::Dismissed(_, away, _), Change::Set(from)) = (self, &hired_on)
            && from > away
        {
            return Err(EmployeeError::EndsBeforeStart("/hired_on"));
        }
        let department = told.department.against(post.and_then(|post| post.department.as_ref()));
        department.value().map(|code| seen.department(code, "/department")).transpose()?;
        let event = EmployeeEvent::Corrected {
            name: name.filter(|name| Some(name) != person.name.as_ref()),
            position: told.position.against(post.and_then(|post| post.position.as_ref())),
            department,
            phone: phone.against(person.phone.as_ref()),
            email: told.email.map(|email| Personal::new(own, email)).against(person.email.as_ref()),
            extension: told.extension.against(person.extension.as_ref()),
            direct_number: direct_number.against(person.direct_number.as_ref()),
            hired_on,
            reason: told.reason,
        };
        let mut after = person.clone();
        after.change(&event);
        Ok(if after == *person { vec![] } else { vec![event] })
    }

    fn transfer(
        &self,
        event: EmployeeEvent,
        since: Day,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let (Some(person), EmployeeEvent::Transferred { department, position, .. }) = (self.person(), &event)
        else {
            return Ok(vec![]);
        };
        if department.is_none() && position.is_none() {
            return Err(EmployeeError::Nowhere);
        }
        if !self.works_on(since) {
            return Err(BadReference::NotHere(context.stream.into(), since).into());
        }
        let so = person.posts.on(since).is_some_and(|post| {
            (department.is_none() || *department == post.department)
                && (position.is_none() || *position == post.position)
        });
        if so {
            return Ok(vec![]);
        }
        department.as_ref().map(|code| seen.department(code, "/department")).transpose()?;
        Ok(vec![event])
    }

    fn dismiss(
        &self,
        told: Dismissal,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let on = told.on.unwrap_or_else(|| context.now.day());
        if let Self::Dismissed(_, before, successors) = self {
            let same =
                *before == on && (told.hand_over_to.0.is_empty() || told.hand_over_to.0 == *successors);
            return if same { Ok(vec![]) } else { Err(EmployeeError::AlreadyDismissed(*before)) };
        }
        if self.person().and_then(|person| person.hired_on).is_some_and(|from| on < from) {
            return Err(EmployeeError::EndsBeforeStart("/on"));
        }
        let hand_over_to = others(told.hand_over_to, on, "/hand_over_to", seen, context)?;
        let handover_note = told.handover_note.map(|note| Personal::new(context.stream, note));
        Ok(vec![EmployeeEvent::Dismissed { on, reason: told.reason, hand_over_to, handover_note }])
    }
}

impl Seen {
    /// Whether this employee works here on that day.
    pub fn works_here(&self, id: EmployeeId, on: Day, field: impl Into<Field>) -> Result<(), BadReference> {
        match self.state::<Employee>(id) {
            None | Some(Employee::Unknown) => Err(BadReference::UnknownEmployee(field.into())),
            Some(employee) if employee.works_on(on) => Ok(()),
            Some(_) => Err(BadReference::NotHere(id, on)),
        }
    }
}

#[cfg(test)]
mod tests;
