//! What every question takes beside its own parameters: as of when, and how far the read model must have come.

use crate::problem::{Kind, Problem};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use letopis_events::{BadValue, Moment, Occurred, Position};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::error::Error;
use std::str::FromStr;
use uuid::Uuid;

/// A moment of the company: a position in the log, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After this event.
    Position(Position),
    /// After the last event recorded by then.
    Time(Moment),
}

impl FromStr for AsOf {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        let position = text.parse::<i64>().ok().filter(|p| *p >= 0).map(|p| Self::Position(Position(p)));
        let bad = BadValue("must be a position of the log (0, 1, 2 …) or a moment with offset (RFC 3339)");
        position.map_or_else(|| text.parse().map(Self::Time).map_err(|_| bad), Ok)
    }
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for AsOf {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "AsOf".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "a position of the log, or a moment (RFC 3339)"})
    }
}

/// The moment that is meant by what is asked about: of a day its noon, UTC.
pub fn at_noon(asked: Occurred) -> DateTime<Utc> {
    match asked {
        Occurred::At(moment) => moment.utc(),
        Occurred::On(day) => day.noon().utc(),
    }
}

/// As of when the answer is to be, and what it must include.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct When {
    /// The answer as it would have been then: a position of the log or a moment (RFC 3339).
    pub as_of: Option<AsOf>,
    /// Wait, at most ten seconds, until the answer includes this position.
    #[schemars(range(min = 0))]
    pub wait_for: Option<u64>,
}

/// The names of [`When`]'s fields in a query.
const WHEN: [&str; 2] = ["as_of", "wait_for"];

/// The parameters of a question: `T`'s own, and [`When`]. A parameter nobody knows is refused.
#[derive(Debug)]
pub struct Asked<T> {
    /// The question's own.
    pub params: T,
    /// As of when.
    pub when: When,
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (when, own): (Vec<_>, Vec<_>) = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .partition(|pair| WHEN.contains(&pair.split('=').next().unwrap_or_default()));
        Ok(Self { params: read(&own)?, when: read(&when)? })
    }
}

fn read<T: DeserializeOwned>(pairs: &[&str]) -> Result<T, Problem> {
    let uri: Uri = format!("/?{}", pairs.join("&"))
        .parse()
        .map_err(|_| Problem::new(Kind::BadParameter, "the query cannot be read"))?;
    Query::try_from_uri(&uri).map(|Query(value)| value).map_err(|rejection| bad_query(&rejection))
}

/// The innermost error reads `name: what is wrong`.
fn bad_query(rejection: &QueryRejection) -> Problem {
    let mut error: &dyn Error = rejection;
    while let Some(source) = error.source() {
        error = source;
    }
    let outer = rejection.body_text();
    let text = outer.split_once(": ").map_or(outer.as_str(), |(_, rest)| rest);
    match text.split_once(": ") {
        Some((name, message)) if !name.contains(' ') => Problem::parameter(name, message),
        Some(_) | None => Problem::new(Kind::BadParameter, error.to_string()),
    }
}

/// The id in a path; a text that is none names nothing.
#[derive(Debug)]
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found: Result<Path<Uuid>, PathRejection> = Path::from_request_parts(parts, state).await;
        found
            .map(|Path(id)| Self(id))
            .map_err(|_| Problem::new(Kind::NotFound, "the path names no id (a UUID)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Own {
        limit: Option<usize>,
    }

    async fn ask(query: &str) -> Result<Asked<Own>, Problem> {
        let (mut parts, ()) = axum::http::Request::get(format!("/x?{query}")).body(()).unwrap().into_parts();
        Asked::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn own_and_common_parameters_are_told_apart() {
        let asked = ask("limit=3&as_of=17&wait_for=18").await.unwrap();
        assert_eq!(asked.params.limit, Some(3));
        assert_eq!(asked.when.as_of, Some(AsOf::Position(Position(17))));
        assert_eq!(asked.when.wait_for, Some(18));
        let asked = ask("as_of=2026-01-01T00:00:00%2B03:00").await.unwrap();
        assert!(matches!(asked.when.as_of, Some(AsOf::Time(_))));
    }

    #[tokio::test]
    async fn a_wrong_parameter_is_named() {
        for (query, name) in [("limit=x", "limit"), ("as_of=yesterday", "as_of"), ("wait_for=-1", "wait_for")]
        {
            let problem = ask(query).await.unwrap_err();
            assert_eq!(problem.status, 400);
            assert_eq!(problem.errors.first().map(|fault| fault.path.as_str()), Some(name), "{query}");
        }
        assert_eq!(ask("sort=x").await.unwrap_err().status, 400);
    }
}
