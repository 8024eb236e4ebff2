//! The company's tree, and how many people work in each part of it.

use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::params::{Asked, NoParams};
use crate::presence::post;
use crate::problem::{Kind, Problem};
use axum::extract::State;
use axum::response::Response;
use letopis_events::{Code, EmployeeId, Text, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Departments in the order of the tree, each with its path from the top; who works there on the day of `$2`.
const TREE: &str = concat!(
    "
with recursive d as materialized (select * from department_at($1)),
tree(code, path, names) as (
    select d.code, array[d.code], array[d.name] from d where d.parent is null
    union all
    select d.code, t.path || d.code, t.names || d.name from d join tree t on t.code = d.parent),
there as (
    select ",
    post!("e", "($2 at time zone 'UTC')::date"),
    " ->> 'department' code, count(*) n from employee_at($1) e
    where (e.hired_on is null or e.hired_on <= ($2 at time zone 'UTC')::date)
      and (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)
    group by 1),
total as (
    select above code, sum(there.n) n from there join tree using (code), unnest(tree.path) above group by above)
select jsonb_build_object('id', c.company_id, 'version', c.version, 'departments', (
    select coalesce(jsonb_agg(jsonb_build_object(
        'code', d.code, 'name', d.name, 'parent', d.parent, 'path', tree.path, 'open', d.open,
        'head_id', d.head, 'head', h.name,
        'employees', coalesce(there.n, 0), 'employees_with_below', coalesce(total.n, 0))
        order by tree.names, tree.path), '[]')
    from d join tree using (code) left join there using (code) left join total using (code)
    left join employee_at($1) h on h.employee_id = d.head))
from company_at($1) c"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[TREE];

/// The company's tree.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Tree {
    /// The id that commands to it take.
    id: Uuid,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// The departments in the order of the tree.
    departments: Vec<Department>,
}

/// A department.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Department {
    /// Its code.
    code: Code,
    /// What it is called.
    name: Text<200>,
    /// The department above it; null: it stands at the top.
    parent: Option<Code>,
    /// The codes from the top down to it.
    path: Vec<Code>,
    /// Whether it takes people.
    open: bool,
    /// Its head.
    head_id: Option<EmployeeId>,
    /// Their name; null when erased.
    head: Option<String>,
    /// How many work in it today.
    employees: i64,
    /// How many work in it and below it today.
    employees_with_below: i64,
}

/// The questions about departments.
pub fn questions() -> Vec<Question> {
    vec![question::<NoParams, Item<Tree>, _, _>(
        "/api/departments",
        "departments",
        "departments",
        "The company's tree of departments, closed ones too, with the id that commands to it take.",
        tree,
    )]
}

async fn tree(State(asking): State<Asking>, asked: Asked<NoParams>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let tree = view.row(TREE, &[&view.position(), &view.now]).await?;
    let item: Tree = tree.ok_or_else(|| Problem::new(Kind::NotFound, "the company was not founded then"))?;
    Ok(view.item(item.version, item).await)
}
