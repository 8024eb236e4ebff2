//! An interaction with somebody at a number is linked to whom the number belongs to. A client's number, unshared, names the client. A
//! contact person's number names the client at whom they stand on that day, and the person, if it is nobody else's; a shared one, or
//! one of several persons, names the client alone. Where all that names more than one client, nothing is linked to a client. A
//! number known later links what waited; what a person unlinked is not linked again; archived clients take no part. A client and
//! those merged into it are one: what is linked is linked to the one that stays.

mod people;

use super::Ask;
use letopis_events::client_events;
use letopis_events::clients::{ClientEvent, ClientPhone};
use letopis_events::interactions::InteractionEvent;
use letopis_events::{
    BadEvent, ClientId, ContactId, Day, DomainEvent, InteractionId, Moment, Personal, PhoneId, PhoneNumber,
    Recorded,
};
use letopis_projections::aliases::{self, Alias};
use letopis_projections::engine::Policy;
use letopis_projections::{row_set, table};
use people::{Person, PersonAt, PersonNumber, PersonNumbersLike};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

table! {
    /// A phone number of a client.
    pub struct Number: "number" key (client_id: ClientId, phone_id: PhoneId)
        by NumbersOf(client_id: ClientId) by NumbersLike(e164: String) {
        /// E.164.
        e164: String,
        /// Whether it identifies nobody.
        shared: bool,
    }
}

table! {
    /// A client who is put away.
    pub struct Archived: "archived" key (client_id: ClientId) {}
}

table! {
    /// An interaction with somebody at a number.
    pub struct Heard: "heard" key (interaction_id: InteractionId) by HeardAs(e164: Option<String>) {
        /// E.164; none while what was heard is no number.
        e164: Option<String>,
        /// The day it occurred.
        day: Day,
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// The contact persons who took part.
        contacts: Vec<ContactId>,
        /// The clients a person said it is not about.
        parted: Vec<ClientId>,
        /// The contact persons of whom a person said that they took no part.
        absent: Vec<ContactId>,
    }
}

row_set! {
    /// The tables of the policy.
    pub struct CallerRows {
        number: Set<Number>,
        archived: Set<Archived>,
        heard: Set<Heard>,
        person: Set<Person>,
        person_number: Set<PersonNumber>,
        person_at: Set<PersonAt>,
        alias: Set<Alias>,
    }
}

/// The policy.
#[derive(Debug)]
pub struct MatchCallers;

impl Policy for MatchCallers {
    const NAME: &'static str = "match_callers";
    type Rows = CallerRows;
    type Command = Ask;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut CallerRows) -> Result<Vec<Ask>, BadEvent> {
        Ok(match &event.event {
            DomainEvent::Clients(client) => {
                aliases::follow(event, client, &mut rows.alias)?;
                clients(event.stream.into(), client, rows)
            }
            DomainEvent::Interactions(interaction) => interactions(event.stream.into(), interaction, rows),
            DomainEvent::Contacts(contact) => people::contacts(event.stream.into(), contact, rows),
            DomainEvent::Employees(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => vec![],
        })
    }
}

fn clients(id: ClientId, event: &ClientEvent, rows: &mut CallerRows) -> Vec<Ask> {
    match event {
        ClientEvent::Registered { phones, .. } => {
            let numbers: Vec<Number> = phones.iter().filter_map(|phone| number(id, phone)).collect();
            numbers.iter().cloned().for_each(|number| rows.number.insert(number));
            waiting(numbers.into_iter().map(|number| number.e164), rows)
        }
        ClientEvent::PhoneAdded { phone, accept_duplicates: _ } => {
            let Some(number) = number(id, phone) else { return vec![] };
            rows.number.insert(number.clone());
            waiting([number.e164], rows)
        }
        ClientEvent::PhoneRemoved { phone_id, reason: _ } => {
            let Some(number) = rows.number.get(&(id, *phone_id)).cloned() else { return vec![] };
            rows.number.remove(&(id, *phone_id));
            waiting([number.e164], rows)
        }
        ClientEvent::Archived { reason: _ } => {
            rows.archived.set(Archived { client_id: id });
            of_client(id, rows)
        }
        ClientEvent::Restored { reason: _ } => {
            rows.archived.remove(&(id,));
            of_client(id, rows)
        }
        client_events!(merging) => of_client(id, rows),
        ClientEvent::Corrected { .. }
        | ClientEvent::EmailAdded { .. }
        | ClientEvent::EmailRemoved { .. }
        | ClientEvent::AddressAdded { .. }
        | ClientEvent::AddressRemoved { .. }
        | ClientEvent::StatusChanged { .. }
        | client_events!(requisites, tags, managers, relations, consents, duplicates) => vec![],
    }
}

/// What waits at the numbers of a client, of all that is merged into it, and of those who stand or stood there.
fn of_client(id: ClientId, rows: &mut CallerRows) -> Vec<Ask> {
    let mut numbers = vec![];
    for side in aliases::sides(id, &mut rows.alias) {
        numbers.extend(rows.number.of(&NumbersOf(side)).into_iter().map(|number| number.e164));
        numbers.extend(people::numbers_at(side, rows));
    }
    waiting(numbers, rows)
}

fn number(client_id: ClientId, phone: &ClientPhone) -> Option<Number> {
    let e164 = phone.number.get()?.e164.clone()?;
    Some(Number { client_id, phone_id: phone.id, e164, shared: phone.shared })
}

fn heard_number(counterpart: Option<&Personal<PhoneNumber>>) -> Option<String> {
    counterpart?.get()?.e164.clone()
}

fn interactions(id: InteractionId, event: &InteractionEvent, rows: &mut CallerRows) -> Vec<Ask> {
    match event {
        InteractionEvent::Recorded { counterpart, client_id, contact_ids, occurred_at, .. } => {
            rows.heard.insert(Heard {
                interaction_id: id,
                e164: heard_number(counterpart.as_ref()),
                day: occurred_at.day(),
                clients: client_id.iter().copied().collect(),
                contacts: contact_ids.iter().copied().collect(),
                parted: vec![],
                absent: vec![],
            });
        }
        InteractionEvent::Linked { client_id, how: _ } => {
            rows.heard.edit(&(id,), |row| row.clients.push(*client_id));
            return vec![];
        }
        InteractionEvent::ContactLinked { contact_id, how: _ } => {
            rows.heard.edit(&(id,), |row| row.contacts.push(*contact_id));
            return vec![];
        }
        InteractionEvent::Unlinked { client_id, reason: _ } => rows.heard.edit(&(id,), |row| {
            row.clients.retain(|client| client != client_id);
            row.parted.push(*client_id);
        }),
        InteractionEvent::ContactUnlinked { contact_id, reason: _ } => rows.heard.edit(&(id,), |row| {
            row.contacts.retain(|contact| contact != contact_id);
            row.absent.push(*contact_id);
        }),
        InteractionEvent::Corrected { counterpart, occurred_at, contact_ids, .. } => {
            rows.heard.edit(&(id,), |row| {
                if !counterpart.is_keep() {
                    row.e164 = heard_number(counterpart.value());
                }
                row.day = occurred_at.map_or(row.day, Moment::day);
                if let Some(now) = contact_ids {
                    let before = std::mem::replace(&mut row.contacts, now.iter().copied().collect());
                    row.absent.extend(before.into_iter().filter(|contact| !now.contains(contact)));
                }
            });
        }
        InteractionEvent::Withdrawn { reason: _ } => {
            rows.heard.remove(&(id,));
            return vec![];
        }
        InteractionEvent::ResultSet { .. } => return vec![],
    }
    let heard = rows.heard.get(&(id,)).cloned();
    heard.map(|heard| asks(&heard, rows)).unwrap_or_default()
}

/// What waits for the owners of numbers that have changed hands.
fn waiting(numbers: impl IntoIterator<Item = String>, rows: &mut CallerRows) -> Vec<Ask> {
    let once: BTreeSet<String> = numbers.into_iter().collect();
    let heard: Vec<Heard> = once.into_iter().flat_map(|e164| rows.heard.of(&HeardAs(Some(e164)))).collect();
    heard.iter().flat_map(|heard| asks(heard, rows)).collect()
}

/// Whom an interaction is to be linked to, as far as its number makes it clear.
fn asks(heard: &Heard, rows: &mut CallerRows) -> Vec<Ask> {
    let Some(e164) = &heard.e164 else { return vec![] };
    if !heard.clients.is_empty() && !heard.contacts.is_empty() {
        return vec![];
    }
    let numbers = rows.person_number.of(&PersonNumbersLike(e164.clone()));
    let numbers: Vec<PersonNumber> = numbers.into_iter().filter(|number| !number.misleads).collect();
    if !heard.clients.is_empty() && numbers.is_empty() {
        return vec![];
    }
    let mut archived = |client: &ClientId| rows.archived.get(&(*client,)).is_some();
    let mut shown = |client: &ClientId| aliases::survivor(*client, &mut rows.alias);
    let mut owners = rows.number.of(&NumbersLike(e164.clone()));
    owners.retain(|number| !archived(&shown(&number.client_id)));
    // Each person who has the number, and where they stand on that day.
    let mut people: BTreeMap<ContactId, BTreeSet<ClientId>> = BTreeMap::new();
    for number in &numbers {
        let person = rows.person.get(&(number.contact_id,));
        let stands = person.map(|person| person.stays.0.on(heard.day)).unwrap_or_default();
        let stands = stands.iter().map(&mut shown).filter(|client| !archived(client));
        people.insert(number.contact_id, stands.collect());
    }
    if owners.iter().any(|number| number.shared) {
        return vec![];
    }
    let own: BTreeSet<ClientId> = owners.iter().map(|number| shown(&number.client_id)).collect();
    let parted: BTreeSet<ClientId> = heard.parted.iter().map(&mut shown).collect();
    let about: BTreeSet<ClientId> = heard.clients.iter().map(&mut shown).collect();
    let clients: BTreeSet<ClientId> = people.values().flatten().chain(&own).copied().collect();
    let client = clients.first().filter(|_| clients.len() == 1 && heard.clients.is_empty());
    let client = client.filter(|client| !parted.contains(client));
    let person = people.first_key_value().filter(|_| people.len() == 1 && heard.contacts.is_empty());
    let person = person.filter(|(person, stands)| {
        let unshared = numbers.iter().all(|number| !number.shared);
        let theirs = own.is_subset(stands) && parted.is_disjoint(stands);
        let there = about.is_empty() || !about.is_disjoint(stands);
        unshared && theirs && there && !heard.absent.contains(person)
    });
    let client = client.map(|client| link(heard, "link", "client_id", client.0));
    let person = person.map(|(person, _)| link(heard, "link_contact", "contact_id", person.0));
    // The person first: a step that was agreed is planned as soon as the client is known, and names who is linked by then.
    person.into_iter().chain(client).collect()
}

/// Asks that an interaction be linked by its number.
fn link(heard: &Heard, command: &'static str, field: &str, to: Uuid) -> Ask {
    let body = json!({field: to, "how": "number"});
    Ask { module: "interactions", id: Some(heard.interaction_id.0), command, body }
}

#[cfg(test)]
mod tests;
