//! A client's own lines: what is recorded of them and who looks after them.

use super::{Entry, Profile, TimelineRows, correct, plain};
use crate::client_cards::recorded_at;
use crate::engine::Json;
use letopis_events::clients::ClientEvent;
use letopis_events::{BadEvent, ClientId, DomainEvent, Recorded, RequisitesId};
use serde_json::{Map, Value, json};

pub(super) fn apply(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = ClientId::from(recorded.stream);
    let (name, mut data) = plain(event);
    let (mut kind, mut at) = ("client", recorded_at(recorded)?);
    match event {
        ClientEvent::Registered { .. } => {
            let mut fields = data.clone();
            let sets = fields.remove("requisites").into_iter().collect();
            fields.insert("requisites".into(), Value::Array(sets));
            rows.profile.insert(Profile { client_id: id, fields: Json(fields) });
        }
        ClientEvent::Corrected { .. } => {
            let fields = std::mem::take(&mut data);
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), correct(&mut row.fields.0, &fields));
            });
            data.extend(fields.get("reason").map(|reason| ("reason".into(), reason.clone())));
        }
        ClientEvent::StatusChanged { status, reason: _ } => {
            let fields = Map::from_iter([("status".to_owned(), json!(status))]);
            data.remove("status");
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), correct(&mut row.fields.0, &fields));
            });
        }
        ClientEvent::RequisitesSet { requisites } => {
            let new = data.remove("requisites").unwrap_or_default();
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), exchange(&mut row.fields.0, requisites.id, new));
            });
        }
        ClientEvent::RequisitesRemoved { requisites_id, reason: _ } => {
            data.remove("requisites_id");
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), exchange(&mut row.fields.0, *requisites_id, Value::Null));
            });
        }
        ClientEvent::ManagerAssigned { since, .. } => (kind, at) = ("assignment", *since),
        ClientEvent::ManagerReleased { on, .. } => (kind, at) = ("assignment", *on),
        ClientEvent::PhoneAdded { .. }
        | ClientEvent::PhoneRemoved { .. }
        | ClientEvent::EmailAdded { .. }
        | ClientEvent::EmailRemoved { .. }
        | ClientEvent::AddressAdded { .. }
        | ClientEvent::AddressRemoved { .. }
        | ClientEvent::Tagged { .. }
        | ClientEvent::Untagged { .. }
        | ClientEvent::Archived { .. }
        | ClientEvent::Restored { .. } => {}
    }
    rows.entry.insert(Entry {
        client_id: id,
        entry_id: recorded.id.0,
        at,
        kind: kind.into(),
        event: name,
        position: recorded.position.0,
        author: recorded.metadata.actor.clone(),
        interaction_id: None,
        whole: false,
        data: Json(Value::Object(data)),
    });
    Ok(())
}

/// Puts a set of registration data in the place of the one with its id, null takes it away; returns the old and the new one.
fn exchange(fields: &mut Map<String, Value>, id: RequisitesId, new: Value) -> Value {
    let mut sets = fields.remove("requisites").and_then(|sets| sets.as_array().cloned()).unwrap_or_default();
    let place = sets.iter().position(|set| set["id"] == json!(id));
    let old = place.map_or(Value::Null, |place| sets[place].clone());
    match (place, new.is_null()) {
        (Some(place), true) => drop(sets.remove(place)),
        (Some(place), false) => sets[place] = new.clone(),
        (None, true) => {}
        (None, false) => sets.push(new.clone()),
    }
    fields.insert("requisites".into(), Value::Array(sets));
    json!({"requisites": {"old": old, "new": new}})
}
