//! The lines of a contact person: joining and leaving in the history of that client; what else is recorded of them in the history of
//! each client at whom they stand then.

use super::{Entry, Person, TimelineRows, correct, plain};
use crate::client_cards::recorded_at;
use crate::engine::Json;
use letopis_events::contacts::{ContactEvent, Join, Stays};
use letopis_events::{BadEvent, ClientId, ContactId, Day, DomainEvent, Moment, Recorded};
use serde_json::{Map, Value, json};

type Fields = Map<String, Value>;

pub(super) fn apply(
    recorded: &Recorded<DomainEvent>,
    event: &ContactEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = ContactId::from(recorded.stream);
    let told_at = recorded_at(recorded)?;
    let (name, data) = plain(event);
    if let ContactEvent::Registered { .. } = event {
        let fields = Json(data.clone());
        rows.person.insert(Person { contact_id: id, fields, stays: Json::default() });
    }
    let Some(mut person) = rows.person.get(&(id,)).cloned() else { return Ok(()) };
    let lines = lines(&mut person, event, data, told_at);
    rows.person.set(person);
    for (client_id, at, mut data) in lines {
        data.insert("contact_id".into(), json!(id));
        rows.entry.insert(Entry {
            client_id,
            entry_id: recorded.id.0,
            at,
            kind: "contact".into(),
            event: name.clone(),
            position: recorded.position.0,
            author: recorded.metadata.actor.clone(),
            interaction_id: None,
            whole: false,
            data: Json(Value::Object(data)),
        });
    }
    Ok(())
}

/// Does to a person what an event does; returns in whose history it stands, when, and what it says.
fn lines(
    person: &mut Person,
    event: &ContactEvent,
    mut data: Fields,
    told_at: Moment,
) -> Vec<(ClientId, Moment, Fields)> {
    let before = person.stays.0.clone();
    person.stays.0.take(event);
    let begins = |since: Option<Day>| since.map_or(told_at, Day::start);
    let fields = &mut person.fields.0;
    match event {
        ContactEvent::Registered { joins, .. } => {
            data.remove("joins");
            let line = |join: &Join| {
                let mut data = data.clone();
                if let Ok(Value::Object(join)) = serde_json::to_value(join) {
                    data.extend(join);
                }
                (join.client_id, begins(join.since), data)
            };
            return joins.iter().map(line).collect();
        }
        ContactEvent::Joined { client_id, since, .. } => {
            if let Some(changes) = changed(&before, *client_id, &data) {
                data.insert("changes".into(), changes);
            }
            return vec![(*client_id, begins(*since), data)];
        }
        ContactEvent::Left { client_id, until, .. } => return vec![(*client_id, until.start(), data)],
        ContactEvent::Corrected { .. } => {
            let changes = correct(fields, &data);
            data.retain(|name, _| name == "reason");
            data.insert("changes".into(), changes);
        }
        ContactEvent::PhoneAdded { .. } => added(fields, "phones", &data["phone"]),
        ContactEvent::EmailAdded { .. } => added(fields, "emails", &data["email"]),
        ContactEvent::PhoneRemoved { .. } => removed(fields, "phone", &mut data),
        ContactEvent::EmailRemoved { .. } => removed(fields, "email", &mut data),
        ContactEvent::PhoneMarked { .. } => data = marked(fields, "phone", data),
        ContactEvent::EmailMarked { .. } => data = marked(fields, "email", data),
    }
    let there = person.stays.0.on(told_at.day());
    there.into_iter().map(|client| (client, told_at, data.clone())).collect()
}

/// What a joining changes of a stay that lasted: `{field: {old, new}}`.
fn changed(before: &Stays, client: ClientId, data: &Fields) -> Option<Value> {
    let stay = before.at(client).next_back().filter(|stay| stay.until.is_none())?;
    let old = json!({"position": stay.join.position, "role": stay.join.role});
    let mut changes = Map::new();
    for field in ["position", "role"] {
        let new = data.get(field).cloned().unwrap_or_default();
        if old[field] != new {
            changes.insert(field.into(), json!({"old": old[field], "new": new}));
        }
    }
    Some(Value::Object(changes))
}

/// The phones or the e-mail addresses in a person's fields.
fn list<'a>(fields: &'a mut Fields, name: &str) -> Option<&'a mut Vec<Value>> {
    fields.entry(name).or_insert_with(|| json!([])).as_array_mut()
}

fn added(fields: &mut Fields, name: &str, new: &Value) {
    let Some(list) = list(fields, name) else { return };
    list.push(new.clone());
    if new["primary"] == true {
        only_primary(list, &new["id"]);
    }
}

/// The line of a removal tells what was removed.
fn removed(fields: &mut Fields, one: &str, data: &mut Fields) {
    let id = data[&format!("{one}_id")].clone();
    let Some(list) = list(fields, &format!("{one}s")) else { return };
    if let Some(index) = list.iter().position(|one| one["id"] == id) {
        data.insert(one.into(), unmarked(list.remove(index)));
    }
}

/// A number or address as it was added.
fn unmarked(mut one: Value) -> Value {
    if let Value::Object(fields) = &mut one {
        fields.remove("mark");
    }
    one
}

/// What a marking says: the number or address, and what it changes of it.
fn marked(fields: &mut Fields, one: &str, mut data: Fields) -> Fields {
    let id_field = format!("{one}_id");
    let id = data.remove(&id_field).unwrap_or_default();
    let reason = data.remove("reason");
    let mut said = Map::from_iter([(id_field, id.clone())]);
    said.extend(reason.map(|reason| ("reason".to_owned(), reason)));
    let Some(list) = list(fields, &format!("{one}s")) else { return said };
    if data.get("primary") == Some(&json!(true)) {
        only_primary(list, &id);
    }
    if let Some(Value::Object(there)) = list.iter_mut().find(|one| one["id"] == id) {
        said.insert("changes".into(), correct(there, &data));
        said.insert(one.into(), unmarked(Value::Object(there.clone())));
    }
    said
}

/// What was the first to try before is no more.
fn only_primary(list: &mut [Value], id: &Value) {
    for other in list.iter_mut().filter(|one| one["id"] != *id).filter_map(Value::as_object_mut) {
        other.remove("primary");
    }
}
