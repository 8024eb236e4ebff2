//! The lines of an interaction, in the history of each client it is about.

use super::{EntriesIn, Entry, Interaction, Part, TimelineRows, Told, correct, plain};
use crate::client_cards::recorded_at;
use crate::engine::Json;
use letopis_events::interactions::{InteractionEvent, InteractionKind};
use letopis_events::{BadEvent, ClientId, ContactId, DomainEvent, InteractionId, Personal, Recorded};
use serde_json::{Map, Value, json};

/// The first entry of an interaction in a client's timeline.
fn first(row: &Interaction, client: ClientId) -> Entry {
    Entry {
        client_id: client,
        entry_id: row.interaction_id.0,
        at: row.occurred_at,
        kind: named(row.kind),
        event: "Recorded".into(),
        position: row.position,
        author: row.recorded_by.clone(),
        interaction_id: Some(row.interaction_id),
        whole: true,
        data: Json(json!({})),
    }
}

fn further(row: &Interaction, told: &Told, client: ClientId) -> Entry {
    Entry {
        client_id: client,
        entry_id: told.id,
        at: told.at,
        kind: named(row.kind),
        event: told.event.clone(),
        position: told.position,
        author: told.author.clone(),
        interaction_id: Some(row.interaction_id),
        whole: false,
        data: Json(told.data.clone()),
    }
}

fn named(kind: InteractionKind) -> String {
    crate::engine::Column::write(&kind).unwrap_or_default()
}

pub(super) fn apply(
    recorded: &Recorded<DomainEvent>,
    event: &InteractionEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = InteractionId::from(recorded.stream);
    let (name, data) = plain(event);
    if let InteractionEvent::Recorded { .. } = event {
        let Some(row) = taken_place(recorded, event, data)? else { return Ok(()) };
        for client in row.clients.clone() {
            rows.entry.insert(first(&row, client));
        }
        took_part(&[], &row, rows);
        rows.interaction.insert(row);
        return Ok(());
    }
    let Some(mut row) = rows.interaction.get(&(id,)).cloned() else { return Ok(()) };
    let (before, people) = (row.clients.clone(), row.contacts.clone());
    row.version = recorded.version.0;
    let mut told = Told {
        id: recorded.id.0,
        at: recorded_at(recorded)?,
        event: name,
        position: recorded.position.0,
        author: recorded.metadata.actor.clone(),
        data: json!({}),
    };
    told.data = change(&mut row, event, data);
    took_part(&people, &row, rows);
    let mut concerned = row.clients.clone();
    if let InteractionEvent::Linked { client_id, .. } = event {
        rows.entry.set(first(&row, *client_id));
        for earlier in row.story.0.clone() {
            rows.entry.set(further(&row, &earlier, *client_id));
        }
    }
    if let InteractionEvent::Unlinked { client_id, .. } = event {
        // That they were parted stays, each time it happened.
        let parted =
            |entry: &Entry| entry.event == "Unlinked" && entry.data.0["client_id"] == json!(client_id);
        for entry in rows.entry.of(&EntriesIn(Some(id))) {
            if entry.client_id == *client_id && !parted(&entry) {
                rows.entry.remove(&(entry.client_id, entry.entry_id));
            }
        }
        concerned = before;
    }
    for client in concerned {
        rows.entry.insert(further(&row, &told, client));
    }
    if let InteractionEvent::Corrected { .. } = event {
        for mut entry in rows.entry.of(&EntriesIn(Some(id))) {
            entry.kind = named(row.kind);
            if entry.whole {
                entry.at = row.occurred_at;
            }
            rows.entry.set(entry);
        }
    }
    row.story.0.push(told);
    rows.interaction.set(row);
    Ok(())
}

/// Keeps who took part in step with the interaction.
fn took_part(before: &[ContactId], row: &Interaction, rows: &mut TimelineRows) {
    let interaction_id = row.interaction_id;
    for gone in before.iter().filter(|contact| !row.contacts.contains(contact)) {
        rows.part.remove(&(*gone, interaction_id));
    }
    for new in row.contacts.iter().filter(|contact| !before.contains(contact)) {
        rows.part.set(Part { contact_id: *new, interaction_id });
    }
}

fn taken_place(
    recorded: &Recorded<DomainEvent>,
    event: &InteractionEvent,
    state: Map<String, Value>,
) -> Result<Option<Interaction>, BadEvent> {
    let InteractionEvent::Recorded {
        kind,
        direction,
        client_id,
        contact_ids,
        employee_id,
        occurred_at,
        precision,
        duration_seconds,
        counterpart,
        telephony_status,
        result,
        ..
    } = event
    else {
        return Ok(None);
    };
    Ok(Some(Interaction {
        interaction_id: recorded.stream.into(),
        version: recorded.version.0,
        position: recorded.position.0,
        kind: *kind,
        direction: *direction,
        clients: client_id.iter().copied().collect(),
        contacts: contact_ids.iter().copied().collect(),
        employee_id: *employee_id,
        occurred_at: *occurred_at,
        precision: *precision,
        duration_seconds: *duration_seconds,
        number: counterpart.as_ref().and_then(Personal::get).and_then(|number| number.e164.clone()),
        telephony_status: *telephony_status,
        result: result.clone(),
        withdrawn: false,
        recorded_by: recorded.metadata.actor.clone(),
        recorded_at: recorded_at(recorded)?,
        state: Json(Value::Object(state)),
        story: Json(vec![]),
    }))
}

/// Does to an interaction what an event after the first does; returns what its entry says.
fn change(row: &mut Interaction, event: &InteractionEvent, mut data: Map<String, Value>) -> Value {
    let mut state = row.state.0.as_object().cloned().unwrap_or_default();
    let said = match event {
        InteractionEvent::Recorded { .. } => json!({}),
        InteractionEvent::Linked { client_id, how: _ } => {
            row.clients.push(*client_id);
            row.clients.sort_unstable();
            row.clients.dedup();
            Value::Object(data)
        }
        InteractionEvent::Unlinked { client_id, reason: _ } => {
            row.clients.retain(|client| client != client_id);
            Value::Object(data)
        }
        InteractionEvent::ContactLinked { contact_id, how: _ } => {
            row.contacts.push(*contact_id);
            row.contacts.sort_unstable();
            row.contacts.dedup();
            state.insert("contact_ids".into(), json!(row.contacts));
            Value::Object(data)
        }
        InteractionEvent::ContactUnlinked { contact_id, reason: _ } => {
            row.contacts.retain(|contact| contact != contact_id);
            state.insert("contact_ids".into(), json!(row.contacts));
            Value::Object(data)
        }
        InteractionEvent::Withdrawn { reason: _ } => {
            row.withdrawn = true;
            Value::Object(data)
        }
        InteractionEvent::ResultSet { result, result_text: _ } => {
            row.result = Some(result.clone());
            data.entry("result_text").or_insert(Value::Null);
            json!({"changes": correct(&mut state, &data)})
        }
        InteractionEvent::Corrected { reason, .. } => {
            correction(row, event);
            json!({"changes": correct(&mut state, &data), "reason": reason})
        }
    };
    row.state = Json(Value::Object(state));
    said
}

fn correction(row: &mut Interaction, event: &InteractionEvent) {
    let InteractionEvent::Corrected {
        kind,
        direction,
        contact_ids,
        employee_id,
        occurred_at,
        precision,
        duration_seconds,
        counterpart,
        telephony_status,
        result,
        ..
    } = event
    else {
        return;
    };
    row.kind = kind.unwrap_or(row.kind);
    direction.apply(&mut row.direction);
    if let Some(ids) = contact_ids {
        row.contacts = ids.iter().copied().collect();
    }
    employee_id.apply(&mut row.employee_id);
    row.occurred_at = occurred_at.unwrap_or(row.occurred_at);
    row.precision = precision.unwrap_or(row.precision);
    duration_seconds.apply(&mut row.duration_seconds);
    telephony_status.apply(&mut row.telephony_status);
    result.apply(&mut row.result);
    if !counterpart.is_keep() {
        row.number = counterpart.value().and_then(Personal::get).and_then(|n| n.e164.clone());
    }
}
