//! What every question takes beside its own parameters: as of when, and how far the read model must have come.

use crate::problem::{Fault, Kind, Problem, both};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::uri::{InvalidUri, Uri};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use letopis_events::{BadValue, Moment, Occurred, Position, expected};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
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
        let bad = BadValue(
            "must be a position of the log (0, 1, 2 …) or a moment with offset (RFC 3339), such as 2026-03-01T09:30:00+03:00",
        );
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

/// Refuses a span that holds nothing; days are those of the zone.
pub fn ordered(from: Option<Occurred>, to: Option<Occurred>, zone: Tz) -> Result<(), Problem> {
    let day = |moment: Moment| moment.utc().with_timezone(&zone).date_naive();
    let holds = match (from, to) {
        (Some(Occurred::At(from)), Some(Occurred::At(to))) => from < to,
        (Some(Occurred::On(from)), Some(Occurred::On(to))) => from < to,
        (Some(Occurred::At(from)), Some(Occurred::On(to))) => day(from) < to.date(),
        (Some(Occurred::On(from)), Some(Occurred::At(to))) => from.date() <= day(to),
        (None, _) | (_, None) => true,
    };
    if holds {
        Ok(())
    } else {
        Err(Problem::parameter("to", "must be later than `from`; it is not in the span"))
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
pub(crate) const WHEN: [&str; 2] = ["as_of", "wait_for"];

/// The parameters of a question: `T`'s own, and [`When`]. A parameter nobody knows is refused.
#[derive(Debug)]
pub struct Asked<T> {
    /// The question's own.
    pub params: T,
    /// As of when.
    pub when: When,
    /// As it was asked.
    pub uri: Uri,
}

impl<T: DeserializeOwned + JsonSchema, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (when, own) = parted(parts.uri.query());
        let (params, when) = both(read(&own, &WHEN), read(&when, &[]))?;
        Ok(Self { params, when, uri: parts.uri.clone() })
    }
}

/// The parameters of a question about the log or the service itself, which knows no as-of.
#[derive(Debug)]
pub struct Untimed<T>(pub T);

impl<T: DeserializeOwned + JsonSchema, S: Sync> FromRequestParts<S> for Untimed<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&pairs(parts.uri.query()).collect::<Vec<_>>(), &[]).map(Self)
    }
}

/// No parameters of its own.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// The parameters of a query, each as it is written.
pub(crate) fn pairs(query: Option<&str>) -> impl Iterator<Item = &str> {
    query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty())
}

/// The parameters of a query that are [`When`]'s, and the others.
pub(crate) fn parted(query: Option<&str>) -> (Vec<&str>, Vec<&str>) {
    pairs(query).partition(|pair| WHEN.contains(&pair.split('=').next().unwrap_or_default()))
}

/// The parameters as a `T`, or all that is wrong with them; `others` are read elsewhere.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(pairs: &[&str], others: &[&str]) -> Result<T, Problem> {
    taken(&pairs.join("&")).map_err(|unread| match faults::<T>(pairs, others) {
        faults if faults.is_empty() => Problem::new(Kind::BadParameter, unread.words),
        faults => Problem::parameters(faults),
    })
}

/// Why a query cannot be read.
struct Unread {
    /// Whether it is a parameter's value.
    value: bool,
    /// As the parser says it.
    words: String,
}

fn taken<T: DeserializeOwned>(query: &str) -> Result<T, Unread> {
    let unread = |error: String| {
        // It reads `what failed: name: what is wrong`, or `what failed: what is wrong`.
        let words = error.split_once(": ").map_or(error.as_str(), |(_, words)| words);
        let told = words.split_once(": ").filter(|(name, _)| !name.contains(' '));
        Unread { value: told.is_some(), words: told.map_or(words, |(_, told)| told).to_owned() }
    };
    let uri = format!("/?{query}").parse().map_err(|error: InvalidUri| unread(error.to_string()))?;
    Query::try_from_uri(&uri).map(|Query(value)| value).map_err(|error| unread(error.body_text()))
}

/// What is wrong with each parameter by itself, and which ones are missing.
fn faults<T: DeserializeOwned + JsonSchema>(pairs: &[&str], others: &[&str]) -> Vec<Fault> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    let given: Vec<(String, String)> = taken(&pairs.join("&")).unwrap_or_default();
    let wrong = pairs.iter().zip(&given).enumerate().filter_map(|(place, (pair, (name, value)))| {
        let Some(takes) = schema["properties"].get(name) else {
            let own = schema["properties"].as_object().into_iter().flat_map(Map::keys);
            let known: Vec<&str> = own.map(String::as_str).chain(others.iter().copied()).collect();
            return Some(Fault::unknown(name, &known));
        };
        if given[..place].iter().any(|(before, _)| before == name) {
            return Some(Fault::bad(name, "must be given once"));
        }
        let unread = taken::<T>(pair).err().filter(|unread| unread.value)?;
        Some(Fault::bad(name, expected(takes, &json!(value)).unwrap_or(unread.words)))
    });
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = required.filter(|name| !given.iter().any(|(given, _)| given == name));
    wrong.chain(missing.map(Fault::missing)).collect()
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
    use letopis_events::Day;
    use letopis_events::clients::ClientKind;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Own {
        limit: Option<usize>,
        #[serde(rename = "client")]
        _client: Option<Uuid>,
        #[serde(rename = "kind")]
        _kind: Option<ClientKind>,
        #[serde(default, rename = "open")]
        _open: bool,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Required {
        #[serde(rename = "employee_id")]
        _employee_id: Uuid,
        #[serde(rename = "on")]
        _on: Option<Day>,
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
    async fn what_knows_no_as_of_refuses_it() {
        let (mut parts, ()) = axum::http::Request::get("/x?limit=3&as_of=7").body(()).unwrap().into_parts();
        let asked = Untimed::<Own>::from_request_parts(&mut parts, &()).await;
        let [(name, code, _)] = told(asked.unwrap_err()).try_into().unwrap();
        assert_eq!((name.as_str(), code.as_ref()), ("as_of", "unknown_parameter"));
    }

    #[test]
    fn a_span_begins_before_it_ends() {
        let holds = |from: &str, to: &str, zone: Tz| {
            ordered(Some(from.parse().unwrap()), Some(to.parse().unwrap()), zone).is_ok()
        };
        for (from, to, held) in [
            ("2026-03-01", "2026-03-02", true),
            ("2026-03-02", "2026-03-02", false),
            ("2026-03-03", "2026-03-02", false),
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z", true),
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z", false),
            ("2026-03-01T20:59:59Z", "2026-03-02", true),
            ("2026-03-01T21:00:00Z", "2026-03-02", false),
            ("2026-03-02", "2026-03-01T21:00:01Z", true),
            ("2026-03-02", "2026-03-01T20:59:59Z", false),
        ] {
            assert_eq!(holds(from, to, chrono_tz::Europe::Moscow), held, "{from} {to}");
        }
        assert!(holds("2026-03-01T21:00:00Z", "2026-03-02", Tz::UTC));
        assert!(ordered(Some("2026-03-01".parse().unwrap()), None, Tz::UTC).is_ok());
    }

    fn told(problem: Problem) -> Vec<(String, Cow<'static, str>, String)> {
        assert_eq!((problem.status, problem.code.as_ref()), (400, "bad_parameter"));
        problem.errors.into_iter().map(|fault| (fault.path, fault.code, fault.message)).collect()
    }

    #[tokio::test]
    async fn all_that_is_wrong_is_told_at_once() {
        let query = "limit=x&as_of=yesterday&client=5&kind=firm&knd=person&open=yes&wait_for=-1&limit=3";
        assert_eq!(
            told(ask(query).await.unwrap_err()),
            [
                ("limit", "bad_value", "must be a whole number, 0 or more"),
                (
                    "client",
                    "bad_value",
                    "must be an id (a UUID), such as 01a20dfa-cebc-7570-b5d1-17a82b11c03e"
                ),
                (
                    "kind",
                    "bad_value",
                    "must be one of company, sole_trader, self_employed, person, public_body"
                ),
                (
                    "knd",
                    "unknown_parameter",
                    "there is no such parameter; there are limit, client, kind, open, as_of, wait_for"
                ),
                ("open", "bad_value", "must be true or false"),
                ("limit", "bad_value", "must be given once"),
                (
                    "as_of",
                    "bad_value",
                    "must be a position of the log (0, 1, 2 …) or a moment with offset (RFC 3339), such as 2026-03-01T09:30:00+03:00"
                ),
                ("wait_for", "bad_value", "must be a whole number, 0 or more"),
            ]
            .map(|(path, code, message)| (path.to_owned(), code.into(), message.to_owned()))
        );
    }

    #[test]
    fn what_is_missing_is_told_too() {
        let paths = told(read::<Required>(&["on=x"], &[]).unwrap_err());
        let paths: Vec<_> = paths.iter().map(|(path, code, _)| (path.as_str(), code.as_ref())).collect();
        assert_eq!(paths, [("on", "bad_value"), ("employee_id", "missing_parameter")]);
    }
}
