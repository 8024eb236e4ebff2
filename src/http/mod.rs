//! HTTP put together: commands, questions, health, documents; and what holds for all of them.

mod commands;
mod docs;
mod health;
mod host;
mod json;
pub mod reference;
mod refusal;

use crate::ambient;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
pub use health::Standing;
use letopis_commands::Executor;
use letopis_projections::engine::Readers;
use letopis_query_api::asking::Asking;
use letopis_query_api::openapi;
use letopis_query_api::problem::{Kind, Problem};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::ops::RangeInclusive;
use std::sync::OnceLock;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::classify::StatusInRangeAsFailures;
use tower_http::trace::TraceLayer;

/// For each operation, by its id: a body it takes, or an answer where it takes none.
const EXAMPLES: &str = include_str!("examples.json");

/// The statuses that mean a fault of ours; 503 is an answer: not ready, or ask again.
const FAULTS: RangeInclusive<u16> = 500..=502;

/// What the routes work with.
#[derive(Clone)]
pub struct Service {
    /// Carries commands out.
    pub executor: Executor,
    /// Answers questions.
    pub readers: Readers,
    /// The parts that run in this process.
    pub standing: Standing,
    /// Gives the figures.
    metrics: PrometheusHandle,
}

impl Service {
    /// The service over an executor, the read models' readers and this process's parts.
    pub fn new(executor: Executor, readers: Readers, standing: Standing) -> Self {
        Self { executor, readers, standing, metrics: metrics() }
    }
}

/// One recorder per process.
fn metrics() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let make = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // It fails only where one is installed, and this is the only place that does.
        let _ = ::metrics::set_global_recorder(recorder);
        handle
    };
    RECORDER.get_or_init(make).clone()
}

/// All routes.
pub fn router(service: Service) -> Router {
    let asking = Asking {
        readers: service.readers.clone(),
        log: service.executor.log().clone(),
        clock: ambient::clock(),
    };
    let own = Router::new()
        .route("/api/commands", post(commands::batch))
        .route("/api/commands/{module}/{command}", post(commands::create))
        .route("/api/commands/{module}/{id}/{command}", post(commands::change))
        .route("/api/openapi.json", get(async || axum::Json(document())))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .with_state(service);
    own.merge(letopis_query_api::router(asking))
        .merge(docs::router())
        .fallback(async || Problem::new(Kind::NotFound, "there is no such page; /docs shows all"))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(measure))
        .layer(from_fn(host::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new(StatusInRangeAsFailures::new(FAULTS).into_make_classifier()))
}

/// The OpenAPI document of everything.
pub fn document() -> serde_json::Value {
    let mut operations = commands::operations();
    operations.extend(letopis_query_api::questions().into_iter().map(|question| question.operation));
    operations.extend(health::operations());
    // A test finds an example for each operation, and that it is valid.
    let examples = serde_json::from_str(EXAMPLES).unwrap_or_default();
    openapi::document(&operations, &examples)
}

async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(Kind::MethodNotAllowed, format!("{method} is not taken here"))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let cause = cause.downcast_ref::<&str>().copied().or(cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(cause, "a request panicked");
    Problem::new(Kind::Internal, "the service's log says more").into_response()
}

/// Counts and times requests by route and status.
async fn measure(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    ::metrics::counter!("letopis_http_requests_total", "route" => route.clone(), "status" => status)
        .increment(1);
    ::metrics::histogram!("letopis_http_seconds", "route" => route).record(start.elapsed().as_secs_f64());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
