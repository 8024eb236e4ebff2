//! Handovers counted: how many clients came to an employee from another, and how many went.

use super::Counting;
use super::span::OverSpan;
use crate::aliases::resolved;
use crate::columns::Column;
use crate::openapi::{SchemaOf, schema_of};
use letopis_events::{ClientId, Day, EmployeeId};

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
/// What is counted of each group; their SQL stands in [`OverSpan::FIGURES`].
const MEASURES: [(&str, SchemaOf); 2] = [("received", schema_of::<i64>), ("given", schema_of::<i64>)];

/// Handovers are counted.
pub(super) struct Handovers;

impl Counting for Handovers {
    const NAME: &'static str = "CountedHandovers";
    const TRAITS: &'static [Column] = &TRAITS;
    const MEASURES: &'static [(&'static str, SchemaOf)] = &MEASURES;
}

impl OverSpan for Handovers {
    const PATH: &'static str = "/api/reports/handovers";
    const ID: &'static str = "report_handovers";
    const SUMMARY: &'static str = "Handovers counted: clients received from others, and given to others.";
    const GROUP: &'static str = "crm";
    // A handover is an assignment that begins when another's, of the same kind and responsibility, ends; each has two sides. Who is
    // merged counts as the one it is shown under.
    const COUNTED: &'static str = concat!(
    "with recursive ",
    resolved!(),
    ", passed as (
    select coalesce(r.survivor_id, a.client_id) client_id, b.employee_id giver, a.employee_id taker, a.since at, (a.since at time zone $2)::date d
    from assignment_at($1) a
    join assignment_at($1) b on b.client_id = a.client_id and b.kind = a.kind and b.until = a.since
        and b.responsibility is not distinct from a.responsibility and b.employee_id <> a.employee_id
    left join resolved r on r.client_id = a.client_id),
counted as (
    select client_id, taker employee_id, giver other_id, at, d, true received from passed
    union all
    select client_id, giver, taker, at, d, false from passed)"
);
    const FIGURES: &'static str = "'received', count(distinct client_id) filter (where received),
        'given', count(distinct client_id) filter (where not received)";
}
