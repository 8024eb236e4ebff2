//! Steps counted: how many were planned, done, done late, dropped, and how many are overdue now.

use super::{answered, bound, chosen, key};
use crate::answer::Items;
use crate::asking::{Asking, Question, Rows};
use crate::employees::zone;
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use letopis_events::{Occurred, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// By what steps may be counted, and the SQL of it; `d` is the day a step is due, a moment's in the asked zone.
const TRAITS: [(&str, &str); 12] = [
    ("employee", "assignee"),
    ("client", "client_id"),
    ("action", "action"),
    ("result", "result"),
    ("day", "d"),
    ("week", "date_trunc('week', d)::date"),
    ("month", "to_char(d, 'YYYY-MM')"),
    ("quarter", "to_char(d, 'YYYY-\"Q\"Q')"),
    ("year", "to_char(d, 'YYYY')"),
    ("client_region", "region"),
    ("client_industry", "industry"),
    ("client_status", "client_status"),
];
const MEASURES: [&str; 5] = ["planned", "done", "done_late", "overdue", "dropped"];

/// What is counted: every step, with the last moment in time (the end of a due day by the clocks of who does it) as of `$3`.
const COUNTED: &str = concat!(
    "
with counted as (
    select s.*, t.region, t.industry, t.status client_status, due.due_by,
        coalesce(s.due_on, (s.due_at at time zone $2)::date) d
    from step_at($1) s
    left join client_at($1) t on t.client_id = s.client_id
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

/// The question.
pub(super) fn question() -> Question {
    crate::asking::question::<Report, Items<Map<String, Value>>, _, _>(
        "/api/reports/steps",
        "report_steps",
        "reports",
        "Steps counted by when they are due: planned, done, done late, overdue now, dropped.",
        steps,
    )
}

async fn steps(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Report>,
) -> Result<Response, Problem> {
    let Report { group_by, from, to, time_zone } = asked.params;
    let by = chosen(group_by.as_deref(), &TRAITS)?;
    let zone = time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let key = key(&by, &TRAITS);
    let sql = format!("{COUNTED}, keyed as (select *, {key} key from bounded){FIGURES}");
    let view = asking.view("reports", asked.when).await?;
    let now = asking.now(asked.when);
    let items: Rows =
        view.objects(&sql, &[&view.position(), &zone, &now, &from_at, &to_at, &from_day, &to_day]).await?;
    answered(&headers, &by, &MEASURES, items, view.end().await)
}
