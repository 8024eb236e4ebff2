//! A client as people see it before they dial.

use crate::answer::Item;
use crate::asking::{Asking, Question, question};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use crate::{aliases, consents, relations};
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The card: who they are, managers now and before, and what passed, counted by kind and direction.
const CARD: &str = "
select to_jsonb(c) - 'client_id' - 'from_position' || jsonb_build_object(
    'id', c.client_id,
    'managers', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'id', a.assignment_id, 'client_id', a.client_id, 'employee_id', a.employee_id, 'employee', e.name, 'kind', a.kind,
            'responsibility', a.responsibility, 'since', a.since, 'until', a.until, 'reason', a.reason,
            'release_reason', a.release_reason, 'handover_note', a.handover_note,
            'current', not exists (select from alias_at($1) m where m.client_id = a.client_id) and a.since <= $3 and (a.until is null or a.until > $3)
                and (e.dismissed_on is null or e.dismissed_on > ($3 at time zone 'UTC')::date))
            order by a.since, a.assignment_id), '[]')
        from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
        where a.client_id = any($4::uuid[])),
    'interactions', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', t.kind, 'direction', t.direction, 'count', t.count,
            'first_at', t.first_at, 'last_at', t.last_at) order by t.kind, t.direction), '[]')
        from (select i.kind, i.direction, count(*) count, min(i.occurred_at) first_at, max(i.occurred_at) last_at
              from passed i group by 1, 2) t),
    'interactions_total', (select count(*) from passed),
    'first_at', (select min(occurred_at) from passed),
    'last_at', (select max(occurred_at) from passed),
    'silence_days', (select ($3 at time zone 'UTC')::date - (max(occurred_at) at time zone 'UTC')::date from passed),
    'last_result', (
        select jsonb_build_object('result', i.result, 'at', i.occurred_at, 'interaction_id', i.interaction_id)
        from passed i where i.result is not null order by i.occurred_at desc, i.interaction_id desc limit 1),
    'next_step', (
        select i.state -> 'next_step' || jsonb_build_object('interaction_id', i.interaction_id, 'noted_at', i.occurred_at)
        from passed i where i.next_action is not null order by i.occurred_at desc, i.interaction_id desc limit 1))
from card_at($1) c
where c.client_id = $2";

/// The interactions of the client and all that is shown under it, each once; read once for all counts.
const PASSED: &str = "
with passed as materialized (
    select i.* from interaction_at($1) i
    where not i.withdrawn and i.interaction_id in (
        select e.interaction_id from entry_at($1) e where e.client_id = any($4::uuid[]) and e.whole))";

/// The parameters: none of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// The questions about cards.
pub fn questions() -> Vec<Question> {
    vec![question::<Own, Item<Map<String, Value>>, _, _>(
        "/api/clients/{id}",
        "client_card",
        "clients",
        "The client's card: who they are, managers now and before, what passed, the next step noted last, consents, relations. \
         What is counted and listed is of all that is merged into it (merged); who is merged itself answers for its own side and \
         names the client it is shown under (merged_into).",
        card,
    )]
}

async fn card(State(asking): State<Asking>, Id(id): Id, asked: Asked<Own>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let now = asking.now(asked.when);
    let sides = aliases::sides(&view, id).await?;
    let card = view.object(&format!("{PASSED}{CARD}"), &[&view.position(), &id, &now, &sides]).await?;
    let mut item = card.ok_or_else(|| Problem::no_such("client", id))?;
    item.insert("merged".into(), json!(aliases::merged(&view, &sides).await?));
    item.insert("merged_into".into(), json!(aliases::survivor(&view, id).await?));
    item.insert("relations".into(), json!(relations::relations(&view, &sides).await?));
    item.insert("consents".into(), json!(consents::consents(&view, &sides).await?));
    item.insert("forbidden".into(), json!(consents::forbidden(&view, &sides).await?));
    let tag = format!("\"{}\"", item.get("version").and_then(Value::as_i64).unwrap_or_default());
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}
