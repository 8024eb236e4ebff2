//! Steps counted: how many were planned, done, done late, dropped, and how many are overdue now.

use super::Counting;
use super::span::OverSpan;
use crate::aliases::resolved;
use crate::columns::Column;
use crate::openapi::{SchemaOf, schema_of};
use crate::presence::zone;
use letopis_events::clients::ClientStatus;
use letopis_events::{ClientId, Code, Day, EmployeeId};

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
/// What is counted of each group; their SQL stands in [`OverSpan::FIGURES`].
const MEASURES: [(&str, SchemaOf); 5] = [
    ("planned", schema_of::<i64>),
    ("done", schema_of::<i64>),
    ("done_late", schema_of::<i64>),
    ("overdue", schema_of::<i64>),
    ("dropped", schema_of::<i64>),
];

/// Steps are counted.
pub(super) struct Steps;

impl Counting for Steps {
    const NAME: &'static str = "CountedSteps";
    const TRAITS: &'static [Column] = &TRAITS;
    const MEASURES: &'static [(&'static str, SchemaOf)] = &MEASURES;
}

impl OverSpan for Steps {
    const PATH: &'static str = "/api/reports/steps";
    const ID: &'static str = "report_steps";
    const SUMMARY: &'static str =
        "Steps counted by when they are due: planned, done, done late, overdue now, dropped.";
    const GROUP: &'static str = "reports";
    // What is counted: every step, with the last moment in time (the end of a due day by the clocks of who does it) as of `$3`; a step
    // for a merged client counts for the one it is shown under.
    const COUNTED: &'static str = concat!(
    "with recursive ",
    resolved!(),
    ", counted as (
    select s.assignee, s.action, s.result, s.done_on, s.dropped, coalesce(r.survivor_id, s.client_id) client_id,
        t.region, t.industry, t.status client_status, due.at,
        coalesce(s.due_on, (s.due_at at time zone $2)::date) d
    from step_at($1) s
    left join resolved r on r.client_id = s.client_id
    left join client_at($1) t on t.client_id = coalesce(r.survivor_id, s.client_id)
    left join employee_at($1) e on e.employee_id = s.assignee
    cross join lateral (select coalesce(s.due_at, ((s.due_on + 1)::timestamp at time zone ",
    zone!("e", "$3::timestamptz"),
    ") - interval '1 microsecond')) due(at))"
);
    const FIGURES: &'static str = "'planned', count(*), 'done', count(done_on),
        'done_late', count(*) filter (where done_on > at), 'dropped', count(*) filter (where dropped),
        'overdue', count(*) filter (where done_on is null and not dropped and at < now)";
}
