//! What a client is to others.

use super::duplicates::another;
use super::error::ClientError;
use super::profile::Profile;
use crate::decider::{Context, Seen};
use letopis_events::clients::{ClientEvent, RelationKind};
use letopis_events::{ClientId, Day, Personal, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A relation as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct RelationGiven {
    /// To whom.
    pub client_id: ClientId,
    /// What they are to them.
    pub kind: RelationKind,
    /// Since which day.
    pub since: Option<Day>,
    /// What else is worth knowing.
    pub note: Option<Text<1000>>,
}

/// What a client is to another one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Relation {
    pub(super) client_id: ClientId,
    pub(super) kind: RelationKind,
    pub(super) since: Option<Day>,
    pub(super) note: Option<Personal<Text<1000>>>,
}

impl Profile {
    fn relation(&self, client_id: ClientId, kind: RelationKind) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.client_id == client_id && relation.kind == kind)
    }

    pub(super) fn relate(
        &self,
        given: RelationGiven,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let RelationGiven { client_id, kind, since, note } = given;
        another(client_id, seen, context)?;
        let note = note.map(|note| Personal::new(context.stream, note));
        let so = self.relation(client_id, kind).is_some_and(|now| {
            (since.is_none() || now.since == since) && (note.is_none() || now.note == note)
        });
        Ok(if so { vec![] } else { vec![ClientEvent::Related { client_id, kind, since, note }] })
    }

    pub(super) fn unrelate(
        &self,
        client_id: ClientId,
        kind: RelationKind,
        until: Day,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let relation = self.relation(client_id, kind).ok_or(ClientError::NoSuch("/client_id"))?;
        if relation.since.is_some_and(|since| until < since) {
            return Err(ClientError::EndsBeforeStart("/until"));
        }
        Ok(vec![ClientEvent::Unrelated { client_id, kind, until, reason }])
    }

    /// Does to the relations what an event does.
    pub(super) fn change_relations(&mut self, event: &ClientEvent) {
        let (ClientEvent::Related { client_id, kind, .. } | ClientEvent::Unrelated { client_id, kind, .. }) =
            event
        else {
            return;
        };
        self.relations.retain(|relation| relation.client_id != *client_id || relation.kind != *kind);
        if let ClientEvent::Related { client_id, kind, since, note } = event {
            let (client_id, kind, since, note) = (*client_id, *kind, *since, note.clone());
            self.relations.push(Relation { client_id, kind, since, note });
        }
    }
}

#[cfg(test)]
mod tests;
