//! What a client consented to and what it forbade, per channel, as its card shows it.

use crate::asking::{Rows, View};
use crate::problem::Problem;
use uuid::Uuid;

/// For each single channel the last act by the time it was done, and all of them. `any` is all channels.
macro_rules! per_channel {
    ($acts:literal, $shown:literal) => {
        concat!(
            "with act as (
                select a.*, s.channel single
                from consent_at($1) a cross join lateral unnest(case a.channel
                    when 'any' then array['call', 'email', 'sms', 'messenger', 'post'] else array[a.channel] end) s(channel)
                where a.client_id = any($2::uuid[]) and a.act in (",
            $acts,
            ")),
            last as (
                select distinct on (purpose, single) * from act order by purpose, single, at desc, position desc)
            select jsonb_build_object('channel', l.single, ",
            $shown,
            ", 'since', l.at, 'history', (
                select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('act', h.act, 'channel', h.channel, 'at', h.at,
                    'source', h.source, 'wording', h.wording, 'reason', h.reason, 'author', h.author,
                    'position', h.position)) order by h.at, h.position)
                from act h where h.single = l.single and h.purpose is not distinct from l.purpose))
            from last l order by l.purpose, l.single"
        )
    };
}
const CONSENTS: &str = per_channel!(
    "'given', 'withdrawn'",
    "'purpose', l.purpose, 'given', l.act = 'given', 'source', l.source, 'wording', l.wording"
);
const FORBIDDEN: &str =
    per_channel!("'forbidden', 'allowed'", "'forbidden', l.act = 'forbidden', 'reason', l.reason");

/// What they consented to.
pub async fn consents(view: &View, sides: &[Uuid]) -> Result<Rows, Problem> {
    view.objects(CONSENTS, &[&view.position(), &sides]).await
}

/// By what they are not to be reached.
pub async fn forbidden(view: &View, sides: &[Uuid]) -> Result<Rows, Problem> {
    view.objects(FORBIDDEN, &[&view.position(), &sides]).await
}
