//! Clients that look like others: warned of before, suspected after, and told apart.

use super::Client;
use super::error::ClientError;
use super::profile::Profile;
use crate::decider::{Context, Seen};
use letopis_events::clients::ClientEvent;
use letopis_events::likeness::{Acceptance, Resemblance, Score, Sign};
use letopis_events::{Actor, ClientId, StreamId, Text};

/// What others are to be compared with before the events are recorded: nothing where name, phones, addresses and registration data
/// stay, or likeness is accepted.
pub(super) fn resemblance(client: &Client, own: StreamId, events: &[ClientEvent]) -> Option<Resemblance> {
    let warns = |event: &ClientEvent| {
        matches!(
            event,
            ClientEvent::Registered { accept_duplicates: None, .. }
                | ClientEvent::Corrected { name: Some(_), accept_duplicates: None, .. }
                | ClientEvent::PhoneAdded { accept_duplicates: None, .. }
                | ClientEvent::EmailAdded { accept_duplicates: None, .. }
                | ClientEvent::RequisitesSet { accept_duplicates: None, .. }
        )
    };
    if !events.iter().any(warns) {
        return None;
    }
    let before = client.profile().map(|profile| profile.sketch.clone());
    let mut after = before.clone().unwrap_or_default();
    for event in events {
        after.change(event);
    }
    let changed = before.as_ref() != Some(&after) && !after.keys().is_empty();
    changed.then(|| Resemblance { client_id: own.into(), before, after })
}

/// Why likeness is accepted: as told; an import accepts it always.
pub(super) fn accepted(told: Option<Acceptance>, context: &Context<'_>) -> Option<Acceptance> {
    match context.actor {
        Actor::Import(_) => told.or_else(|| "import".parse().ok().map(|reason| Acceptance { reason })),
        Actor::Employee(_) | Actor::Agent(_) | Actor::Policy(_) => told,
    }
}

impl Profile {
    /// Whether anything was said of the two.
    fn spoke_of(&self, other: ClientId) -> bool {
        self.suspected.contains(&other) || self.denied.contains(&other)
    }

    pub(super) fn suspect(
        &self,
        client_id: ClientId,
        score: Score,
        reasons: Vec<Sign>,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let other = another(client_id, seen, context)?;
        let own = context.stream.into();
        let so = self.spoke_of(client_id)
            || other.profile().is_some_and(|other| other.spoke_of(own))
            || other.survivor() == Some(own);
        Ok(if so { vec![] } else { vec![ClientEvent::DuplicateSuspected { client_id, score, reasons }] })
    }

    pub(super) fn deny_duplicate(
        &self,
        client_id: ClientId,
        reason: Text<1000>,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let other = another(client_id, seen, context)?;
        let own = context.stream.into();
        let so = self.denied.contains(&client_id)
            || other.profile().is_some_and(|other| other.denied.contains(&own));
        Ok(if so { vec![] } else { vec![ClientEvent::DuplicateDenied { client_id, reason }] })
    }
}

/// The other client, who exists and is another one.
pub(super) fn another<'s>(
    client_id: ClientId,
    seen: &'s Seen,
    context: &Context<'_>,
) -> Result<&'s Client, ClientError> {
    if StreamId::from(client_id) == context.stream {
        return Err(ClientError::Itself("/client_id"));
    }
    Ok(seen.client(client_id, "/client_id")?)
}

#[cfg(test)]
mod tests;
