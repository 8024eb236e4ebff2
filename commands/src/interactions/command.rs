//! The commands to an interaction's record, as they are sent.

use super::next_step::NextStepGiven;
use crate::form::List;
use letopis_events::clients::AttributeChanges;
use letopis_events::interactions::{Direction, InteractionKind, LinkHow, Origin, Precision, TelephonyStatus};
use letopis_events::{
    Attributes, Change, ClientId, Code, ContactId, EmployeeId, ExternalId, Occurred, StepId, Text, Website,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The longest an interaction may last: 30 days.
pub(super) const MAX_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Who was at the other end, as heard.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Counterpart {
    /// A number, an address or a name.
    pub raw: Text<64>,
    /// The extension behind a number.
    pub extension: Option<Text<16>>,
}

/// An interaction as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Told {
    /// What passed.
    pub kind: InteractionKind,
    /// Whose move it was.
    pub direction: Option<Direction>,
    /// With whom; this, `contact_ids` or `counterpart` is needed. Absent: the one client at whom those of `contact_ids` stand then.
    pub client_id: Option<ClientId>,
    /// The contact persons who took part.
    #[serde(default)]
    pub contact_ids: List<ContactId>,
    /// Who of us did it; the actor, if an employee.
    pub employee_id: Option<EmployeeId>,
    /// When; a bare day with precision `day`.
    pub occurred_at: Occurred,
    /// How exactly the time is known.
    pub precision: Option<Precision>,
    /// How long, up to 30 days.
    #[schemars(range(max = 2_592_000))]
    pub duration_seconds: Option<u32>,
    /// Who was at the other end, as heard.
    pub counterpart: Option<Counterpart>,
    /// Our line or mailbox.
    pub our_line: Option<Text<64>>,
    /// What the telephone network said.
    pub telephony_status: Option<TelephonyStatus>,
    /// What came of it.
    pub result: Option<Code>,
    /// What came of it, in words.
    pub result_text: Option<Text<4000>>,
    /// Subject.
    pub subject: Option<Text<500>>,
    /// What was said.
    pub text: Option<Text<20000>>,
    /// What was agreed to happen next.
    pub next_step: Option<NextStepGiven>,
    /// Which step was done by it.
    pub closes_step: Option<StepId>,
    /// Who took part.
    pub participants: Option<List<Text<200>>>,
    /// Where the recording is.
    pub recording_url: Option<Website>,
    /// How the record came here.
    pub origin: Option<Origin>,
    /// Free fields.
    pub attributes: Option<Attributes>,
    /// Key in another system.
    pub external: Option<ExternalId>,
}

impl Told {
    /// Whether the contact persons say which client it is with, if anybody does.
    pub(super) fn leaves_client_open(&self) -> bool {
        self.client_id.is_none() && !self.contact_ids.0.is_empty()
    }
}

/// What was told wrongly; absent: unchanged, null: cleared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Correction {
    /// What passed.
    #[serde(default)]
    pub kind: Change<InteractionKind>,
    /// Whose move it was.
    #[serde(default)]
    pub direction: Change<Direction>,
    /// The contact persons who took part, all of them.
    #[serde(default)]
    pub contact_ids: Change<List<ContactId>>,
    /// Who of us did it.
    #[serde(default)]
    pub employee_id: Change<EmployeeId>,
    /// When.
    #[serde(default)]
    pub occurred_at: Change<Occurred>,
    /// How exactly the time is known.
    #[serde(default)]
    pub precision: Change<Precision>,
    /// How long, up to 30 days.
    #[serde(default)]
    pub duration_seconds: Change<u32>,
    /// Who was at the other end, as heard.
    #[serde(default)]
    pub counterpart: Change<Counterpart>,
    /// Our line or mailbox.
    #[serde(default)]
    pub our_line: Change<Text<64>>,
    /// What the telephone network said.
    #[serde(default)]
    pub telephony_status: Change<TelephonyStatus>,
    /// What came of it.
    #[serde(default)]
    pub result: Change<Code>,
    /// What came of it, in words.
    #[serde(default)]
    pub result_text: Change<Text<4000>>,
    /// Subject.
    #[serde(default)]
    pub subject: Change<Text<500>>,
    /// What was said.
    #[serde(default)]
    pub text: Change<Text<20000>>,
    /// What was agreed to happen next.
    #[serde(default)]
    pub next_step: Change<NextStepGiven>,
    /// Which step was done by it; a step that is done stays done.
    #[serde(default)]
    pub closes_step: Change<StepId>,
    /// Who took part.
    #[serde(default)]
    pub participants: Change<List<Text<200>>>,
    /// Where the recording is.
    #[serde(default)]
    pub recording_url: Change<Website>,
    /// How the record came here.
    #[serde(default)]
    pub origin: Change<Origin>,
    /// Free fields that change; null empties one.
    #[serde(default)]
    pub attributes: Change<AttributeChanges>,
    /// Why.
    pub reason: Text<1000>,
}

/// A command to an interaction's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InteractionCommand {
    /// It took place.
    Record(Told),
    /// It is about this client.
    Link {
        /// The client.
        client_id: ClientId,
        /// How that was found.
        how: Option<LinkHow>,
    },
    /// It is not about this client.
    Unlink {
        /// The client.
        client_id: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// This contact person took part.
    LinkContact {
        /// The contact person.
        contact_id: ContactId,
        /// How that was found.
        how: Option<LinkHow>,
    },
    /// This contact person did not take part.
    UnlinkContact {
        /// The contact person.
        contact_id: ContactId,
        /// Why.
        reason: Text<1000>,
    },
    /// This came of it.
    SetResult {
        /// What.
        result: Code,
        /// In words.
        result_text: Option<Text<4000>>,
    },
    /// Corrects what was recorded of it.
    Correct(Correction),
    /// It did not take place, or should not be here.
    Withdraw {
        /// Why.
        reason: Text<1000>,
    },
}
