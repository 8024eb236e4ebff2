//! The client base by its traits, and how active each part is.

use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{ClientEvent, ClientKind, ClientStatus};
use letopis_events::interactions::InteractionEvent;
use letopis_events::{BadEvent, ClientId, Code, DomainEvent, InteractionId, Moment, Recorded};

table! {
    /// A client by the traits that segments are made of.
    pub struct Member: "member" key (client_id: ClientId) {
        /// What they are.
        kind: ClientKind,
        /// How far the relationship has come.
        status: ClientStatus,
        /// Line of business.
        industry: Option<Code>,
        /// Size.
        size: Option<Code>,
        /// Region.
        region: Option<Code>,
        /// How they found us.
        channel: Option<Code>,
        /// Tags.
        tags: Vec<Code>,
        /// Whether they are put away.
        archived: bool,
    }
}

table! {
    /// An interaction: with whom, and when.
    pub struct Occasion: "occasion" key (interaction_id: InteractionId) {
        /// The clients it is about, sorted.
        client_ids: Vec<ClientId>,
        /// When.
        occurred_at: Moment,
    }
}

row_set! {
    /// The tables of segments.
    pub struct SegmentRows { member: Set<Member>, occasion: Set<Occasion> }
}

/// The read model of segments.
#[derive(Debug)]
pub struct SegmentAnalytics;

impl Projection for SegmentAnalytics {
    const NAME: &'static str = "segment_analytics";
    type Rows = SegmentRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut SegmentRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => clients(ClientId::from(event.stream), client, rows),
            DomainEvent::Interactions(interaction) => {
                interactions(InteractionId::from(event.stream), interaction, rows);
            }
            DomainEvent::Employees(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn clients(id: ClientId, event: &ClientEvent, rows: &mut SegmentRows) {
    if let ClientEvent::Registered { kind, status, industry, size, region, channel, tags, .. } = event {
        rows.member.insert(Member {
            client_id: id,
            kind: *kind,
            status: *status,
            industry: industry.clone(),
            size: size.clone(),
            region: region.clone(),
            channel: channel.clone(),
            tags: tags.iter().cloned().collect(),
            archived: false,
        });
        return;
    }
    let key = (id,);
    match event {
        ClientEvent::Corrected { kind, industry, size, region, channel, .. } => {
            rows.member.edit(&key, |row| {
                row.kind = kind.unwrap_or(row.kind);
                industry.apply(&mut row.industry);
                size.apply(&mut row.size);
                region.apply(&mut row.region);
                channel.apply(&mut row.channel);
            });
        }
        ClientEvent::StatusChanged { status, reason: _ } => {
            rows.member.edit(&key, |row| row.status = *status);
        }
        ClientEvent::Tagged { tag } => rows.member.edit(&key, |row| {
            row.tags.push(tag.clone());
            row.tags.sort_unstable();
            row.tags.dedup();
        }),
        ClientEvent::Untagged { tag } => rows.member.edit(&key, |row| row.tags.retain(|t| t != tag)),
        ClientEvent::Archived { reason: _ } => rows.member.edit(&key, |row| row.archived = true),
        ClientEvent::Restored { reason: _ } => rows.member.edit(&key, |row| row.archived = false),
        ClientEvent::Registered { .. }
        | client_events!(reach, requisites, managers, relations, consents, duplicates, merging) => {}
    }
}

fn interactions(id: InteractionId, event: &InteractionEvent, rows: &mut SegmentRows) {
    let key = (id,);
    match event {
        InteractionEvent::Recorded { client_id, occurred_at, .. } => {
            let client_ids = client_id.iter().copied().collect();
            rows.occasion.insert(Occasion { interaction_id: id, client_ids, occurred_at: *occurred_at });
        }
        InteractionEvent::Linked { client_id, how: _ } => rows.occasion.edit(&key, |row| {
            row.client_ids.push(*client_id);
            row.client_ids.sort_unstable();
            row.client_ids.dedup();
        }),
        InteractionEvent::Unlinked { client_id, reason: _ } => {
            rows.occasion.edit(&key, |row| row.client_ids.retain(|client| client != client_id));
        }
        InteractionEvent::Corrected { occurred_at: Some(at), .. } => {
            rows.occasion.edit(&key, |row| row.occurred_at = *at);
        }
        InteractionEvent::Withdrawn { reason: _ } => rows.occasion.remove(&key),
        InteractionEvent::Corrected { occurred_at: None, .. }
        | InteractionEvent::ContactLinked { .. }
        | InteractionEvent::ContactUnlinked { .. }
        | InteractionEvent::ResultSet { .. } => {}
    }
}

#[cfg(test)]
mod tests;
