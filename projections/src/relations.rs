//! What clients are to each other: who pays, who receives, who sells, who recommends.

use crate::client_cards::open;
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{ClientEvent, RelationKind};
use letopis_events::{BadEvent, ClientId, Day, DomainEvent, Recorded, Text};

table! {
    /// What a client is, or was, to another one.
    pub struct Relation: "relation" key (client_id: ClientId, other_id: ClientId, kind: RelationKind)
        by RelationsOf(client_id: ClientId) by RelationsTo(other_id: ClientId) {
        /// Since which day; none: not known.
        since: Option<Day>,
        /// From which day on no longer.
        until: Option<Day>,
        /// What else is worth knowing.
        note: Option<Text<1000>>,
        /// Why it ended.
        reason: Option<Text<1000>>,
    }
}

row_set! {
    /// The tables of relations.
    pub struct RelationRows { relation: Set<Relation> }
}

/// The read model of relations.
#[derive(Debug)]
pub struct Relations;

impl Projection for Relations {
    const NAME: &'static str = "relations";
    type Rows = RelationRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut RelationRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => clients(event.stream.into(), client, rows),
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn clients(id: ClientId, event: &ClientEvent, rows: &mut RelationRows) {
    match event {
        ClientEvent::Related { client_id, kind, since, note } => rows.relation.set(Relation {
            client_id: id,
            other_id: *client_id,
            kind: *kind,
            since: *since,
            until: None,
            note: open(note.as_ref()),
            reason: None,
        }),
        ClientEvent::Unrelated { client_id, kind, until, reason } => {
            rows.relation.edit(&(id, *client_id, *kind), |row| {
                row.until = Some(*until);
                row.reason.clone_from(reason);
            });
        }
        ClientEvent::StatusChanged { .. }
        | client_events!(
            profile, reach, requisites, tags, managers, consents, duplicates, merging, archive
        ) => {}
    }
}

#[cfg(test)]
mod tests;
