//! Merged clients, resolved: whatever is asked of a client is asked of all that is shown under it.
//!
//! Steps along a chain look aliases up one by one: behind `offset 0` no plan reads all of them for that.

use crate::problem::Problem;
use crate::reach::{EmailAddress, Phone};
use crate::selection::{At, Extra};
use letopis_events::{Actor, BAD_ID, ClientId, Moment, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Each merged client and the one it is shown under in the end: for many at once. Stands behind `with recursive`. No plan can know how
/// long chains are and guesses millions; as arrays they are taken for the few that they are.
macro_rules! resolved {
    () => {
        "chain(client_id, survivor_id) as (
            select a.client_id, a.survivor_id from alias_at($1) a
            where not exists (select from alias_at($1) further where further.client_id = a.survivor_id)
            union
            select a.client_id, c.survivor_id from chain c join alias_at($1) a on a.survivor_id = c.client_id),
        resolved(client_id, survivor_id) as (
            select * from unnest(array(select c.client_id from chain c), array(select c.survivor_id from chain c)))"
    };
}

/// The client that `$id` is shown under, itself where it is not merged; chains longer than a hundred are cut.
macro_rules! shown {
    ($id:literal, $at:literal) => {
        concat!(
            "(with recursive up(client_id, step) as (
                select ",
            $id,
            ", 0 union all
                select a.survivor_id, up.step + 1 from up cross join lateral (
                    select b.survivor_id from alias_at(",
            $at,
            ") b where b.client_id = up.client_id offset 0) a where up.step < 100)
              select up.client_id from up order by up.step desc limit 1)"
        )
    };
}

/// The client that `$id` is merged into in the end; null where it is not.
macro_rules! merged_into {
    ($id:literal) => {
        concat!(
            "(select ",
            $crate::aliases::shown!("gone.survivor_id", "$1"),
            " from alias_at($1) gone where gone.client_id = ",
            $id,
            ")"
        )
    };
}

/// How many clients are shown under `$id`.
macro_rules! merged_count {
    ($id:literal) => {
        concat!(
            "(with recursive under(client_id) as (
                select ",
            $id,
            " union select a.client_id from under u cross join lateral (
                    select b.client_id from alias_at($1) b where b.survivor_id = u.client_id offset 0) a)
              select count(*) - 1 from under)"
        )
    };
}

/// The client and all that is shown under it, as `side`. Stands behind `with recursive`.
macro_rules! sides {
    ($client:literal) => {
        $crate::aliases::sides!($client, "$1")
    };
    ($client:literal, $at:literal) => {
        concat!(
            "side(client_id) as (
                select ",
            $client,
            "::uuid union select a.client_id from side s cross join lateral (
                    select b.client_id from alias_at(",
            $at,
            ") b where b.survivor_id = s.client_id offset 0) a)"
        )
    };
}

/// Whether `$id` is one of [`sides!`].
macro_rules! of_sides {
    ($id:literal) => {
        concat!($id, " = any(array(select side.client_id from side))")
    };
}

/// Whether `$id` is one of the clients `$1` of a list's parameter, or of those shown under them; `$2` is the position.
macro_rules! among {
    ($id:literal) => {
        concat!(
            $id,
            " = any(array(with recursive ",
            $crate::aliases::sides!("unnest(string_to_array($1::text, ','))", "$2::text::bigint"),
            " select side.client_id from side))"
        )
    };
}

/// The clients shown under it, in the order they were merged, with how they are reached; reads [`sides!`].
macro_rules! merged {
    () => {
        concat!(
            "(select coalesce(jsonb_agg(jsonb_build_object('client_id', a.client_id, 'name', m.name, 'phones', m.phones,
                'emails', m.emails, 'into', a.survivor_id, 'merged_at', a.merged_at, 'merged_by', a.merged_by,
                'reason', a.reason) order by a.merged_at, a.client_id), '[]')
              from alias_at($1) a join card_at($1) m on m.client_id = a.client_id where ",
            $crate::aliases::of_sides!("a.survivor_id"),
            ")"
        )
    };
}

/// The client that `$id` is shown under in the end, if it is merged.
macro_rules! survivor {
    ($id:literal) => {
        concat!(
            "(select jsonb_build_object('client_id', final.id, 'name', (select m.name from card_at($1) m where m.client_id = final.id),
                'merged_at', a.merged_at, 'reason', a.reason)
              from alias_at($1) a cross join lateral (select ",
            $crate::aliases::shown!("a.survivor_id", "$1"),
            " id) final where a.client_id = ",
            $id,
            ")"
        )
    };
}
pub(crate) use {among, merged, merged_count, merged_into, of_sides, resolved, shown, sides, survivor};

/// The clients that a list's parameter names, separated by commas.
pub(crate) fn clients(name: &str, value: &str) -> Result<String, Problem> {
    let ids = value.split(',').map(|id| id.parse::<Uuid>().map(|id| id.to_string()));
    let ids = ids.collect::<Result<Vec<_>, _>>();
    let ids = ids.map_err(|_| Problem::parameter(name, format!("{BAD_ID}, or several: `a,b`")))?;
    Ok(ids.join(","))
}

/// The condition that a list's row `t` is of one of the clients that a parameter names, or of one that is merged into it.
pub(crate) fn of_clients(name: &str, value: &str, at: At) -> Result<Extra, Problem> {
    Ok((among!("t.client_id"), vec![clients(name, value)?, at.position.to_string()]))
}

/// A client that is shown under another one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MergedClient {
    /// Who.
    client_id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// Their phones.
    phones: Vec<Phone>,
    /// Their e-mail addresses.
    emails: Vec<EmailAddress>,
    /// Whom they were merged into: the client, or another one shown under it.
    into: ClientId,
    /// When.
    merged_at: Moment,
    /// Who decided on it.
    merged_by: Actor,
    /// Why.
    reason: Text<1000>,
}

/// The client that another one is shown under.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Survivor {
    /// Who.
    client_id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// When the other was merged.
    merged_at: Moment,
    /// Why.
    reason: Text<1000>,
}
