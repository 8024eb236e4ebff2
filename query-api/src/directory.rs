//! Who is who: clients by every key they are looked up by, employees by name.

use crate::aliases::{merged_count, shown};
use crate::asking::Question;
use crate::presence::{in_force, post};
use crate::problem::Problem;
use crate::selection::{Alike, At, Extra, List, Listed, More, heard, list};
use letopis_events::{EmployeeId, Moment};
use letopis_projections::client_cards::Card;
use letopis_projections::directory::Employee;
use letopis_projections::engine::{Field, Shape};

/// Whether a part of the name is this, in capitals or not; `ё` counts as `е`.
macro_rules! named {
    ($name:literal, $part:literal) => {
        concat!(
            "strpos(translate(lower(",
            $name,
            "), 'ё', 'е'), translate(lower(",
            $part,
            "::text), 'ё', 'е')) > 0"
        )
    };
}

/// Whether a part of the name of the row `t` is `$1`.
pub(crate) const NAMED: &str = named!("t.name", "$1");

/// What is counted of a client's own interactions, those of the merged ones apart: each is one look-up, so that a page asks for no more
/// than it shows.
macro_rules! passed {
    ($counted:literal) => {
        concat!(
            "(select ",
            $counted,
            " from entry_at($1) x cross join lateral (
                select i.occurred_at, i.withdrawn from interaction_at($1) i where i.interaction_id = x.interaction_id offset 0) i
              where x.client_id = c.client_id and x.whole and not i.withdrawn)"
        )
    };
}

/// Clients, by any field or by any key they are looked up by. Who is merged is found as the one it is shown under.
struct Clients;

impl Listed for Clients {
    const LIST: List = List {
        name: "clients",
        shape: Shape::of::<Card>(),
        id: "client_id",
        order: "name",
        made: &[
            Field::of::<Vec<EmployeeId>>("manager_ids").called("Менеджеры", "Managers"),
            Field::of::<i64>("interactions").called("Взаимодействий", "Interactions"),
            Field::of::<Option<Moment>>("last_at").called("Последнее взаимодействие", "Last interaction"),
        ],
        alike: &[],
        rows: concat!(
            "select c.*, array(select distinct a.employee_id
                from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
                where a.client_id = c.client_id and ",
            in_force!("$3"),
            " order by 1) manager_ids, ",
            passed!("count(*)"),
            " interactions, ",
            passed!("max(i.occurred_at)"),
            " last_at from card_at($1) c where c.merged_into is null"
        ),
        more: &[More::of::<i64>("merged", merged_count!("t.client_id"))],
    };
    const MORE: &'static [(&'static str, &'static str)] = &[
        ("external_id", "The key in another system, `source:id`."),
        ("phone", "A phone, however written."),
        ("email", "An e-mail address."),
        ("inn", "A taxpayer's number."),
        ("name", "A part of the name."),
    ];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        let value = match name {
            "name" => {
                let named = concat!(
                    "(",
                    named!("t.name", "$1"),
                    " or t.client_id in (select ",
                    shown!("gone.client_id", "$2::text::bigint"),
                    " from card_at($3::text::bigint) gone
                    where gone.merged_into is not null and ",
                    named!("gone.name", "$4"),
                    "))"
                );
                let (name, position) = (value.to_owned(), at.position.to_string());
                return Ok((named, vec![name.clone(), position.clone(), position, name]));
            }
            "phone" => number(value)?,
            "email" => value.to_lowercase(),
            _ => value.to_owned(),
        };
        let known = concat!(
            "t.client_id in (select ",
            shown!("own.client_id", "$1::text::bigint"),
            " from client_key_at($2::text::bigint) own where own.kind = $3::text and own.value = $4::text)"
        );
        let position = at.position.to_string();
        Ok((known, vec![position.clone(), position, name.to_owned(), value]))
    }
}

/// Employees.
struct Employees;

impl Listed for Employees {
    const LIST: List = List {
        name: "employees",
        shape: Shape::of::<Employee>(),
        id: "employee_id",
        order: "name",
        made: &[],
        alike: &[("phone", Alike::Phone), ("direct_number", Alike::Phone), ("email", Alike::Email)],
        rows: concat!(
            "select e.employee_id, e.version, e.name, held.post ->> 'position' title, held.post ->> 'department' department,
                e.phone, e.email, e.extension, e.direct_number, e.hired_on, e.dismissed_on, e.external_id
              from employee_at($1) e cross join lateral (select ",
            post!("e", "$2"),
            " post) held"
        ),
        more: &[],
    };
    const MORE: &'static [(&'static str, &'static str)] =
        &[("name", "A part of the name."), ("on", "A day on which they work here.")];

    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
        if name == "name" {
            return Ok((NAMED, vec![value.to_owned()]));
        }
        let day = at.today().to_string();
        let here = "(t.hired_on is null or t.hired_on <= $1::text::date)
            and (t.dismissed_on is null or t.dismissed_on > $2::text::date)";
        Ok((here, vec![day.clone(), day]))
    }
}

/// The questions about who is who.
pub fn questions() -> Vec<Question> {
    let clients = list::<Clients>(
        "/api/clients",
        "clients_list",
        "clients",
        "Clients by any field, or by any key they are known by; who is merged into another one counts there (merged).",
    );
    let employees =
        list::<Employees>("/api/employees", "employees_list", "employees", "Employees by any field.");
    clients.into_iter().chain(employees).collect()
}

/// The number as the world knows it, or what is no number.
pub(crate) fn number(text: &str) -> Result<String, Problem> {
    heard(text).ok_or_else(|| Problem::parameter("phone", "must be a phone number, such as +7 495 123-45-67"))
}
