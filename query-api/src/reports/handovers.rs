//! Handovers counted: how many clients came to an employee from another, and how many went.

use super::{Counted, Counting, MOST_TRAITS, Rows, answered, bound, key};
use crate::aliases::resolved;
use crate::answer::Items;
use crate::asking::{Asking, Question};
use crate::openapi::{SchemaOf, schema_of};
use crate::params::Asked;
use crate::problem::Problem;
use crate::segment_analytics::{Column, names};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use letopis_events::{ClientId, Day, EmployeeId, Occurred, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

/// By what handovers may be counted, and the SQL of it; `d` is the day of the handover in the asked zone.
const TRAITS: [Column; 8] = [
    ("employee", "employee_id", schema_of::<EmployeeId>),
    ("other", "other_id", schema_of::<EmployeeId>),
    ("client", "client_id", schema_of::<ClientId>),
    ("day", "d", schema_of::<Day>),
    ("week", "date_trunc('week', d)::date", schema_of::<Day>),
    ("month", "to_char(d, 'YYYY-MM')", schema_of::<String>),
    ("quarter", "to_char(d, 'YYYY-\"Q\"Q')", schema_of::<String>),
    ("year", "to_char(d, 'YYYY')", schema_of::<String>),
];
/// What is counted of each group; their SQL stands in [`FIGURES`].
const MEASURES: [(&str, SchemaOf); 2] = [("received", schema_of::<i64>), ("given", schema_of::<i64>)];

/// A handover is an assignment that begins when another's, of the same kind and responsibility, ends; each has two sides. Who is
/// merged counts as the one it is shown under.
const SIDES: &str = concat!(
    "with recursive ",
    resolved!(),
    ", passed as (
    select coalesce(r.survivor_id, a.client_id) client_id, b.employee_id giver, a.employee_id taker, a.since, (a.since at time zone $2)::date d
    from assignment_at($1) a
    join assignment_at($1) b on b.client_id = a.client_id and b.kind = a.kind and b.until = a.since
        and b.responsibility is not distinct from a.responsibility and b.employee_id <> a.employee_id
    left join resolved r on r.client_id = a.client_id),
sides as (
    select client_id, taker employee_id, giver other_id, since, d, true received from passed
    union all
    select client_id, giver, taker, since, d, false from passed),
bounded as (
    select * from sides
    where ($3::timestamptz is null or since >= $3) and ($4::timestamptz is null or since < $4)
      and ($5::date is null or d >= $5) and ($6::date is null or d < $6))"
);

const FIGURES: &str = "
select key || jsonb_build_object('received', count(distinct client_id) filter (where received),
    'given', count(distinct client_id) filter (where not received))
from keyed group by key order by key limit 10001";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Report {
    /// employee, other (from or to whom), client, day, week, month, quarter, year; separated by commas.
    group_by: Option<String>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// The zone in which days begin; UTC where absent.
    time_zone: Option<TimeZone>,
}

/// Handovers are counted.
struct Handovers;

impl Counting for Handovers {
    const NAME: &'static str = "CountedHandovers";
    const TRAITS: &'static [Column] = &TRAITS;
    const MEASURES: &'static [(&'static str, SchemaOf)] = &MEASURES;
}

/// The question.
pub(super) fn question() -> Question {
    crate::asking::question::<Report, Items<Counted<Handovers>>, _, _>(
        "/api/reports/handovers",
        "report_handovers",
        "reports",
        "Handovers counted: clients received from others, and given to others.",
        handovers,
    )
}

fn sql(by: &[&str]) -> String {
    format!("{SIDES}, keyed as (select *, {} key from bounded){FIGURES}", key(by, &TRAITS))
}

async fn handovers(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Report>,
) -> Result<Response, Problem> {
    let Report { group_by, from, to, time_zone } = asked.params;
    let by = names("group_by", group_by.as_deref(), &TRAITS, MOST_TRAITS)?;
    let zone = time_zone.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
    let ((from_at, from_day), (to_at, to_day)) = (bound(from), bound(to));
    let view = asking.view("crm", asked.when).await?;
    let items: Rows =
        view.rows(&sql(&by), &[&view.position(), &zone, &from_at, &to_at, &from_day, &to_day]).await?;
    answered(&headers, &by, &MEASURES, items, view.end().await)
}
