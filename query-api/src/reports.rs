//! Interactions counted by whatever traits they and their clients have.

use crate::aliases::resolved;
use crate::answer::{Items, POSITION};
use crate::asking::{Asking, Question, Rows, question};
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
const TRAITS: [(&str, &str); 14] = [
    ("employee", "employee_id"),
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

/// What is counted: one row per interaction and client; who is merged counts as the one it is shown under. What is known to the day alone counts on that day in every zone.
const COUNTED: &str = concat!(
    "with recursive ",
    resolved!(),
    ", counted as (
    select i.interaction_id, i.employee_id, i.kind, i.direction, i.telephony_status, i.result, i.duration_seconds,
        c.client_id, t.region, t.industry, t.status client_status,
        (i.occurred_at at time zone case when i.precision = 'day' then 'UTC' else $2 end)::date d
    from interaction_at($1) i
    left join lateral (
        select distinct coalesce(r.survivor_id, told.client_id) client_id
        from unnest(i.clients) told(client_id) left join resolved r on r.client_id = told.client_id) c on true
    left join client_at($1) t on t.client_id = c.client_id
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
    /// employee, client, day, week, month, quarter, year, kind, direction, status, result, `client_region`, `client_industry`,
    /// `client_status`; separated by commas.
    group_by: Option<String>,
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

/// The questions about reports.
pub fn questions() -> Vec<Question> {
    let mut report = question::<Report, Items<Map<String, Value>>, _, _>(
        "/api/reports/interactions",
        "report_interactions",
        "reports",
        "Interactions counted: how many, with how many clients, how long, how many answered.",
        interactions,
    );
    for (_, contents) in &mut report.operation.answers {
        contents.push(("text/csv", None));
    }
    vec![report]
}

fn sql(by: &[&str], from_day: bool, to_day: bool) -> String {
    let pairs: Vec<String> = by
        .iter()
        .filter_map(|name| TRAITS.iter().find(|(known, _)| known == name))
        .map(|(name, sql)| format!("'{name}', {sql}"))
        .collect();
    // A day as a bound means the day in the asked zone.
    let from = if from_day { " and d >= $8" } else { " and $8::date is null" };
    let to = if to_day { " and d < $9" } else { " and $9::date is null" };
    format!(
        "{COUNTED}, keyed as (select *, jsonb_build_object({}) key from counted where true{from}{to}), {FIGURES}",
        pairs.join(", ")
    )
}

async fn interactions(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Report>,
) -> Result<Response, Problem> {
    let Report { group_by, kind, direction, result, from, to, time_zone } = asked.params;
    let known: Vec<&str> = TRAITS.iter().map(|(name, _)| *name).collect();
    let by = names("group_by", group_by.as_deref(), &known, MOST_TRAITS)?;
    let zone = time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let (kind, direction) = (name(kind), name(direction));
    let result = result.map(|result| result.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let sql = sql(&by, from_day.is_some(), to_day.is_some());
    let view = asking.view("reports", asked.when).await?;
    let mut items: Rows = view
        .objects(
            &sql,
            &[&view.position(), &zone, &kind, &direction, &result, &from_at, &to_at, &from_day, &to_day],
        )
        .await?;
    if items.len() > MOST_ROWS {
        return Err(Problem::parameter("group_by", format!("gives more than {MOST_ROWS} rows: narrow it")));
    }
    if by.is_empty() && items.is_empty() {
        let zero = |name: &&str| {
            let none = ["duration_mean", "duration_median", "answered_share"].contains(name);
            ((*name).to_owned(), if none { Value::Null } else { 0.into() })
        };
        items.push(MEASURES.iter().map(zero).collect());
    }
    let meta = view.end().await;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/csv") {
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (POSITION, meta.position.to_string()),
        ];
        return Ok((headers, table(&by, &items)?).into_response());
    }
    Ok(Items { items, meta }.into_response())
}

/// The name a variant has in JSON and in the table.
fn name<T: serde::Serialize>(value: Option<T>) -> Option<String> {
    serde_json::to_value(value?).ok()?.as_str().map(str::to_owned)
}

/// A bound as a moment, or as a day.
fn bound(bound: Option<Occurred>) -> (Option<chrono::DateTime<chrono::Utc>>, Option<NaiveDate>) {
    match bound {
        None => (None, None),
        Some(Occurred::At(moment)) => (Some(moment.utc()), None),
        Some(Occurred::On(day)) => (None, Some(day.date())),
    }
}

fn table(by: &[&str], items: &Rows) -> Result<String, Problem> {
    let mut table = csv::Writer::from_writer(vec![]);
    let columns: Vec<&str> = by.iter().chain(&MEASURES).copied().collect();
    let failed = |error: csv::Error| Problem::internal(&error);
    table.write_record(&columns).map_err(failed)?;
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
