//! What passes between us and clients: calls, letters, meetings, messages, visits, notes; each a stream of its own.

use crate::clients::AttributeChanges;
use crate::steps::Due;
use crate::{
    Attributes, Change, ClientId, Code, ContactId, Day, EmployeeId, Event, ExternalId, Moment, Personal,
    PhoneNumber, StepId, Text, Website,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum InteractionKind {
    /// A phone call.
    Call,
    /// A letter by e-mail.
    Email,
    /// A meeting.
    Meeting,
    /// A message in a messenger.
    Message,
    /// A visit.
    Visit,
    /// A note of our own.
    Note,
}

/// Whose move it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Direction {
    /// From the client to us.
    In,
    /// From us to the client.
    Out,
}

/// How exactly the time is known.
#[derive(
    Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Precision {
    /// To the second.
    #[default]
    Exact,
    /// To the minute.
    Minute,
    /// To the day: noon UTC stands for it, and it counts on that day in every zone.
    Day,
}

/// What the telephone network said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TelephonyStatus {
    /// Somebody answered.
    Answered,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The call did not go through.
    Failed,
    /// The caller gave up.
    Cancelled,
    /// A machine answered.
    Voicemail,
}

/// How the record came here.
#[derive(
    Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Origin {
    /// Typed by a person.
    #[default]
    Typed,
    /// From the telephone system.
    Telephony,
    /// From the mail system.
    Mail,
    /// From a file.
    Import,
    /// From another program.
    Api,
}

/// How an interaction was found to be about a client, or with a contact person.
#[derive(
    Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LinkHow {
    /// Somebody said so.
    #[default]
    Manual,
    /// By the phone number.
    Number,
}

/// What was agreed to happen next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextStep {
    /// What.
    pub action: Code,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal<Text<1000>>>,
    /// On which day; of a moment the one it falls on by UTC.
    pub due_on: Day,
    /// At which moment, where one was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// By whom, if not by who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<EmployeeId>,
}

impl NextStep {
    /// By when, as exactly as was agreed.
    pub fn due(&self) -> Due {
        self.due.clone().unwrap_or(Due::On(self.due_on))
    }
}

/// An event of an interaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum InteractionEvent {
    /// It took place.
    Recorded {
        /// What passed.
        kind: InteractionKind,
        /// Whose move it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direction: Option<Direction>,
        /// With whom, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The contact persons who took part.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        contact_ids: BTreeSet<ContactId>,
        /// Who of us did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        employee_id: Option<EmployeeId>,
        /// When.
        occurred_at: Moment,
        /// How exactly the time is known.
        #[serde(default)]
        precision: Precision,
        /// How long, up to 30 days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_seconds: Option<u32>,
        /// The number or name at the other end, as heard.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counterpart: Option<Personal<PhoneNumber>>,
        /// Our line or mailbox.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        our_line: Option<Text<64>>,
        /// What the telephone network said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        telephony_status: Option<TelephonyStatus>,
        /// What came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Code>,
        /// What came of it, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result_text: Option<Personal<Text<4000>>>,
        /// Subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Personal<Text<500>>>,
        /// What was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Personal<Text<20000>>>,
        /// What was agreed to happen next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_step: Option<NextStep>,
        /// Which step was done by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closes_step: Option<StepId>,
        /// Who took part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participants: Option<Personal<Vec<Text<200>>>>,
        /// Where the recording is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recording_url: Option<Personal<Website>>,
        /// How the record came here.
        #[serde(default)]
        origin: Origin,
        /// Free fields.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Personal<Attributes>>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
    },
    /// It is about this client.
    Linked {
        /// The client.
        client_id: ClientId,
        /// How that was found.
        #[serde(default)]
        how: LinkHow,
    },
    /// It is not about this client.
    Unlinked {
        /// The client.
        client_id: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// This contact person took part.
    ContactLinked {
        /// The contact person.
        contact_id: ContactId,
        /// How that was found.
        #[serde(default)]
        how: LinkHow,
    },
    /// This contact person did not take part.
    ContactUnlinked {
        /// The contact person.
        contact_id: ContactId,
        /// Why.
        reason: Text<1000>,
    },
    /// This came of it.
    ResultSet {
        /// What.
        result: Code,
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result_text: Option<Personal<Text<4000>>>,
    },
    /// What was recorded of it was wrong.
    Corrected {
        /// What passed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<InteractionKind>,
        /// Whose move it was.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        direction: Change<Direction>,
        /// The contact persons who took part, all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact_ids: Option<BTreeSet<ContactId>>,
        /// Who of us did it.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        employee_id: Change<EmployeeId>,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Moment>,
        /// How exactly the time is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        precision: Option<Precision>,
        /// How long, up to 30 days.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        duration_seconds: Change<u32>,
        /// The number or name at the other end, as heard.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        counterpart: Change<Personal<PhoneNumber>>,
        /// Our line or mailbox.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        our_line: Change<Text<64>>,
        /// What the telephone network said.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        telephony_status: Change<TelephonyStatus>,
        /// What came of it.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        result: Change<Code>,
        /// What came of it, in words.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        result_text: Change<Personal<Text<4000>>>,
        /// Subject.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        subject: Change<Personal<Text<500>>>,
        /// What was said.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        text: Change<Personal<Text<20000>>>,
        /// What was agreed to happen next.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        next_step: Change<NextStep>,
        /// Which step was done by it.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        closes_step: Change<StepId>,
        /// Who took part.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        participants: Change<Personal<Vec<Text<200>>>>,
        /// Where the recording is.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        recording_url: Change<Personal<Website>>,
        /// How the record came here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
        /// Free fields that change; null empties one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Personal<AttributeChanges>>,
        /// Why.
        reason: Text<1000>,
    },
    /// It did not take place, or should not be here.
    Withdrawn {
        /// Why.
        reason: Text<1000>,
    },
}

impl Event for InteractionEvent {
    const CATEGORY: &'static str = "interactions";
}
