//! Clients: who they are, how they are reached, who looks after them; one main manager per responsibility at any moment.
//! States: unknown, here, archived; an archived client takes no command but to be restored.
//! The policy `match_callers` reacts to their phones.

mod assignments;
mod codes;
mod command;
mod corrections;
mod error;
mod given;
mod profile;
mod registration;
mod requisites;

pub use command::ClientCommand;
pub use error::ClientError;
pub use given::{AddressGiven, EmailGiven, PhoneGiven};
pub use profile::Profile;
pub(crate) use profile::{changed, merge};
pub use registration::Registration;
pub use requisites::{RequisitesChange, RequisitesGiven};

use crate::codes::Codes;
use crate::decider::{Context, Decider, Need, Seen};
use crate::employees::Employee;
use letopis_events::clients::{ClientAddress, ClientEvent, ClientPhone};
use letopis_events::{Change, ClientId, Country, ExternalId, StreamId};

/// The state of a client.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Client {
    /// Never registered.
    #[default]
    Unknown,
    /// In the client base.
    Here(Box<Profile>),
    /// Put away.
    Archived(Box<Profile>),
}

impl Client {
    /// The country whose way of writing phone numbers holds.
    pub fn country(&self) -> Country {
        match self {
            Self::Unknown => Country::default(),
            Self::Here(profile) | Self::Archived(profile) => profile.country.clone(),
        }
    }
}

impl Decider for Client {
    type Command = ClientCommand;
    type Event = ClientEvent;
    type Error = ClientError;
    const CREATES: &'static str = "register";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("register", "A client enters the client base."),
        ("correct", "Corrects what is recorded of a client."),
        ("add_phone", "The client can also be called here."),
        ("remove_phone", "The client can no longer be called here."),
        ("add_email", "The client can also be written to here."),
        ("remove_email", "The client can no longer be written to here."),
        ("add_address", "The client has this address too."),
        ("remove_address", "The client no longer has this address."),
        ("set_requisites", "Replaces the client's main registration data; empty ones remove them."),
        ("add_requisites", "The client has these registration data too."),
        ("change_requisites", "Corrects one set of the client's registration data."),
        ("remove_requisites", "The client no longer has this set of registration data."),
        ("change_status", "The relationship has come this far."),
        ("tag", "The client carries a tag."),
        ("untag", "The client no longer carries a tag."),
        ("assign", "An employee looks after the client; a main manager ends the one before."),
        ("release", "An assignment ends."),
        ("archive", "Puts the client away."),
        ("restore", "Takes the client out again."),
    ];

    fn external(command: &ClientCommand) -> Option<&ExternalId> {
        if let ClientCommand::Register(registration) = command {
            return registration.external.as_ref();
        }
        None
    }

    fn codes<'c>(&self, command: &'c ClientCommand) -> Codes<'c> {
        self.codes_in(command)
    }

    fn needs(&self, command: &ClientCommand, _: &Context<'_>) -> Vec<Need> {
        match command {
            ClientCommand::Register(Registration { parent_client_id: Some(parent), .. })
            | ClientCommand::Correct { parent_client_id: Change::Set(parent), .. } => {
                vec![Need::of::<Self>(*parent)]
            }
            ClientCommand::Assign { employee_id, .. } => vec![Need::of::<Employee>(*employee_id)],
            ClientCommand::Register(_)
            | ClientCommand::Correct { .. }
            | ClientCommand::AddPhone(_)
            | ClientCommand::RemovePhone { .. }
            | ClientCommand::AddEmail(_)
            | ClientCommand::RemoveEmail { .. }
            | ClientCommand::AddAddress(_)
            | ClientCommand::RemoveAddress { .. }
            | ClientCommand::SetRequisites(_)
            | ClientCommand::AddRequisites(_)
            | ClientCommand::ChangeRequisites(_)
            | ClientCommand::RemoveRequisites { .. }
            | ClientCommand::ChangeStatus { .. }
            | ClientCommand::Tag { .. }
            | ClientCommand::Untag { .. }
            | ClientCommand::Release { .. }
            | ClientCommand::Archive { .. }
            | ClientCommand::Restore { .. } => vec![],
        }
    }

    fn decide(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        match (self, command) {
            (_, ClientCommand::Register(registration)) => registration::register(registration, seen, context),
            (Self::Unknown, _)
            | (Self::Archived(_), ClientCommand::Archive { .. })
            | (Self::Here(_), ClientCommand::Restore { .. }) => Ok(vec![]),
            (Self::Archived(_), ClientCommand::Restore { reason }) => {
                Ok(vec![ClientEvent::Restored { reason }])
            }
            (Self::Archived(_), _) => Err(ClientError::Archived),
            (Self::Here(_), ClientCommand::Archive { reason }) => Ok(vec![ClientEvent::Archived { reason }]),
            (Self::Here(profile), command) => profile.decide(command, seen, context),
        }
    }

    fn evolve(&mut self, event: &ClientEvent) {
        if let Some(profile) = Profile::registered(event) {
            *self = Self::Here(Box::new(profile));
            return;
        }
        match (std::mem::take(self), event) {
            (Self::Unknown, _) => {}
            (Self::Here(profile) | Self::Archived(profile), ClientEvent::Archived { .. }) => {
                *self = Self::Archived(profile);
            }
            (Self::Here(profile) | Self::Archived(profile), ClientEvent::Restored { .. }) => {
                *self = Self::Here(profile);
            }
            (Self::Here(mut profile), event) => {
                profile.change(event);
                *self = Self::Here(profile);
            }
            (Self::Archived(mut profile), event) => {
                profile.change(event);
                *self = Self::Archived(profile);
            }
        }
    }

    fn concerns(&self, stream: StreamId) -> Vec<ClientId> {
        match self {
            Self::Unknown => vec![],
            Self::Here(_) | Self::Archived(_) => vec![stream.into()],
        }
    }

    fn repeats(command: &ClientCommand, first: &ClientEvent) -> bool {
        match (command, Profile::registered(first)) {
            (ClientCommand::Register(sent), Some(then)) => registration::repeats(sent, &then),
            (_, _) => false,
        }
    }
}

impl Profile {
    /// Decides on a client in the base.
    fn decide(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let unless = |so: bool, event: ClientEvent| Ok(if so { vec![] } else { vec![event] });
        match command {
            ClientCommand::Register(_) | ClientCommand::Archive { .. } | ClientCommand::Restore { .. } => {
                Ok(vec![])
            }
            ClientCommand::Correct { .. } => self.corrected(command, seen, context),
            ClientCommand::AddPhone(phone) => {
                let phone = phone.record(&self.country, context, "/number")?;
                let same = |other: &ClientPhone| {
                    let (a, b) = (other.number.get(), phone.number.get());
                    a.map(|n| (&n.e164, &n.extension)) == b.map(|n| (&n.e164, &n.extension))
                };
                unless(self.phones.iter().any(same), ClientEvent::PhoneAdded { phone: phone.clone() })
            }
            ClientCommand::RemovePhone { phone_id, reason } => {
                let there = self.phones.iter().any(|phone| phone.id == phone_id);
                there.then_some(()).ok_or(ClientError::NoSuch("/phone_id"))?;
                Ok(vec![ClientEvent::PhoneRemoved { phone_id, reason }])
            }
            ClientCommand::AddEmail(email) => {
                let so = self.emails.iter().any(|other| other.address.get() == Some(&email.address));
                unless(so, ClientEvent::EmailAdded { email: email.record(context) })
            }
            ClientCommand::RemoveEmail { email_id, reason } => {
                let there = self.emails.iter().any(|email| email.id == email_id);
                there.then_some(()).ok_or(ClientError::NoSuch("/email_id"))?;
                Ok(vec![ClientEvent::EmailRemoved { email_id, reason }])
            }
            ClientCommand::AddAddress(address) => {
                let same = |a: &ClientAddress| a.kind == address.kind && a.text.get() == Some(&address.text);
                let so = self.addresses.iter().any(same);
                unless(so, ClientEvent::AddressAdded { address: address.record(context) })
            }
            ClientCommand::RemoveAddress { address_id, reason } => {
                let there = self.addresses.iter().any(|address| address.id == address_id);
                there.then_some(()).ok_or(ClientError::NoSuch("/address_id"))?;
                Ok(vec![ClientEvent::AddressRemoved { address_id, reason }])
            }
            ClientCommand::SetRequisites(given) => Ok(self.set_requisites(given, context)),
            ClientCommand::AddRequisites(given) => self.add_requisites(given, context),
            ClientCommand::ChangeRequisites(change) => self.change_requisites(change, context),
            ClientCommand::RemoveRequisites { requisites_id, reason } => {
                self.remove_requisites(requisites_id, reason)
            }
            ClientCommand::ChangeStatus { status, reason } => {
                unless(status == self.status, ClientEvent::StatusChanged { status, reason })
            }
            ClientCommand::Tag { tag } => unless(self.tags.contains(&tag), ClientEvent::Tagged { tag }),
            ClientCommand::Untag { tag } => unless(!self.tags.contains(&tag), ClientEvent::Untagged { tag }),
            ClientCommand::Assign { .. } => self.assign(command, seen, context),
            ClientCommand::Release { assignment_id, on, reason } => {
                self.release(assignment_id, on.unwrap_or(context.now), reason)
            }
        }
    }
}

#[cfg(test)]
mod tests;
