//! What happened with a client, over all modules, in order of happening: complete by construction, for every event of a client or
//! of an interaction with it makes an entry.
//!
//! An interaction stands at the moment it occurred, an assignment at the moment it begins, everything else when it was recorded.

use crate::client_cards::recorded_at;
use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::clients::ClientEvent;
use letopis_events::interactions::{
    Direction, InteractionEvent, InteractionKind, Precision, TelephonyStatus,
};
use letopis_events::{
    Actor, BadEvent, Change, ClientId, Code, Day, DomainEvent, EmployeeId, Event, InteractionId, Moment,
    Personal, Recorded,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

table! {
    /// An interaction as it stands.
    pub struct Interaction: "interaction" key (interaction_id: InteractionId) {
        /// The version of its stream.
        version: i64,
        /// The place of its first event in the log.
        position: i64,
        /// What passed.
        kind: InteractionKind,
        /// Whose move it was.
        direction: Option<Direction>,
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// Who of us did it.
        employee_id: Option<EmployeeId>,
        /// When.
        occurred_at: Moment,
        /// How exactly that is known.
        precision: Precision,
        /// How long.
        duration_seconds: Option<u32>,
        /// The number at the other end, E.164.
        number: Option<String>,
        /// What the telephone network said.
        telephony_status: Option<TelephonyStatus>,
        /// What came of it.
        result: Option<Code>,
        /// What was agreed to happen next.
        next_action: Option<Code>,
        /// By when.
        next_due_on: Option<Day>,
        /// Whether it was withdrawn.
        withdrawn: bool,
        /// Who recorded it.
        recorded_by: Actor,
        /// When it was recorded.
        recorded_at: Moment,
        /// Everything that is known of it, as its command named it; what is erased is null.
        state: Json<Value>,
        /// What was done to it after it was recorded, for a client it is linked to later.
        story: Json<Vec<Told>>,
    }
}

table! {
    /// One line of a client's history.
    pub struct Entry: "entry" key (client_id: ClientId, entry_id: Uuid)
        by EntriesIn(interaction_id: Option<InteractionId>) {
        /// When it happened.
        at: Moment,
        /// `client`, `assignment` or the kind of the interaction.
        kind: String,
        /// The event's type.
        event: String,
        /// The event's place in the log.
        position: i64,
        /// Who caused it.
        author: Actor,
        /// The interaction it belongs to.
        interaction_id: Option<InteractionId>,
        /// Whether the interaction's own data belong in it.
        whole: bool,
        /// What the event says, with `changes` as `{field: {old, new}}`.
        data: Json<Value>,
    }
}

table! {
    /// A client's fields as they stand, to tell old from new.
    pub struct Profile: "profile" key (client_id: ClientId) {
        /// The fields by name.
        fields: Json<Map<String, Value>>,
    }
}

row_set! {
    /// The tables of timelines.
    pub struct TimelineRows { interaction: Set<Interaction>, entry: Set<Entry>, profile: Set<Profile> }
}

/// An event of an interaction after its first.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    id: Uuid,
    at: Moment,
    event: String,
    position: i64,
    author: Actor,
    data: Value,
}

/// The read model of timelines.
#[derive(Debug)]
pub struct Timeline;

impl Projection for Timeline {
    const NAME: &'static str = "timeline";
    type Rows = TimelineRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut TimelineRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => clients(event, client, rows),
            DomainEvent::Interactions(interaction) => interactions(event, interaction, rows),
            // What happens to employees happens to no client.
            DomainEvent::Employees(_) => Ok(()),
        }
    }
}

/// An event's type and fields, personal values opened; what is erased is null.
fn plain(event: &impl Event) -> (String, Map<String, Value>) {
    let mut value = serde_json::to_value(event).unwrap_or_default();
    let kind = value["type"].as_str().unwrap_or_default().to_owned();
    let mut data = value["data"].take();
    open(&mut data);
    match data {
        Value::Object(fields) => (kind, fields),
        _ => (kind, Map::new()),
    }
}

/// Replaces every `{"of", "is"}` by its value and every `{"of", "sealed"}` by null.
fn open(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("of") => {
            let inner = fields.get_mut("is").map(Value::take);
            if inner.is_some() || fields.contains_key("sealed") {
                *value = inner.unwrap_or_default();
                open(value);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(open),
        Value::Array(list) => list.iter_mut().for_each(open),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts a correction's fields into a state; returns `{field: {old, new}}` of what changed. Free fields change one by one.
fn correct(state: &mut Map<String, Value>, fields: &Map<String, Value>) -> Value {
    let mut changes = Map::new();
    for (name, new) in fields.iter().filter(|(name, _)| *name != "reason") {
        if let ("attributes", Value::Object(free)) = (name.as_str(), new) {
            let mut inner = state.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
            for (code, new) in free {
                let old = inner.get(code).cloned().unwrap_or_default();
                changes.insert(format!("attributes.{code}"), json!({"old": old, "new": new}));
                if new.is_null() {
                    inner.remove(code);
                } else {
                    inner.insert(code.clone(), new.clone());
                }
            }
            state.insert(name.clone(), Value::Object(inner));
            continue;
        }
        let old = state.insert(name.clone(), new.clone()).unwrap_or_default();
        changes.insert(name.clone(), json!({"old": old, "new": new}));
    }
    Value::Object(changes)
}

fn clients(
    recorded: &Recorded<DomainEvent>,
    event: &ClientEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = ClientId::from(recorded.stream);
    let (name, mut data) = plain(event);
    let (mut kind, mut at) = ("client", recorded_at(recorded)?);
    match event {
        ClientEvent::Registered { .. } => {
            rows.profile.insert(Profile { client_id: id, fields: Json(data.clone()) });
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
        ClientEvent::RequisitesSet { .. } => {
            let fields = std::mem::take(&mut data);
            rows.profile.edit(&(id,), |row| {
                data.insert("changes".into(), correct(&mut row.fields.0, &fields));
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

fn interactions(
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
        rows.interaction.insert(row);
        return Ok(());
    }
    let Some(mut row) = rows.interaction.get(&(id,)).cloned() else { return Ok(()) };
    let before = row.clients.clone();
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

fn taken_place(
    recorded: &Recorded<DomainEvent>,
    event: &InteractionEvent,
    state: Map<String, Value>,
) -> Result<Option<Interaction>, BadEvent> {
    let InteractionEvent::Recorded {
        kind,
        direction,
        client_id,
        employee_id,
        occurred_at,
        precision,
        duration_seconds,
        counterpart,
        telephony_status,
        result,
        next_step,
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
        employee_id: *employee_id,
        occurred_at: *occurred_at,
        precision: *precision,
        duration_seconds: *duration_seconds,
        number: counterpart.as_ref().and_then(Personal::get).and_then(|number| number.e164.clone()),
        telephony_status: *telephony_status,
        result: result.clone(),
        next_action: next_step.as_ref().map(|step| step.action.clone()),
        next_due_on: next_step.as_ref().map(|step| step.due_on),
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
        InteractionEvent::Withdrawn { reason: _ } => {
            row.withdrawn = true;
            Value::Object(data)
        }
        InteractionEvent::ResultSet { result, result_text: _ } => {
            row.result = Some(result.clone());
            data.entry("result_text").or_insert(Value::Null);
            json!({"changes": correct(&mut state, &data)})
        }
        InteractionEvent::Corrected {
            kind,
            direction,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            counterpart,
            telephony_status,
            result,
            next_step,
            reason,
            ..
        } => {
            row.kind = kind.unwrap_or(row.kind);
            direction.apply(&mut row.direction);
            employee_id.apply(&mut row.employee_id);
            row.occurred_at = occurred_at.unwrap_or(row.occurred_at);
            row.precision = precision.unwrap_or(row.precision);
            duration_seconds.apply(&mut row.duration_seconds);
            telephony_status.apply(&mut row.telephony_status);
            result.apply(&mut row.result);
            if !counterpart.is_keep() {
                row.number = counterpart.value().and_then(Personal::get).and_then(|n| n.e164.clone());
            }
            let step: &Change<_> = next_step;
            if !step.is_keep() {
                row.next_action = step.value().map(|step| step.action.clone());
                row.next_due_on = step.value().map(|step| step.due_on);
            }
            json!({"changes": correct(&mut state, &data), "reason": reason})
        }
    };
    row.state = Json(Value::Object(state));
    said
}

#[cfg(test)]
mod tests;
