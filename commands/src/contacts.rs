//! Contact persons: people of their own, who stand at one client or several over time, and how each is reached.
//! States: unknown, known. At one client a stay follows the other; of the phones and of the e-mails one each is the first to try.
//! The policy `match_callers` reacts to their numbers and stays.

mod codes;
mod command;
mod person;
mod reach;
mod stays;

pub use command::{ContactCommand, Correction, EmailGiven, Joining, PhoneGiven, Registration};
pub use person::Person;

use crate::clients::Client;
use crate::codes::Codes;
use crate::decider::{BadReference, Context, Decider, Field, Need, Rejection, Seen};
use letopis_events::contacts::{ContactEvent, Join, Stays};
use letopis_events::{
    BadValue, ClientId, ContactId, Country, Day, Email, EmailId, ExternalId, Personal, PhoneId, PhoneNumber,
    StreamId, Text,
};
use reach::{Marking, Reach};
use std::collections::BTreeSet;

/// The state of a contact person.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Contact {
    /// Never registered.
    #[default]
    Unknown,
    /// Known to us.
    Known(Box<Person>),
}

impl Contact {
    /// The country whose way of writing phone numbers holds.
    pub fn country(&self) -> Country {
        match self {
            Self::Unknown => Country::default(),
            Self::Known(person) => person.country.clone(),
        }
    }

    /// The clients at whom they stand on that day.
    pub fn stands_at(&self, day: Day) -> BTreeSet<ClientId> {
        match self {
            Self::Unknown => BTreeSet::new(),
            Self::Known(person) => person.stays.on(day),
        }
    }
}

/// Why a command to a contact person's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ContactError {
    /// No phone number.
    #[error("{1}")]
    Phone(Field, BadValue),
    /// A field that is never empty.
    #[error("this field cannot be cleared")]
    Required(Field),
    /// Two are the first to try.
    #[error("only one can be the first to try")]
    SeveralPrimary(Field),
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// Put away.
    #[error("this client is archived: restore it first")]
    ClientArchived,
    /// One entry a client.
    #[error("this client is named already: tell later positions with join")]
    JoinedTwice(Field),
    /// No such phone or address.
    #[error("this person has none with this id")]
    NoSuch(Field),
    /// Nobody of that client.
    #[error("this person does not stand at this client")]
    NotThere(Field),
    /// An end before its start.
    #[error("the end lies before the start")]
    EndsBeforeStart,
    /// A stay begins before the one before it.
    #[error(
        "what is recorded of this person at this client reaches until {0}: correct that first, with leave"
    )]
    StaysOverlap(Day),
    /// From a client to itself.
    #[error("nobody moves from a client to itself: tell another position with join")]
    SameClient,
}

impl Rejection for ContactError {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone(..) => "bad_value",
            Self::Required(_) => "missing_field",
            Self::SeveralPrimary(_) => "several_primary",
            Self::Reference(reference) => reference.code(),
            Self::ClientArchived => "client_archived",
            Self::JoinedTwice(_) => "joined_twice",
            Self::NoSuch(_) => "no_such_part",
            Self::NotThere(_) => "not_there",
            Self::EndsBeforeStart => "ends_before_start",
            Self::StaysOverlap(_) => "stays_overlap",
            Self::SameClient => "same_client",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Phone(field, _)
            | Self::Required(field)
            | Self::SeveralPrimary(field)
            | Self::JoinedTwice(field)
            | Self::NoSuch(field)
            | Self::NotThere(field) => Some(field.clone().into_owned()),
            Self::Reference(reference) => reference.field(),
            Self::EndsBeforeStart => Some("/on".into()),
            Self::SameClient => Some("/to_client_id".into()),
            Self::ClientArchived | Self::StaysOverlap(_) => None,
        }
    }
}

impl Decider for Contact {
    type Command = ContactCommand;
    type Event = ContactEvent;
    type Error = ContactError;
    const CREATES: &'static str = "register";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("register", "A contact person becomes known."),
        ("correct", "Corrects what is recorded of a contact person."),
        ("add_phone", "The person can also be called here."),
        ("remove_phone", "The person can no longer be called here."),
        ("mark_phone", "This has become known of a phone: what speaks against it, first to try, shared."),
        ("add_email", "The person can also be written to here."),
        ("remove_email", "The person can no longer be written to here."),
        ("mark_email", "This has become known of an address: what speaks against it, first to try, shared."),
        ("join", "The person stands at a client, in this position and role."),
        ("leave", "The person stands at a client no longer."),
        ("move", "The person leaves one client for another."),
    ];

    fn external(command: &ContactCommand) -> Option<&ExternalId> {
        if let ContactCommand::Register(given) = command { given.external.as_ref() } else { None }
    }

    fn codes<'c>(&self, command: &'c ContactCommand) -> Codes<'c> {
        self.codes_in(command)
    }

    fn needs(&self, command: &ContactCommand, _: &Context<'_>) -> Vec<Need> {
        match command {
            ContactCommand::Register(given) => {
                given.joins.0.iter().map(|join| Need::of::<Client>(join.client_id)).collect()
            }
            ContactCommand::Join(Joining { client_id, .. })
            | ContactCommand::Move { to_client_id: client_id, .. } => vec![Need::of::<Client>(*client_id)],
            ContactCommand::Correct(_)
            | ContactCommand::AddPhone(_)
            | ContactCommand::RemovePhone { .. }
            | ContactCommand::MarkPhone { .. }
            | ContactCommand::AddEmail(_)
            | ContactCommand::RemoveEmail { .. }
            | ContactCommand::MarkEmail { .. }
            | ContactCommand::Leave { .. } => vec![],
        }
    }

    fn decide(
        &self,
        command: ContactCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ContactEvent>, ContactError> {
        match (self, command) {
            (_, ContactCommand::Register(given)) => register(given, seen, context),
            (Self::Unknown, _) => Ok(vec![]),
            (Self::Known(person), command) => person.decide(command, seen, context),
        }
    }

    fn evolve(&mut self, event: &ContactEvent) {
        if let Some(person) = Person::registered(event) {
            *self = Self::Known(Box::new(person));
        } else if let Self::Known(person) = self {
            person.change(event);
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        match self {
            Self::Unknown => vec![],
            Self::Known(person) => person.stays.lasting().into_iter().collect(),
        }
    }

    fn repeats(command: &ContactCommand, first: &ContactEvent) -> bool {
        let ContactCommand::Register(sent) = command else { return false };
        let ContactEvent::Registered {
            name,
            salutation,
            birthday,
            country,
            phones,
            emails,
            preferred_channel,
            preferred_hours,
            language,
            joins,
            external: _,
        } = first
        else {
            return false;
        };
        let stay = |join: &Joining| Join {
            client_id: join.client_id,
            position: join.position.value().cloned(),
            role: join.role.value().cloned(),
            since: join.since,
        };
        name.get() == Some(&sent.name)
            && salutation.as_ref().and_then(Personal::get) == sent.salutation.as_ref()
            && birthday.as_ref().and_then(Personal::get) == sent.birthday.as_ref()
            && *country == sent.country.clone().unwrap_or_default()
            && phones
                .iter()
                .map(|p| (p.number.get().map(|n| (&n.raw, &n.extension)), &p.kind, p.primary, p.shared))
                .eq(sent
                    .phones
                    .0
                    .iter()
                    .map(|p| (Some((&p.number, &p.extension)), &p.kind, p.primary, p.shared)))
            && emails.iter().map(|e| (e.address.get(), &e.kind, e.primary, e.shared)).eq(sent
                .emails
                .0
                .iter()
                .map(|e| (Some(&e.address), &e.kind, e.primary, e.shared)))
            && *preferred_channel == sent.preferred_channel
            && preferred_hours.as_ref().and_then(Personal::get) == sent.preferred_hours.as_ref()
            && *language == sent.language
            && *joins == sent.joins.0.iter().map(stay).collect::<Vec<_>>()
    }
}

fn register(
    given: Registration,
    seen: &Seen,
    context: &Context<'_>,
) -> Result<Vec<ContactEvent>, ContactError> {
    let own = context.stream;
    one_primary("phones", given.phones.0.iter().map(|phone| phone.primary))?;
    one_primary("emails", given.emails.0.iter().map(|email| email.primary))?;
    let country = given.country.unwrap_or_default();
    let phones = given.phones.0.into_iter().enumerate();
    let phones = phones
        .map(|(index, phone)| phone.record(&country, context, format!("/phones/{index}/number")))
        .collect::<Result<_, _>>()?;
    let mut joins: Vec<Join> = vec![];
    for (index, joining) in given.joins.0.into_iter().enumerate() {
        let field = format!("/joins/{index}/client_id");
        if joins.iter().any(|join| join.client_id == joining.client_id) {
            return Err(ContactError::JoinedTwice(field.into()));
        }
        in_the_base(joining.client_id, field, seen)?;
        joins.extend(stays::join(&Stays::default(), joining, context.now.day())?);
    }
    Ok(vec![ContactEvent::Registered {
        name: Personal::new(own, given.name),
        salutation: given.salutation.map(|text| Personal::new(own, text)),
        birthday: given.birthday.map(|day| Personal::new(own, day)),
        country,
        phones,
        emails: given.emails.0.into_iter().map(|email| email.record(context)).collect(),
        preferred_channel: given.preferred_channel,
        preferred_hours: given.preferred_hours.map(|text| Personal::new(own, text)),
        language: given.language,
        joins,
        external: given.external,
    }])
}

fn one_primary(list: &str, primary: impl Iterator<Item = bool>) -> Result<(), ContactError> {
    let second = primary.enumerate().filter(|(_, primary)| *primary).nth(1);
    let field = second.map(|(index, _)| format!("/{list}/{index}/primary"));
    field.map_or(Ok(()), |field| Err(ContactError::SeveralPrimary(field.into())))
}

/// The client must exist and not be put away.
fn in_the_base(client: ClientId, field: impl Into<Field>, seen: &Seen) -> Result<(), ContactError> {
    match seen.client(client, field)? {
        Client::Archived(_) => Err(ContactError::ClientArchived),
        Client::Unknown | Client::Here(_) | Client::Merged(..) => Ok(()),
    }
}

impl Person {
    /// Decides on a person who is known.
    fn decide(
        &self,
        command: ContactCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ContactEvent>, ContactError> {
        let today = context.now.day();
        match command {
            ContactCommand::Register(_) => Ok(vec![]),
            ContactCommand::Correct(given) => self.correction(given, context),
            ContactCommand::AddPhone(given) => {
                let asked = Marking::again(given.primary, given.shared);
                let phone = given.record(&self.country, context, "/number")?;
                let new = phone.number.get().cloned();
                let same = |n: &PhoneNumber| new.as_ref().is_some_and(|new| n.reaches() == new.reaches());
                let there = self.phones.same(same).map(|there| phone_marked(there, asked, None));
                Ok(there.unwrap_or_else(|| vec![ContactEvent::PhoneAdded { phone }]))
            }
            ContactCommand::RemovePhone { phone_id, reason } => {
                self.phones.get(phone_id).ok_or(ContactError::NoSuch("/phone_id".into()))?;
                Ok(vec![ContactEvent::PhoneRemoved { phone_id, reason }])
            }
            ContactCommand::MarkPhone { phone_id, mark, primary, shared, reason } => {
                let there = self.phones.get(phone_id).ok_or(ContactError::NoSuch("/phone_id".into()))?;
                Ok(phone_marked(there, Marking { mark, primary, shared }, reason))
            }
            ContactCommand::AddEmail(given) => {
                let asked = Marking::again(given.primary, given.shared);
                let there = self.emails.same(|address| address.same(&given.address));
                let there = there.map(|there| email_marked(there, asked, None));
                Ok(there.unwrap_or_else(|| vec![ContactEvent::EmailAdded { email: given.record(context) }]))
            }
            ContactCommand::RemoveEmail { email_id, reason } => {
                self.emails.get(email_id).ok_or(ContactError::NoSuch("/email_id".into()))?;
                Ok(vec![ContactEvent::EmailRemoved { email_id, reason }])
            }
            ContactCommand::MarkEmail { email_id, mark, primary, shared, reason } => {
                let there = self.emails.get(email_id).ok_or(ContactError::NoSuch("/email_id".into()))?;
                Ok(email_marked(there, Marking { mark, primary, shared }, reason))
            }
            ContactCommand::Join(given) => {
                in_the_base(given.client_id, "/client_id", seen)?;
                Ok(stays::join(&self.stays, given, today)?.map(stays::joined).into_iter().collect())
            }
            ContactCommand::Leave { client_id, on, reason } => {
                let until = stays::leave(&self.stays, client_id, on, today)?;
                let left = until.map(|until| ContactEvent::Left { client_id, until, reason });
                Ok(left.into_iter().collect())
            }
            ContactCommand::Move { from_client_id, to_client_id, position, role, on, reason } => {
                in_the_base(to_client_id, "/to_client_id", seen)?;
                let to = Joining { client_id: to_client_id, position, role, since: None };
                stays::change_over(&self.stays, from_client_id, to, on.unwrap_or(today), reason)
            }
        }
    }
}

fn phone_marked(
    phone: &Reach<PhoneId, PhoneNumber>,
    asked: Marking,
    reason: Option<Text<1000>>,
) -> Vec<ContactEvent> {
    let event = |Marking { mark, primary, shared }| ContactEvent::PhoneMarked {
        phone_id: phone.id,
        mark,
        primary,
        shared,
        reason,
    };
    phone.news(asked).map(event).into_iter().collect()
}

fn email_marked(
    email: &Reach<EmailId, Email>,
    asked: Marking,
    reason: Option<Text<1000>>,
) -> Vec<ContactEvent> {
    let event = |Marking { mark, primary, shared }| ContactEvent::EmailMarked {
        email_id: email.id,
        mark,
        primary,
        shared,
        reason,
    };
    email.news(asked).map(event).into_iter().collect()
}

impl Seen {
    /// The contact person, who must exist.
    pub fn contact(&self, id: ContactId, field: impl Into<Field>) -> Result<&Contact, BadReference> {
        match self.state::<Contact>(id) {
            None | Some(Contact::Unknown) => Err(BadReference::UnknownContact(field.into())),
            Some(contact) => Ok(contact),
        }
    }
}

#[cfg(test)]
mod tests;
