//! The API to be read and tried in a browser: Swagger UI from files in the binary, so that no request leaves the machine.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, Redirect};
use axum::routing::get;
use swagger_ui_dist::{ApiDefinition, OpenApiSource};

/// The page; its two scripts and its style sheet stand below it.
const PAGE: &str = include_str!("docs.html");
/// What it starts with.
const START: &str = include_str!("docs.js");
/// The browser asks this service alone, and runs nothing but those files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Its routes; who comes to the door is led there. Of Swagger UI only the two files are served, not the page that comes with it.
pub fn router() -> Router {
    let definition = ApiDefinition {
        uri_prefix: "/docs",
        api_definition: OpenApiSource::Uri("/api/openapi.json"),
        title: None,
    };
    let files = swagger_ui_dist::generate_routes(definition).into_service();
    Router::new()
        .route("/", get(async || Redirect::temporary("/docs")))
        .route("/docs/", get(async || Redirect::temporary("/docs")))
        .route("/docs", get(async || ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE))))
        .route("/docs/start.js", get(async || ([(CONTENT_TYPE, "text/javascript")], START)))
        .route_service("/docs/swagger-ui.css", files.clone())
        .route_service("/docs/swagger-ui-bundle.js", files)
}
