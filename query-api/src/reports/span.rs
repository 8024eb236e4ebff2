//! Reports that ask for nothing but by what and over which span: the question they share.

use super::{Counted, Counting, MOST_TRAITS, Rows, answered, bound, key};
use crate::answer::Items;
use crate::asking::{Asking, Question, question as asked_at};
use crate::params::Asked;
use crate::problem::Problem;
use crate::segment_analytics::names;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use letopis_events::{Occurred, TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use std::marker::PhantomData;

/// A report over a span.
pub(super) trait OverSpan: Counting + Send + Sync + 'static {
    /// Where it is asked.
    const PATH: &'static str;
    /// Its name in the API's document.
    const ID: &'static str;
    /// What it answers.
    const SUMMARY: &'static str;
    /// The group whose tables it reads.
    const GROUP: &'static str;
    /// What is counted, as `counted`: the moment `at` and the day `d` of each, over the position `$1`, the zone `$2` and the
    /// moment of the question `$3`.
    const COUNTED: &'static str;
    /// The figures of a group of them, as pairs of `jsonb_build_object`; `now` is the moment of the question.
    const FIGURES: &'static str;
}

const BOUNDED: &str = ", bounded as (
    select *, $3::timestamptz now from counted
    where ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
      and ($6::date is null or d >= $6) and ($7::date is null or d < $7))";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Span {
    group_by: Option<String>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// The zone in which days begin; UTC where absent.
    time_zone: Option<TimeZone>,
}

/// The parameters of a report.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Params<R>(Span, #[serde(skip)] PhantomData<R>);

impl<R: OverSpan> JsonSchema for Params<R> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        R::ID.into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Span::json_schema(generator);
        let traits: Vec<&str> = R::TRAITS.iter().map(|(name, ..)| *name).collect();
        if let Some(by) = schema.pointer_mut("/properties/group_by") {
            by["description"] = json!(format!("{}; separated by commas.", traits.join(", ")));
        }
        schema
    }
}

/// The question of a report.
pub(super) fn question<R: OverSpan>() -> Question {
    asked_at::<Params<R>, Items<Counted<R>>, _, _>(R::PATH, R::ID, "reports", R::SUMMARY, report::<R>)
}

fn sql(counted: &str, key: &str, figures: &str) -> String {
    format!(
        "{counted}{BOUNDED}, keyed as (select *, {key} key from bounded)
         select key || jsonb_build_object({figures}) from keyed group by key order by key limit 10001"
    )
}

async fn report<R: OverSpan>(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Params<R>>,
) -> Result<Response, Problem> {
    let Span { group_by, from, to, time_zone } = asked.params.0;
    let by = names("group_by", group_by.as_deref(), R::TRAITS, MOST_TRAITS)?;
    let zone = time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let sql = sql(R::COUNTED, &key(&by, R::TRAITS), R::FIGURES);
    let view = asking.view(R::GROUP, asked.when).await?;
    let now = asking.now(asked.when);
    let items: Rows =
        view.rows(&sql, &[&view.position(), &zone, &now, &from_at, &to_at, &from_day, &to_day]).await?;
    answered(&headers, &by, R::MEASURES, items, view.end().await)
}
