//! The shape of every answer: the item or items asked for, and what position they show.

use crate::openapi::CSV;
use crate::params::pairs;
use crate::problem::Problem;
use axum::Json;
use axum::http::header::{ACCEPT, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::response::{IntoResponse, Response};
use letopis_events::Position;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The header that carries the position an answer shows.
pub const POSITION: HeaderName = HeaderName::from_static("letopis-position");

/// What an answer says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Meta {
    /// The place in the log up to which everything is in the answer.
    pub position: Position,
    /// The place the answer was asked for, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Position>,
    /// Marker of the page after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Marker of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// True where the store holds a sample and not a company's real history.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// One thing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Item<T> {
    /// The thing.
    pub item: T,
    /// About the answer.
    pub meta: Meta,
}

/// Several things.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Items<T> {
    /// The things, in order.
    pub items: Vec<T>,
    /// About the answer.
    pub meta: Meta,
}

impl<T: Serialize> IntoResponse for Item<T> {
    fn into_response(self) -> Response {
        ([(POSITION, self.meta.position.to_string())], Json(self)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Items<T> {
    fn into_response(self) -> Response {
        ([(POSITION, self.meta.position.to_string())], Json(self)).into_response()
    }
}

/// Rows as JSON, or as CSV where that is asked for, the columns in this order; the pages beside them in the header.
pub fn table(
    headers: &HeaderMap,
    asked: &Uri,
    columns: &[String],
    items: Vec<Map<String, Value>>,
    meta: Meta,
) -> Result<Response, Problem> {
    let links = links(asked, &meta);
    if accepts(headers, CSV.0) {
        return Ok((links, csv(columns, &items, &meta)?).into_response());
    }
    Ok((links, Items { items, meta }).into_response())
}

/// The pages beside this one as a `Link` header (RFC 8288): the same question with another cursor.
fn links(asked: &Uri, meta: &Meta) -> Option<[(HeaderName, String); 1]> {
    let others: Vec<&str> = pairs(asked.query()).filter(|pair| !pair.starts_with("cursor=")).collect();
    let link = |(rel, cursor): (&str, &Option<String>)| {
        let cursor = format!("cursor={}", cursor.as_ref()?);
        let question = [others.as_slice(), &[cursor.as_str()]].concat().join("&");
        Some(format!("<{}?{question}>; rel=\"{rel}\"", asked.path()))
    };
    let links: Vec<String> =
        [("next", &meta.next), ("prev", &meta.prev)].into_iter().filter_map(link).collect();
    (!links.is_empty()).then(|| [(LINK, links.join(", "))])
}

/// Whether this media type is asked for instead of JSON.
pub fn accepts(headers: &HeaderMap, media: &str) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(media))
}

/// Rows as a table of comma-separated values, the columns in this order; what is no plain value stands as JSON.
fn csv(columns: &[String], rows: &[Map<String, Value>], meta: &Meta) -> Result<Response, Problem> {
    let mut table = csv::Writer::from_writer(vec![]);
    let failed = |error: csv::Error| Problem::internal(&error);
    table.write_record(columns).map_err(failed)?;
    for row in rows {
        let cell = |name: &String| match row.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        table.write_record(columns.iter().map(cell)).map_err(failed)?;
    }
    let bytes = table.into_inner().map_err(|error| Problem::internal(error.error()))?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (POSITION, meta.position.to_string())];
    Ok((headers, bytes).into_response())
}
