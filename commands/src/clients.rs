//! Clients: who they are, how they are reached, who looks after them; one main manager per responsibility at any moment.
//! States: unknown, here, archived, merged; an archived client takes no command but to be restored, a merged one none but to be
//! unmerged. The policies `match_callers` and `find_duplicates` react to how they are reached and what they look like.

mod accepting;
mod assignments;
mod codes;
mod command;
mod consents;
mod corrections;
mod duplicates;
mod error;
mod given;
mod merging;
mod parents;
mod profile;
mod registration;
mod relations;
mod requisites;
mod survivor;

pub use accepting::Accepting;
pub use command::ClientCommand;
pub use consents::{ChannelAllowed, ChannelForbidden, ConsentGiven, ConsentWithdrawn};
pub use error::ClientError;
pub use given::{AddressGiven, EmailGiven, PhoneGiven};
pub use profile::Profile;
pub(crate) use profile::{changed, merge};
pub use registration::Registration;
pub use relations::RelationGiven;
pub use requisites::{RequisitesChange, RequisitesGiven};

use crate::codes::Codes;
use crate::decider::{BadReference, Context, Decider, Field, Need, Seen};
use crate::employees::Employee;
use letopis_events::clients::ClientEvent;
use letopis_events::likeness::Resemblance;
use letopis_events::{Actor, Change, ClientId, Country, ExternalId, StreamId};

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
    /// Shown under another one.
    Merged(Box<Profile>, ClientId),
}

impl Client {
    /// The country whose way of writing phone numbers holds.
    pub fn country(&self) -> Country {
        self.profile().map(|profile| profile.country.clone()).unwrap_or_default()
    }

    /// What is known of it.
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Unknown => None,
            Self::Here(profile) | Self::Archived(profile) | Self::Merged(profile, _) => Some(profile),
        }
    }

    /// Under whom it is shown.
    pub const fn survivor(&self) -> Option<ClientId> {
        match self {
            Self::Merged(_, into) => Some(*into),
            Self::Unknown | Self::Here(_) | Self::Archived(_) => None,
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
        ("relate", "The client is a payer, consignee or dealer for another one, or recommends us to it."),
        ("unrelate", "The client is no longer this to another one."),
        ("give_consent", "The client consents to be reached by a channel, or to the processing of data."),
        ("withdraw_consent", "The client consents no longer."),
        ("forbid", "The client is not to be called or written to."),
        ("allow", "The client may be called or written to again."),
        ("suspect", "The client looks like an older one."),
        ("not_a_duplicate", "The client is another one, however alike; nobody suspects it again."),
        ("merge", "The client turned out to be another one, under whom all is shown from now on."),
        (
            "unmerge",
            "The client turned out to be another one after all; what was added since stays where it was recorded.",
        ),
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
            ClientCommand::Register(registration) => {
                registration.parent_client_id.map(Need::of::<Self>).into_iter().collect()
            }
            ClientCommand::Correct { parent_client_id: Change::Set(parent), .. } => {
                vec![Need::of::<Self>(*parent)]
            }
            ClientCommand::Assign { employee_id, .. } => vec![Need::of::<Employee>(*employee_id)],
            ClientCommand::Relate(RelationGiven { client_id, .. })
            | ClientCommand::Suspect { client_id, .. }
            | ClientCommand::NotADuplicate { client_id, .. }
            | ClientCommand::Merge { into: client_id, .. } => vec![Need::of::<Self>(*client_id)],
            ClientCommand::Correct { .. }
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
            | ClientCommand::Unrelate { .. }
            | ClientCommand::GiveConsent(_)
            | ClientCommand::WithdrawConsent(_)
            | ClientCommand::Forbid(_)
            | ClientCommand::Allow(_)
            | ClientCommand::Unmerge { .. }
            | ClientCommand::Archive { .. }
            | ClientCommand::Restore { .. } => vec![],
        }
    }

    fn further(&self, command: &ClientCommand, seen: &Seen, context: &Context<'_>) -> Option<Need> {
        let ClientCommand::Correct { parent_client_id: Change::Set(parent), .. } = command else {
            return None;
        };
        parents::next(*parent, seen, context.stream)
    }

    fn decide(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let events = match (self, command) {
            (_, ClientCommand::Register(registration)) => {
                registration::register(*registration, seen, context)?
            }
            (Self::Unknown, _)
            | (Self::Archived(_), ClientCommand::Archive { .. })
            | (Self::Here(_), ClientCommand::Restore { .. })
            | (Self::Here(_) | Self::Archived(_), ClientCommand::Unmerge { .. }) => vec![],
            // Somebody looked at them before the policy did.
            (Self::Archived(_) | Self::Merged(..), ClientCommand::Suspect { .. })
                if matches!(context.actor, Actor::Policy(_)) =>
            {
                vec![]
            }
            (Self::Archived(_), ClientCommand::Restore { reason }) => vec![ClientEvent::Restored { reason }],
            (Self::Archived(_), _) => return Err(ClientError::Archived),
            (Self::Merged(_, survivor), ClientCommand::Merge { into, .. }) if into == *survivor => vec![],
            (Self::Merged(..), ClientCommand::Unmerge { reason }) => vec![ClientEvent::Unmerged { reason }],
            (Self::Merged(_, survivor), _) => return Err(ClientError::Merged(*survivor)),
            (Self::Here(_), ClientCommand::Archive { reason }) => vec![ClientEvent::Archived { reason }],
            (Self::Here(_), ClientCommand::Merge { into, reason }) => {
                merging::merge(into, reason, seen, context)?
            }
            (Self::Here(profile), command) => profile.decide(command, seen, context)?,
        };
        match seen.alike() {
            [] => Ok(events),
            alike => Err(ClientError::PossibleDuplicate(alike.to_vec())),
        }
    }

    fn resembles(&self, stream: StreamId, events: &[ClientEvent]) -> Option<Resemblance> {
        duplicates::resemblance(self, stream, events)
    }

    fn evolve(&mut self, event: &ClientEvent) {
        if let Some(profile) = Profile::registered(event) {
            *self = Self::Here(Box::new(profile));
            return;
        }
        let (mut profile, merged, archived) = match std::mem::take(self) {
            Self::Unknown => return,
            Self::Here(profile) => (profile, None, false),
            Self::Archived(profile) => (profile, None, true),
            Self::Merged(profile, into) => (profile, Some(into), false),
        };
        profile.change(event);
        *self = match (event, merged) {
            (ClientEvent::Archived { .. }, _) => Self::Archived(profile),
            (ClientEvent::Restored { .. } | ClientEvent::Unmerged { .. }, _) => Self::Here(profile),
            (ClientEvent::MergedInto { into, reason: _ }, _) => Self::Merged(profile, *into),
            (_, Some(into)) => Self::Merged(profile, into),
            (_, None) if archived => Self::Archived(profile),
            (_, None) => Self::Here(profile),
        };
    }

    fn concerns(&self, stream: StreamId) -> Vec<ClientId> {
        match self {
            Self::Unknown => vec![],
            Self::Here(_) | Self::Archived(_) => vec![stream.into()],
            Self::Merged(_, into) => vec![stream.into(), *into],
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
            ClientCommand::Register(_)
            | ClientCommand::Merge { .. }
            | ClientCommand::Unmerge { .. }
            | ClientCommand::Archive { .. }
            | ClientCommand::Restore { .. } => Ok(vec![]),
            ClientCommand::Correct { .. } => self.corrected(command, seen, context),
            ClientCommand::AddPhone(given) => self.add_phone(given, context),
            ClientCommand::RemovePhone { phone_id, reason } => self.remove_phone(phone_id, reason),
            ClientCommand::AddEmail(given) => Ok(self.add_email(given, context)),
            ClientCommand::RemoveEmail { email_id, reason } => self.remove_email(email_id, reason),
            ClientCommand::AddAddress(given) => Ok(self.add_address(given, context)),
            ClientCommand::RemoveAddress { address_id, reason } => self.remove_address(address_id, reason),
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
            ClientCommand::Relate(given) => self.relate(given, seen, context),
            ClientCommand::Unrelate { client_id, kind, until, reason } => {
                self.unrelate(client_id, kind, until.unwrap_or(context.now.day()), reason)
            }
            ClientCommand::GiveConsent(given) => self.give_consent(given, context),
            ClientCommand::WithdrawConsent(given) => self.withdraw_consent(given, context),
            ClientCommand::Forbid(given) => self.forbid(given, context),
            ClientCommand::Allow(given) => self.allow(given, context),
            ClientCommand::Suspect { client_id, score, reasons } => {
                self.suspect(client_id, score, reasons.0, seen, context)
            }
            ClientCommand::NotADuplicate { client_id, reason } => {
                self.deny_duplicate(client_id, reason, seen, context)
            }
            ClientCommand::Release { assignment_id, on, reason } => {
                self.release(assignment_id, on.unwrap_or(context.now), reason)
            }
        }
    }
}

impl Seen {
    /// The client, who must exist.
    pub fn client(&self, id: ClientId, field: impl Into<Field>) -> Result<&Client, BadReference> {
        match self.state::<Client>(id) {
            None | Some(Client::Unknown) => Err(BadReference::UnknownClient(field.into())),
            Some(client) => Ok(client),
        }
    }
}

#[cfg(test)]
mod tests;
