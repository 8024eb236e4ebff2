//! What is known of an interaction, and how each event changes it.

use crate::clients::merge;
use letopis_events::interactions::{
    Direction, InteractionEvent, InteractionKind, NextStep, Origin, Precision, TelephonyStatus,
};
use letopis_events::{
    Attributes, ClientId, Code, ContactId, EmployeeId, Moment, Personal, PhoneNumber, StepId, Text, Website,
};
use std::collections::BTreeSet;

/// What is known of an interaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    pub(super) kind: InteractionKind,
    pub(super) direction: Option<Direction>,
    pub(super) clients: BTreeSet<ClientId>,
    pub(super) contacts: BTreeSet<ContactId>,
    pub(super) employee_id: Option<EmployeeId>,
    pub(super) occurred_at: Moment,
    pub(super) precision: Precision,
    pub(super) duration_seconds: Option<u32>,
    pub(super) counterpart: Option<Personal<PhoneNumber>>,
    pub(super) our_line: Option<Text<64>>,
    pub(super) telephony_status: Option<TelephonyStatus>,
    pub(super) result: Option<Code>,
    pub(super) result_text: Option<Personal<Text<4000>>>,
    pub(super) subject: Option<Personal<Text<500>>>,
    pub(super) text: Option<Personal<Text<20000>>>,
    pub(super) next_step: Option<NextStep>,
    pub(super) closes_step: Option<StepId>,
    pub(super) participants: Option<Personal<Vec<Text<200>>>>,
    pub(super) recording_url: Option<Personal<Website>>,
    pub(super) origin: Origin,
    pub(super) attributes: Attributes,
}

impl Details {
    /// What the first event says; `None` for any other.
    pub(super) fn recorded(event: &InteractionEvent) -> Option<Self> {
        let InteractionEvent::Recorded {
            kind,
            direction,
            client_id,
            contact_ids,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            counterpart,
            our_line,
            telephony_status,
            result,
            result_text,
            subject,
            text,
            next_step,
            closes_step,
            participants,
            recording_url,
            origin,
            attributes,
            external: _,
        } = event
        else {
            return None;
        };
        Some(Self {
            kind: *kind,
            direction: *direction,
            clients: client_id.iter().copied().collect(),
            contacts: contact_ids.clone(),
            employee_id: *employee_id,
            occurred_at: *occurred_at,
            precision: *precision,
            duration_seconds: *duration_seconds,
            counterpart: counterpart.clone(),
            our_line: our_line.clone(),
            telephony_status: *telephony_status,
            result: result.clone(),
            result_text: result_text.clone(),
            subject: subject.clone(),
            text: text.clone(),
            next_step: next_step.clone(),
            closes_step: *closes_step,
            participants: participants.clone(),
            recording_url: recording_url.clone(),
            origin: *origin,
            attributes: attributes.as_ref().and_then(Personal::get).cloned().unwrap_or_default(),
        })
    }

    /// Does to it what any later event does.
    pub(super) fn change(&mut self, event: &InteractionEvent) {
        match event {
            InteractionEvent::Recorded { .. } | InteractionEvent::Withdrawn { .. } => {}
            InteractionEvent::Linked { client_id, how: _ } => {
                self.clients.insert(*client_id);
            }
            InteractionEvent::Unlinked { client_id, reason: _ } => {
                self.clients.remove(client_id);
            }
            InteractionEvent::ContactLinked { contact_id, how: _ } => {
                self.contacts.insert(*contact_id);
            }
            InteractionEvent::ContactUnlinked { contact_id, reason: _ } => {
                self.contacts.remove(contact_id);
            }
            InteractionEvent::ResultSet { result, result_text } => {
                self.result = Some(result.clone());
                self.result_text.clone_from(result_text);
            }
            InteractionEvent::Corrected { .. } => self.correct(event),
        }
    }

    fn correct(&mut self, event: &InteractionEvent) {
        let InteractionEvent::Corrected {
            kind,
            direction,
            contact_ids,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            counterpart,
            our_line,
            telephony_status,
            result,
            result_text,
            subject,
            text,
            next_step,
            closes_step,
            participants,
            recording_url,
            origin,
            attributes,
            reason: _,
        } = event
        else {
            return;
        };
        self.kind = kind.unwrap_or(self.kind);
        direction.apply(&mut self.direction);
        self.contacts = contact_ids.clone().unwrap_or_else(|| std::mem::take(&mut self.contacts));
        employee_id.apply(&mut self.employee_id);
        self.occurred_at = occurred_at.unwrap_or(self.occurred_at);
        self.precision = precision.unwrap_or(self.precision);
        duration_seconds.apply(&mut self.duration_seconds);
        counterpart.apply(&mut self.counterpart);
        our_line.apply(&mut self.our_line);
        telephony_status.apply(&mut self.telephony_status);
        result.apply(&mut self.result);
        result_text.apply(&mut self.result_text);
        subject.apply(&mut self.subject);
        text.apply(&mut self.text);
        next_step.apply(&mut self.next_step);
        closes_step.apply(&mut self.closes_step);
        participants.apply(&mut self.participants);
        recording_url.apply(&mut self.recording_url);
        self.origin = origin.unwrap_or(self.origin);
        if let Some(changes) = attributes.as_ref().and_then(Personal::get) {
            merge(&mut self.attributes, changes);
        }
    }
}
