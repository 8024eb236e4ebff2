//! Whether the service lives, is ready, and its figures.

use super::Service;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use letopis_query_api::openapi::{Body, Operation};
use serde_json::{Map, Value, json};

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// Whether commands and questions can be answered; says how far each part is, and what is wrong.
pub async fn ready(State(service): State<Service>) -> Response {
    let head = service.executor.log().head().await;
    let at = head.as_ref().map(|head| head.position.0).unwrap_or_default();
    let mut red = head.is_err();
    let mut groups = Map::new();
    for (name, status) in &service.standing.groups {
        let status = status.borrow().clone();
        red |= status.error.is_some();
        let lag = at - status.position.0;
        groups
            .insert((*name).into(), json!({"position": status.position, "lag": lag, "error": status.error}));
    }
    // JetStream is a copy: without it answers come from the log.
    let relay = service.standing.relay.as_ref().map(|status| {
        let status = status.borrow().clone();
        json!({
            "position": status.position, "lag": at - status.position.0, "error": status.error,
            "standing_by": status.standing_by, "log_restored": status.log_restored,
        })
    });
    red |= service.standing.relay.as_ref().is_some_and(|status| status.borrow().log_restored);
    let info = service.executor.log().info();
    let body = json!({
        "ready": !red, "store": info.store, "kind": info.kind.name(), "epoch": info.epoch,
        "log": {"head": at, "error": head.err().map(|error| error.to_string())},
        "groups": groups, "relay": relay,
    });
    let status = if red { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json::<Value>(body)).into_response()
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
    let page = |path: &str, id: &str, summary: &str, media: &'static str| Operation {
        method: "get",
        path: path.into(),
        id: id.into(),
        summary: summary.into(),
        tag: "operation",
        params: None,
        timed: false,
        headers: vec![],
        body: Body::None,
        answers: vec![(200, vec![(media, None)])],
        problems: vec![],
    };
    vec![
        page("/health/live", "live", "The process answers.", "text/plain"),
        page(
            "/health/ready",
            "ready",
            "How far each part is; 503 where something is wrong.",
            "application/json",
        ),
        page("/metrics", "metrics", "Figures for Prometheus.", "text/plain"),
        page("/api/openapi.json", "openapi", "This document.", "application/json"),
    ]
}
