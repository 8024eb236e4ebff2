//! Who looks after whom.

use crate::absences::{Named, presence};
use crate::aliases::{merged_count, merged_into, of_sides, sides};
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Page, Way};
use crate::params::Asked;
use crate::problem::Problem;
use crate::timeline::bound;
use axum::extract::State;
use chrono::{DateTime, Utc};
use letopis_events::clients::{AssignmentKind, ClientStatus};
use letopis_events::{Actor, AssignmentId, ClientId, Code, EmployeeId, Moment, Occurred, Text};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
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

pub(crate) use in_force;

macro_rules! assignments {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            sides!("$3"),
            " select to_jsonb(a) || jsonb_build_object('id', a.assignment_id, 'employee', e.name,
                'client', (select c.name from card_at($1) c where c.client_id = a.client_id), 'merged_into', ",
            merged_into!("a.client_id"),
            ", ",
            presence!("e", "a.employee_id", "a.client_id", "coalesce($4, $8::timestamptz)"),
            ")
             from assignment_at($1) a
             left join employee_at($1) e on e.employee_id = a.employee_id
             where ($2::uuid is null or a.employee_id = $2) and ($3::uuid is null or ",
            of_sides!("a.client_id"),
            ") and ($4::timestamptz is null or ",
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

macro_rules! workload {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', e.employee_id, 'employee', e.name,
                'clients', count(distinct a.client_id), 'main', count(*) filter (where a.kind = 'main'),
                'personal', count(*) filter (where a.kind = 'personal'),
                'co', count(*) filter (where a.kind = 'co'), 'deputy', count(*) filter (where a.kind = 'deputy'))
             from employee_at($1) e left join assignment_at($1) a on a.employee_id = e.employee_id and ",
            in_force!("$2"),
            " where (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)
                and ($3::uuid is null or e.employee_id ",
            $than,
            " $3) group by e.employee_id, e.name order by e.employee_id ",
            $order,
            " limit $4"
        )
    };
}
const WORKLOAD: &str = workload!(">", "asc");
const WORKLOAD_BACK: &str = workload!("<", "desc");

macro_rules! unassigned {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', c.client_id, 'name', c.name, 'status', c.status, 'region', c.region,
                'merged', ",
            merged_count!("c.client_id"),
            ")
             from card_at($1) c
             where not c.archived and c.merged_into is null and ($3::uuid is null or c.client_id ",
            $than,
            " $3) and not exists (
                select from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
                where a.client_id = c.client_id and a.kind in ('main', 'personal') and ",
            in_force!("$2"),
            ") order by c.client_id ",
            $order,
            " limit $4"
        )
    };
}
const UNASSIGNED: &str = unassigned!(">", "asc");
const UNASSIGNED_BACK: &str = unassigned!("<", "desc");

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] =
    &[ASSIGNMENTS, ASSIGNMENTS_BACK, WORKLOAD, WORKLOAD_BACK, UNASSIGNED, UNASSIGNED_BACK];

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
struct When {
    /// At this moment, or at noon of this day, UTC; now where absent.
    on: Option<Occurred>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

/// Who looks after a client: as what, from when to when, and why.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Assignment {
    /// Its id.
    id: AssignmentId,
    /// Whom.
    client_id: ClientId,
    /// What they are called; null when erased.
    client: Option<Text<200>>,
    /// Under whom that client is shown; null where it is not merged.
    merged_into: Option<ClientId>,
    /// Who.
    employee_id: EmployeeId,
    /// Their name; null when erased.
    employee: Option<String>,
    /// As what.
    kind: AssignmentKind,
    /// For which product line or branch; null: for all.
    responsibility: Option<Code>,
    /// From when, by business time.
    since: Moment,
    /// Until when, by business time.
    until: Option<Moment>,
    /// Why it began.
    reason: Text<1000>,
    /// Why it ended.
    release_reason: Option<Text<1000>>,
    /// What the next one should know.
    handover_note: Option<Text<4000>>,
    /// Who decided on it.
    assigned_by: Actor,
    /// Whether the employee is away.
    absent: bool,
    /// Who stands in for them towards the client.
    stands_in: Option<Named>,
}

/// How many clients an employee looks after.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Workload {
    /// The employee.
    id: EmployeeId,
    /// Their name; null when erased.
    employee: Option<String>,
    /// Clients, each once.
    clients: i64,
    /// Assignments as main manager.
    main: i64,
    /// As personal manager.
    personal: i64,
    /// As one who works along.
    co: i64,
    /// As deputy.
    deputy: i64,
}

/// A client nobody answers for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Unassigned {
    /// The client.
    id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// How far the relationship has come.
    status: ClientStatus,
    /// Region.
    region: Option<Code>,
    /// How many clients are merged into it.
    merged: i64,
}

/// The questions about assignments.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Which, Items<Assignment>, _, _>(
            "/api/assignments",
            "assignments_list",
            "assignments",
            "Assignments in the order they begin, past ones too; in force at a moment with on=; whether who has it is away, and who stands in.",
            assignments,
        ),
        question::<When, Items<Workload>, _, _>(
            "/api/assignments/workload",
            "assignments_workload",
            "assignments",
            "How many clients each employee who works here looks after.",
            workload,
        ),
        question::<When, Items<Unassigned>, _, _>(
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
) -> Result<Items<Assignment>, Problem> {
    let Which { employee_id, client_id, on, limit, cursor } = asked.params;
    let list = format!("assignments {employee_id:?} {client_id:?} {on:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { ASSIGNMENTS } else { ASSIGNMENTS_BACK };
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let (on, now) = (moment(on), asking.now(asked.when));
    let fetch = page.fetch();
    let rows = view
        .rows(sql, &[&view.position(), &employee_id, &client_id, &on, &after_at, &after_id, &fetch, &now])
        .await?;
    Ok(view.page(&page, rows, |row: &Assignment| (row.since.utc(), row.id.0)).await)
}

async fn workload(State(asking): State<Asking>, asked: Asked<When>) -> Result<Items<Workload>, Problem> {
    by_id(&asking, asked, "workload", [WORKLOAD, WORKLOAD_BACK], |row: &Workload| row.id.0).await
}

async fn unassigned(State(asking): State<Asking>, asked: Asked<When>) -> Result<Items<Unassigned>, Problem> {
    by_id(&asking, asked, "unassigned", [UNASSIGNED, UNASSIGNED_BACK], |row: &Unassigned| row.id.0).await
}

/// A list in the order of ids, by its statements for each way.
async fn by_id<T: DeserializeOwned>(
    asking: &Asking,
    asked: Asked<When>,
    list: &str,
    [forwards, backwards]: [&str; 2],
    id: impl Fn(&T) -> Uuid,
) -> Result<Items<T>, Problem> {
    let When { on, limit, cursor } = asked.params;
    let page: Page<Uuid> =
        Page::read(format!("{list} {on:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { forwards } else { backwards };
    let on = moment(on).unwrap_or_else(|| asking.now(asked.when));
    let after = page.from.as_ref().map(|(_, id)| *id);
    let rows = view.rows(sql, &[&view.position(), &on, &after, &page.fetch()]).await?;
    Ok(view.page(&page, rows, id).await)
}
