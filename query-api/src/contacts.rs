//! Contact persons: who they are, how they are reached, at whom they stand and stood.

use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, question};
use crate::directory::{by_name, number, text};
use crate::page::{Page, Way};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use letopis_events::Day;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whether the stay `s` lasts on `$day`.
macro_rules! lasts {
    ($day:literal) => {
        concat!("((s.since is null or s.since <= ", $day, ") and (s.until is null or s.until > ", $day, "))")
    };
}
pub(crate) use lasts;

/// The phone or e-mail to try first: of those nothing speaks against the primary one, or the first.
macro_rules! to_try {
    ($list:literal) => {
        concat!(
            "(select t.one from jsonb_array_elements(p.",
            $list,
            ") with ordinality t(one, n) where t.one ->> 'mark' is null
              order by (t.one ->> 'primary')::boolean desc, t.n limit 1)"
        )
    };
}
pub(crate) use to_try;

const CONTACT: &str = concat!(
    "select to_jsonb(p) - 'contact_id' - 'from_position' || jsonb_build_object(
        'id', p.contact_id,
        'clients', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'client_id', s.client_id, 'client', c.name, 'position', s.position, 'role', s.role,
                'since', s.since, 'until', s.until, 'reason', s.reason, 'current', ",
    lasts!("($3 at time zone 'UTC')::date"),
    ") order by s.number), '[]')
            from stay_at($1) s left join card_at($1) c on c.client_id = s.client_id
            where s.contact_id = p.contact_id and not s.void),
        'last_interaction', (
            select jsonb_build_object('id', i.interaction_id, 'kind', i.kind, 'direction', i.direction,
                'at', i.occurred_at, 'result', i.result, 'client_ids', to_jsonb(i.clients))
            from part_at($1) t join interaction_at($1) i on i.interaction_id = t.interaction_id
            where t.contact_id = p.contact_id and not i.withdrawn
            order by i.occurred_at desc, i.interaction_id desc limit 1))
     from contact_at($1) p where p.contact_id = $2"
);

/// Persons by name; each key given must be one of theirs.
macro_rules! contacts {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', p.contact_id, 'name', p.name, 'phone', ",
            to_try!("phones"),
            ", 'email', ",
            to_try!("emails"),
            ", 'clients', (
                    select coalesce(jsonb_agg(jsonb_build_object('client_id', s.client_id, 'client', c.name,
                        'position', s.position, 'role', s.role) order by s.number), '[]')
                    from stay_at($1) s left join card_at($1) c on c.client_id = s.client_id
                    where s.contact_id = p.contact_id and ",
            lasts!("$6::date"),
            "), 'external_id', p.external_id, 'version', p.version)
             from contact_at($1) p
             where ($2::text is null or strpos(lower(p.name), lower($2)) > 0)
               and ($3::text is null or p.external_id = $3)
               and not exists (select from unnest($4::text[]) k(value) where not exists (
                     select from contact_key_at($1) own where own.contact_id = p.contact_id and own.value = k.value))
               and (cardinality($4::text[]) = 0 or p.contact_id in (
                     select contact_id from contact_key_at($1) where value = any($4::text[])))
               and ($5::uuid is null or p.contact_id in (
                     select s.contact_id from stay_at($1) s where s.client_id = $5 and ",
            lasts!("$6::date"),
            ")) and ($7::text is null or (coalesce(p.name, ''), p.contact_id) ",
            $than,
            " ($7, $8)) order by coalesce(p.name, '') ",
            $order,
            ", p.contact_id ",
            $order,
            " limit $9"
        )
    };
}
const CONTACTS: &str = contacts!(">", "asc");
const CONTACTS_BACK: &str = contacts!("<", "desc");

/// Who stands at a client on a day, by name.
macro_rules! at_client {
    ($than:literal, $order:literal) => {
        concat!(
            "select jsonb_build_object('id', s.contact_id, 'name', p.name, 'position', s.position, 'role', s.role,
                'since', s.since, 'until', s.until, 'phone', ",
            to_try!("phones"),
            ", 'email', ",
            to_try!("emails"),
            ") from stay_at($1) s join contact_at($1) p on p.contact_id = s.contact_id
             where s.client_id = $2 and ",
            lasts!("$3::date"),
            " and ($4::text is null or (coalesce(p.name, ''), p.contact_id) ",
            $than,
            " ($4, $5)) order by coalesce(p.name, '') ",
            $order,
            ", p.contact_id ",
            $order,
            " limit $6"
        )
    };
}
const AT_CLIENT: &str = at_client!(">", "asc");
const AT_CLIENT_BACK: &str = at_client!("<", "desc");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// A part of the name.
    name: Option<String>,
    /// A phone, however written.
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
    /// The client at whom they stand today.
    client_id: Option<Uuid>,
    /// The key in another system, `source:id`.
    external_id: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct There {
    /// On this day; today where absent.
    on: Option<Day>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

/// The questions about contact persons.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Own, Item<Map<String, Value>>, _, _>(
            "/api/contacts/{id}",
            "contact",
            "contacts",
            "The person: how they are reached, at whom they stand and stood, the last interaction with them.",
            contact,
        ),
        question::<Which, Items<Map<String, Value>>, _, _>(
            "/api/contacts",
            "contacts_list",
            "contacts",
            "Contact persons by name or by any key they are known by, and at whom they stand today.",
            contacts,
        ),
        question::<There, Items<Map<String, Value>>, _, _>(
            "/api/clients/{id}/contacts",
            "client_contacts",
            "clients",
            "Who stands at the client on a day, by name.",
            at_client,
        ),
    ]
}

async fn contact(State(asking): State<Asking>, Id(id): Id, asked: Asked<Own>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let now = asking.now(asked.when);
    let item = view.object(CONTACT, &[&view.position(), &id, &now]).await?;
    let item = item.ok_or_else(|| Problem::no_such("contact person", id))?;
    let tag = format!("\"{}\"", item.get("version").and_then(Value::as_i64).unwrap_or_default());
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}

async fn contacts(
    State(asking): State<Asking>,
    asked: Asked<Which>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Which { name, phone, email, client_id, external_id, limit, cursor } = asked.params;
    let list = format!("contacts {name:?} {phone:?} {email:?} {client_id:?} {external_id:?}");
    let page: Page<(String, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let phone = text("phone", phone)?.map(|phone| number(&phone)).transpose()?;
    let email = text("email", email)?.map(|email| email.to_lowercase());
    let keys: Vec<String> = phone.into_iter().chain(email).collect();
    let (name, external_id) = (text("name", name)?, text("external_id", external_id)?);
    let today = asking.now(asked.when).date_naive();
    let mut view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { CONTACTS } else { CONTACTS_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let at = view.position();
    let rows = view
        .objects(
            sql,
            &[&at, &name, &external_id, &keys, &client_id, &today, &after, &after_id, &page.fetch()],
        )
        .await?;
    let found = page.found(rows, by_name);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}

async fn at_client(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<There>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let There { on, limit, cursor } = asked.params;
    let list = format!("contacts at {id} {on:?}");
    let page: Page<(String, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let day = on.map_or_else(|| asking.now(asked.when).date_naive(), Day::date);
    let mut view = asking.view("crm", asked.when).await?;
    let at = view.position();
    if view.object(crate::timeline::CLIENT, &[&at, &id]).await?.is_none() {
        return Err(Problem::no_such("client", id));
    }
    let sql = if page.way() == Way::Next { AT_CLIENT } else { AT_CLIENT_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| key.clone()).unzip();
    let rows = view.objects(sql, &[&at, &id, &day, &after, &after_id, &page.fetch()]).await?;
    let found = page.found(rows, by_name);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}
