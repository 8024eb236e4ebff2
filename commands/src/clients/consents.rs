//! What a client consented to and what it forbade, per channel. Of several acts about a channel the last one holds, by the time it
//! was done.

use super::error::ClientError;
use super::profile::Profile;
use crate::decider::Context;
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

/// A consent or its withdrawal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Act {
    channel: Channel,
    purpose: Purpose,
    at: Moment,
    source: Option<Text<500>>,
    /// The text they were shown; none of a withdrawal.
    wording: Option<Text<4000>>,
}

impl Profile {
    /// The act that holds for a single channel.
    fn holds(&self, channel: Channel, purpose: Purpose) -> Option<&Act> {
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
        let act = Act {
            channel,
            purpose,
            at: given_at,
            source: Some(source.clone()),
            wording: Some(wording.clone()),
        };
        let same = |holds: &Act| (&holds.source, &holds.wording) == (&act.source, &act.wording);
        let so = self.consents.contains(&act)
            || told.is_none()
                && channel.singles().all(|single| self.holds(single, purpose).is_some_and(same));
        let event = ClientEvent::ConsentGiven { channel, purpose, source, wording, given_at };
        Ok(if so { vec![] } else { vec![event] })
    }

    pub(super) fn withdraw_consent(
        &self,
        given: ConsentWithdrawn,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let ConsentWithdrawn { channel, purpose, withdrawn_at: told, source } = given;
        let withdrawn_at = done_by_now(told, "/withdrawn_at", context)?;
        let act = Act { channel, purpose, at: withdrawn_at, source: source.clone(), wording: None };
        let given = |single| self.holds(single, purpose).is_some_and(|act| act.wording.is_some());
        let so = self.consents.contains(&act) || !channel.singles().any(given);
        let event = ClientEvent::ConsentWithdrawn { channel, purpose, withdrawn_at, source };
        Ok(if so { vec![] } else { vec![event] })
    }

    pub(super) fn forbid(&self, channel: Channel, reason: Option<Text<1000>>) -> Vec<ClientEvent> {
        let so = channel.singles().all(|single| self.forbidden.contains(&single));
        if so { vec![] } else { vec![ClientEvent::ChannelForbidden { channel, reason }] }
    }

    pub(super) fn allow(&self, channel: Channel, reason: Option<Text<1000>>) -> Vec<ClientEvent> {
        let so = !channel.singles().any(|single| self.forbidden.contains(&single));
        if so { vec![] } else { vec![ClientEvent::ChannelAllowed { channel, reason }] }
    }

    /// Does to the consents what an event does.
    pub(super) fn change_consents(&mut self, event: &ClientEvent) {
        if let ClientEvent::ConsentGiven { channel, purpose, source, wording, given_at } = event {
            self.consents.push(Act {
                channel: *channel,
                purpose: *purpose,
                at: *given_at,
                source: Some(source.clone()),
                wording: Some(wording.clone()),
            });
        } else if let ClientEvent::ConsentWithdrawn { channel, purpose, withdrawn_at, source } = event {
            self.consents.push(Act {
                channel: *channel,
                purpose: *purpose,
                at: *withdrawn_at,
                source: source.clone(),
                wording: None,
            });
        } else if let ClientEvent::ChannelForbidden { channel, reason: _ } = event {
            self.forbidden.extend(channel.singles());
        } else if let ClientEvent::ChannelAllowed { channel, reason: _ } = event {
            self.forbidden.retain(|forbidden| !channel.singles().any(|single| single == *forbidden));
        }
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
