//! What clients are to each other, and groups of companies.

use crate::aliases::shown;
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::params::{Asked, Id, NoParams};
use crate::problem::Problem;
use axum::extract::State;
use letopis_events::clients::{ClientKind, ClientStatus, RelationKind};
use letopis_events::{ClientId, Day, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What any of [`sides!`](crate::aliases::sides) is to others, and others to it, those that ended behind; between themselves they are
/// nothing.
macro_rules! relations {
    () => {
        concat!(
            "(select coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'inbound', m.inbound, 'client_id', m.client_id,
                'name', o.name, 'since', m.since, 'until', m.until, 'note', m.note, 'reason', m.reason)
                order by m.until is not null, m.kind, m.since, o.name, m.client_id, m.inbound), '[]')
              from (
                select r.kind, false inbound, ",
            $crate::aliases::shown!("r.other_id", "$1"),
            " client_id, r.since, r.until, r.note, r.reason
                from relation_at($1) r where ",
            $crate::aliases::of_sides!("r.client_id"),
            " and not ",
            $crate::aliases::of_sides!("r.other_id"),
            " union all
                select r.kind, true, ",
            $crate::aliases::shown!("r.client_id", "$1"),
            ", r.since, r.until, r.note, r.reason
                from relation_at($1) r where ",
            $crate::aliases::of_sides!("r.other_id"),
            " and not ",
            $crate::aliases::of_sides!("r.client_id"),
            ") m left join card_at($1) o on o.client_id = m.client_id)"
        )
    };
}
pub(crate) use relations;

/// The company above all others in the group, and everyone below. A merged company stands for nobody; what belongs to it belongs
/// to whom it is shown under. Circles are cut: nobody is met twice, and no further than 20 steps are gone.
const GROUP: &str = concat!(
    "with recursive up(client_id, step, path) as (
        select u.id, 0, array[u.id] from (select ",
    shown!("$2::uuid", "$1"),
    " id) u
        union all
        select p.id, up.step + 1, up.path || p.id
        from up cross join lateral (
            select ",
    shown!("c.parent_client_id", "$1"),
    " id from card_at($1) c where c.client_id = up.client_id offset 0) p
        where p.id is not null and p.id <> all(up.path) and up.step < 20),
    top as (select client_id from up order by step desc limit 1),
    down(client_id, depth, path) as (
        select client_id, 0, array[client_id] from top
        union all
        select n.client_id, d.depth + n.deeper, d.path || n.client_id
        from down d cross join lateral (
            select c.client_id, 1 deeper from card_at($1) c
            where c.parent_client_id = d.client_id and c.merged_into is null
            union all
            select a.client_id, 0 from alias_at($1) a where a.survivor_id = d.client_id
            offset 0) n
        where n.client_id <> all(d.path) and d.depth < 20 and cardinality(d.path) < 100),
    met as (select client_id, min(depth) depth from down group by client_id)
    select jsonb_build_object('id', c.client_id, 'name', c.name, 'kind', c.kind, 'status', c.status, 'archived', c.archived,
        'parent_client_id', ",
    shown!("c.parent_client_id", "$1"),
    ", 'depth', m.depth)
    from met m cross join lateral (
        select * from card_at($1) c where c.client_id = m.client_id and c.merged_into is null offset 0) c
    order by m.depth, c.name, c.client_id limit 1000"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[GROUP];

/// What a client is, or was, to another one, or another one to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Relation {
    /// What: a payer pays for the other, a consignee receives for it, a dealer sells what it makes, one recommends us to it.
    kind: RelationKind,
    /// Whether the other one is this to the client, and not the client to the other one.
    inbound: bool,
    /// The other one; who is merged is told as the one it is shown under.
    client_id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// Since which day; null: not known.
    since: Option<Day>,
    /// From which day on no longer.
    until: Option<Day>,
    /// What else is worth knowing.
    note: Option<Text<1000>>,
    /// Why it ended.
    reason: Option<Text<1000>>,
}

/// A company of a group.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Member {
    /// The client.
    id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// What they are.
    kind: ClientKind,
    /// How far the relationship has come.
    status: ClientStatus,
    /// Whether they are put away.
    archived: bool,
    /// The company they belong to.
    parent_client_id: Option<ClientId>,
    /// How far below the one above all others.
    depth: i64,
}

/// The questions about relations.
pub fn questions() -> Vec<Question> {
    vec![question::<NoParams, Items<Member>, _, _>(
        "/api/clients/{id}/group",
        "client_group",
        "clients",
        "The group of companies: the one above all others, and everyone below with the depth; at most 1,000.",
        group,
    )]
}

async fn group(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<NoParams>,
) -> Result<Items<Member>, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let items = view.rows(GROUP, &[&view.position(), &id]).await?;
    if items.is_empty() {
        return Err(Problem::no_such("client", id));
    }
    Ok(Items { items, meta: view.end().await })
}
