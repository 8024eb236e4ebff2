//! Interactions counted by whatever traits they, their clients and who did them have; steps and handovers stand in `reports/`.

mod handovers;
mod steps;

use crate::answer::{Items, Meta, POSITION};
use crate::asking::{Asking, Question, Rows, question};
use crate::employees::post;
use crate::params::Asked;
use crate::problem::Problem;
use crate::segment_analytics::names;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use letopis_events::interactions::{Direction, InteractionKind};
use letopis_events::{Code, Occurred, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// By what interactions may be counted, and the SQL of it; `d` is the day in the asked zone.
const TRAITS: [(&str, &str); 15] = [
    ("employee", "employee_id"),
    ("department", "department"),
    ("client", "client_id"),
    ("day", "d"),
    ("week", "date_trunc('week', d)::date"),
    ("month", "to_char(d, 'YYYY-MM')"),
    ("quarter", "to_char(d, 'YYYY-\"Q\"Q')"),
    ("year", "to_char(d, 'YYYY')"),
    ("kind", "kind"),
    ("direction", "direction"),
    ("status", "telephony_status"),
    ("result", "result"),
    ("client_region", "region"),
    ("client_industry", "industry"),
    ("client_status", "client_status"),
];
const MEASURES: [&str; 6] =
    ["count", "clients", "duration_total", "duration_mean", "duration_median", "answered_share"];
/// More columns nobody reads.
const MOST_TRAITS: usize = 6;
/// More rows are a table for another program, by pages of the log.
const MOST_ROWS: usize = 10_000;

/// What is counted: one row per interaction and client. What is known to the day alone counts on that day in every zone.
/// The department is that of the day `$10`, or of the interaction's.
const COUNTED: &str = concat!(
    "
with counted as (
    select i.interaction_id, i.employee_id, i.kind, i.direction, i.telephony_status, i.result, i.duration_seconds,
        c.client_id, t.region, t.industry, t.status client_status, d, ",
    post!("e", "coalesce($10, d)"),
    " ->> 'department' department
    from interaction_at($1) i
    cross join lateral (
        select (i.occurred_at at time zone case when i.precision = 'day' then 'UTC' else $2 end)::date) days(d)
    left join lateral unnest(i.clients) c(client_id) on true
    left join client_at($1) t on t.client_id = c.client_id
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
from figures f join people p on p.key = f.key order by f.key limit 10001";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    /// employee, department, client, day, week, month, quarter, year, kind, direction, status, result, `client_region`, `client_industry`,
    /// `client_status`; separated by commas.
    group_by: Option<String>,
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

/// The questions about reports.
pub fn questions() -> Vec<Question> {
    let report = question::<Report, Items<Map<String, Value>>, _, _>(
        "/api/reports/interactions",
        "report_interactions",
        "reports",
        "Interactions counted: how many, with how many clients, how long, how many answered.",
        interactions,
    );
    let mut reports = vec![report, steps::question(), handovers::question()];
    for (_, contents) in reports.iter_mut().flat_map(|report| &mut report.operation.answers) {
        contents.push(("text/csv", None));
    }
    reports
}

/// The chosen traits as an SQL object.
fn key(by: &[&str], traits: &[(&str, &str)]) -> String {
    let chosen = by.iter().filter_map(|name| traits.iter().find(|(known, _)| known == name));
    let pairs: Vec<String> = chosen.map(|(name, sql)| format!("'{name}', {sql}")).collect();
    format!("jsonb_build_object({})", pairs.join(", "))
}

/// The traits asked for.
fn chosen<'a>(group_by: Option<&'a str>, traits: &[(&str, &str)]) -> Result<Vec<&'a str>, Problem> {
    let known: Vec<&str> = traits.iter().map(|(name, _)| *name).collect();
    names("group_by", group_by, &known, MOST_TRAITS)
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
    let Report { group_by, department_as, kind, direction, result, from, to, time_zone } = asked.params;
    let by = chosen(group_by.as_deref(), &TRAITS)?;
    let time_zone = time_zone.map_or(chrono_tz::UTC, |zone| zone.zone());
    let now = asking.now(asked.when).with_timezone(&time_zone);
    let department_on = (department_as == Some(DepartmentAs::Answer)).then(|| now.date_naive());
    let (kind, direction) = (name(kind), name(direction));
    let result = result.map(|result| result.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let sql = sql(&by, from_day.is_some(), to_day.is_some());
    let view = asking.view("reports", asked.when).await?;
    let items: Rows = view
        .objects(
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
    answered(&headers, &by, &MEASURES, items, view.end().await)
}

/// A report's answer: as JSON, or as a table. Counted over nothing and by nothing it is a row of zeros.
fn answered(
    headers: &HeaderMap,
    by: &[&str],
    measures: &[&str],
    mut items: Rows,
    meta: Meta,
) -> Result<Response, Problem> {
    if items.len() > MOST_ROWS {
        return Err(Problem::parameter("group_by", format!("gives more than {MOST_ROWS} rows: narrow it")));
    }
    if by.is_empty() && items.is_empty() {
        let zero = |name: &&str| {
            let none = ["duration_mean", "duration_median", "answered_share"].contains(name);
            ((*name).to_owned(), if none { Value::Null } else { 0.into() })
        };
        items.push(measures.iter().map(zero).collect());
    }
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/csv") {
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (POSITION, meta.position.to_string()),
        ];
        let columns: Vec<&str> = by.iter().chain(measures).copied().collect();
        return Ok((headers, table(&columns, &items)?).into_response());
    }
    Ok(Items { items, meta }.into_response())
}

/// The name a variant has in JSON and in the table.
fn name<T: serde::Serialize>(value: Option<T>) -> Option<String> {
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

fn table(columns: &[&str], items: &Rows) -> Result<String, Problem> {
    let mut table = csv::Writer::from_writer(vec![]);
    let failed = |error: csv::Error| Problem::internal(&error);
    table.write_record(columns).map_err(failed)?;
    for item in items {
        let cell = |name: &&str| match item.get(*name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        table.write_record(columns.iter().map(cell)).map_err(failed)?;
    }
    let bytes = table.into_inner().map_err(|error| Problem::internal(error.error()))?;
    String::from_utf8(bytes).map_err(|error| Problem::internal(&error))
}
