//! What a client consented to and what it forbade, per channel, as its card shows it.

use letopis_events::clients::{Channel, Purpose};
use letopis_events::{Actor, Moment, Position, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For each single channel the last act by the time it was done, and all of them; `any` is all channels. Reads
/// [`sides!`](crate::aliases::sides).
macro_rules! per_channel {
    ($acts:literal, $shown:literal) => {
        concat!(
            "(with act as (
                select a.*, s.channel single
                from consent_at($1) a cross join lateral unnest(case a.channel
                    when 'any' then array['call', 'email', 'sms', 'messenger', 'post'] else array[a.channel] end) s(channel)
                where ",
            $crate::aliases::of_sides!("a.client_id"),
            " and a.act in (",
            $acts,
            ")),
            last as (
                select distinct on (purpose, single) * from act order by purpose, single, at desc, position desc)
            select coalesce(jsonb_agg(jsonb_build_object('channel', l.single, ",
            $shown,
            ", 'since', l.at, 'history', (
                select jsonb_agg(jsonb_build_object('act', h.act, 'channel', h.channel, 'at', h.at,
                    'source', h.source, 'wording', h.wording, 'reason', h.reason, 'author', h.author,
                    'position', h.position) order by h.at, h.position)
                from act h where h.single = l.single and h.purpose is not distinct from l.purpose))
                order by l.purpose, l.single), '[]')
            from last l)"
        )
    };
}

/// What they consented to.
macro_rules! consents {
    () => {
        $crate::consents::per_channel!(
            "'given', 'withdrawn'",
            "'purpose', l.purpose, 'given', l.act = 'given', 'source', l.source, 'wording', l.wording"
        )
    };
}

/// By what they are not to be reached.
macro_rules! forbidden {
    () => {
        $crate::consents::per_channel!(
            "'forbidden', 'allowed'",
            "'forbidden', l.act = 'forbidden', 'reason', l.reason, 'source', l.source, 'wording', l.wording"
        )
    };
}
pub(crate) use {consents, forbidden, per_channel};

/// A consent to be reached by a channel, or to the processing of data, as it stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Consent {
    /// By what.
    channel: Channel,
    /// What for.
    purpose: Purpose,
    /// Whether they consent.
    given: bool,
    /// How that came to us.
    source: Option<Text<500>>,
    /// The text they were shown; null where they consent no longer.
    wording: Option<Text<4000>>,
    /// Since when.
    since: Moment,
    /// All that was done about it, in order.
    history: Vec<Deed>,
}

/// Whether a client is not to be reached by a channel.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ban {
    /// By what.
    channel: Channel,
    /// Whether it is forbidden.
    forbidden: bool,
    /// Why it is forbidden or allowed.
    reason: Option<Text<1000>>,
    /// How that came to us.
    source: Option<Text<500>>,
    /// Their words.
    wording: Option<Text<4000>>,
    /// Since when.
    since: Moment,
    /// All that was done about it, in order.
    history: Vec<Deed>,
}

/// What a client did about a channel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Act {
    /// Consented.
    Given,
    /// Consents no longer.
    Withdrawn,
    /// Forbade it.
    Forbidden,
    /// Allows it again.
    Allowed,
}

/// A consent, its withdrawal, a ban or its end.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Deed {
    /// What.
    act: Act,
    /// About which channel.
    channel: Channel,
    /// When it was done.
    at: Moment,
    /// How it came to us.
    source: Option<Text<500>>,
    /// The text they were shown when they consented; their words when they forbade or allowed.
    wording: Option<Text<4000>>,
    /// Why a channel is forbidden or allowed.
    reason: Option<Text<1000>>,
    /// Who recorded it.
    author: Actor,
    /// Its place in the log.
    position: Position,
}
