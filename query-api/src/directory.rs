//! Who is who: clients by every key they are looked up by, employees by name.

use crate::aliases::resolved;
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Page, Way};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use letopis_events::{Country, PhoneNumber};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Clients by name; each key given must be one of theirs. Who is merged is found as the one it is shown under.
macro_rules! clients {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            resolved!(),
            ", own as (
                select k.kind, k.value, coalesce(r.survivor_id, k.client_id) client_id
                from client_key_at($1) k left join resolved r on r.client_id = k.client_id
                where k.value = any($4::text[]))
             select jsonb_build_object('id', c.client_id, 'name', c.name, 'kind', c.kind, 'status', c.status,
                'region', c.region, 'industry', c.industry, 'tags', c.tags, 'archived', c.archived,
                'external_id', c.external_id, 'version', c.version,
                'merged', (select count(*) from resolved r where r.survivor_id = c.client_id))
             from card_at($1) c
             where not exists (select from alias_at($1) a where a.client_id = c.client_id)
               and ($2::text is null or strpos(lower(c.name), lower($2)) > 0 or c.client_id in (
                     select r.survivor_id from resolved r join card_at($1) m on m.client_id = r.client_id
                     where strpos(lower(m.name), lower($2)) > 0))
               and not exists (
                 select from unnest($3::text[], $4::text[]) k(kind, value) where not exists (
                     select from own where own.client_id = c.client_id and own.kind = k.kind and own.value = k.value))
               and (cardinality($3::text[]) = 0 or c.client_id in (select client_id from own))
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
            "select to_jsonb(e) - 'employee_id' - 'from_position' || jsonb_build_object('id', e.employee_id)
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

/// The questions about who is who.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Clients, Items<Map<String, Value>>, _, _>(
            "/api/clients",
            "clients_list",
            "clients",
            "Clients by name or by any key they are known by; who is merged into another one counts there (merged).",
            clients,
        ),
        question::<Employees, Items<Map<String, Value>>, _, _>(
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

fn by_name(row: &Map<String, Value>) -> (String, Uuid) {
    let name = row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = row.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    (name, id.unwrap_or_default())
}

async fn clients(
    State(asking): State<Asking>,
    asked: Asked<Clients>,
) -> Result<Items<Map<String, Value>>, Problem> {
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
    let mut view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { CLIENTS } else { CLIENTS_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let rows = view
        .objects(sql, &[&view.position(), &name, &kinds, &values, &after, &after_id, &page.fetch()])
        .await?;
    let found = page.found(rows, by_name);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
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
) -> Result<Items<Map<String, Value>>, Problem> {
    let Employees { name, external_id, limit, cursor } = asked.params;
    let list = format!("employees {name:?} {external_id:?}");
    let page: Page<(String, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let (name, external_id) = (text("name", name)?, text("external_id", external_id)?);
    let mut view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { EMPLOYEES } else { EMPLOYEES_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let rows =
        view.objects(sql, &[&view.position(), &name, &external_id, &after, &after_id, &page.fetch()]).await?;
    let found = page.found(rows, by_name);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}
