//! Fields of events as the read model shows them, personal values open: their schemas are made from the events' own.

use letopis_events::clients::ClientEvent;
use letopis_events::contacts::ContactEvent;
use letopis_events::interactions::InteractionEvent;
use letopis_events::steps::StepEvent;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Events that are told as `changes`, or as the interaction itself.
const TOLD_OTHERWISE: [&str; 8] = [
    "Corrected",
    "StatusChanged",
    "RequisitesSet",
    "RequisitesRemoved",
    "ResultSet",
    "Recorded",
    "PhoneMarked",
    "EmailMarked",
];

/// What is known of an interaction.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Known(Map<String, Value>);

impl JsonSchema for Known {
    fn schema_name() -> Cow<'static, str> {
        "Known".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let recorded = variants::<InteractionEvent>(generator, |kind| kind == "Recorded");
        let required = recorded[0]["required"].clone();
        let properties = fields(recorded);
        let about = "What is known of an interaction; what was cleared or erased is null.";
        json_schema!({"type": "object", "description": about, "properties": properties, "required": required})
    }
}

/// What an event says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Said(Map<String, Value>);

impl JsonSchema for Said {
    fn schema_name() -> Cow<'static, str> {
        "Said".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let changes = json!({
            "type": "object", "description": "The fields it changed, each with its old and its new value.",
            "additionalProperties": {
                "type": "object", "properties": {"old": {}, "new": {}}, "required": ["old", "new"],
            },
        });
        let own = |kind: &str| !TOLD_OTHERWISE.contains(&kind);
        let mut events = variants::<ClientEvent>(generator, own);
        events.extend(variants::<InteractionEvent>(generator, own));
        events.extend(variants::<StepEvent>(generator, own));
        events.extend(variants::<ContactEvent>(generator, own));
        let mut properties = fields(events);
        properties.insert("changes".to_owned(), changes);
        for (name, about) in [
            ("step_id", "The step."),
            (
                "of_client_id",
                "The client it was recorded of, where it stands in another one's history as well.",
            ),
            ("from", "Whom the client was merged into until then."),
        ] {
            let id = json!({"type": "string", "format": "uuid", "description": about});
            properties.insert(name.to_owned(), id);
        }
        let about = "What an event says: `changes` where it corrects something, else its own fields; what is erased is null.";
        json_schema!({"type": "object", "description": about, "properties": properties})
    }
}

/// The schemas of what the wanted events of a module say, in their order.
fn variants<E: JsonSchema>(generator: &SchemaGenerator, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let mut settings = generator.settings().clone();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<E>();
    let variants = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let variants = variants.map(|variant| &variant["properties"]);
    let wanted = variants.filter(|variant| variant["type"]["const"].as_str().is_some_and(&wanted));
    wanted.map(|variant| variant["data"].clone()).collect()
}

/// All fields of events, opened; one that several events have may be of any of its kinds.
fn fields(events: Vec<Value>) -> Map<String, Value> {
    let mut all = Map::<String, Value>::new();
    for mut event in events {
        for (name, field) in event["properties"].as_object_mut().into_iter().flatten() {
            open(field);
            match all.get_mut(name) {
                Some(known) if known == field => {}
                Some(known) => *known = json!({"anyOf": [known, field]}),
                None => drop(all.insert(name.clone(), field.take())),
            }
        }
    }
    all
}

/// Replaces the schema of every personal value by that of the value itself or null.
fn open(schema: &mut Value) {
    for personal in ["/anyOf/0/anyOf/0/properties/is", "/anyOf/0/properties/is"] {
        let about = schema.get("description").cloned();
        if let Some(mut value) = schema.pointer_mut(personal).map(Value::take) {
            nullable(&mut value);
            if let Some(about) = about {
                value["description"] = about;
            }
            *schema = value;
        }
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(open),
        Value::Array(list) => list.iter_mut().for_each(open),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Lets a schema take null as well.
fn nullable(schema: &mut Value) {
    match &schema["type"] {
        Value::Array(_) => {}
        Value::String(kind) if schema.get("enum").is_none() => schema["type"] = json!([kind, "null"]),
        _ => *schema = json!({"anyOf": [schema, {"type": "null"}]}),
    }
}
