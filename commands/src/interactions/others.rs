//! Who else an interaction has to do with: clients and contact persons.

use super::{Interaction, InteractionError, Told, when};
use crate::clients::Client;
use crate::contacts::Contact;
use crate::decider::{BadReference, Need, Seen};
use crate::form::List;
use letopis_events::{ClientId, ContactId, Country, Day, InteractionId};
use std::collections::BTreeSet;

/// The country in which the number was dialled: the client's, else that of the first who took part.
pub(super) fn dialled_in(client: Option<ClientId>, people: &BTreeSet<ContactId>, seen: &Seen) -> Country {
    let client = client.and_then(|id| seen.state::<Client>(id)).map(Client::country);
    client.or_else(|| Some(seen.state::<Contact>(*people.first()?)?.country())).unwrap_or_default()
}

/// The client it is with: the one named, or the only one at whom those who took part stood then.
pub(super) fn client(told: &Told, seen: &Seen) -> Option<ClientId> {
    let (occurred_at, _) = when(told.occurred_at, told.precision).ok()?;
    let people = told.contact_ids.0.iter().filter_map(|id| seen.state::<Contact>(*id));
    told.client_id.or_else(|| the_only(people, occurred_at.day()))
}

pub(super) fn of_contacts(ids: &List<ContactId>) -> impl Iterator<Item = Need> {
    ids.0.iter().map(|id| Need::of::<Contact>(*id))
}

/// The contact persons who are named; each must exist.
pub(super) fn present(ids: &List<ContactId>, seen: &Seen) -> Result<BTreeSet<ContactId>, InteractionError> {
    for (index, id) in ids.0.iter().enumerate() {
        seen.contact(*id, format!("/contact_ids/{index}"))?;
    }
    Ok(ids.0.iter().copied().collect())
}

/// The client at whom all who stand anywhere on that day stand.
fn the_only<'a>(people: impl Iterator<Item = &'a Contact>, day: Day) -> Option<ClientId> {
    let clients: BTreeSet<ClientId> = people.flat_map(|person| person.stands_at(day)).collect();
    clients.first().copied().filter(|_| clients.len() == 1)
}

impl Interaction {
    /// The clients it is about.
    pub(crate) fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.details().into_iter().flat_map(|details| details.clients.iter().copied())
    }
}

impl Seen {
    /// The interaction must exist, and be about that client where it is about any.
    pub fn interaction(
        &self,
        id: InteractionId,
        of: ClientId,
        field: &'static str,
    ) -> Result<(), BadReference> {
        let unknown = || BadReference::UnknownInteraction(field.into());
        let there =
            self.state::<Interaction>(id).filter(|there| there.details().is_some()).ok_or_else(unknown)?;
        let mut clients = there.clients().peekable();
        let any = clients.peek().is_some();
        if any && !clients.any(|client| self.survivor(client) == self.survivor(of)) {
            return Err(BadReference::OtherClient(field.into()));
        }
        Ok(())
    }
}
