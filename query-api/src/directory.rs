//! Who is who: clients by every key they are looked up by, employees by name.

use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Page, Way};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use letopis_events::clients::{ClientKind, ClientStatus};
use letopis_events::{ClientId, Code, Country, Day, Email, EmployeeId, PhoneNumber, Text, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Clients by name; each key given must be one of theirs.
macro_rules! clients {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', c.client_id, 'name', c.name, 'kind', c.kind, 'status', c.status,
                'region', c.region, 'industry', c.industry, 'tags', c.tags, 'archived', c.archived,
                'external_id', c.external_id, 'version', c.version)
             from card_at($1) c
             where ($2::text is null or strpos(lower(c.name), lower($2)) > 0)
               and not exists (
                 select from unnest($3::text[], $4::text[]) k(kind, value) where not exists (
                     select from client_key_at($1) own
                     where own.client_id = c.client_id and own.kind = k.kind and own.value = k.value))
               and (cardinality($3::text[]) = 0 or c.client_id in (
                     select client_id from client_key_at($1) where value = any($4::text[])))
               and ($5::text is null or (coalesce(c.name, ''), c.client_id) ",
            $than,
            " ($5, $6)) order by coalesce(c.name, '') ",
            $order,
            ", c.client_id ",
            $order,
            " limit $7"
        )
    };
}
const CLIENTS: &str = clients!(">", "asc");
const CLIENTS_BACK: &str = clients!("<", "desc");

macro_rules! employees {
    ($than:literal, $order:literal) => {
        concat!(
            "select to_jsonb(e) || jsonb_build_object('id', e.employee_id)
             from employee_at($1) e
             where ($2::text is null or strpos(lower(e.name), lower($2)) > 0)
               and ($3::text is null or e.external_id = $3)
               and ($4::text is null or (coalesce(e.name, ''), e.employee_id) ",
            $than,
            " ($4, $5)) order by coalesce(e.name, '') ",
            $order,
            ", e.employee_id ",
            $order,
            " limit $6"
        )
    };
}
const EMPLOYEES: &str = employees!(">", "asc");
const EMPLOYEES_BACK: &str = employees!("<", "desc");

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[CLIENTS, CLIENTS_BACK, EMPLOYEES, EMPLOYEES_BACK];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Clients {
    /// The key in another system, `source:id`.
    external_id: Option<String>,
    /// A phone, however written.
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
    /// A taxpayer's number.
    inn: Option<String>,
    /// A part of the name.
    name: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Employees {
    /// A part of the name.
    name: Option<String>,
    /// The key in another system, `source:id`.
    external_id: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

/// A client in a list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Client {
    /// The client.
    id: ClientId,
    /// The version of the record.
    version: Version,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// What they are.
    kind: ClientKind,
    /// How far the relationship has come.
    status: ClientStatus,
    /// Region.
    region: Option<Code>,
    /// Line of business.
    industry: Option<Code>,
    /// Tags, sorted.
    tags: Vec<Code>,
    /// Whether they are put away.
    archived: bool,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
}

/// An employee.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Employee {
    /// The employee.
    id: EmployeeId,
    /// The version of the record.
    version: Version,
    /// Last, first, patronymic; null when erased.
    name: Option<String>,
    /// Position held.
    title: Option<Text<200>>,
    /// Department.
    department: Option<Code>,
    /// Phone, E.164 or as told.
    phone: Option<String>,
    /// E-mail.
    email: Option<Email>,
    /// First day here; null: has always been here.
    hired_on: Option<Day>,
    /// First day away.
    dismissed_on: Option<Day>,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
}

/// The questions about who is who.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Clients, Items<Client>, _, _>(
            "/api/clients",
            "clients_list",
            "clients",
            "Clients by name or by any key they are known by.",
            clients,
        ),
        question::<Employees, Items<Employee>, _, _>(
            "/api/employees",
            "employees_list",
            "employees",
            "Employees by name.",
            employees,
        ),
    ]
}

/// A text PostgreSQL can compare.
fn text(name: &str, value: Option<String>) -> Result<Option<String>, Problem> {
    match value {
        Some(value) if value.contains('\0') || value.is_empty() => {
            Err(Problem::parameter(name, "must be a non-empty text without the character U+0000"))
        }
        value => Ok(value),
    }
}

async fn clients(State(asking): State<Asking>, asked: Asked<Clients>) -> Result<Items<Client>, Problem> {
    let Clients { external_id, phone, email, inn, name, limit, cursor } = asked.params;
    let list = format!("clients {external_id:?} {phone:?} {email:?} {inn:?} {name:?}");
    let page: Page<(String, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let phone = text("phone", phone)?.map(|phone| number(&phone)).transpose()?;
    let keys = [
        ("external_id", text("external_id", external_id)?),
        ("phone", phone),
        ("email", text("email", email)?.map(|email| email.to_lowercase())),
        ("inn", text("inn", inn)?),
    ];
    let (kinds, values): (Vec<&str>, Vec<String>) =
        keys.into_iter().filter_map(|(kind, value)| Some((kind, value?))).unzip();
    let name = text("name", name)?;
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { CLIENTS } else { CLIENTS_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let rows =
        view.rows(sql, &[&view.position(), &name, &kinds, &values, &after, &after_id, &page.fetch()]).await?;
    let by_name = |row: &Client| (row.name.as_ref().map(Text::to_string).unwrap_or_default(), row.id.0);
    Ok(view.page(&page, rows, by_name).await)
}

/// The number as the world knows it; a `+` that a query turned into a space counts as one.
fn number(text: &str) -> Result<String, Problem> {
    let raw = text.trim().parse().map_err(|_| Problem::parameter("phone", "is too long"))?;
    let heard = PhoneNumber::heard(raw, None, &Country::default());
    heard.e164.ok_or_else(|| Problem::parameter("phone", "must be a phone number, such as +7 495 123-45-67"))
}

async fn employees(
    State(asking): State<Asking>,
    asked: Asked<Employees>,
) -> Result<Items<Employee>, Problem> {
    let Employees { name, external_id, limit, cursor } = asked.params;
    let list = format!("employees {name:?} {external_id:?}");
    let page: Page<(String, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let (name, external_id) = (text("name", name)?, text("external_id", external_id)?);
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { EMPLOYEES } else { EMPLOYEES_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let rows =
        view.rows(sql, &[&view.position(), &name, &external_id, &after, &after_id, &page.fetch()]).await?;
    let by_name = |row: &Employee| (row.name.clone().unwrap_or_default(), row.id.0);
    Ok(view.page(&page, rows, by_name).await)
}
