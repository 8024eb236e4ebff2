//! Two clients turn out to be one, or two after all. Who goes names who stays; all else of both streams stays where it is.
//!
//! No circle can arise: a client goes only while it is not merged, into one that is not merged, and the append guards both.

use super::Client;
use super::error::ClientError;
use crate::decider::{BadReference, Context, Seen};
use letopis_events::clients::ClientEvent;
use letopis_events::{ClientId, StreamId, Text};

pub(super) fn merge(
    into: ClientId,
    reason: Text<1000>,
    seen: &Seen,
    context: &Context<'_>,
) -> Result<Vec<ClientEvent>, ClientError> {
    if StreamId::from(into) == context.stream {
        return Err(ClientError::Itself("/into"));
    }
    match seen.client(into, "/into")? {
        Client::Unknown => Err(BadReference::UnknownClient("/into".into()).into()),
        Client::Archived(_) => Err(ClientError::SurvivorArchived),
        Client::Merged(_, further) => Err(ClientError::SurvivorMerged(*further)),
        Client::Here(_) => Ok(vec![ClientEvent::MergedInto { into, reason }]),
    }
}

#[cfg(test)]
mod tests;
