//! Clients that look like others: what each looks like, the keys by which those alike are found, and the pairs that were suspected.
//!
//! Whether a pair was merged is resolved when reading, through `aliases`.

use crate::client_cards::recorded_at;
use crate::engine::{Json, Projection, Set};
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::ClientEvent;
use letopis_events::likeness::{Sign, Sketch};
use letopis_events::{Actor, BadEvent, ClientId, DomainEvent, Moment, Recorded, Text};

table! {
    /// What a client looks like.
    pub struct Look: "look" key (client_id: ClientId) {
        /// The place of its first event in the log: who is older.
        position: i64,
        /// Whom it is merged into.
        merged_into: Option<ClientId>,
        /// What is compared.
        sketch: Json<Sketch>,
    }
}

table! {
    /// A key that leads to a client that may be alike.
    pub struct LookKey: "look_key" key (client_id: ClientId, value: String) by LookingLike(value: String) {}
}

table! {
    /// Two clients that look like one, or were said not to be one.
    pub struct Pair: "pair" key (client_id: ClientId, other_id: ClientId) {
        /// The place in the log of what was said of them first.
        position: i64,
        /// How much they look like one.
        score: u32,
        /// By what.
        reasons: Json<Vec<Sign>>,
        /// When it was suspected.
        suspected_at: Option<Moment>,
        /// When they were said not to be one.
        denied_at: Option<Moment>,
        /// By whom.
        denied_by: Option<Actor>,
        /// Why.
        denied_reason: Option<Text<1000>>,
    }
}

row_set! {
    /// The tables of clients that look like others.
    pub struct DuplicateRows { look: Set<Look>, look_key: Set<LookKey>, pair: Set<Pair> }
}

/// The read model of clients that look like others.
#[derive(Debug)]
pub struct Duplicates;

impl Projection for Duplicates {
    const NAME: &'static str = "duplicates";
    type Rows = DuplicateRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut DuplicateRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => {
                follow(event, client, &mut rows.look, &mut rows.look_key);
                pairs(event, client, &mut rows.pair)
            }
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => Ok(()),
        }
    }
}

/// Does to a client's look and keys what the event does; returns the look before and after, where it has changed.
pub fn follow(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    looks: &mut Set<Look>,
    keys: &mut Set<LookKey>,
) -> Option<(Option<Sketch>, Look)> {
    let client_id = ClientId::from(recorded.stream);
    if !tells(event) {
        return None;
    }
    let first = matches!(event, ClientEvent::Registered { .. });
    let before = if first { None } else { Some(looks.get(&(client_id,))?.clone()) };
    let mut after = before.clone().unwrap_or_else(|| Look {
        client_id,
        position: recorded.position.0,
        merged_into: None,
        sketch: Json::default(),
    });
    after.sketch.0.change(event);
    if let ClientEvent::MergedInto { into, reason: _ } = event {
        after.merged_into = Some(*into);
    } else if let ClientEvent::Unmerged { reason: _ } = event {
        after.merged_into = None;
    }
    if before.as_ref() == Some(&after) {
        return None;
    }
    let sketch = before.map(|look| look.sketch.0);
    let (had, has) = (sketch.as_ref().map(Sketch::keys).unwrap_or_default(), after.sketch.0.keys());
    for value in had.difference(&has) {
        keys.remove(&(client_id, value.clone()));
    }
    for value in has.difference(&had) {
        keys.insert(LookKey { client_id, value: value.clone() });
    }
    looks.insert(after.clone());
    (sketch.as_ref() != Some(&after.sketch.0)).then_some((sketch, after))
}

/// Whether an event can change a look: no other loads one.
const fn tells(event: &ClientEvent) -> bool {
    match event {
        client_events!(profile, reach, requisites, merging) => true,
        ClientEvent::StatusChanged { .. }
        | client_events!(tags, managers, relations, consents, duplicates, archive) => false,
    }
}

fn pairs(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    pairs: &mut Set<Pair>,
) -> Result<(), BadEvent> {
    let id = ClientId::from(recorded.stream);
    let new = |other_id| Pair {
        client_id: id,
        other_id,
        position: recorded.position.0,
        score: 0,
        reasons: Json(vec![]),
        suspected_at: None,
        denied_at: None,
        denied_by: None,
        denied_reason: None,
    };
    match event {
        ClientEvent::DuplicateSuspected { client_id, score, reasons } => {
            let mut pair = known(pairs, id, *client_id).unwrap_or_else(|| new(*client_id));
            pair.score = score.get().into();
            pair.reasons = Json(reasons.clone());
            pair.suspected_at = Some(recorded_at(recorded)?);
            pairs.set(pair);
        }
        ClientEvent::DuplicateDenied { client_id, reason } => {
            let mut pair = known(pairs, id, *client_id).unwrap_or_else(|| new(*client_id));
            pair.denied_at = Some(recorded_at(recorded)?);
            pair.denied_by = Some(recorded.metadata.actor.clone());
            pair.denied_reason = Some(reason.clone());
            pairs.set(pair);
        }
        ClientEvent::StatusChanged { .. }
        | client_events!(profile, reach, requisites, tags, managers, relations, consents, merging, archive) =>
            {}
    }
    Ok(())
}

/// The pair of two clients, whichever of them it was said of.
fn known(pairs: &mut Set<Pair>, one: ClientId, other: ClientId) -> Option<Pair> {
    let this = pairs.get(&(one, other)).cloned();
    let that = pairs.get(&(other, one)).cloned();
    this.or(that)
}

#[cfg(test)]
mod tests;
