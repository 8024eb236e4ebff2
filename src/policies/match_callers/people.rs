//! The contact persons as the policy knows them: their numbers, and where they stand.

use super::{Ask, CallerRows, waiting};
use letopis_events::contacts::{ContactEvent, ContactPhone, Stays};
use letopis_events::{Change, ClientId, ContactId, PhoneId};
use letopis_projections::engine::Json;
use letopis_projections::table;
use std::collections::BTreeSet;

table! {
    /// A contact person.
    pub struct Person: "person" key (contact_id: ContactId) {
        /// At whom they stand, from when to when.
        stays: Json<Stays>,
    }
}

table! {
    /// A phone number of a contact person.
    pub struct PersonNumber: "person_number" key (contact_id: ContactId, phone_id: PhoneId)
        by PersonNumbersOf(contact_id: ContactId) by PersonNumbersLike(e164: String) {
        /// E.164.
        e164: String,
        /// Whether others use it too.
        shared: bool,
        /// Whether somebody else or nobody is reached by it.
        misleads: bool,
    }
}

table! {
    /// That a contact person stands or stood at a client.
    pub struct PersonAt: "person_at" key (client_id: ClientId, contact_id: ContactId) by PeopleAt(client_id: ClientId) {}
}

/// The numbers of those who stand or stood at a client.
pub(super) fn numbers_at(client: ClientId, rows: &mut CallerRows) -> Vec<String> {
    let people = rows.person_at.of(&PeopleAt(client));
    people.iter().flat_map(|person| numbers_of(person.contact_id, rows)).collect()
}

fn numbers_of(contact: ContactId, rows: &mut CallerRows) -> Vec<String> {
    let numbers = rows.person_number.of(&PersonNumbersOf(contact));
    numbers.into_iter().map(|number| number.e164).collect()
}

fn number(contact_id: ContactId, phone: &ContactPhone) -> Option<PersonNumber> {
    let e164 = phone.number.get()?.e164.clone()?;
    Some(PersonNumber { contact_id, phone_id: phone.id, e164, shared: phone.shared, misleads: false })
}

pub(super) fn contacts(id: ContactId, event: &ContactEvent, rows: &mut CallerRows) -> Vec<Ask> {
    let changed: Vec<String> = match event {
        ContactEvent::Registered { phones, .. } => {
            rows.person.insert(Person { contact_id: id, stays: Json::default() });
            stand(id, event, rows);
            let numbers: Vec<PersonNumber> = phones.iter().filter_map(|phone| number(id, phone)).collect();
            numbers.iter().cloned().for_each(|number| rows.person_number.insert(number));
            numbers.into_iter().map(|number| number.e164).collect()
        }
        ContactEvent::PhoneAdded { phone } => {
            let number = number(id, phone);
            number.iter().cloned().for_each(|number| rows.person_number.insert(number));
            number.into_iter().map(|number| number.e164).collect()
        }
        ContactEvent::PhoneRemoved { phone_id, reason: _ } => {
            let number = rows.person_number.get(&(id, *phone_id)).cloned();
            rows.person_number.remove(&(id, *phone_id));
            number.into_iter().map(|number| number.e164).collect()
        }
        ContactEvent::PhoneMarked { phone_id, mark, primary: _, shared, reason: _ } => {
            rows.person_number.edit(&(id, *phone_id), |number| {
                number.shared = shared.unwrap_or(number.shared);
                number.misleads = match mark {
                    Change::Keep => number.misleads,
                    Change::Clear => false,
                    Change::Set(mark) => mark.misleads(),
                };
            });
            let number = rows.person_number.get(&(id, *phone_id)).cloned();
            number.into_iter().map(|number| number.e164).collect()
        }
        ContactEvent::Joined { .. } | ContactEvent::Left { .. } => {
            stand(id, event, rows);
            numbers_of(id, rows)
        }
        ContactEvent::Corrected { .. }
        | ContactEvent::EmailAdded { .. }
        | ContactEvent::EmailRemoved { .. }
        | ContactEvent::EmailMarked { .. } => vec![],
    };
    waiting(changed, rows)
}

/// Keeps where a person stands.
fn stand(id: ContactId, event: &ContactEvent, rows: &mut CallerRows) {
    rows.person.edit(&(id,), |person| person.stays.0.take(event));
    let stays = rows.person.get(&(id,)).map(|person| person.stays.0.clone()).unwrap_or_default();
    for client_id in stays.0.iter().map(|stay| stay.join.client_id).collect::<BTreeSet<_>>() {
        rows.person_at.set(PersonAt { client_id, contact_id: id });
    }
}
