//! The shape of every answer: the item or items asked for, and what position they show.

use axum::Json;
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use letopis_events::Position;
use schemars::JsonSchema;
use serde::Serialize;

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
