//! Who looks after whom.

use crate::aliases::{self, resolved};
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Page, Way};
use crate::params::Asked;
use crate::problem::Problem;
use crate::timeline::{bound, place};
use axum::extract::State;
use chrono::{DateTime, Utc};
use letopis_events::Occurred;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

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

macro_rules! assignments {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            resolved!(),
            " select to_jsonb(a) - 'assignment_id' - 'from_position' || jsonb_build_object('id', a.assignment_id,
                'at', a.since, 'employee', e.name, 'client', c.name, 'merged_into', r.survivor_id)
             from assignment_at($1) a
             left join employee_at($1) e on e.employee_id = a.employee_id
             left join card_at($1) c on c.client_id = a.client_id
             left join resolved r on r.client_id = a.client_id
             where ($2::uuid is null or a.employee_id = $2) and ($3::uuid[] is null or a.client_id = any($3))
               and ($4::timestamptz is null or ",
            in_force!("$4"),
            ") and ($5::timestamptz is null or (a.since, a.assignment_id) ",
            $than,
            " ($5, $6)) order by a.since ",
            $order,
            ", a.assignment_id ",
            $order,
            " limit $7"
        )
    };
}
const ASSIGNMENTS: &str = assignments!(">", "asc");
const ASSIGNMENTS_BACK: &str = assignments!("<", "desc");

const WORKLOAD: &str = concat!(
    "select jsonb_build_object('id', e.employee_id, 'employee', e.name,
        'clients', count(distinct a.client_id),
        'main', count(*) filter (where a.kind = 'main'), 'personal', count(*) filter (where a.kind = 'personal'),
        'co', count(*) filter (where a.kind = 'co'), 'deputy', count(*) filter (where a.kind = 'deputy'))
     from employee_at($1) e left join assignment_at($1) a on a.employee_id = e.employee_id and ",
    in_force!("$2"),
    " where (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)
        and ($3::uuid is null or e.employee_id > $3)
      group by e.employee_id, e.name order by e.employee_id limit $4"
);

const UNASSIGNED: &str = concat!(
    "with recursive ",
    resolved!(),
    " select jsonb_build_object('id', c.client_id, 'name', c.name, 'status', c.status, 'region', c.region,
        'merged', (select count(*) from resolved r where r.survivor_id = c.client_id))
     from card_at($1) c
     where not c.archived and not exists (select from alias_at($1) m where m.client_id = c.client_id) and ($3::uuid is null or c.client_id > $3) and not exists (
        select from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
        where a.client_id = c.client_id and a.kind in ('main', 'personal') and ",
    in_force!("$2"),
    ") order by c.client_id limit $4"
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// To whom.
    employee_id: Option<Uuid>,
    /// Of whom, with all that is merged into them.
    client_id: Option<Uuid>,
    /// In force at this moment, or at noon of this day, UTC.
    on: Option<Occurred>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Moment {
    /// At this moment, or at noon of this day, UTC; now where absent.
    on: Option<Occurred>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

/// The questions about assignments.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Which, Items<Map<String, Value>>, _, _>(
            "/api/assignments",
            "assignments_list",
            "assignments",
            "Assignments in the order they begin, past ones too; in force at a moment with on=.",
            assignments,
        ),
        question::<Moment, Items<Map<String, Value>>, _, _>(
            "/api/assignments/workload",
            "assignments_workload",
            "assignments",
            "How many clients each employee who works here looks after.",
            workload,
        ),
        question::<Moment, Items<Map<String, Value>>, _, _>(
            "/api/assignments/unassigned",
            "assignments_unassigned",
            "assignments",
            "Clients without a main or personal manager who works here.",
            unassigned,
        ),
    ]
}

fn moment(on: Option<Occurred>) -> Option<DateTime<Utc>> {
    match on {
        Some(Occurred::On(day)) => Some(day.noon().utc()),
        other => bound(other),
    }
}

async fn assignments(
    State(asking): State<Asking>,
    asked: Asked<Which>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Which { employee_id, client_id, on, limit, cursor } = asked.params;
    let list = format!("assignments {employee_id:?} {client_id:?} {on:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let sides = match client_id {
        Some(id) => Some(aliases::sides(&view, id).await?),
        None => None,
    };
    let sql = if page.way() == Way::Next { ASSIGNMENTS } else { ASSIGNMENTS_BACK };
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let rows = view
        .objects(
            sql,
            &[&view.position(), &employee_id, &sides, &moment(on), &after_at, &after_id, &page.fetch()],
        )
        .await?;
    let found = page.found(rows, place);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}

async fn workload(
    State(asking): State<Asking>,
    asked: Asked<Moment>,
) -> Result<Items<Map<String, Value>>, Problem> {
    by_id(&asking, asked, "workload", WORKLOAD).await
}

async fn unassigned(
    State(asking): State<Asking>,
    asked: Asked<Moment>,
) -> Result<Items<Map<String, Value>>, Problem> {
    by_id(&asking, asked, "unassigned", UNASSIGNED).await
}

/// A list in the order of ids, forwards.
async fn by_id(
    asking: &Asking,
    asked: Asked<Moment>,
    list: &str,
    sql: &str,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Moment { on, limit, cursor } = asked.params;
    let page: Page<Uuid> =
        Page::read(format!("{list} {on:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let on = moment(on).unwrap_or_else(|| asking.now(asked.when));
    let after = page.from.as_ref().map(|(_, id)| *id);
    let rows = view.objects(sql, &[&view.position(), &on, &after, &page.fetch()]).await?;
    let found = page.found(rows, |row| place(row).1);
    view.meta.next = found.next;
    Ok(Items { items: found.rows, meta: view.end().await })
}
