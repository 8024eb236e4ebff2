//! Reports that ask for nothing but by what and over which span: the question they share.

use super::{Counted, Counting, Counts, Rows, answered, bound, key};
use crate::answer::Items;
use crate::asking::{Asking, Question, question as asked_at};
use crate::columns::Names;
use crate::page::{Cut, Limit};
use crate::params::{Asked, ordered};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use letopis_events::{Occurred, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

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

/// The parameters of a report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound = "R: Counting")]
#[schemars(rename = "Span", bound = "R: Counting")]
struct Span<R> {
    group_by: Option<Names<R>>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// The zone in which days begin; UTC where absent.
    time_zone: Option<TimeZone>,
    /// At most so many rows, up to 500; where absent all.
    limit: Option<Limit>,
    /// Where to go on: `next` or `prev` of an answer. A further page shows the position of the first.
    cursor: Option<String>,
}

/// The question of a report.
pub(super) fn question<R: OverSpan>() -> Question {
    asked_at::<Span<R>, Items<Counted<R>>, _, _>(R::PATH, R::ID, "reports", R::SUMMARY, report::<R>)
}

fn sql(counted: &str, key: &str, figures: &str) -> String {
    format!(
        "{counted}{BOUNDED}, keyed as (select *, {key} key from bounded)
         select key || jsonb_build_object({figures}) from keyed group by key order by key limit 50001"
    )
}

async fn report<R: OverSpan>(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Span<R>>,
) -> Result<Response, Problem> {
    let Span { group_by, from, to, time_zone, limit, cursor } = asked.params;
    let cut = Cut::read(&asked.uri, asking.log.info().epoch, limit, cursor.as_deref())?;
    let by = Names::given(group_by);
    let zone = time_zone.map_or(chrono_tz::UTC, |zone| zone.zone());
    ordered(from, to, zone)?;
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let sql = sql(R::COUNTED, &key(&by, R::TRAITS), R::FIGURES);
    let view = asking.view(R::GROUP, cut.when(asked.when)).await?;
    let items: Rows = view
        .rows(&sql, &[&view.position(), &zone.name(), &view.now, &from_at, &to_at, &from_day, &to_day])
        .await?;
    let table = Counts { by, measures: R::MEASURES, items, cut };
    answered(&headers, &asked.uri, table, view).await
}
