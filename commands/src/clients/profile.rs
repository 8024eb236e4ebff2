//! What is known of a client, and how each event changes it.

use super::assignments::Assignment;
use super::consents::Act;
use super::relations::Relation;
use letopis_events::client_events;
use letopis_events::clients::{
    ClientAddress, ClientEmail, ClientEvent, ClientKind, ClientPhone, ClientStatus,
};
use letopis_events::likeness::Sketch;
use letopis_events::{
    Attributes, ClientId, Code, Country, Language, Personal, Requisites, Text, TimeZone, Website,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub(super) kind: ClientKind,
    pub(super) name: Personal<Text<200>>,
    pub(super) status: ClientStatus,
    pub(super) country: Country,
    pub(super) requisites: Vec<Requisites>,
    pub(super) industry: Option<Code>,
    pub(super) size: Option<Code>,
    pub(super) region: Option<Code>,
    pub(super) channel: Option<Code>,
    pub(super) website: Option<Website>,
    pub(super) about: Option<Personal<Text<4000>>>,
    pub(super) time_zone: Option<TimeZone>,
    pub(super) language: Option<Language>,
    pub(super) parent: Option<ClientId>,
    pub(super) phones: Vec<ClientPhone>,
    pub(super) emails: Vec<ClientEmail>,
    pub(super) addresses: Vec<ClientAddress>,
    pub(super) tags: BTreeSet<Code>,
    pub(super) attributes: Attributes,
    pub(super) assignments: Vec<Assignment>,
    pub(super) relations: Vec<Relation>,
    pub(super) consents: Vec<Act>,
    /// What of them is compared with others.
    pub(super) sketch: Sketch,
    /// The older clients they were said to look like.
    pub(super) suspected: BTreeSet<ClientId>,
    /// The clients they were said not to be.
    pub(super) denied: BTreeSet<ClientId>,
}

impl Profile {
    /// The profile a registration makes; `None` for any other event.
    pub(super) fn registered(event: &ClientEvent) -> Option<Self> {
        let ClientEvent::Registered {
            kind,
            name,
            status,
            country,
            requisites,
            industry,
            size,
            region,
            channel,
            website,
            about,
            time_zone,
            language,
            parent_client_id,
            phones,
            emails,
            addresses,
            tags,
            attributes,
            external: _,
            accept_duplicates: _,
        } = event
        else {
            return None;
        };
        let mut sketch = Sketch::default();
        sketch.change(event);
        Some(Self {
            kind: *kind,
            name: name.clone(),
            status: *status,
            country: country.clone(),
            requisites: requisites.iter().map(|set| (**set).clone()).collect(),
            industry: industry.clone(),
            size: size.clone(),
            region: region.clone(),
            channel: channel.clone(),
            website: website.clone(),
            about: about.clone(),
            time_zone: time_zone.clone(),
            language: language.clone(),
            parent: *parent_client_id,
            phones: phones.clone(),
            emails: emails.clone(),
            addresses: addresses.clone(),
            tags: tags.clone(),
            attributes: attributes.as_ref().and_then(Personal::get).cloned().unwrap_or_default(),
            assignments: vec![],
            relations: vec![],
            consents: vec![],
            sketch,
            suspected: BTreeSet::new(),
            denied: BTreeSet::new(),
        })
    }

    /// Does to the profile what an event does; registering, archiving and merging change what the client is, not what is known of it.
    pub(super) fn change(&mut self, event: &ClientEvent) {
        self.sketch.change(event);
        match event {
            ClientEvent::Registered { .. } | client_events!(merging, archive) => {}
            client_events!(relations) => self.change_relations(event),
            client_events!(consents) => self.consents.extend(Act::of(event)),
            ClientEvent::DuplicateSuspected { client_id, score: _, reasons: _ } => {
                self.suspected.insert(*client_id);
            }
            ClientEvent::DuplicateDenied { client_id, reason: _ } => {
                self.denied.insert(*client_id);
            }
            ClientEvent::Corrected { .. } => self.correct(event),
            ClientEvent::PhoneAdded { phone, accept_duplicates: _ } => self.phones.push(phone.clone()),
            ClientEvent::PhoneRemoved { phone_id, reason: _ } => {
                self.phones.retain(|phone| phone.id != *phone_id);
            }
            ClientEvent::EmailAdded { email, accept_duplicates: _ } => self.emails.push(email.clone()),
            ClientEvent::EmailRemoved { email_id, reason: _ } => {
                self.emails.retain(|email| email.id != *email_id);
            }
            ClientEvent::AddressAdded { address } => self.addresses.push(address.clone()),
            ClientEvent::AddressRemoved { address_id, reason: _ } => {
                self.addresses.retain(|address| address.id != *address_id);
            }
            client_events!(requisites) => {
                self.exchange_requisites(event);
            }
            ClientEvent::StatusChanged { status, reason: _ } => self.status = *status,
            ClientEvent::Tagged { tag } => {
                self.tags.insert(tag.clone());
            }
            ClientEvent::Untagged { tag } => {
                self.tags.remove(tag);
            }
            ClientEvent::ManagerAssigned {
                assignment_id,
                employee_id,
                kind,
                responsibility,
                since,
                until,
                reason: _,
                handover_note: _,
            } => self.assignments.push(Assignment {
                id: *assignment_id,
                employee: *employee_id,
                kind: *kind,
                responsibility: responsibility.clone(),
                since: *since,
                until: *until,
            }),
            ClientEvent::ManagerReleased { assignment_id, on, reason: _ } => {
                let released = self.assignments.iter_mut().find(|a| a.id == *assignment_id);
                if let Some(assignment) = released {
                    assignment.until = Some(*on);
                }
            }
        }
    }

    fn correct(&mut self, event: &ClientEvent) {
        let ClientEvent::Corrected {
            kind,
            name,
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
            reason: _,
            accept_duplicates: _,
        } = event
        else {
            return;
        };
        self.kind = kind.unwrap_or(self.kind);
        if let Some(name) = name {
            self.name = name.clone();
        }
        if let Some(country) = country {
            self.country = country.clone();
        }
        industry.apply(&mut self.industry);
        size.apply(&mut self.size);
        region.apply(&mut self.region);
        channel.apply(&mut self.channel);
        website.apply(&mut self.website);
        about.apply(&mut self.about);
        time_zone.apply(&mut self.time_zone);
        language.apply(&mut self.language);
        parent_client_id.apply(&mut self.parent);
        if let Some(changes) = attributes.as_ref().and_then(Personal::get) {
            merge(&mut self.attributes, changes);
        }
    }
}

/// Puts changed free fields in; an emptied one goes.
pub(crate) fn merge(
    attributes: &mut Attributes,
    changes: &BTreeMap<Code, Option<letopis_events::Attribute>>,
) {
    for (code, value) in changes {
        match value {
            Some(value) => attributes.insert(code.clone(), value.clone()),
            None => attributes.remove(code),
        };
    }
}

/// The changes of free fields that really change something; `None` when none does.
pub(crate) fn changed(
    now: &Attributes,
    asked: letopis_events::Change<letopis_events::clients::AttributeChanges>,
) -> Option<letopis_events::clients::AttributeChanges> {
    let asked = match asked {
        letopis_events::Change::Keep => return None,
        letopis_events::Change::Clear => now.keys().map(|code| (code.clone(), None)).collect(),
        letopis_events::Change::Set(changes) => changes,
    };
    let changes: BTreeMap<_, _> =
        asked.into_iter().filter(|(code, value)| now.get(code) != value.as_ref()).collect();
    (!changes.is_empty()).then_some(changes)
}
