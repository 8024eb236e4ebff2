//! A client's own lines: what is recorded of them and who looks after them.

use super::{Entry, Profile, TimelineRows, correct, plain};
use crate::client_cards::recorded_at;
use crate::engine::Json;
use letopis_events::client_events;
use letopis_events::clients::ClientEvent;
use letopis_events::{BadEvent, ClientId, DomainEvent, Moment, Recorded, RequisitesId};
use serde_json::{Map, Value, json};

/// What a correction says beside the fields it changes.
const BESIDE: [&str; 2] = ["reason", "accept_duplicates"];

pub(super) fn apply(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = ClientId::from(recorded.stream);
    let (name, mut data) = plain(event);
    let (kind, at) = place(event, recorded_at(recorded)?);
    let other = tell(id, event, &mut data, rows);
    let entry = Entry {
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
    };
    if let Some(client_id) = other {
        let mut data = entry.data.clone();
        data.0["of_client_id"] = json!(id);
        rows.entry.insert(Entry { client_id, data, ..entry.clone() });
    }
    rows.entry.insert(entry);
    Ok(())
}

/// What kind of line it is and when it stands; `now` is when it was recorded.
const fn place(event: &ClientEvent, now: Moment) -> (&'static str, Moment) {
    match event {
        ClientEvent::ManagerAssigned { since, .. } => ("assignment", *since),
        ClientEvent::ManagerReleased { on, .. } => ("assignment", *on),
        ClientEvent::ConsentGiven { given_at, .. } => ("consent", *given_at),
        ClientEvent::ConsentWithdrawn { withdrawn_at, .. } => ("consent", *withdrawn_at),
        ClientEvent::ChannelForbidden { forbidden_at: Some(at), .. }
        | ClientEvent::ChannelAllowed { allowed_at: Some(at), .. } => ("consent", *at),
        ClientEvent::ChannelForbidden { .. } | ClientEvent::ChannelAllowed { .. } => ("consent", now),
        client_events!(relations) => ("relation", now),
        ClientEvent::StatusChanged { .. }
        | client_events!(profile, reach, requisites, tags, duplicates, merging, archive) => ("client", now),
    }
}

/// Tells old and new of what has changed; returns another client in whose history it stands as well.
fn tell(
    id: ClientId,
    event: &ClientEvent,
    data: &mut Map<String, Value>,
    rows: &mut TimelineRows,
) -> Option<ClientId> {
    let mut other = None;
    match event {
        ClientEvent::Registered { .. } => {
            let mut fields = data.clone();
            let sets = fields.remove("requisites").into_iter().collect();
            fields.insert("requisites".into(), Value::Array(sets));
            rows.profile.insert(Profile { client_id: id, fields: Json(fields) });
        }
        ClientEvent::Corrected { .. } | ClientEvent::StatusChanged { .. } => {
            let mut fields = std::mem::take(data);
            for beside in BESIDE {
                data.extend(fields.remove(beside).map(|value| (beside.to_owned(), value)));
            }
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), correct(&mut row.fields.0, &fields));
            });
        }
        ClientEvent::RequisitesSet { requisites, accept_duplicates: _ } => {
            let new = data.remove("requisites").unwrap_or_default();
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), exchange(&mut row.fields.0, requisites.id, &new));
            });
        }
        ClientEvent::RequisitesRemoved { requisites_id, reason: _ } => {
            data.remove("requisites_id");
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), exchange(&mut row.fields.0, *requisites_id, &Value::Null));
            });
        }
        ClientEvent::Related { client_id, .. } | ClientEvent::Unrelated { client_id, .. } => {
            other = Some(*client_id);
        }
        ClientEvent::MergedInto { into, reason: _ } => {
            other = Some(*into);
            rows.profile.edit(&(id,), |row| drop(row.fields.0.insert("merged_into".into(), json!(into))));
        }
        ClientEvent::Unmerged { reason: _ } => rows.profile.edit(&(id,), |row| {
            let from = row.fields.0.remove("merged_into").unwrap_or_default();
            other = serde_json::from_value(from.clone()).ok();
            data.insert("from".into(), from);
        }),
        client_events!(reach, tags, managers, consents, duplicates, archive) => {}
    }
    other
}

/// Puts a set of registration data in the place of the one with its id, null takes it away; returns the old and the new one.
fn exchange(fields: &mut Map<String, Value>, id: RequisitesId, new: &Value) -> Value {
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
