//! Interactions counted by whatever traits they, their clients and who did them have; steps and handovers stand in `reports/`.

mod handovers;
mod span;
mod steps;

use crate::aliases::resolved;
use crate::answer::{Items, table};
use crate::asking::{Asking, Question, View, question};
use crate::columns::{Column, Columns, Names, chosen};
use crate::dictionaries::{AskedCode, known};
use crate::openapi::{SchemaOf, object, schema_of};
use crate::page::{Cut, Limit};
use crate::params::{Asked, ordered};
use crate::presence::post;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::NaiveDate;
use letopis_events::clients::ClientStatus;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::interactions::{Direction, InteractionKind, TelephonyStatus};
use letopis_events::{ClientId, Code, Day, EmployeeId, Occurred, TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::marker::PhantomData;

/// The rows of a report.
type Rows = Vec<Map<String, Value>>;

/// By what interactions may be counted; `d` is the day in the asked zone.
const TRAITS: [Column; 15] = [
    ("employee", "employee_id", schema_of::<Option<EmployeeId>>),
    ("department", "department", schema_of::<Option<Code>>),
    ("client", "client_id", schema_of::<Option<ClientId>>),
    ("day", "d", schema_of::<Day>),
    ("week", "date_trunc('week', d)::date", schema_of::<Day>),
    ("month", "to_char(d, 'YYYY-MM')", schema_of::<String>),
    ("quarter", "to_char(d, 'YYYY-\"Q\"Q')", schema_of::<String>),
    ("year", "to_char(d, 'YYYY')", schema_of::<String>),
    ("kind", "kind", schema_of::<InteractionKind>),
    ("direction", "direction", schema_of::<Option<Direction>>),
    ("status", "telephony_status", schema_of::<Option<TelephonyStatus>>),
    ("result", "result", schema_of::<Option<Code>>),
    ("client_region", "region", schema_of::<Option<Code>>),
    ("client_industry", "industry", schema_of::<Option<Code>>),
    ("client_status", "client_status", schema_of::<Option<ClientStatus>>),
];
/// What is counted of each group; their SQL stands in [`FIGURES`].
const MEASURES: [(&str, SchemaOf); 6] = [
    ("count", schema_of::<i64>),
    ("clients", schema_of::<i64>),
    ("duration_total", schema_of::<i64>),
    ("duration_mean", schema_of::<Option<f64>>),
    ("duration_median", schema_of::<Option<f64>>),
    ("answered_share", schema_of::<Option<f64>>),
];
/// More columns nobody reads.
const MOST_TRAITS: usize = 6;
/// More rows are a table for another program, by pages of the log.
const MOST_ROWS: usize = 50_000;

/// What is counted: one row per interaction and client, who is merged as the one it is shown under. What is known to the day alone
/// counts on that day in every zone. The department is that of the day `$10`, or of the interaction's.
const COUNTED: &str = concat!(
    "with recursive ",
    resolved!(),
    ", counted as (
    select i.interaction_id, i.employee_id, i.kind, i.direction, i.telephony_status, i.result, i.duration_seconds,
        coalesce(r.survivor_id, c.client_id) client_id, t.region, t.industry, t.status client_status, d, ",
    post!("e", "coalesce($10, d)"),
    " ->> 'department' department
    from interaction_at($1) i
    cross join lateral (
        select (i.occurred_at at time zone case when i.precision = 'day' then 'UTC' else $2 end)::date) days(d)
    left join lateral unnest(i.clients) c(client_id) on true
    left join resolved r on r.client_id = c.client_id
    left join client_at($1) t on t.client_id = coalesce(r.survivor_id, c.client_id)
    left join employee_at($1) e on e.employee_id = i.employee_id
    where ($3::text is null or i.kind = $3) and ($4::text is null or i.direction = $4)
      and ($5::text is null or i.result = $5)
      and ($6::timestamptz is null or i.occurred_at >= $6) and ($7::timestamptz is null or i.occurred_at < $7))"
);

/// Durations and shares count each interaction once, however many clients it has.
const FIGURES: &str = "
once as (select distinct on (key, interaction_id) * from keyed order by key, interaction_id),
figures as (
    select key, count(*) count, coalesce(sum(duration_seconds), 0) duration_total,
        avg(duration_seconds)::float8 duration_mean,
        percentile_cont(0.5) within group (order by duration_seconds) duration_median,
        (count(*) filter (where telephony_status = 'answered'))::float8
            / nullif(count(telephony_status), 0) answered_share
    from once group by key),
people as (select key, count(distinct client_id) clients from keyed group by key)
select f.key || (to_jsonb(f) - 'key') || jsonb_build_object('clients', p.clients)
from figures f join people p on p.key = f.key order by f.key limit 50001";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    group_by: Option<Names<Interactions>>,
    /// Whether the department is the employee's of the interaction's day (`call`, where absent) or of the answer's (`answer`).
    department_as: Option<DepartmentAs>,
    /// Only this kind.
    kind: Option<InteractionKind>,
    /// Only this direction.
    direction: Option<Direction>,
    /// Only this result.
    result: Option<Code>,
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

/// As of when an employee's department counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum DepartmentAs {
    /// Of the interaction's day.
    Call,
    /// Of the answer's day.
    Answer,
}

/// A report: by what it may count, and what.
trait Counting {
    /// What its rows are called in the API's document.
    const NAME: &'static str;
    /// By what it may count, and the SQL of it.
    const TRAITS: &'static [Column];
    /// What is counted of each group.
    const MEASURES: &'static [(&'static str, SchemaOf)];
}

impl<R: Counting> Columns for R {
    const KNOWN: &'static [Column] = R::TRAITS;
    const MOST: usize = MOST_TRAITS;
}

/// Interactions are counted.
struct Interactions;

impl Counting for Interactions {
    const NAME: &'static str = "Counted";
    const TRAITS: &'static [Column] = &TRAITS;
    const MEASURES: &'static [(&'static str, SchemaOf)] = &MEASURES;
}

/// A row of a report: the traits it was asked by, and its figures.
struct Counted<R>(PhantomData<R>);

impl<R: Counting> JsonSchema for Counted<R> {
    fn schema_name() -> Cow<'static, str> {
        R::NAME.into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let traits = R::TRAITS.iter().map(|(name, _, schema)| (*name, *schema));
        object(generator, R::MEASURES.iter().copied(), traits)
    }
}

/// The questions about reports.
pub fn questions() -> Vec<Question> {
    let report = question::<Report, Items<Counted<Interactions>>, _, _>(
        "/api/reports/interactions",
        "report_interactions",
        "reports",
        "Interactions counted: how many, with how many clients, how long, how many answered.",
        interactions,
    );
    let reports = [report, span::question::<steps::Steps>(), span::question::<handovers::Handovers>()];
    reports.into_iter().map(Question::or_table).collect()
}

/// The chosen traits as an SQL object.
fn key(by: &[&str], traits: &[Column]) -> String {
    let pairs: Vec<String> =
        chosen(by, traits).iter().map(|(name, sql, _)| format!("'{name}', {sql}")).collect();
    format!("jsonb_build_object({})", pairs.join(", "))
}

fn sql(by: &[&str], from_day: bool, to_day: bool) -> String {
    // A day as a bound means the day in the asked zone.
    let from = if from_day { " and d >= $8" } else { " and $8::date is null" };
    let to = if to_day { " and d < $9" } else { " and $9::date is null" };
    let key = key(by, &TRAITS);
    format!("{COUNTED}, keyed as (select *, {key} key from counted where true{from}{to}), {FIGURES}")
}

async fn interactions(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Report>,
) -> Result<Response, Problem> {
    let Report { group_by, department_as, kind, direction, result, from, to, time_zone, limit, cursor } =
        asked.params;
    let cut = Cut::read(&asked.uri, asking.log.info().epoch, limit, cursor.as_deref())?;
    let by = Names::given(group_by);
    let time_zone = time_zone.map_or(chrono_tz::UTC, |zone| zone.zone());
    ordered(from, to, time_zone)?;
    let (kind, direction) = (name(kind), name(direction));
    let result = result.map(|result| result.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let sql = sql(&by, from_day.is_some(), to_day.is_some());
    let view = asking.view("reports", cut.when(asked.when)).await?;
    let day = view.now.with_timezone(&time_zone).date_naive();
    let department_on = (department_as == Some(DepartmentAs::Answer)).then_some(day);
    let code = result.iter().map(|code| AskedCode { parameter: "result", of: DictionaryName::Results, code });
    known(&view, &code.collect::<Vec<_>>()).await?;
    let items: Rows = view
        .rows(
            &sql,
            &[
                &view.position(),
                &time_zone.name(),
                &kind,
                &direction,
                &result,
                &from_at,
                &to_at,
                &from_day,
                &to_day,
                &department_on,
            ],
        )
        .await?;
    let table = Counts { by, measures: &MEASURES, items, cut };
    answered(&headers, &asked.uri, table, view).await
}

/// What was counted, before it is answered.
struct Counts<'a> {
    by: Vec<&'a str>,
    measures: &'a [(&'a str, SchemaOf)],
    items: Rows,
    cut: Cut,
}

/// A report's answer: as JSON, or as a table. Counted over nothing and by nothing it is a row of zeros.
async fn answered(
    headers: &HeaderMap,
    asked: &Uri,
    counts: Counts<'_>,
    mut view: View,
) -> Result<Response, Problem> {
    let Counts { by, measures, mut items, cut } = counts;
    if items.len() > MOST_ROWS {
        return Err(Problem::parameter("group_by", format!("gives more than {MOST_ROWS} rows: narrow it")));
    }
    if by.is_empty() && items.is_empty() {
        let zero = |(name, _): &(&str, SchemaOf)| {
            let none = ["duration_mean", "duration_median", "answered_share"].contains(name);
            ((*name).to_owned(), if none { Value::Null } else { 0.into() })
        };
        items.push(measures.iter().map(zero).collect());
    }
    let columns = by.iter().copied().chain(measures.iter().map(|(name, _)| *name)).map(str::to_owned);
    let found = cut.of(view.meta.position, items);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    table(headers, asked, &columns.collect::<Vec<_>>(), found.rows, view.end().await)
}

/// The name a variant has in JSON and in the table.
pub(crate) fn name<T: serde::Serialize>(value: Option<T>) -> Option<String> {
    serde_json::to_value(value?).ok()?.as_str().map(str::to_owned)
}

/// A bound as a moment, or as a day.
pub(crate) fn bound(bound: Option<Occurred>) -> (Option<chrono::DateTime<chrono::Utc>>, Option<NaiveDate>) {
    match bound {
        None => (None, None),
        Some(Occurred::At(moment)) => (Some(moment.utc()), None),
        Some(Occurred::On(day)) => (None, Some(day.date())),
    }
}
