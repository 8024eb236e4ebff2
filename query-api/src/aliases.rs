//! Merged clients, resolved: whatever is asked of a client is asked of all that is shown under it.

use crate::asking::{Rows, View};
use crate::problem::Problem;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Each merged client and the one it is shown under in the end; stands behind `with recursive`, reads as of `$1`.
macro_rules! resolved {
    () => {
        "resolved(client_id, survivor_id) as (
            select a.client_id, a.survivor_id from alias_at($1) a
            where not exists (select from alias_at($1) further where further.client_id = a.survivor_id)
            union
            select a.client_id, r.survivor_id from resolved r join alias_at($1) a on a.survivor_id = r.client_id)"
    };
}
pub(crate) use resolved;

/// The client and all that is shown under it.
const SIDES: &str = "
with recursive side(client_id) as (
    select $2::uuid union select a.client_id from alias_at($1) a join side s on a.survivor_id = s.client_id)
select jsonb_build_object('client_id', client_id) from side";

/// The clients shown under it, in the order they were merged, with how they are reached.
const MERGED: &str = "
select jsonb_build_object('client_id', a.client_id, 'name', c.name, 'phones', c.phones, 'emails', c.emails,
    'into', a.survivor_id, 'merged_at', a.merged_at, 'merged_by', a.merged_by, 'reason', a.reason)
from alias_at($1) a left join card_at($1) c on c.client_id = a.client_id
where a.client_id = any($2::uuid[]) and a.survivor_id = any($2::uuid[]) order by a.merged_at, a.client_id";

/// The client it is shown under in the end.
const SURVIVOR: &str = concat!(
    "with recursive ",
    resolved!(),
    " select jsonb_build_object('client_id', r.survivor_id, 'name', c.name, 'merged_at', a.merged_at, 'reason', a.reason)
      from resolved r join alias_at($1) a on a.client_id = r.client_id
      left join card_at($1) c on c.client_id = r.survivor_id where r.client_id = $2"
);

/// The client and all that is shown under it.
pub async fn sides(view: &View, id: Uuid) -> Result<Vec<Uuid>, Problem> {
    let rows = view.objects(SIDES, &[&view.position(), &id]).await?;
    let ids = rows.iter().filter_map(|row| row.get("client_id")?.as_str()?.parse().ok());
    Ok(ids.collect())
}

/// The clients shown under it; `sides` are they and itself.
pub async fn merged(view: &View, sides: &[Uuid]) -> Result<Rows, Problem> {
    if sides.len() < 2 {
        return Ok(vec![]);
    }
    view.objects(MERGED, &[&view.position(), &sides]).await
}

/// The client it is shown under in the end, if it is merged.
pub async fn survivor(view: &View, id: Uuid) -> Result<Option<Map<String, Value>>, Problem> {
    view.object(SURVIVOR, &[&view.position(), &id]).await
}
