//! What clients are to each other, and groups of companies.

use crate::aliases::resolved;
use crate::answer::Items;
use crate::asking::{Asking, Question, Rows, View, question};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What any of the sides is to others, and others to it.
const RELATIONS: &str = concat!(
    "with recursive ",
    resolved!(),
    ", mine as (
        select r.*, r.other_id = any($2::uuid[]) inbound,
            case when r.other_id = any($2::uuid[]) then r.client_id else r.other_id end counterpart
        from relation_at($1) r
        where (r.client_id = any($2::uuid[])) <> (r.other_id = any($2::uuid[])))
    select jsonb_build_object('kind', m.kind, 'inbound', m.inbound, 'client_id', coalesce(s.survivor_id, m.counterpart),
        'name', c.name, 'since', m.since, 'until', m.until, 'note', m.note, 'reason', m.reason)
    from mine m left join resolved s on s.client_id = m.counterpart
    left join card_at($1) c on c.client_id = coalesce(s.survivor_id, m.counterpart)
    order by m.until is not null, m.kind, m.since, c.name, m.counterpart"
);

/// The company above all others in the group, and everyone below. A merged company stands for nobody; what belongs to it belongs
/// to whom it is shown under. Circles are cut: nobody is met twice, and no further than 20 steps are gone.
const GROUP: &str = concat!(
    "with recursive ",
    resolved!(),
    ", up(client_id, step, path) as (
        select u.id, 0, array[u.id]
        from (select coalesce((select survivor_id from resolved where client_id = $2), $2::uuid) id) u
        union all
        select p.id, up.step + 1, up.path || p.id
        from up join card_at($1) c on c.client_id = up.client_id
        cross join lateral (
            select coalesce((select survivor_id from resolved where client_id = c.parent_client_id), c.parent_client_id) id) p
        where p.id is not null and p.id <> all(up.path) and up.step < 20),
    top as (select client_id from up order by step desc limit 1),
    down(client_id, depth, path) as (
        select client_id, 0, array[client_id] from top
        union all
        select n.client_id, d.depth + n.deeper, d.path || n.client_id
        from down d cross join lateral (
            select c.client_id, 1 deeper from card_at($1) c
            where c.parent_client_id = d.client_id
                and not exists (select from alias_at($1) a where a.client_id = c.client_id)
            union all
            select a.client_id, 0 from alias_at($1) a where a.survivor_id = d.client_id) n
        where n.client_id <> all(d.path) and d.depth < 20 and cardinality(d.path) < 100),
    met as (select client_id, min(depth) depth from down group by client_id)
    select jsonb_build_object('id', c.client_id, 'name', c.name, 'kind', c.kind, 'status', c.status, 'archived', c.archived,
        'parent_client_id', (
            select coalesce(s.survivor_id, p.client_id) from card_at($1) p left join resolved s on s.client_id = p.client_id
            where p.client_id = c.parent_client_id),
        'depth', m.depth)
    from met m join card_at($1) c on c.client_id = m.client_id
    where not exists (select from alias_at($1) a where a.client_id = m.client_id)
    order by m.depth, c.name, c.client_id limit 1000"
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// The questions about relations.
pub fn questions() -> Vec<Question> {
    vec![question::<Own, Items<Map<String, Value>>, _, _>(
        "/api/clients/{id}/group",
        "client_group",
        "clients",
        "The group of companies: the one above all others, and everyone below with the depth; at most 1,000.",
        group,
    )]
}

/// What any of the sides is to others, and others to it, those that ended behind.
pub async fn relations(view: &View, sides: &[Uuid]) -> Result<Rows, Problem> {
    view.objects(RELATIONS, &[&view.position(), &sides]).await
}

async fn group(
    State(asking): State<Asking>,
    Id(id): Id,
    asked: Asked<Own>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let items = view.objects(GROUP, &[&view.position(), &id]).await?;
    if items.is_empty() {
        return Err(Problem::no_such("client", id));
    }
    Ok(Items { items, meta: view.end().await })
}
