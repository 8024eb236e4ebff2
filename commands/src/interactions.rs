//! Interactions: one call, letter, meeting, message, visit or note each; nothing is edited, it is corrected or withdrawn.
//! States: unknown, recorded, withdrawn; what is withdrawn takes no further command.
//! The policy `match_callers` links those whose number belongs to exactly one client or contact person; `plan_steps` plans what
//! was agreed to happen next and completes the step an interaction closes.

mod codes;
mod command;
mod details;
mod next_step;
mod others;

pub use command::{Correction, Counterpart, InteractionCommand, Told};
pub use details::Details;
pub use next_step::NextStepGiven;

use crate::clients::{Client, changed};
use crate::codes::Codes;
use crate::contacts::Contact;
use crate::decider::{BadReference, Context, Decider, Need, Rejection, Seen};
use crate::employees::Employee;
use crate::steps::Step;
use chrono::TimeDelta;
use command::MAX_SECONDS;
use letopis_events::interactions::{InteractionEvent, Precision};
use letopis_events::{Change, ClientId, Day, ExternalId, Moment, Occurred, Personal, PhoneNumber, StreamId};
use next_step::assignee;
use others::{client, dialled_in, of_contacts, present};
use std::collections::BTreeSet;

/// So far ahead of now an interaction may lie: it is another day elsewhere.
const LEEWAY: TimeDelta = TimeDelta::days(1);

/// The state of an interaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Interaction {
    /// Never recorded.
    #[default]
    Unknown,
    /// It took place.
    Recorded(Box<Details>),
    /// It did not, or should not be here.
    Withdrawn(Box<Details>),
}

/// Why a command to an interaction's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum InteractionError {
    /// Nobody at the other end.
    #[error("say with whom: client_id, contact_ids, or counterpart as heard")]
    Nobody,
    /// A day told as a moment, or a moment as a day.
    #[error("with precision day a bare day (YYYY-MM-DD) is told, otherwise a moment")]
    Precision,
    /// It has not taken place yet.
    #[error("lies ahead: what is to come is planned as a step")]
    InFuture,
    /// A step by when in no way, or in two.
    #[error("say by when in one way: due_on, or due as in steps/plan")]
    Due,
    /// Working hours that lead nowhere.
    #[error("must be 1 to 1000 working hours that end in the years 1900 to 2200")]
    Hours,
    /// More than 30 days.
    #[error("lasts longer than 30 days")]
    TooLong,
    /// A field that is never empty.
    #[error("this field cannot be cleared")]
    Required(&'static str),
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// Withdrawn.
    #[error("this interaction is withdrawn")]
    Withdrawn,
}

impl Rejection for InteractionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Nobody | Self::Required(_) | Self::Due => "missing_field",
            Self::InFuture => "in_future",
            Self::Precision | Self::Hours | Self::TooLong => "bad_value",
            Self::Reference(reference) => reference.code(),
            Self::Withdrawn => "withdrawn",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Nobody => Some("/client_id".into()),
            Self::Precision | Self::InFuture => Some("/occurred_at".into()),
            Self::Due => Some("/next_step/due_on".into()),
            Self::Hours => Some("/next_step/due/working_hours".into()),
            Self::TooLong => Some("/duration_seconds".into()),
            Self::Required(field) => Some((*field).into()),
            Self::Reference(reference) => reference.field(),
            Self::Withdrawn => None,
        }
    }
}

impl Decider for Interaction {
    type Command = InteractionCommand;
    type Event = InteractionEvent;
    type Error = InteractionError;
    const CREATES: &'static str = "record";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("record", "A call, letter, meeting, message, visit or note took place."),
        ("link", "The interaction is about this client."),
        ("unlink", "The interaction is not about this client."),
        ("link_contact", "This contact person took part in the interaction."),
        ("unlink_contact", "This contact person did not take part in the interaction."),
        ("set_result", "This came of the interaction."),
        ("correct", "Corrects what was recorded of the interaction."),
        ("withdraw", "The interaction did not take place, or should not be here."),
    ];

    fn external(command: &InteractionCommand) -> Option<&ExternalId> {
        if let InteractionCommand::Record(told) = command { told.external.as_ref() } else { None }
    }

    fn codes<'c>(&self, command: &'c InteractionCommand) -> Codes<'c> {
        self.codes_in(command)
    }

    fn needs(&self, command: &InteractionCommand, context: &Context<'_>) -> Vec<Need> {
        match command {
            InteractionCommand::Record(told) => {
                let employee = told.employee_id.or(context.actor.employee()).map(Need::of::<Employee>);
                let client = told.client_id.map(Need::of::<Client>);
                let step = told.closes_step.map(Need::of::<Step>);
                let assignee = assignee(told.next_step.as_ref());
                let named = employee.into_iter().chain(client).chain(step).chain(assignee);
                named.chain(of_contacts(&told.contact_ids)).collect()
            }
            InteractionCommand::Link { client_id, .. } => vec![Need::of::<Client>(*client_id)],
            InteractionCommand::LinkContact { contact_id, .. } => vec![Need::of::<Contact>(*contact_id)],
            InteractionCommand::Correct(correction) => {
                let asked = correction.employee_id.value().copied();
                let employee = asked.or_else(|| self.details()?.employee_id);
                let contacts = correction.contact_ids.value().into_iter().flat_map(of_contacts);
                let heard = correction.counterpart.value().and_then(|_| self.details());
                let heard = heard.into_iter().flat_map(Details::dialled_by);
                let employee = employee.map(Need::of::<Employee>).into_iter();
                let assignee = assignee(correction.next_step.value());
                let step = correction.closes_step.value().copied().map(Need::of::<Step>);
                employee.chain(assignee).chain(contacts).chain(heard).chain(step).collect()
            }
            InteractionCommand::Unlink { .. }
            | InteractionCommand::UnlinkContact { .. }
            | InteractionCommand::SetResult { .. }
            | InteractionCommand::Withdraw { .. } => vec![],
        }
    }

    fn further(&self, command: &InteractionCommand, seen: &Seen, _: &Context<'_>) -> Option<Need> {
        let (step, with): (_, Vec<ClientId>) = match command {
            InteractionCommand::Record(told) => (told.closes_step?, client(told, seen).into_iter().collect()),
            InteractionCommand::Correct(correction) => {
                (*correction.closes_step.value()?, self.clients().collect())
            }
            InteractionCommand::Link { .. }
            | InteractionCommand::Unlink { .. }
            | InteractionCommand::LinkContact { .. }
            | InteractionCommand::UnlinkContact { .. }
            | InteractionCommand::SetResult { .. }
            | InteractionCommand::Withdraw { .. } => return None,
        };
        let of_step = seen.state::<Step>(step)?.client()?;
        with.into_iter().chain([of_step]).find_map(|id| seen.survivor(id).err())
    }

    fn decide(
        &self,
        command: InteractionCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<InteractionEvent>, InteractionError> {
        match (self, command) {
            (_, InteractionCommand::Record(told)) => record(told, seen, context).map(|event| vec![event]),
            (Self::Unknown, _) | (Self::Withdrawn(_), InteractionCommand::Withdraw { .. }) => Ok(vec![]),
            (Self::Withdrawn(_), _) => Err(InteractionError::Withdrawn),
            (Self::Recorded(_), InteractionCommand::Withdraw { reason }) => {
                Ok(vec![InteractionEvent::Withdrawn { reason }])
            }
            (Self::Recorded(details), InteractionCommand::Link { client_id, how }) => {
                seen.client(client_id, "/client_id")?;
                let event = InteractionEvent::Linked { client_id, how: how.unwrap_or_default() };
                Ok(if details.clients.contains(&client_id) { vec![] } else { vec![event] })
            }
            (Self::Recorded(details), InteractionCommand::Unlink { client_id, reason }) => {
                let event = InteractionEvent::Unlinked { client_id, reason };
                Ok(if details.clients.contains(&client_id) { vec![event] } else { vec![] })
            }
            (Self::Recorded(details), InteractionCommand::LinkContact { contact_id, how }) => {
                seen.contact(contact_id, "/contact_id")?;
                let event = InteractionEvent::ContactLinked { contact_id, how: how.unwrap_or_default() };
                Ok(if details.contacts.contains(&contact_id) { vec![] } else { vec![event] })
            }
            (Self::Recorded(details), InteractionCommand::UnlinkContact { contact_id, reason }) => {
                let event = InteractionEvent::ContactUnlinked { contact_id, reason };
                Ok(if details.contacts.contains(&contact_id) { vec![event] } else { vec![] })
            }
            (Self::Recorded(details), InteractionCommand::SetResult { result, result_text }) => {
                let of = details.subject(context.stream);
                let result_text = result_text.map(|text| Personal::new(of, text));
                let so = details.result.as_ref() == Some(&result) && details.result_text == result_text;
                Ok(if so { vec![] } else { vec![InteractionEvent::ResultSet { result, result_text }] })
            }
            (Self::Recorded(details), InteractionCommand::Correct(correction)) => {
                details.correction(correction, seen, context)
            }
        }
    }

    fn evolve(&mut self, event: &InteractionEvent) {
        if let Some(details) = Details::recorded(event) {
            *self = Self::Recorded(Box::new(details));
            return;
        }
        match (std::mem::take(self), event) {
            (Self::Unknown, _) => {}
            (Self::Recorded(details) | Self::Withdrawn(details), InteractionEvent::Withdrawn { .. }) => {
                *self = Self::Withdrawn(details);
            }
            (Self::Recorded(mut details), event) => {
                details.change(event);
                *self = Self::Recorded(details);
            }
            (Self::Withdrawn(mut details), event) => {
                details.change(event);
                *self = Self::Withdrawn(details);
            }
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        self.details().map(|details| details.clients.iter().copied().collect()).unwrap_or_default()
    }

    fn repeats(command: &InteractionCommand, first: &InteractionEvent) -> bool {
        let (InteractionCommand::Record(told), Some(then)) = (command, Details::recorded(first)) else {
            return false;
        };
        let same_step = match (&told.next_step, &then.next_step) {
            (None, None) => true,
            (Some(told), Some(then)) => told.repeats(then),
            (None, Some(_)) | (Some(_), None) => false,
        };
        let counterpart = then.counterpart.as_ref().and_then(Personal::get);
        told.kind == then.kind
            && told.direction == then.direction
            && (told.client_id.as_ref() == then.clients.first() || told.leaves_client_open())
            && told.contact_ids.0.iter().copied().collect::<BTreeSet<_>>() == then.contacts
            && (told.employee_id.is_none() || told.employee_id == then.employee_id)
            && when(told.occurred_at, told.precision) == Ok((then.occurred_at, then.precision))
            && told.duration_seconds == then.duration_seconds
            && told.counterpart.as_ref().map(|c| (&c.raw, &c.extension))
                == counterpart.map(|c| (&c.raw, &c.extension))
            && told.our_line == then.our_line
            && told.telephony_status == then.telephony_status
            && told.result == then.result
            && told.result_text.as_ref() == then.result_text.as_ref().and_then(Personal::get)
            && told.subject.as_ref() == then.subject.as_ref().and_then(Personal::get)
            && told.text.as_ref() == then.text.as_ref().and_then(Personal::get)
            && same_step
            && told.closes_step == then.closes_step
            && told.participants.as_ref().map(|p| &p.0) == then.participants.as_ref().and_then(Personal::get)
            && told.recording_url.as_ref() == then.recording_url.as_ref().and_then(Personal::get)
            && told.origin.unwrap_or_default() == then.origin
            && told.attributes.clone().unwrap_or_default() == then.attributes
    }
}

impl Interaction {
    fn details(&self) -> Option<&Details> {
        match self {
            Self::Unknown => None,
            Self::Recorded(details) | Self::Withdrawn(details) => Some(details),
        }
    }
}

impl Told {
    /// What can be wrong with it, whatever else is known.
    pub fn check(&self) -> Result<(), InteractionError> {
        when(self.occurred_at, self.precision)?;
        check_seconds(self.duration_seconds)?;
        let nobody = self.client_id.is_none() && self.contact_ids.0.is_empty() && self.counterpart.is_none();
        if nobody { Err(InteractionError::Nobody) } else { Ok(()) }
    }
}

/// The moment and how exactly it is known.
fn when(occurred: Occurred, precision: Option<Precision>) -> Result<(Moment, Precision), InteractionError> {
    match (occurred, precision) {
        (Occurred::On(day), None | Some(Precision::Day)) => Ok((day.noon(), Precision::Day)),
        (Occurred::At(moment), None) => Ok((moment, Precision::Exact)),
        (Occurred::At(moment), Some(precision @ (Precision::Exact | Precision::Minute))) => {
            Ok((moment, precision))
        }
        (Occurred::On(_), Some(Precision::Exact | Precision::Minute))
        | (Occurred::At(_), Some(Precision::Day)) => Err(InteractionError::Precision),
    }
}

/// What is recorded has taken place; a day is a day anywhere, and clocks differ.
fn passed(occurred_at: Moment, context: &Context<'_>) -> Result<(), InteractionError> {
    let ahead = occurred_at.utc() - context.now.utc();
    if ahead > LEEWAY { Err(InteractionError::InFuture) } else { Ok(()) }
}

fn check_seconds(seconds: Option<u32>) -> Result<(), InteractionError> {
    if seconds.is_some_and(|seconds| seconds > MAX_SECONDS) { Err(InteractionError::TooLong) } else { Ok(()) }
}

fn record(told: Told, seen: &Seen, context: &Context<'_>) -> Result<InteractionEvent, InteractionError> {
    told.check()?;
    let (occurred_at, precision) = when(told.occurred_at, told.precision)?;
    passed(occurred_at, context)?;
    let employee_id = told.employee_id.or(context.actor.employee());
    if let Some(employee) = employee_id {
        seen.works_here(employee, occurred_at.day(), "/employee_id")?;
    }
    let contact_ids = present(&told.contact_ids, seen)?;
    if let Some(client) = told.client_id {
        seen.client(client, "/client_id")?;
    }
    let client_id = client(&told, seen);
    if let Some(step) = told.closes_step {
        seen.step(step, client_id.into_iter(), "/closes_step")?;
    }
    let country = dialled_in(told.client_id, &contact_ids, seen);
    let of = client_id.map_or(context.stream, StreamId::from);
    let heard = |c: Counterpart| PhoneNumber::heard(c.raw, c.extension, &country);
    Ok(InteractionEvent::Recorded {
        kind: told.kind,
        direction: told.direction,
        client_id,
        contact_ids,
        employee_id,
        occurred_at,
        precision,
        duration_seconds: told.duration_seconds,
        counterpart: told.counterpart.map(|c| Personal::new(of, heard(c))),
        our_line: told.our_line,
        telephony_status: told.telephony_status,
        result: told.result,
        result_text: told.result_text.map(|text| Personal::new(of, text)),
        subject: told.subject.map(|text| Personal::new(of, text)),
        text: told.text.map(|text| Personal::new(of, text)),
        next_step: told.next_step.map(|step| step.record(of, employee_id, seen, context)).transpose()?,
        closes_step: told.closes_step,
        participants: told.participants.map(|people| Personal::new(of, people.0)),
        recording_url: told.recording_url.map(|url| Personal::new(of, url)),
        origin: told.origin.unwrap_or_default(),
        attributes: told.attributes.map(|attributes| Personal::new(of, attributes)),
        external: told.external,
    })
}

impl Details {
    /// Whose country says how a number is read.
    fn dialled_by(&self) -> impl Iterator<Item = Need> {
        let client = self.clients.first().copied().map(Need::of::<Client>);
        client.into_iter().chain(self.contacts.first().copied().map(Need::of::<Contact>))
    }

    /// Whose data its texts are: the client's, where one is known.
    fn subject(&self, own: StreamId) -> StreamId {
        self.clients.first().map_or(own, |client| (*client).into())
    }

    fn correction(
        &self,
        given: Correction,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<InteractionEvent>, InteractionError> {
        let of = self.subject(context.stream);
        let (occurred_at, precision) = self.moment(&given)?;
        passed(occurred_at, context)?;
        check_seconds(given.duration_seconds.value().copied())?;
        let employee_id = given.employee_id.against(self.employee_id.as_ref());
        let mut employee = self.employee_id;
        employee_id.apply(&mut employee);
        let day: Day = occurred_at.day();
        if let Some(employee) = employee
            && (!employee_id.is_keep() || day != self.occurred_at.day())
        {
            seen.works_here(employee, day, "/employee_id")?;
        }
        if let Change::Set(step) = given.closes_step {
            seen.step(step, self.clients.iter().copied(), "/closes_step")?;
        }
        let kind = kept(given.kind, "/kind")?;
        let origin = kept(given.origin, "/origin")?;
        let country = dialled_in(self.clients.first().copied(), &self.contacts, seen);
        let heard = |c: Counterpart| PhoneNumber::heard(c.raw, c.extension, &country);
        let attributes = changed(&self.attributes, given.attributes);
        let next_step = match given.next_step {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(step) => Change::Set(step.record(of, employee, seen, context)?),
        };
        let contact_ids = match given.contact_ids {
            Change::Keep => None,
            Change::Clear => Some(BTreeSet::new()),
            Change::Set(ids) => Some(present(&ids, seen)?),
        };
        let event = InteractionEvent::Corrected {
            kind: kind.filter(|kind| *kind != self.kind),
            direction: given.direction.against(self.direction.as_ref()),
            contact_ids: contact_ids.filter(|ids| *ids != self.contacts),
            employee_id,
            occurred_at: Some(occurred_at).filter(|at| *at != self.occurred_at),
            precision: Some(precision).filter(|precision| *precision != self.precision),
            duration_seconds: given.duration_seconds.against(self.duration_seconds.as_ref()),
            counterpart: given
                .counterpart
                .map(|c| Personal::new(of, heard(c)))
                .against(self.counterpart.as_ref()),
            our_line: given.our_line.against(self.our_line.as_ref()),
            telephony_status: given.telephony_status.against(self.telephony_status.as_ref()),
            result: given.result.against(self.result.as_ref()),
            result_text: given.result_text.map(|t| Personal::new(of, t)).against(self.result_text.as_ref()),
            subject: given.subject.map(|t| Personal::new(of, t)).against(self.subject.as_ref()),
            text: given.text.map(|t| Personal::new(of, t)).against(self.text.as_ref()),
            next_step: next_step.against(self.next_step.as_ref()),
            closes_step: given.closes_step.against(self.closes_step.as_ref()),
            participants: given
                .participants
                .map(|people| Personal::new(of, people.0))
                .against(self.participants.as_ref()),
            recording_url: given
                .recording_url
                .map(|url| Personal::new(of, url))
                .against(self.recording_url.as_ref()),
            origin: origin.filter(|origin| *origin != self.origin),
            attributes: attributes.map(|changes| Personal::new(of, changes)),
            reason: given.reason,
        };
        let mut after = self.clone();
        after.change(&event);
        Ok(if after == *self { vec![] } else { vec![event] })
    }

    /// When it was and how exactly that is known, after a correction.
    fn moment(&self, given: &Correction) -> Result<(Moment, Precision), InteractionError> {
        let precision = kept(given.precision, "/precision")?;
        match kept(given.occurred_at, "/occurred_at")? {
            Some(occurred) => when(occurred, precision),
            None if precision
                .is_some_and(|p| (p == Precision::Day) != (self.precision == Precision::Day)) =>
            {
                Err(InteractionError::Precision)
            }
            None => Ok((self.occurred_at, precision.unwrap_or(self.precision))),
        }
    }
}

/// The new value of a field that is never empty.
fn kept<T>(change: Change<T>, field: &'static str) -> Result<Option<T>, InteractionError> {
    match change {
        Change::Keep => Ok(None),
        Change::Set(value) => Ok(Some(value)),
        Change::Clear => Err(InteractionError::Required(field)),
    }
}

#[cfg(test)]
mod tests;
