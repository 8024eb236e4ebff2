//! Who is away, and who stands in.

use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Limit, Page, Way};
use crate::params::Asked;
use crate::presence::{Named, away, stands_in, today};
use crate::problem::Problem;
use axum::extract::State;
use letopis_events::employees::AbsenceKind;
use letopis_events::{AbsenceId, ClientId, Day, EmployeeId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An absence as an object.
macro_rules! absence {
    () => {
        "jsonb_build_object('id', a.absence_id, 'from', a.from_day, 'until', a.until_day, 'client_ids', a.client_ids,
            'kind', a.kind, 'note', a.note, 'deputies', (
                select coalesce(jsonb_agg(jsonb_build_object('employee_id', named.id, 'employee', d.name)
                    order by named.place), '[]')
                from unnest(a.deputies) with ordinality named(id, place)
                left join employee_at($1) d on d.employee_id = named.id))"
    };
}
pub(crate) use absence;

macro_rules! absences {
    ($than:literal, $order:literal) => {
        concat!(
            "select ",
            absence!(),
            " || jsonb_build_object('employee_id', a.employee_id, 'employee', e.name,
                'stands_in', (select jsonb_build_object('employee_id', d.employee_id, 'employee', d.name)
                    from employee_at($1) d where d.employee_id = ",
            stands_in!("a.employee_id", "null::uuid", "$2::date"),
            "))
             from absence_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
             where ",
            away!("a", "$2::date"),
            " and ($3::date is null or (a.from_day, a.absence_id) ",
            $than,
            " ($3, $4)) order by a.from_day ",
            $order,
            ", a.absence_id ",
            $order,
            " limit $5"
        )
    };
}
const ABSENCES: &str = absences!(">", "asc");
const ABSENCES_BACK: &str = absences!("<", "desc");

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[ABSENCES, ABSENCES_BACK];

/// An absence as it stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Absence {
    /// Its id.
    id: AbsenceId,
    /// First day away.
    from: Day,
    /// First day back.
    until: Day,
    /// Who stands in, in order: the first of them who works here and is not away.
    deputies: Vec<Named>,
    /// For these clients alone; null: for all.
    client_ids: Option<Vec<ClientId>>,
    /// What kind of absence.
    kind: Option<AbsenceKind>,
    /// What else is worth knowing; null when erased.
    note: Option<Text<1000>>,
}

/// Somebody who is away.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Away {
    /// The absence.
    #[serde(flatten)]
    absence: Absence,
    /// Who is away.
    employee_id: EmployeeId,
    /// Their name; null when erased.
    employee: Option<String>,
    /// Who stands in; null: nobody can.
    stands_in: Option<Named>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// On this day; today, by the company's clocks, where absent.
    on: Option<Day>,
    /// At most so many.
    limit: Option<Limit>,
    /// Where to go on.
    cursor: Option<String>,
}

/// The questions about who is away.
pub fn questions() -> Vec<Question> {
    vec![question::<Which, Items<Away>, _, _>(
        "/api/employees/absences",
        "absences_list",
        "employees",
        "Who is away on a day, and who stands in.",
        absences,
    )]
}

async fn absences(State(asking): State<Asking>, asked: Asked<Which>) -> Result<Items<Away>, Problem> {
    let Which { on, limit, cursor } = asked.params;
    let page: Page<(Day, Uuid)> =
        Page::read(format!("absences {on:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let on = on.map_or_else(|| today(view.now), Day::date);
    let sql = if page.way() == Way::Next { ABSENCES } else { ABSENCES_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let after = after.map(Day::date);
    let rows = view.rows(sql, &[&view.position(), &on, &after, &after_id, &page.fetch()]).await?;
    Ok(view.page(&page, rows, |row: &Away| (row.absence.from, row.absence.id.0)).await)
}
