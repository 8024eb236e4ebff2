//! Clients: who they are, how they are reached, who looks after them; one main manager per responsibility at any moment.
//! States: unknown, here, archived; an archived client takes no command but to be restored.
//! The policy `match_callers` reacts to their phones.

mod codes;
mod command;
mod given;
mod profile;

pub use command::{AddressGiven, ClientCommand, EmailGiven, PhoneGiven, Registration, RequisitesGiven};
pub use profile::Profile;
pub(crate) use profile::{changed, merge};

use crate::codes::Codes;
use crate::decider::{BadReference, Context, Decider, Need, Rejection, Seen};
use crate::employees::Employee;
use letopis_events::clients::{AssignmentKind, ClientAddress, ClientEvent, ClientPhone};
use letopis_events::{
    AssignmentId, BadValue, Change, ClientId, Country, ExternalId, Moment, Personal, PhoneNumber, StreamId,
    Text,
};
use profile::Assignment;

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

/// Why a command to a client's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// No phone number.
    #[error("{1}")]
    Phone(String, BadValue),
    /// A field that is never empty.
    #[error("this field cannot be cleared")]
    Required(&'static str),
    /// An end before its start.
    #[error("the end lies before the start")]
    EndsBeforeStart(&'static str),
    /// A client is not part of itself.
    #[error("a client cannot belong to itself")]
    OwnParent,
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// Put away.
    #[error("this client is archived: restore it first")]
    Archived,
    /// No such phone, address or assignment.
    #[error("this client has none with this id")]
    NoSuch(&'static str),
    /// A main manager begins later in the same time.
    #[error("another main manager begins at {0}: release that assignment first or say until when")]
    MainOverlaps(Moment),
}

impl Rejection for ClientError {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone(..) => "bad_value",
            Self::Required(_) => "missing_field",
            Self::EndsBeforeStart(_) => "ends_before_start",
            Self::OwnParent => "own_parent",
            Self::Reference(reference) => reference.code(),
            Self::Archived => "client_archived",
            Self::NoSuch(_) => "no_such_part",
            Self::MainOverlaps(_) => "main_overlaps",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Phone(field, _) => Some(field.clone()),
            Self::Required(field) | Self::EndsBeforeStart(field) | Self::NoSuch(field) => {
                Some((*field).into())
            }
            Self::OwnParent => Some("/parent_client_id".into()),
            Self::Reference(reference) => reference.field(),
            Self::Archived | Self::MainOverlaps(_) => None,
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
        ("set_requisites", "Replaces the client's registration data."),
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
            (_, ClientCommand::Register(registration)) => register(registration, seen, context),
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
        let (ClientCommand::Register(sent), Some(then)) = (command, Profile::registered(first)) else {
            return false;
        };
        let requisites = sent.requisites.clone().unwrap_or_default();
        then.kind == sent.kind
            && then.name.get() == Some(&sent.name)
            && then.status == sent.status.unwrap_or_default()
            && then.country == sent.country.clone().unwrap_or_default()
            && RequisitesGiven::of(&then.requisites) == requisites
            && then.industry == sent.industry
            && then.size == sent.size
            && then.region == sent.region
            && then.channel == sent.channel
            && then.website == sent.website
            && then.about.as_ref().and_then(Personal::get) == sent.about.as_ref()
            && then.time_zone == sent.time_zone
            && then.language == sent.language
            && then.parent == sent.parent_client_id
            && then.phones.iter().map(|p| p.number.get().map(|n| &n.raw)).collect::<Vec<_>>()
                == sent.phones.0.iter().map(|p| Some(&p.number)).collect::<Vec<_>>()
            && then.emails.iter().map(|e| e.address.get()).collect::<Vec<_>>()
                == sent.emails.0.iter().map(|e| Some(&e.address)).collect::<Vec<_>>()
            && then.addresses.iter().map(|a| (&a.kind, a.text.get())).collect::<Vec<_>>()
                == sent.addresses.0.iter().map(|a| (&a.kind, Some(&a.text))).collect::<Vec<_>>()
            && then.tags == sent.tags.0.iter().cloned().collect()
            && then.attributes == sent.attributes.clone().unwrap_or_default()
    }
}

fn register(
    given: Registration,
    seen: &Seen,
    context: &Context<'_>,
) -> Result<Vec<ClientEvent>, ClientError> {
    let own = context.stream;
    if let Some(parent) = given.parent_client_id {
        check_parent(parent, seen, own)?;
    }
    let country = given.country.unwrap_or_default();
    let phones = given.phones.0.into_iter().enumerate();
    let phones = phones
        .map(|(index, phone)| phone.record(&country, context, &format!("/phones/{index}/number")))
        .collect::<Result<_, _>>()?;
    Ok(vec![ClientEvent::Registered {
        kind: given.kind,
        name: Personal::new(own, given.name),
        status: given.status.unwrap_or_default(),
        country,
        requisites: given.requisites.unwrap_or_default().record(own),
        industry: given.industry,
        size: given.size,
        region: given.region,
        channel: given.channel,
        website: given.website,
        about: given.about.map(|about| Personal::new(own, about)),
        time_zone: given.time_zone,
        language: given.language,
        parent_client_id: given.parent_client_id,
        phones,
        emails: given.emails.0.into_iter().map(|email| email.record(context)).collect(),
        addresses: given.addresses.0.into_iter().map(|address| address.record(context)).collect(),
        tags: given.tags.0.into_iter().collect(),
        attributes: given.attributes.map(|attributes| Personal::new(own, attributes)),
        external: given.external,
    }])
}

fn check_parent(parent: ClientId, seen: &Seen, own: StreamId) -> Result<(), ClientError> {
    if StreamId::from(parent) == own {
        return Err(ClientError::OwnParent);
    }
    seen.client(parent, "/parent_client_id")?;
    Ok(())
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
                    a.map(PhoneNumber::reaches) == b.map(PhoneNumber::reaches)
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
            ClientCommand::SetRequisites(given) => {
                let requisites = given.record(context.stream);
                unless(requisites == self.requisites, ClientEvent::RequisitesSet { requisites })
            }
            ClientCommand::ChangeStatus { status, reason } => {
                unless(status == self.status, ClientEvent::StatusChanged { status, reason })
            }
            ClientCommand::Tag { tag } => unless(self.tags.contains(&tag), ClientEvent::Tagged { tag }),
            ClientCommand::Untag { tag } => unless(!self.tags.contains(&tag), ClientEvent::Untagged { tag }),
            ClientCommand::Assign { .. } => self.assign(command, seen, context),
            ClientCommand::Release { assignment_id, on, reason } => {
                let on = on.unwrap_or(context.now);
                let assignment = self.assignments.iter().find(|a| a.id == assignment_id);
                let assignment = assignment.ok_or(ClientError::NoSuch("/assignment_id"))?;
                if on < assignment.since {
                    return Err(ClientError::EndsBeforeStart("/on"));
                }
                let so = assignment.until.is_some_and(|until| until <= on);
                unless(so, ClientEvent::ManagerReleased { assignment_id, on, reason })
            }
        }
    }

    fn assign(
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

    fn corrected(
        &self,
        command: ClientCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ClientCommand::Correct {
            name,
            kind,
            country,
            industry,
            size,
            region,
            channel,
            website,
            about,
            time_zone,
            language,
            parent_client_id,
            attributes,
            reason,
        } = command
        else {
            return Ok(vec![]);
        };
        let own = context.stream;
        if let Change::Set(parent) = parent_client_id {
            check_parent(parent, seen, own)?;
        }
        let name = kept(name, "/name")?.map(|name: Text<200>| Personal::new(own, name));
        let changes = changed(&self.attributes, attributes);
        let event = ClientEvent::Corrected {
            kind: kept(kind, "/kind")?.filter(|kind| *kind != self.kind),
            name: name.filter(|name| *name != self.name),
            country: kept(country, "/country")?.filter(|country| *country != self.country),
            industry: industry.against(self.industry.as_ref()),
            size: size.against(self.size.as_ref()),
            region: region.against(self.region.as_ref()),
            channel: channel.against(self.channel.as_ref()),
            website: website.against(self.website.as_ref()),
            about: about.map(|about| Personal::new(own, about)).against(self.about.as_ref()),
            time_zone: time_zone.against(self.time_zone.as_ref()),
            language: language.against(self.language.as_ref()),
            parent_client_id: parent_client_id.against(self.parent.as_ref()),
            attributes: changes.map(|changes| Personal::new(own, changes)),
            reason,
        };
        let mut after = self.clone();
        after.change(&event);
        Ok(if after == *self { vec![] } else { vec![event] })
    }
}

/// The new value of a field that is never empty.
fn kept<T>(change: Change<T>, field: &'static str) -> Result<Option<T>, ClientError> {
    match change {
        Change::Keep => Ok(None),
        Change::Set(value) => Ok(Some(value)),
        Change::Clear => Err(ClientError::Required(field)),
    }
}

#[cfg(test)]
mod tests;
