//! Which clients turned out to be others. A merged client keeps its rows; who asks resolves it, so that a merge touches one row.

use crate::client_cards::recorded_at;
use crate::engine::{Projection, Set};
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::ClientEvent;
use letopis_events::{Actor, BadEvent, ClientId, DomainEvent, Moment, Recorded, Text};

/// The longest chain of merges that is followed; decisions let no circle arise.
const CHAIN: usize = 100;

table! {
    /// A client that turned out to be another one.
    pub struct Alias: "alias" key (client_id: ClientId) by AliasesOf(survivor_id: ClientId) {
        /// Under whom it is shown; may be merged itself.
        survivor_id: ClientId,
        /// When that was recorded.
        merged_at: Moment,
        /// Why.
        reason: Text<1000>,
        /// Who decided on it.
        merged_by: Actor,
    }
}

row_set! {
    /// The tables of merged clients.
    pub struct AliasRows { alias: Set<Alias> }
}

/// The read model of merged clients.
#[derive(Debug)]
pub struct Aliases;

impl Projection for Aliases {
    const NAME: &'static str = "aliases";
    type Rows = AliasRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut AliasRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => follow(event, client, &mut rows.alias),
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => Ok(()),
        }
    }
}

/// Does to the merged clients what the event does.
pub fn follow(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    aliases: &mut Set<Alias>,
) -> Result<(), BadEvent> {
    let client_id = ClientId::from(recorded.stream);
    match event {
        ClientEvent::MergedInto { into, reason } => aliases.set(Alias {
            client_id,
            survivor_id: *into,
            merged_at: recorded_at(recorded)?,
            reason: reason.clone(),
            merged_by: recorded.metadata.actor.clone(),
        }),
        ClientEvent::Unmerged { reason: _ } => aliases.remove(&(client_id,)),
        ClientEvent::StatusChanged { .. }
        | client_events!(
            profile, reach, requisites, tags, managers, relations, consents, duplicates, archive
        ) => {}
    }
    Ok(())
}

/// The client under whom everything of this one is shown.
pub fn survivor(of: ClientId, aliases: &mut Set<Alias>) -> ClientId {
    let mut id = of;
    for _ in 0..CHAIN {
        match aliases.get(&(id,)) {
            Some(alias) => id = alias.survivor_id,
            None => break,
        }
    }
    id
}

/// A client and all that is shown under it.
pub fn sides(of: ClientId, aliases: &mut Set<Alias>) -> Vec<ClientId> {
    let mut sides = vec![of];
    let mut next = 0;
    while let Some(id) = sides.get(next) {
        for alias in aliases.of(&AliasesOf(*id)) {
            if !sides.contains(&alias.client_id) {
                sides.push(alias.client_id);
            }
        }
        next += 1;
    }
    sides
}

#[cfg(test)]
mod tests;
