//! Who is there: by whose clocks, away or at work, who stands in, whose clients. Clauses that several questions share.

use chrono::{DateTime, NaiveDate, Utc};
use letopis_events::{EmployeeId, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The zone whose clocks count for the employee `$e` at `$now`: that of their hours, or the company's.
macro_rules! zone {
    ($e:literal, $now:literal) => {
        concat!(
            "coalesce((select h ->> 'time_zone' from jsonb_array_elements(",
            $e,
            ".hours) h where (h ->> 'valid_from')::date <= (",
            $now,
            " at time zone 'UTC')::date order by (h ->> 'valid_from')::date desc limit 1), 'Europe/Moscow')"
        )
    };
}

/// The day it is for the employee `$e` at `$now`.
macro_rules! day {
    ($e:literal, $now:literal) => {
        concat!("(", $now, " at time zone ", $crate::presence::zone!($e, $now), ")::date")
    };
}

/// What the employee `$e` is on `$day`: `{since, department, position}`.
macro_rules! post {
    ($e:literal, $day:expr) => {
        concat!(
            "(select p from jsonb_array_elements(",
            $e,
            ".posts) p where coalesce((p ->> 'since')::date <= ",
            $day,
            ", true) order by (p ->> 'since')::date desc nulls last limit 1)"
        )
    };
}

/// Whether the absence `$a` takes `$day`; who has left by then is not away but gone.
macro_rules! away {
    ($a:literal, $day:expr) => {
        concat!(
            "(",
            $a,
            ".from_day <= ",
            $day,
            " and ",
            $a,
            ".until_day > ",
            $day,
            " and not exists (select from employee_at($1) leaver where leaver.employee_id = ",
            $a,
            ".employee_id and leaver.dismissed_on <= ",
            $day,
            "))"
        )
    };
}

/// Who is away on `$day` and names `$deputy` among those who stand in.
macro_rules! covered {
    ($deputy:literal, $day:expr) => {
        concat!(
            "select gone.employee_id from absence_at($1) gone where ",
            $deputy,
            " = any(gone.deputies) and ",
            $crate::presence::away!("gone", $day)
        )
    };
}

/// Who stands in for `$employee` towards `$client` (null: any) on `$day`: of the deputies, in order, the first who works here and
/// is not away; null where nobody is away or nobody can. Who is away from some clients alone is so from all that are shown as one
/// with them.
macro_rules! stands_in {
    ($employee:literal, $client:literal, $day:expr) => {
        concat!(
            "(select named.id from absence_at($1) gone
              cross join lateral unnest(gone.deputies) with ordinality named(id, place)
              join employee_at($1) stand on stand.employee_id = named.id
              where gone.employee_id = ",
            $employee,
            " and ",
            $crate::presence::away!("gone", $day),
            " and (gone.client_ids is null or ",
            $client,
            " is null or ",
            $crate::aliases::shown!($client, "$1"),
            " in (select ",
            $crate::aliases::shown!("listed.id", "$1"),
            " from unnest(gone.client_ids) listed(id))) and (stand.hired_on is null or stand.hired_on <= ",
            $day,
            ") and (stand.dismissed_on is null or stand.dismissed_on > ",
            $day,
            ") and not exists (select from absence_at($1) too where too.employee_id = named.id and ",
            $crate::presence::away!("too", $day),
            ") order by named.place limit 1)"
        )
    };
}

/// Whether the employee `$e` is away at `$now`.
macro_rules! absent {
    ($e:literal, $id:literal, $now:literal) => {
        concat!(
            "exists (select from absence_at($1) gone where gone.employee_id = ",
            $id,
            " and ",
            $crate::presence::away!("gone", $crate::presence::day!($e, $now)),
            ")"
        )
    };
}

/// Who stands in for the employee `$e` towards `$client` at `$now`, by name.
macro_rules! deputy {
    ($e:literal, $id:literal, $client:literal, $now:literal) => {
        concat!(
            "(select jsonb_build_object('employee_id', d.employee_id, 'employee', d.name)
                from employee_at($1) d where d.employee_id = ",
            $crate::presence::stands_in!($id, $client, $crate::presence::day!($e, $now)),
            ")"
        )
    };
}

/// Both as two fields.
macro_rules! presence {
    ($e:literal, $id:literal, $client:literal, $now:literal) => {
        concat!(
            "'absent', ",
            $crate::presence::absent!($e, $id, $now),
            ", 'stands_in', ",
            $crate::presence::deputy!($e, $id, $client, $now)
        )
    };
}
/// Whether an assignment is in force at `$moment`; a dismissed employee's are not from that day on, nor a client's that is merged
/// into another one, who has managers of its own.
macro_rules! in_force {
    ($moment:literal) => {
        concat!(
            "(a.since <= ",
            $moment,
            " and (a.until is null or a.until > ",
            $moment,
            ") and (e.dismissed_on is null or e.dismissed_on > (",
            $moment,
            " at time zone 'UTC')::date)
              and not exists (select from alias_at($1) m where m.client_id = a.client_id and m.merged_at <= ",
            $moment,
            "))"
        )
    };
}
pub(crate) use {absent, away, covered, day, deputy, in_force, post, presence, stands_in, zone};

/// An employee by name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Named {
    /// Who.
    employee_id: EmployeeId,
    /// Their name; null when erased.
    employee: Option<String>,
}

/// The day it is by the company's clocks.
pub(crate) fn today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&TimeZone::default().zone()).date_naive()
}
