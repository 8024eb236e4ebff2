//! The log itself, for auditors and for programs that follow it: every hashed column, the payload as the text that was hashed.

use crate::answer::{Item, Items, Meta};
use crate::asking::{Asking, Question, log_problem, question};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use letopis_events::{ClientId, Position};
use letopis_eventstore::{LogEvent, Search, StoreKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Lines of JSON.
const NDJSON: &str = "application/x-ndjson";
/// Events of a page when nobody asks for a number, and at most.
const LIMITS: (i64, i64) = (100, 1_000);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Events {
    /// After this position.
    after: Option<u32>,
    /// At most so many, up to 1,000.
    limit: Option<i64>,
    /// Only this type.
    r#type: Option<String>,
    /// Only this category.
    category: Option<String>,
    /// Only those that concern this client, as far as known when they were recorded.
    client: Option<ClientId>,
}

/// The questions about the log.
pub fn questions() -> Vec<Question> {
    let mut about = question::<Own, Item<Map<String, Value>>, _, _>(
        "/api/log",
        "log",
        "log",
        "Which store this is and where its log ends.",
        about,
    );
    about.operation.timed = false;
    let mut events = question::<Events, Items<Map<String, Value>>, _, _>(
        "/api/events",
        "events",
        "log",
        "The events themselves, in order, with every column their leaf hashes.",
        events,
    );
    events.operation.timed = false;
    for (_, contents) in &mut events.operation.answers {
        contents.push((NDJSON, None));
    }
    vec![about, events]
}

async fn about(State(asking): State<Asking>) -> Result<Item<Map<String, Value>>, Problem> {
    let head = asking.log.head().await.map_err(|error| log_problem(&error))?;
    let info = asking.log.info();
    let stream = format!("LETOPIS-{}-{}", info.store, info.epoch);
    let item = json!({
        "store": info.store, "kind": info.kind.name(), "epoch": info.epoch, "stream": stream, "head": head.position,
    });
    let item = item.as_object().cloned().unwrap_or_default();
    Ok(Item { item, meta: meta(&asking, head.position) })
}

fn meta(asking: &Asking, position: Position) -> Meta {
    Meta { position, sample: asking.log.info().kind == StoreKind::Sample, ..Meta::default() }
}

async fn events(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Events>,
) -> Result<Response, Problem> {
    let Events { after, limit, r#type, category, client } = asked.params;
    let limit = limit.unwrap_or(LIMITS.0);
    if !(1..=LIMITS.1).contains(&limit) {
        return Err(Problem::parameter("limit", format!("must be 1 to {}", LIMITS.1)));
    }
    for (name, text) in [("type", &r#type), ("category", &category)] {
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Problem::parameter(name, "must be a text without the character U+0000"));
        }
    }
    let search = Search { kind: r#type, category, client };
    let after = Position(i64::from(after.unwrap_or(0)));
    let events = asking.log.search(after, limit, &search).await.map_err(|error| log_problem(&error))?;
    let items: Vec<Map<String, Value>> = events.iter().map(row).collect();
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains(NDJSON) {
        let lines: String = items.into_iter().map(|item| Value::Object(item).to_string() + "\n").collect();
        return Ok(([(header::CONTENT_TYPE, NDJSON)], lines).into_response());
    }
    let last = events.last().map_or(after, |event| event.position);
    Ok(Items { items, meta: meta(&asking, last) }.into_response())
}

/// An event as it is answered: every column its leaf hashes, the payload as the text that was hashed, the leaf in hex.
pub fn row(event: &LogEvent) -> Map<String, Value> {
    let value = json!({
        "id": event.id, "position": event.position, "category": event.category, "stream_id": event.stream,
        "version": event.version, "event_id": event.id, "type": event.kind, "schema": event.schema,
        "recorded_at": event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "actor": event.metadata.actor, "concerns": event.metadata.concerns,
        "correlation_id": event.metadata.correlation, "causation_id": event.metadata.causation,
        "payload": event.payload, "leaf": event.leaf.to_string(),
    });
    value.as_object().cloned().unwrap_or_default()
}
