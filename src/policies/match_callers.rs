//! An interaction without a client whose number belongs to exactly one client, unshared and not archived, is linked to it; a number
//! known later links what waited. What a person unlinked is not linked to that client again. The numbers of a client and of those
//! merged into it belong to it alike.

use super::Ask;
use letopis_events::clients::{ClientEvent, ClientPhone};
use letopis_events::interactions::InteractionEvent;
use letopis_events::{
    BadEvent, ClientId, DomainEvent, InteractionId, Personal, PhoneId, PhoneNumber, Recorded,
};
use letopis_projections::aliases::{self, Alias};
use letopis_projections::engine::Policy;
use letopis_projections::{row_set, table};
use serde_json::json;
use std::collections::BTreeSet;

table! {
    /// A phone number of a client.
    pub struct Number: "number" key (client_id: ClientId, phone_id: PhoneId)
        by NumbersOf(client_id: ClientId) by NumbersLike(e164: String) {
        /// E.164.
        e164: String,
        /// Whether it identifies nobody.
        shared: bool,
        /// Whether its client is put away.
        archived: bool,
    }
}

table! {
    /// An interaction, to be linked by the number it is known with now or later.
    pub struct Heard: "heard" key (interaction_id: InteractionId) by HeardAs(e164: Option<String>) {
        /// E.164; none while no number is known.
        e164: Option<String>,
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// The clients a person said it is not about.
        parted: Vec<ClientId>,
    }
}

row_set! {
    /// The tables of the policy.
    pub struct CallerRows { number: Set<Number>, heard: Set<Heard>, alias: Set<Alias> }
}

/// Asks that an interaction be linked to whom its number belongs to.
fn link_to(interaction_id: InteractionId, client_id: ClientId) -> Ask {
    let body = json!({"client_id": client_id, "how": "number"});
    Ask { module: "interactions", id: Some(interaction_id.0), command: "link", body }
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
            DomainEvent::Employees(_)
            | DomainEvent::Contacts(_)
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
            waiting(&numbers, rows)
        }
        ClientEvent::PhoneAdded { phone, accept_duplicates: _ } => {
            let Some(number) = number(id, phone) else { return vec![] };
            rows.number.insert(number.clone());
            waiting(&[number], rows)
        }
        ClientEvent::PhoneRemoved { phone_id, reason: _ } => {
            let Some(number) = rows.number.get(&(id, *phone_id)).cloned() else { return vec![] };
            rows.number.remove(&(id, *phone_id));
            waiting(&[number], rows)
        }
        ClientEvent::Archived { reason: _ } => archived(id, true, rows),
        // Who goes into another one, or away from it, is not archived.
        ClientEvent::Restored { reason: _ }
        | ClientEvent::MergedInto { .. }
        | ClientEvent::Unmerged { reason: _ } => archived(id, false, rows),
        ClientEvent::Corrected { .. }
        | ClientEvent::EmailAdded { .. }
        | ClientEvent::EmailRemoved { .. }
        | ClientEvent::AddressAdded { .. }
        | ClientEvent::AddressRemoved { .. }
        | ClientEvent::RequisitesSet { .. }
        | ClientEvent::RequisitesRemoved { .. }
        | ClientEvent::Related { .. }
        | ClientEvent::Unrelated { .. }
        | ClientEvent::ConsentGiven { .. }
        | ClientEvent::ConsentWithdrawn { .. }
        | ClientEvent::ChannelForbidden { .. }
        | ClientEvent::ChannelAllowed { .. }
        | ClientEvent::DuplicateSuspected { .. }
        | ClientEvent::DuplicateDenied { .. }
        | ClientEvent::StatusChanged { .. }
        | ClientEvent::Tagged { .. }
        | ClientEvent::Untagged { .. }
        | ClientEvent::ManagerAssigned { .. }
        | ClientEvent::ManagerReleased { .. } => vec![],
    }
}

/// The numbers of a client, and of all that is merged into it, are an archived client's or not; and may have changed hands.
fn archived(id: ClientId, archived: bool, rows: &mut CallerRows) -> Vec<Ask> {
    let sides = aliases::sides(id, &mut rows.alias);
    let numbers: Vec<Number> = sides.into_iter().flat_map(|side| rows.number.of(&NumbersOf(side))).collect();
    for number in &numbers {
        rows.number.set(Number { archived, ..number.clone() });
    }
    waiting(&numbers, rows)
}

fn number(client_id: ClientId, phone: &ClientPhone) -> Option<Number> {
    let e164 = phone.number.get()?.e164.clone()?;
    Some(Number { client_id, phone_id: phone.id, e164, shared: phone.shared, archived: false })
}

fn heard_number(counterpart: Option<&Personal<PhoneNumber>>) -> Option<String> {
    counterpart?.get()?.e164.clone()
}

fn interactions(id: InteractionId, event: &InteractionEvent, rows: &mut CallerRows) -> Vec<Ask> {
    match event {
        InteractionEvent::Recorded { counterpart, client_id, .. } => {
            let e164 = heard_number(counterpart.as_ref());
            let clients = client_id.iter().copied().collect();
            let heard = Heard { interaction_id: id, e164, clients, parted: vec![] };
            rows.heard.insert(heard.clone());
            link(&heard, rows).into_iter().collect()
        }
        InteractionEvent::Linked { client_id, how: _ } => {
            rows.heard.edit(&(id,), |row| row.clients.push(*client_id));
            vec![]
        }
        InteractionEvent::Unlinked { client_id, reason: _ } => {
            rows.heard.edit(&(id,), |row| {
                row.clients.retain(|client| client != client_id);
                row.parted.push(*client_id);
            });
            again(id, rows)
        }
        InteractionEvent::Corrected { counterpart, .. } if !counterpart.is_keep() => {
            rows.heard.edit(&(id,), |row| row.e164 = heard_number(counterpart.value()));
            again(id, rows)
        }
        InteractionEvent::Withdrawn { reason: _ } => {
            rows.heard.remove(&(id,));
            vec![]
        }
        InteractionEvent::Corrected { .. } | InteractionEvent::ResultSet { .. } => vec![],
    }
}

fn again(id: InteractionId, rows: &mut CallerRows) -> Vec<Ask> {
    let heard = rows.heard.get(&(id,)).cloned();
    heard.and_then(|heard| link(&heard, rows)).into_iter().collect()
}

/// What waits for the owners of numbers that have changed hands.
fn waiting(numbers: &[Number], rows: &mut CallerRows) -> Vec<Ask> {
    let once: BTreeSet<&String> = numbers.iter().map(|number| &number.e164).collect();
    let heard: Vec<Heard> =
        once.into_iter().flat_map(|e164| rows.heard.of(&HeardAs(Some(e164.clone())))).collect();
    heard.iter().filter_map(|heard| link(heard, rows)).collect()
}

/// The client an interaction is to be linked to, if it is clear.
fn link(heard: &Heard, rows: &mut CallerRows) -> Option<Ask> {
    if !heard.clients.is_empty() {
        return None;
    }
    let mut owners = rows.number.of(&NumbersLike(heard.e164.clone()?));
    owners.retain(|number| !number.archived);
    let mut survivor = |id| aliases::survivor(id, &mut rows.alias);
    let client_id = survivor(owners.first()?.client_id);
    let clear = owners.iter().all(|number| survivor(number.client_id) == client_id && !number.shared);
    let clear = clear && !heard.parted.iter().any(|parted| survivor(*parted) == client_id);
    clear.then(|| link_to(heard.interaction_id, client_id))
}

#[cfg(test)]
mod tests;
