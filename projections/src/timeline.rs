//! What happened with a client, over all modules, in order of happening: complete by construction, for every event of a client, of
//! an interaction with it or of a step for it makes an entry.
//!
//! An interaction stands at the moment it occurred, an assignment at the moment it begins, a step at the moment it was done, a
//! contact person's joining and leaving at the day of it, a consent when it was given or withdrawn, everything else when it was recorded.
//! What each module's events make of the lines stands in `timeline/`.

mod clients;
mod contacts;
mod interactions;
mod steps;

use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::contacts::Stays;
use letopis_events::interactions::{Direction, InteractionKind, Precision, TelephonyStatus};
use letopis_events::{
    Actor, BadEvent, ClientId, Code, ContactId, DomainEvent, EmployeeId, Event, InteractionId, Moment,
    Recorded, StepId,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

table! {
    /// An interaction as it stands.
    pub struct Interaction: "interaction" key (interaction_id: InteractionId) {
        /// The version of its stream.
        version: i64 => "Версия" / "Version",
        /// The place of its first event in the log.
        position: i64,
        /// What passed.
        kind: InteractionKind => "Вид" / "Kind",
        /// Whose move it was.
        direction: Option<Direction> => "Направление" / "Direction",
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// The contact persons who took part.
        contacts: Vec<ContactId>,
        /// Who of us did it.
        employee_id: Option<EmployeeId> => "Сотрудник" / "Employee",
        /// When.
        occurred_at: Moment => "Когда" / "When",
        /// How exactly that is known.
        precision: Precision => "Точность времени" / "Precision",
        /// How long.
        duration_seconds: Option<u32> => "Длительность, с" / "Duration, s",
        /// The number at the other end, E.164.
        number: Option<String> => "Номер собеседника" / "Number",
        /// What the telephone network said.
        telephony_status: Option<TelephonyStatus> => "Статус телефонии" / "Telephony status",
        /// What came of it.
        result: Option<Code> => "Результат" / "Result" of Results,
        /// Whether it was withdrawn.
        withdrawn: bool,
        /// Who recorded it.
        recorded_by: Actor => "Кто записал" / "Recorded by",
        /// When it was recorded.
        recorded_at: Moment => "Записано" / "Recorded",
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
        /// `client`, `assignment`, `contact`, `step`, `consent`, `relation` or the kind of the interaction.
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

table! {
    /// A next step's fields as they stand, to tell old from new.
    pub struct Task: "task" key (step_id: StepId) {
        /// For whom.
        client_id: ClientId,
        /// The fields by name.
        fields: Json<Map<String, Value>>,
    }
}

table! {
    /// That a contact person took part in an interaction.
    pub struct Part: "part" key (contact_id: ContactId, interaction_id: InteractionId) {}
}

table! {
    /// A contact person's fields as they stand, to tell old from new, and where they stand.
    pub struct Person: "contact_profile" key (contact_id: ContactId) {
        /// The fields by name.
        fields: Json<Map<String, Value>>,
        /// At whom, from when to when.
        stays: Json<Stays>,
    }
}

row_set! {
    /// The tables of timelines.
    pub struct TimelineRows {
        interaction: Set<Interaction>,
        entry: Set<Entry>,
        profile: Set<Profile>,
        task: Set<Task>,
        part: Set<Part>,
        person: Set<Person>,
    }
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
            DomainEvent::Clients(client) => clients::apply(event, client, rows),
            DomainEvent::Interactions(interaction) => interactions::apply(event, interaction, rows),
            DomainEvent::Steps(step) => steps::apply(event, step, rows),
            DomainEvent::Contacts(contact) => contacts::apply(event, contact, rows),
            // What happens to employees happens to no client.
            DomainEvent::Employees(_) | DomainEvent::Departments(_) | DomainEvent::Dictionaries(_) => Ok(()),
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

#[cfg(test)]
mod tests;
