//! The commands to a client's record, as they are sent.

use super::given::{AddressGiven, EmailGiven, PhoneGiven};
use super::registration::Registration;
use super::requisites::{RequisitesChange, RequisitesGiven};
use letopis_events::clients::{AssignmentKind, AttributeChanges, ClientKind, ClientStatus};
use letopis_events::{
    AddressId, AssignmentId, Change, ClientId, Code, Country, EmailId, EmployeeId, Language, Moment, PhoneId,
    RequisitesId, Text, TimeZone, Website,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A command to a client's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "a command is read once and dropped")]
pub enum ClientCommand {
    /// Enters the client base.
    Register(Registration),
    /// Corrects what is recorded; absent: unchanged, null: cleared.
    Correct {
        /// What they are called.
        #[serde(default)]
        name: Change<Text<200>>,
        /// What they are.
        #[serde(default)]
        kind: Change<ClientKind>,
        /// Country.
        #[serde(default)]
        country: Change<Country>,
        /// Line of business.
        #[serde(default)]
        industry: Change<Code>,
        /// Size.
        #[serde(default)]
        size: Change<Code>,
        /// Region.
        #[serde(default)]
        region: Change<Code>,
        /// How they found us.
        #[serde(default)]
        channel: Change<Code>,
        /// Site.
        #[serde(default)]
        website: Change<Website>,
        /// What else is worth knowing.
        #[serde(default)]
        about: Change<Text<4000>>,
        /// Zone they live in.
        #[serde(default)]
        time_zone: Change<TimeZone>,
        /// Language they speak.
        #[serde(default)]
        language: Change<Language>,
        /// The company they belong to.
        #[serde(default)]
        parent_client_id: Change<ClientId>,
        /// Free fields that change; null empties one.
        #[serde(default)]
        attributes: Change<AttributeChanges>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They can also be called here.
    AddPhone(PhoneGiven),
    /// They can no longer be called here.
    RemovePhone {
        /// Which phone.
        phone_id: PhoneId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They can also be written to here.
    AddEmail(EmailGiven),
    /// They can no longer be written to here.
    RemoveEmail {
        /// Which address.
        email_id: EmailId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They have this address too.
    AddAddress(AddressGiven),
    /// They no longer have this address.
    RemoveAddress {
        /// Which address.
        address_id: AddressId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// These are their main registration data now, in place of those before; empty ones remove them.
    SetRequisites(RequisitesGiven),
    /// They have these registration data too.
    AddRequisites(RequisitesGiven),
    /// Corrects one set of registration data; absent: unchanged, null: cleared.
    ChangeRequisites(RequisitesChange),
    /// They no longer have this set of registration data.
    RemoveRequisites {
        /// Which set.
        requisites_id: RequisitesId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// The relationship has come this far.
    ChangeStatus {
        /// How far.
        status: ClientStatus,
        /// Why.
        reason: Text<1000>,
    },
    /// They carry this tag.
    Tag {
        /// The tag.
        tag: Code,
    },
    /// They no longer carry this tag.
    Untag {
        /// The tag.
        tag: Code,
    },
    /// An employee looks after them; a main manager ends the one before.
    Assign {
        /// Who.
        employee_id: EmployeeId,
        /// As what.
        kind: AssignmentKind,
        /// For which product line or branch; absent: for all.
        responsibility: Option<Code>,
        /// From when; now where absent.
        since: Option<Moment>,
        /// Until when.
        until: Option<Moment>,
        /// Why.
        reason: Text<1000>,
        /// What the next one should know.
        handover_note: Option<Text<4000>>,
    },
    /// An assignment ends.
    Release {
        /// Which one.
        assignment_id: AssignmentId,
        /// From when; now where absent.
        on: Option<Moment>,
        /// Why.
        reason: Text<1000>,
    },
    /// Puts them away.
    Archive {
        /// Why.
        reason: Text<1000>,
    },
    /// Takes them out again.
    Restore {
        /// Why.
        reason: Text<1000>,
    },
}
