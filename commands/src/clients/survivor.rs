//! The client that one is shown under once it was merged.

use super::Client;
use crate::decider::{Need, Seen};
use letopis_events::ClientId;

/// The longest chain of merges that is followed.
const CHAIN: usize = 100;

impl Seen {
    /// The client that this one is shown under in the end; or the next of the chain, which must be seen first.
    pub(crate) fn survivor(&self, mut id: ClientId) -> Result<ClientId, Need> {
        for _ in 0..CHAIN {
            match self.state::<Client>(id) {
                None => return Err(Need::of::<Client>(id)),
                Some(Client::Merged(_, into)) => id = *into,
                Some(Client::Unknown | Client::Here(_) | Client::Archived(_)) => break,
            }
        }
        Ok(id)
    }
}
