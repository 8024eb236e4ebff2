//! Two clients that look like one and raced past the warning, or came in with an import, are recorded as a pair: the younger is
//! suspected to be the older. Who is merged stands for nobody: the one it is shown under is named in its place.

use super::Ask;
use letopis_events::likeness::{Likeness, Sketch};
use letopis_events::{BadEvent, ClientId, DomainEvent, Recorded};
use letopis_projections::duplicates::{Look, LookKey, LookingLike, follow};
use letopis_projections::engine::{Policy, Set};
use letopis_projections::row_set;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A key that so many clients share tells nothing.
const CROWD: usize = 200;
/// The most pairs that one event makes: the likest.
const MOST: usize = 20;
/// The longest chain of merges that is followed.
const CHAIN: usize = 100;

row_set! {
    /// The tables of the policy.
    pub struct LookRows { look: Set<Look>, look_key: Set<LookKey> }
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
            DomainEvent::Clients(client) => match follow(event, client, &mut rows.look, &mut rows.look_key) {
                Some((before, look)) => suspicions(before.as_ref(), &look, rows),
                None => vec![],
            },
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
        if other.client_id != own.client_id && !known {
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

fn suspect(one: &Look, other: &Look, likeness: Likeness) -> Ask {
    let (younger, older) = if one.position > other.position { (one, other) } else { (other, one) };
    let Likeness { score, reasons } = likeness;
    let body = json!({"client_id": older.client_id, "score": score, "reasons": reasons});
    Ask { module: "clients", id: Some(younger.client_id.0), command: "suspect", body }
}

#[cfg(test)]
mod tests;
