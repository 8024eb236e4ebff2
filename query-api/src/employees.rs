//! An employee as colleagues see them: what they are and were, when they work, whether they are away and who stands in.

use crate::absences::{Absence, absence};
use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::params::{Asked, Id, NoParams};
use crate::presence::{Named, away, day, in_force, post, presence, stands_in};
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use letopis_events::{Code, Day, Email, EmployeeId, Text, TimeZone, Version, Weekly, WorkingHours};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// An employee as they are at `$2`.
const EMPLOYEE: &str = concat!(
    "select to_jsonb(e) || jsonb_build_object('id', e.employee_id,
        'title', post -> 'position', 'department', post -> 'department',
        'hours', (select h from jsonb_array_elements(e.hours) h where (h ->> 'valid_from')::date <= today
                  order by (h ->> 'valid_from')::date desc limit 1),
        'absences', (select coalesce(jsonb_agg(",
    absence!(),
    " order by a.from_day), '[]') from absence_at($1) a where a.employee_id = e.employee_id),
        'stands_in_for', (select coalesce(jsonb_agg(jsonb_build_object('employee_id', o.employee_id, 'employee', o.name)
                order by o.name, o.employee_id), '[]')
            from employee_at($1) o join absence_at($1) a on a.employee_id = o.employee_id and ",
    away!("a", "today"),
    " where e.employee_id = any(a.deputies) and e.employee_id = ",
    stands_in!("o.employee_id", "null::uuid", "today"),
    "),
        'clients', (select count(distinct a.client_id) from assignment_at($1) a
            where a.employee_id = e.employee_id and ",
    in_force!("$2"),
    "), ",
    presence!("e", "e.employee_id", "null::uuid", "$2::timestamptz"),
    ")
    from employee_at($1) e
    cross join lateral (select ",
    day!("e", "$2::timestamptz"),
    ") clock(today)
    cross join lateral (select ",
    post!("e", "today"),
    ") held(post)
    where e.employee_id = $3"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[EMPLOYEE];

/// An employee.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Employee {
    /// The employee.
    id: EmployeeId,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// Last, first, patronymic; null when erased.
    name: Option<String>,
    /// Position held today.
    title: Option<Text<200>>,
    /// Department today.
    department: Option<Code>,
    /// Position and department over time, in order.
    posts: Vec<Post>,
    /// Working hours as agreed for today.
    #[serde(deserialize_with = "agreed")]
    hours: Hours,
    /// Phone, E.164 or as told.
    phone: Option<String>,
    /// E-mail.
    email: Option<Email>,
    /// Number within the company.
    extension: Option<Text<16>>,
    /// The company's number that rings at their desk, E.164 or as told.
    direct_number: Option<String>,
    /// First day here; null: has always been here.
    hired_on: Option<Day>,
    /// First day away.
    dismissed_on: Option<Day>,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
    /// Absences, past and planned.
    absences: Vec<Absence>,
    /// Whether they are away today.
    absent: bool,
    /// Who stands in today.
    stands_in: Option<Named>,
    /// For whom they stand in today.
    stands_in_for: Vec<Named>,
    /// How many clients they look after.
    clients: i64,
}

/// What an employee is from a day on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Post {
    /// From this day on; null: from the beginning.
    since: Option<Day>,
    /// Department.
    department: Option<Code>,
    /// Position held.
    position: Option<Text<200>>,
}

/// Working hours.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Hours {
    /// From this day on; null: nothing was agreed, these are the company's.
    valid_from: Option<Day>,
    /// The shifts of a week.
    weekly: Weekly,
    /// By the clocks of this zone.
    time_zone: TimeZone,
}

/// The hours agreed, or the company's.
fn agreed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hours, D::Error> {
    let company = || {
        let WorkingHours { weekly, time_zone } = WorkingHours::default();
        Hours { valid_from: None, weekly, time_zone }
    };
    Option::deserialize(deserializer).map(|agreed| agreed.unwrap_or_else(company))
}

/// The questions about an employee.
pub fn questions() -> Vec<Question> {
    vec![question::<NoParams, Item<Employee>, _, _>(
        "/api/employees/{id}",
        "employee",
        "employees",
        "An employee: posts over time, hours now, absences, who stands in today and for whom they do, how many clients.",
        employee,
    )]
}

async fn employee(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<NoParams>,
) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let employee = view.row(EMPLOYEE, &[&view.position(), &view.now, &id]).await?;
    let item: Employee = employee.ok_or_else(|| Problem::no_such("employee", id))?;
    Ok(view.item(item.version, item).await)
}
