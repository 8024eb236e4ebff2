//! What clients consented to and what they forbade: one row per act, none is ever changed. What holds now is the last act of a
//! channel, by the time it was done; the question says which.

use crate::client_cards::recorded_at;
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{Channel, ClientEvent, Purpose};
use letopis_events::{Actor, BadEvent, ClientId, DomainEvent, EventId, Moment, Recorded, Text};

table! {
    /// A consent, its withdrawal, a ban or its end.
    pub struct Consent: "consent" key (act_id: EventId) by ConsentsOf(client_id: ClientId) {
        /// Whose.
        client_id: ClientId,
        /// Its place in the log.
        position: i64,
        /// `given`, `withdrawn`, `forbidden` or `allowed`.
        act: String,
        /// By what they are reached.
        channel: Channel,
        /// What a consent is for.
        purpose: Option<Purpose>,
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
    }
}

row_set! {
    /// The tables of consents.
    pub struct ConsentRows { consent: Set<Consent> }
}

/// The read model of consents.
#[derive(Debug)]
pub struct Consents;

impl Projection for Consents {
    const NAME: &'static str = "consents";
    type Rows = ConsentRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut ConsentRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => {
                if let Some(consent) = clients(event, client)? {
                    rows.consent.insert(consent);
                }
            }
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn clients(recorded: &Recorded<DomainEvent>, event: &ClientEvent) -> Result<Option<Consent>, BadEvent> {
    let act = |act: &str, channel: Channel, at: Moment| Consent {
        act_id: recorded.id,
        client_id: recorded.stream.into(),
        position: recorded.position.0,
        act: act.to_owned(),
        channel,
        purpose: None,
        at,
        source: None,
        wording: None,
        reason: None,
        author: recorded.metadata.actor.clone(),
    };
    let now = recorded_at(recorded)?;
    Ok(match event {
        ClientEvent::ConsentGiven { channel, purpose, source, wording, given_at } => Some(Consent {
            purpose: Some(*purpose),
            source: Some(source.clone()),
            wording: Some(wording.clone()),
            ..act("given", *channel, *given_at)
        }),
        ClientEvent::ConsentWithdrawn { channel, purpose, withdrawn_at, source } => Some(Consent {
            purpose: Some(*purpose),
            source: source.clone(),
            ..act("withdrawn", *channel, *withdrawn_at)
        }),
        ClientEvent::ChannelForbidden { channel, reason, forbidden_at, source, wording } => Some(Consent {
            source: source.clone(),
            wording: wording.clone(),
            reason: reason.clone(),
            ..act("forbidden", *channel, forbidden_at.unwrap_or(now))
        }),
        ClientEvent::ChannelAllowed { channel, reason, allowed_at, source, wording } => Some(Consent {
            source: source.clone(),
            wording: wording.clone(),
            reason: reason.clone(),
            ..act("allowed", *channel, allowed_at.unwrap_or(now))
        }),
        ClientEvent::StatusChanged { .. }
        | client_events!(
            profile, reach, requisites, tags, managers, relations, duplicates, merging, archive
        ) => None,
    })
}

#[cfg(test)]
mod tests;
