//! What happened with a client, in order of happening; and interactions by themselves.

use crate::aliases::{self, resolved};
use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, Rows, question};
use crate::page::{Page, Way};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use letopis_events::{Actor, Code, Occurred};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// One line of a timeline; an interaction's first entry shows the interaction as it stands. What stands in the history of several
/// that are one by now is told once.
macro_rules! entries {
    ($than:literal, $order:literal) => {
        concat!(
            "select distinct on (e.at, e.entry_id) jsonb_build_object('id', e.entry_id, 'client_id', e.client_id,
                'at', e.at, 'kind', e.kind, 'event', e.event, 'position', e.position, 'author', e.author, 'author_name', a.name, 'data', e.data,
                'interaction_id', e.interaction_id)
                || case when e.whole then jsonb_build_object('interaction', i.state, 'withdrawn', i.withdrawn)
                   else '{}' end
             from entry_at($1) e
             left join interaction_at($1) i on i.interaction_id = e.interaction_id
             left join employee_at($1) a on a.employee_id::text = e.author
             where e.client_id = any($2::uuid[]) and ($3::text is null or e.kind = $3) and ($4::timestamptz is null or e.at >= $4)
               and ($5::timestamptz is null or e.at < $5) and ($6::text is null or e.author = $6)
               and ($7::text is null or strpos(lower(e.data::text), lower($7)) > 0
                    or (e.whole and strpos(lower(i.state::text), lower($7)) > 0))
               and ($8::timestamptz is null or (e.at, e.entry_id) ",
            $than,
            " ($8, $9)) order by e.at ",
            $order,
            ", e.entry_id ",
            $order,
            ", e.client_id <> $11 limit $10"
        )
    };
}
const FORWARDS: &str = entries!(">", "asc");
const BACKWARDS: &str = entries!("<", "desc");

const CLIENT: &str = "select '{}'::jsonb from card_at($1) where client_id = $2";

/// An interaction and, while it has no client, the clients its number points at.
const INTERACTION: &str = concat!(
    "with recursive ",
    resolved!(),
    " select i.state || jsonb_build_object('id', i.interaction_id, 'version', i.version, 'position', i.position,
    'client_ids', to_jsonb(i.clients), 'withdrawn', i.withdrawn, 'recorded_by', i.recorded_by,
    'recorded_at', i.recorded_at, 'story', i.story,
    'candidates', (
        select coalesce(jsonb_agg(distinct jsonb_build_object('client_id', c.client_id, 'name', c.name, 'shared', k.shared)), '[]')
        from client_key_at($1) k left join resolved r on r.client_id = k.client_id
        join card_at($1) c on c.client_id = coalesce(r.survivor_id, k.client_id)
        where i.clients = '{}' and k.kind = 'phone' and k.value = i.number and not c.archived))
from interaction_at($1) i where i.interaction_id = $2"
);

macro_rules! interactions {
    ($than:literal, $order:literal) => {
        concat!(
            "select i.state || jsonb_build_object('id', i.interaction_id, 'version', i.version,
                'client_ids', to_jsonb(i.clients), 'recorded_at', i.recorded_at, 'at', i.occurred_at)
             from interaction_at($1) i
             where not i.withdrawn and ($2::boolean is null or (i.clients = '{}') = $2)
               and ($3::timestamptz is null or (i.occurred_at, i.interaction_id) ",
            $than,
            " ($3, $4)) order by i.occurred_at ",
            $order,
            ", i.interaction_id ",
            $order,
            " limit $5"
        )
    };
}
const INTERACTIONS: &str = interactions!(">", "asc");
const INTERACTIONS_BACK: &str = interactions!("<", "desc");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// `client`, `assignment`, `consent`, `relation`, or a kind of interaction.
    kind: Option<Code>,
    /// From this moment or day on.
    from: Option<Occurred>,
    /// Before this moment or day.
    to: Option<Occurred>,
    /// Whose doing: an employee's id, or `agent:…`, `policy:…`, `import:…`.
    author: Option<Author>,
    /// Words in it.
    q: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

/// An actor as a parameter.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Author(Actor);

impl JsonSchema for Author {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Only those without a client, or only those with one.
    unlinked: Option<bool>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// The questions about timelines.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Filter, Items<Map<String, Value>>, _, _>(
            "/api/clients/{id}/timeline",
            "client_timeline",
            "clients",
            "Everything that happened with the client and all that is merged into it, in order of happening.",
            timeline,
        ),
        question::<Own, Item<Map<String, Value>>, _, _>(
            "/api/interactions/{id}",
            "interaction",
            "interactions",
            "An interaction as it stands; without a client also the clients its number points at.",
            interaction,
        ),
        question::<Which, Items<Map<String, Value>>, _, _>(
            "/api/interactions",
            "interactions_list",
            "interactions",
            "Interactions in order of happening; those that still have no client with unlinked=true.",
            interactions,
        ),
    ]
}

/// The first moment a bound means: a day begins at midnight UTC.
pub(crate) fn bound(bound: Option<Occurred>) -> Option<DateTime<Utc>> {
    bound.map(|bound| match bound {
        Occurred::At(moment) => moment.utc(),
        Occurred::On(day) => day.start().utc(),
    })
}

/// The place of a row in an order by time.
pub(crate) fn place(row: &Map<String, Value>) -> (DateTime<Utc>, Uuid) {
    let at = row.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
    let id = row.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    (at.unwrap_or_default(), id.unwrap_or_default())
}

async fn timeline(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<Filter>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Filter { kind, from, to, author, q, limit, cursor } = asked.params;
    let author = author.map(|author| author.0.to_string());
    let q = q.filter(|q| !q.contains('\0'));
    let list = format!("timeline {id} {kind:?} {from:?} {to:?} {author:?} {q:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let at = view.position();
    if view.object(CLIENT, &[&at, &id]).await?.is_none() {
        return Err(Problem::no_such("client", id));
    }
    let sql = if page.way() == Way::Next { FORWARDS } else { BACKWARDS };
    let kind = kind.map(|kind| kind.to_string());
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let (from, to) = (bound(from), bound(to));
    let sides = aliases::sides(&view, id).await?;
    let fetch = page.fetch();
    let rows: Rows = view
        .objects(sql, &[&at, &sides, &kind, &from, &to, &author, &q, &after_at, &after_id, &fetch, &id])
        .await?;
    let found = page.found(rows, place);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}

async fn interaction(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<Own>,
) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let item = view.object(INTERACTION, &[&view.position(), &id]).await?;
    let item = item.ok_or_else(|| Problem::no_such("interaction", id))?;
    let tag = format!("\"{}\"", item.get("version").and_then(Value::as_i64).unwrap_or_default());
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}

async fn interactions(
    State(asking): State<Asking>,
    asked: Asked<Which>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Which { unlinked, limit, cursor } = asked.params;
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(format!("interactions {unlinked:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { INTERACTIONS } else { INTERACTIONS_BACK };
    let (after_at, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let rows = view.objects(sql, &[&view.position(), &unlinked, &after_at, &after_id, &page.fetch()]).await?;
    let found = page.found(rows, place);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}
