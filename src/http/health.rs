//! Whether the service lives, is ready, and its figures.

use super::Service;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use letopis_events::Position;
use letopis_eventstore::RelayStatus;
use letopis_projections::engine::GroupStatus;
use letopis_query_api::openapi::{Body, JSON, Operation, SchemaOf, schema_of};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// How the parts of a process stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Where the log ended when the process began: before that its groups are being built.
    pub begun: Position,
    /// The groups it runs.
    pub groups: BTreeMap<&'static str, watch::Receiver<GroupStatus>>,
    /// The relay, if it runs one.
    pub relay: Option<watch::Receiver<RelayStatus>>,
}

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// How the service stands.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    /// Whether commands and questions can be answered.
    ready: bool,
    /// The store's name.
    store: String,
    /// `sample` for a company made up.
    #[schemars(extend("enum" = ["production", "sample"]))]
    kind: &'static str,
    /// How often it was restored to its past, counted from 1.
    epoch: i32,
    /// The log.
    log: LogHealth,
    /// The groups of read models that run in this process.
    groups: BTreeMap<&'static str, GroupHealth>,
    /// The relay, where it runs in this process.
    relay: Option<RelayHealth>,
}

/// How the log stands.
#[derive(Debug, Serialize, JsonSchema)]
struct LogHealth {
    /// The place of its last event.
    head: Position,
    /// Why it does not answer.
    error: Option<String>,
}

/// How a group of read models stands.
#[derive(Debug, Serialize, JsonSchema)]
struct GroupHealth {
    /// The last event in its rows.
    position: Position,
    /// How many events behind the log that is.
    lag: i64,
    /// Its rows have not come yet to what the log held when the process began, as after an upgrade that builds them anew.
    building: bool,
    /// Why it does not go on.
    error: Option<String>,
}

/// How the relay stands.
#[derive(Debug, Serialize, JsonSchema)]
struct RelayHealth {
    /// The last position JetStream has.
    position: Position,
    /// How many events behind the log that is.
    lag: i64,
    /// Why it does not go on.
    error: Option<String>,
    /// Whether another process relays at the moment.
    standing_by: bool,
    /// The stream holds what the log does not.
    log_restored: bool,
}

/// Whether commands and questions can be answered; says how far each part is, and what is wrong.
pub async fn ready(State(service): State<Service>) -> Response {
    let head = service.executor.log().head().await;
    let at = head.as_ref().map(|head| head.position).unwrap_or_default();
    let groups = service.standing.groups.iter().map(|(name, status)| {
        let GroupStatus { position, error, .. } = status.borrow().clone();
        let building = position < service.standing.begun;
        (*name, GroupHealth { position, lag: at.0 - position.0, building, error })
    });
    // JetStream is a copy: without it answers come from the log.
    let relay = service.standing.relay.as_ref().map(|status| {
        let RelayStatus { position, standing_by, error, log_restored } = status.borrow().clone();
        RelayHealth { position, lag: at.0 - position.0, error, standing_by, log_restored }
    });
    let groups: BTreeMap<_, _> = groups.collect();
    let unready = head.is_err()
        || groups.values().any(|group| group.building || group.error.is_some())
        || relay.as_ref().is_some_and(|relay| relay.log_restored);
    let info = service.executor.log().info();
    let health = Health {
        ready: !unready,
        store: info.store.clone(),
        kind: info.kind.name(),
        epoch: info.epoch,
        log: LogHealth { head: at, error: head.err().map(|error| error.to_string()) },
        groups,
        relay,
    };
    let status = if unready { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(health)).into_response()
}

/// The figures in Prometheus' text format.
pub async fn metrics(State(service): State<Service>) -> String {
    let head = *service.executor.log().committed().borrow();
    for (name, status) in &service.standing.groups {
        let status = status.borrow().clone();
        let lag = (head.0 - status.position.0).max(0);
        let seconds = match status.recorded_at {
            Some(at) if lag > 0 => (crate::ambient::now() - at).num_milliseconds().max(0),
            Some(_) | None => 0,
        };
        ::metrics::gauge!("letopis_group_lag_positions", "group" => *name).set(approximate(lag));
        ::metrics::gauge!("letopis_group_lag_seconds", "group" => *name).set(approximate(seconds) / 1000.0);
    }
    if let Some(relay) = &service.standing.relay {
        let lag = (head.0 - relay.borrow().position.0).max(0);
        ::metrics::gauge!("letopis_relay_lag_positions").set(approximate(lag));
    }
    service.metrics.render()
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; lags stay far below 2^52")]
fn approximate(number: i64) -> f64 {
    number as f64
}

/// How these are described.
pub fn operations() -> Vec<Operation> {
    let page = |path: &str, id: &str, summary: &str, media: &'static str, answer: SchemaOf| Operation {
        method: "get",
        path: path.into(),
        id: id.into(),
        summary: summary.into(),
        tag: "operation",
        params: None,
        timed: false,
        headers: vec![],
        body: Body::None,
        answers: vec![(200, vec![(media, answer)])],
        tells: vec![],
        problems: vec![],
    };
    let text = schema_of::<String>;
    let about = "How far each part is; 503 where something is wrong, or read models are still being built.";
    let mut ready = page("/health/ready", "ready", about, JSON, schema_of::<Health>);
    ready.answers.push((503, vec![(JSON, schema_of::<Health>)]));
    vec![
        page("/health/live", "live", "The process answers.", "text/plain", text),
        ready,
        page("/metrics", "metrics", "Figures for Prometheus.", "text/plain", text),
        page("/api/openapi.json", "openapi", "This document.", JSON, schema_of::<Map<String, Value>>),
        page("/docs", "docs", "This document, to be read and tried in a browser.", "text/html", text),
    ]
}
