//! What a client consented to and what it forbade, per channel. Of several acts about a channel the last one holds, by the time it
//! was done.

use super::error::ClientError;
use super::profile::Profile;
use crate::decider::Context;
use letopis_events::client_events;
use letopis_events::clients::{Channel, ClientEvent, Purpose};
use letopis_events::{Moment, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A consent as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ConsentGiven {
    /// To be reached by this.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// How it came to us: a form, a call, a paper.
    pub source: Text<500>,
    /// The text they were shown.
    pub wording: Text<4000>,
    /// When; now where absent.
    pub given_at: Option<Moment>,
}

/// The withdrawal of a consent as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ConsentWithdrawn {
    /// To be reached by this.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// When; now where absent.
    pub withdrawn_at: Option<Moment>,
    /// How it came to us.
    pub source: Option<Text<500>>,
}

/// A ban as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ChannelForbidden {
    /// By what.
    pub channel: Channel,
    /// Why.
    pub reason: Option<Text<1000>>,
    /// When; now where absent.
    pub forbidden_at: Option<Moment>,
    /// How it came to us.
    pub source: Option<Text<500>>,
    /// Their words.
    pub wording: Option<Text<4000>>,
}

/// The end of a ban as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ChannelAllowed {
    /// By what.
    pub channel: Channel,
    /// Why.
    pub reason: Option<Text<1000>>,
    /// When; now where absent.
    pub allowed_at: Option<Moment>,
    /// How it came to us.
    pub source: Option<Text<500>>,
    /// Their words.
    pub wording: Option<Text<4000>>,
}

/// A consent, its withdrawal, a ban or its end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Act {
    channel: Channel,
    /// What a consent is for; none of a ban.
    purpose: Option<Purpose>,
    /// Whether it consents or forbids, or ends that.
    begins: bool,
    /// When; none of the oldest bans, which do not tell.
    at: Option<Moment>,
    source: Option<Text<500>>,
    wording: Option<Text<4000>>,
    reason: Option<Text<1000>>,
}

impl Act {
    /// What an event says; nothing where it is of another topic.
    pub(super) fn of(event: &ClientEvent) -> Option<Self> {
        let act = |channel: Channel, begins: bool, at: Option<Moment>| Self {
            channel,
            purpose: None,
            begins,
            at,
            source: None,
            wording: None,
            reason: None,
        };
        Some(match event.clone() {
            ClientEvent::ConsentGiven { channel, purpose, source, wording, given_at } => Self {
                purpose: Some(purpose),
                source: Some(source),
                wording: Some(wording),
                ..act(channel, true, Some(given_at))
            },
            ClientEvent::ConsentWithdrawn { channel, purpose, withdrawn_at, source } => {
                Self { purpose: Some(purpose), source, ..act(channel, false, Some(withdrawn_at)) }
            }
            ClientEvent::ChannelForbidden { channel, reason, forbidden_at, source, wording } => {
                Self { source, wording, reason, ..act(channel, true, forbidden_at) }
            }
            ClientEvent::ChannelAllowed { channel, reason, allowed_at, source, wording } => {
                Self { source, wording, reason, ..act(channel, false, allowed_at) }
            }
            ClientEvent::StatusChanged { .. }
            | client_events!(
                profile, reach, requisites, tags, managers, relations, duplicates, merging, archive
            ) => return None,
        })
    }

    /// Whether it stands already and says all that the new one says.
    fn says(&self, new: &Self) -> bool {
        self.begins
            && (new.source.is_none() || new.source == self.source)
            && (new.wording.is_none() || new.wording == self.wording)
            && (new.reason.is_none() || new.reason == self.reason)
    }
}

impl Profile {
    /// The act that holds for a single channel.
    fn holds(&self, channel: Channel, purpose: Option<Purpose>) -> Option<&Act> {
        let about =
            |act: &&Act| act.purpose == purpose && act.channel.singles().any(|single| single == channel);
        self.consents.iter().filter(about).max_by_key(|act| act.at)
    }

    pub(super) fn give_consent(
        &self,
        given: ConsentGiven,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ConsentGiven { channel, purpose, source, wording, given_at: told } = given;
        let given_at = done_by_now(told, "/given_at", context)?;
        Ok(self.unless_so(ClientEvent::ConsentGiven { channel, purpose, source, wording, given_at }, told))
    }

    pub(super) fn withdraw_consent(
        &self,
        given: ConsentWithdrawn,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ConsentWithdrawn { channel, purpose, withdrawn_at: told, source } = given;
        let withdrawn_at = done_by_now(told, "/withdrawn_at", context)?;
        Ok(self.unless_so(ClientEvent::ConsentWithdrawn { channel, purpose, withdrawn_at, source }, told))
    }

    pub(super) fn forbid(
        &self,
        given: ChannelForbidden,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ChannelForbidden { channel, reason, forbidden_at: told, source, wording } = given;
        let forbidden_at = Some(done_by_now(told, "/forbidden_at", context)?);
        let event = ClientEvent::ChannelForbidden { channel, reason, forbidden_at, source, wording };
        Ok(self.unless_so(event, told))
    }

    pub(super) fn allow(
        &self,
        given: ChannelAllowed,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ChannelAllowed { channel, reason, allowed_at: told, source, wording } = given;
        let allowed_at = Some(done_by_now(told, "/allowed_at", context)?);
        let event = ClientEvent::ChannelAllowed { channel, reason, allowed_at, source, wording };
        Ok(self.unless_so(event, told))
    }

    /// The act, unless it is known already: the same one; one told as of now that says nothing new; the end of nothing.
    fn unless_so(&self, event: ClientEvent, told: Option<Moment>) -> Vec<ClientEvent> {
        let so = Act::of(&event).is_some_and(|act| {
            let mut holding = act.channel.singles().map(|single| self.holds(single, act.purpose));
            self.consents.contains(&act)
                || if act.begins {
                    told.is_none() && holding.all(|holds| holds.is_some_and(|holds| holds.says(&act)))
                } else {
                    !holding.any(|holds| holds.is_some_and(|holds| holds.begins))
                }
        });
        if so { vec![] } else { vec![event] }
    }
}

/// When it was done; not after now.
fn done_by_now(
    told: Option<Moment>,
    field: &'static str,
    context: &Context<'_>,
) -> Result<Moment, ClientError> {
    match told {
        Some(moment) if moment > context.now => Err(ClientError::InFuture(field)),
        Some(moment) => Ok(moment),
        None => Ok(context.now),
    }
}

#[cfg(test)]
mod tests;
