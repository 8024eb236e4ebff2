//! Two clients that look like one and raced past the warning, or came in with an import, are recorded as a pair: the younger is
//! suspected to be the older. Who is merged stands for nobody: the one it is shown under is named in its place. A younger one that is
//! archived takes no command: it is looked at again once it is restored.

use super::Ask;
use letopis_events::clients::ClientEvent;
use letopis_events::likeness::{Likeness, Sketch};
use letopis_events::{BadEvent, ClientId, DomainEvent, Recorded};
use letopis_projections::duplicates::{Look, LookKey, LookingLike, follow};
use letopis_projections::engine::{Policy, Set};
use letopis_projections::{row_set, table};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A key that so many clients share tells nothing.
const CROWD: usize = 200;
/// The most pairs that one event makes: the likest.
const MOST: usize = 20;
/// The longest chain of merges that is followed.
const CHAIN: usize = 100;

table! {
    /// A client that is archived.
    pub struct PutAway: "put_away" key (client_id: ClientId) {}
}

row_set! {
    /// The tables of the policy.
    pub struct LookRows { look: Set<Look>, look_key: Set<LookKey>, put_away: Set<PutAway> }
}

/// The policy.
#[derive(Debug)]
pub struct FindDuplicates;

impl Policy for FindDuplicates {
    const NAME: &'static str = "find_duplicates";
    type Rows = LookRows;
    type Command = Ask;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut LookRows) -> Result<Vec<Ask>, BadEvent> {
        Ok(match &event.event {
            DomainEvent::Clients(client) => {
                let client_id = ClientId::from(event.stream);
                let changed = follow(event, client, &mut rows.look, &mut rows.look_key);
                if let ClientEvent::Archived { reason: _ } = client {
                    rows.put_away.set(PutAway { client_id });
                } else if let ClientEvent::Restored { reason: _ } = client {
                    rows.put_away.remove(&(client_id,));
                    let look = rows.look.get(&(client_id,)).cloned();
                    return Ok(look.map(|look| suspicions(None, &look, rows)).unwrap_or_default());
                }
                changed.map(|(before, look)| suspicions(before.as_ref(), &look, rows)).unwrap_or_default()
            }
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => vec![],
        })
    }
}

/// The pairs that a client newly makes with others.
fn suspicions(before: Option<&Sketch>, look: &Look, rows: &mut LookRows) -> Vec<Ask> {
    let mut met = BTreeSet::new();
    for value in look.sketch.0.keys() {
        let crowd = rows.look_key.of(&LookingLike(value));
        if crowd.len() <= CROWD {
            met.extend(crowd.into_iter().map(|key| key.client_id));
        }
    }
    let own = shown(look.client_id, &mut rows.look).unwrap_or_else(|| look.clone());
    let mut found: Vec<(Reverse<Likeness>, Look)> = vec![];
    for id in met {
        let Some(other) = rows.look.get(&(id,)).cloned() else { continue };
        let Some(likeness) = look.sketch.0.newly_like(before, &other.sketch.0) else { continue };
        let Some(other) = shown(id, &mut rows.look) else { continue };
        let known = found.iter().any(|(_, found)| found.client_id == other.client_id);
        let (younger, _) = by_age(&own, &other);
        if other.client_id != own.client_id && !known && rows.put_away.get(&(younger.client_id,)).is_none() {
            found.push((Reverse(likeness), other));
        }
    }
    found.sort_by(|(a, x), (b, y)| a.cmp(b).then(x.client_id.cmp(&y.client_id)));
    found.truncate(MOST);
    found.into_iter().map(|(Reverse(likeness), other)| suspect(&own, &other, likeness)).collect()
}

/// The client that one is shown under in the end.
fn shown(id: ClientId, looks: &mut Set<Look>) -> Option<Look> {
    let mut look = looks.get(&(id,))?.clone();
    for _ in 0..CHAIN {
        match look.merged_into {
            Some(into) => look = looks.get(&(into,))?.clone(),
            None => break,
        }
    }
    Some(look)
}

/// The younger and the older of two.
const fn by_age<'l>(one: &'l Look, other: &'l Look) -> (&'l Look, &'l Look) {
    if one.position > other.position { (one, other) } else { (other, one) }
}

fn suspect(one: &Look, other: &Look, likeness: Likeness) -> Ask {
    let (younger, older) = by_age(one, other);
    let Likeness { score, reasons } = likeness;
    let body = json!({"client_id": older.client_id, "score": score, "reasons": reasons});
    Ask { module: "clients", id: Some(younger.client_id.0), command: "suspect", body }
}

#[cfg(test)]
mod tests;
