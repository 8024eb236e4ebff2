//! The companies a client belongs to, one above the other: there is no circle of them.

use super::Client;
use super::error::ClientError;
use crate::decider::{Need, Seen};
use letopis_events::{ClientId, StreamId};

/// As far up as a group is shown.
const MOST: usize = 20;

/// The parent and those above it, up to the client itself or the first that is not seen yet.
fn line(parent: ClientId, seen: &Seen, own: StreamId) -> Vec<ClientId> {
    let mut line = vec![parent];
    let mut last = parent;
    while StreamId::from(last) != own && line.len() < MOST {
        let above = seen.state::<Client>(last).and_then(Client::profile).and_then(|profile| profile.parent);
        // A circle of others, which a merge can make, is gone round once.
        let Some(above) = above.filter(|above| !line.contains(above)) else { break };
        line.push(above);
        last = above;
    }
    line
}

/// The next one above that must be seen.
pub(super) fn next(parent: ClientId, seen: &Seen, own: StreamId) -> Option<Need> {
    let last = line(parent, seen, own).pop()?;
    let ends = StreamId::from(last) == own || seen.state::<Client>(last).is_some();
    (!ends).then(|| Need::of::<Client>(last))
}

/// The company a client belongs to exists, is another one and is no part of it.
pub(super) fn check(parent: ClientId, seen: &Seen, own: StreamId) -> Result<(), ClientError> {
    if StreamId::from(parent) == own {
        return Err(ClientError::OwnParent);
    }
    seen.client(parent, "/parent_client_id")?;
    let part = line(parent, seen, own).into_iter().any(|above| StreamId::from(above) == own);
    if part { Err(ClientError::ParentLoop) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
