//! Steps counted: how many were planned, done, done late, dropped, and how many are overdue now.

use super::{Counted, Counting, MOST_TRAITS, Rows, answered, bound, key};
use crate::aliases::resolved;
use crate::answer::Items;
use crate::asking::{Asking, Question};
use crate::openapi::{SchemaOf, schema_of};
use crate::params::Asked;
use crate::presence::zone;
use crate::problem::Problem;
use crate::segment_analytics::{Column, names};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use letopis_events::clients::ClientStatus;
use letopis_events::{ClientId, Code, Day, EmployeeId, Occurred, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

/// By what steps may be counted, and the SQL of it; `d` is the day a step is due, a moment's in the asked zone.
const TRAITS: [Column; 12] = [
    ("employee", "assignee", schema_of::<EmployeeId>),
    ("client", "client_id", schema_of::<ClientId>),
    ("action", "action", schema_of::<Code>),
    ("result", "result", schema_of::<Option<Code>>),
    ("day", "d", schema_of::<Day>),
    ("week", "date_trunc('week', d)::date", schema_of::<Day>),
    ("month", "to_char(d, 'YYYY-MM')", schema_of::<String>),
    ("quarter", "to_char(d, 'YYYY-\"Q\"Q')", schema_of::<String>),
    ("year", "to_char(d, 'YYYY')", schema_of::<String>),
    ("client_region", "region", schema_of::<Option<Code>>),
    ("client_industry", "industry", schema_of::<Option<Code>>),
    ("client_status", "client_status", schema_of::<Option<ClientStatus>>),
];
/// What is counted of each group; their SQL stands in [`FIGURES`].
const MEASURES: [(&str, SchemaOf); 5] = [
    ("planned", schema_of::<i64>),
    ("done", schema_of::<i64>),
    ("done_late", schema_of::<i64>),
    ("overdue", schema_of::<i64>),
    ("dropped", schema_of::<i64>),
];

/// What is counted: every step, with the last moment in time (the end of a due day by the clocks of who does it) as of `$3`; a step
/// for a merged client counts for the one it is shown under.
const COUNTED: &str = concat!(
    "with recursive ",
    resolved!(),
    ", counted as (
    select s.assignee, s.action, s.result, s.done_on, s.dropped, coalesce(r.survivor_id, s.client_id) client_id,
        t.region, t.industry, t.status client_status, due.due_by,
        coalesce(s.due_on, (s.due_at at time zone $2)::date) d
    from step_at($1) s
    left join resolved r on r.client_id = s.client_id
    left join client_at($1) t on t.client_id = coalesce(r.survivor_id, s.client_id)
    left join employee_at($1) e on e.employee_id = s.assignee
    cross join lateral (select coalesce(s.due_at, ((s.due_on + 1)::timestamp at time zone ",
    zone!("e", "$3::timestamptz"),
    ") - interval '1 microsecond')) due(due_by)),
bounded as (
    select * from counted
    where ($4::timestamptz is null or due_by >= $4) and ($5::timestamptz is null or due_by < $5)
      and ($6::date is null or d >= $6) and ($7::date is null or d < $7))"
);

const FIGURES: &str = "
select key || jsonb_build_object('planned', count(*), 'done', count(done_on),
    'done_late', count(*) filter (where done_on > due_by), 'dropped', count(*) filter (where dropped),
    'overdue', count(*) filter (where done_on is null and not dropped and due_by < $3))
from keyed group by key order by key limit 10001";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    /// employee, client, action, result, day, week, month, quarter, year (each of when it is due), `client_region`,
    /// `client_industry`, `client_status`; separated by commas.
    group_by: Option<String>,
    /// Due from this moment or day on.
    from: Option<Occurred>,
    /// Due before this moment or day.
    to: Option<Occurred>,
    /// The zone in which days begin; UTC where absent.
    time_zone: Option<TimeZone>,
}

/// Steps are counted.
struct Steps;

impl Counting for Steps {
    const NAME: &'static str = "CountedSteps";
    const TRAITS: &'static [Column] = &TRAITS;
    const MEASURES: &'static [(&'static str, SchemaOf)] = &MEASURES;
}

/// The question.
pub(super) fn question() -> Question {
    crate::asking::question::<Report, Items<Counted<Steps>>, _, _>(
        "/api/reports/steps",
        "report_steps",
        "reports",
        "Steps counted by when they are due: planned, done, done late, overdue now, dropped.",
        steps,
    )
}

fn sql(by: &[&str]) -> String {
    format!("{COUNTED}, keyed as (select *, {} key from bounded){FIGURES}", key(by, &TRAITS))
}

async fn steps(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Report>,
) -> Result<Response, Problem> {
    let Report { group_by, from, to, time_zone } = asked.params;
    let by = names("group_by", group_by.as_deref(), &TRAITS, MOST_TRAITS)?;
    let zone = time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let view = asking.view("reports", asked.when).await?;
    let now = asking.now(asked.when);
    let items: Rows =
        view.rows(&sql(&by), &[&view.position(), &zone, &now, &from_at, &to_at, &from_day, &to_day]).await?;
    answered(&headers, &by, &MEASURES, items, view.end().await)
}
