//! Who looks after whom.

use crate::aliases::{merged_count, merged_into, of_clients};
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Limit, Page, Way};
use crate::params::{Asked, at_noon};
use crate::presence::{Named, absent, deputy, in_force};
use crate::problem::Problem;
use crate::reach::client_name;
use crate::selection::{At, Extra, List, Listed, More, list};
use axum::extract::State;
use letopis_events::clients::ClientStatus;
use letopis_events::{ClientId, Code, EmployeeId, Occurred, Text};
use letopis_projections::assignments::Assignment;
use letopis_projections::engine::{Field, Shape};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who looks after whom, by any field.
struct Assignments;

impl Listed for Assignments {
    const LIST: List = List {
        name: "assignments",
        shape: Shape::of::<Assignment>(),
        made: &[
            Field::of::<Option<String>>("employee").called("Имя сотрудника", "Employee's name"),
            Field::of::<bool>("in_force").called("Действует", "In force"),
        ],
        alike: &[],
        rows: concat!(
            "select a.*, e.name employee, e.hours, ",
            in_force!("$3"),
            " in_force from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id"
        ),
        id: "assignment_id",
        order: "since",
        more: &[
            More::of::<Option<Text<200>>>("client", client_name!("t.client_id")),
            More::of::<Option<ClientId>>("merged_into", merged_into!("t.client_id")),
            More::of::<bool>("absent", absent!("t", "t.employee_id", "$3")),
            More::of::<Option<Named>>("stands_in", deputy!("t", "t.employee_id", "t.client_id", "$3")),
        ],
    };
    const MORE: &'static [(&'static str, &'static str)] = &[
        ("client_id", "The client, with all that is merged into it; or several: `a,b`."),
        ("on", "In force at this moment, or at noon of this day, UTC."),
    ];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        if name == "on" { Ok(("t.in_force", vec![])) } else { of_clients(name, value, at) }
    }
}

macro_rules! workload {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', e.employee_id, 'employee', e.name,
                'clients', count(distinct a.client_id), 'main', count(*) filter (where a.kind = 'main'),
                'personal', count(*) filter (where a.kind = 'personal'),
                'co', count(*) filter (where a.kind = 'co'), 'deputy', count(*) filter (where a.kind = 'deputy'))
             from employee_at($1) e left join assignment_at($1) a on a.employee_id = e.employee_id and ",
            in_force!("$2"),
            " where (e.hired_on is null or e.hired_on <= ($2 at time zone 'UTC')::date)
                and (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)
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
pub(crate) const STATEMENTS: &[&str] = &[WORKLOAD, WORKLOAD_BACK, UNASSIGNED, UNASSIGNED_BACK];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct When {
    /// At this moment, or at noon of this day, UTC; now where absent.
    on: Option<Occurred>,
    /// At most so many.
    limit: Option<Limit>,
    /// Where to go on.
    cursor: Option<String>,
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
    let mut questions = Vec::from(list::<Assignments>(
        "/api/assignments",
        "assignments_list",
        "assignments",
        "Assignments by any field, in the order they begin, past ones too; in force at a moment with on=; whether who has it is away then, and who stands in.",
    ));
    questions.extend([
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
    ]);
    questions
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
    let on = on.map_or(view.now, at_noon);
    let after = page.from.as_ref().map(|(_, id)| *id);
    let rows = view.rows(sql, &[&view.position(), &on, &after, &page.fetch()]).await?;
    Ok(view.page(&page, rows, id).await)
}
