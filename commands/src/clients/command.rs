//! The commands to a client's record, as they are sent.

use super::accepting::Accepting;
use super::consents::{ChannelAllowed, ChannelForbidden, ConsentGiven, ConsentWithdrawn};
use super::given::{AddressGiven, EmailGiven, PhoneGiven};
use super::registration::Registration;
use super::relations::RelationGiven;
use super::requisites::{RequisitesChange, RequisitesGiven};
use crate::form::List;
use letopis_events::clients::{AssignmentKind, AttributeChanges, ClientKind, ClientStatus, RelationKind};
use letopis_events::likeness::{Acceptance, Score, Sign};
use letopis_events::{
    AddressId, AssignmentId, Change, ClientId, Code, Country, Day, EmailId, EmployeeId, Language, Moment,
    PhoneId, RequisitesId, Text, TimeZone, Website,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A command to a client's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientCommand {
    /// Enters the client base.
    Register(Box<Registration>),
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
        /// Why although they look like another client.
        accept_duplicates: Option<Acceptance>,
    },
    /// They can also be called here.
    AddPhone(Accepting<PhoneGiven>),
    /// They can no longer be called here.
    RemovePhone {
        /// Which phone.
        phone_id: PhoneId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They can also be written to here.
    AddEmail(Accepting<EmailGiven>),
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
    SetRequisites(Accepting<RequisitesGiven>),
    /// They have these registration data too.
    AddRequisites(Accepting<RequisitesGiven>),
    /// Corrects one set of registration data; absent: unchanged, null: cleared.
    ChangeRequisites(Accepting<RequisitesChange>),
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
    /// They are this to another client.
    Relate(RelationGiven),
    /// They are no longer this to another client.
    Unrelate {
        /// To whom.
        client_id: ClientId,
        /// What.
        kind: RelationKind,
        /// From which day on; today, by UTC, where absent.
        until: Option<Day>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They consent.
    GiveConsent(ConsentGiven),
    /// They consent no longer.
    WithdrawConsent(ConsentWithdrawn),
    /// They are not to be reached by this.
    Forbid(ChannelForbidden),
    /// They may be reached by this again.
    Allow(ChannelAllowed),
    /// They look like an older client.
    Suspect {
        /// Like whom.
        client_id: ClientId,
        /// How much.
        score: Score,
        /// By what.
        reasons: List<Sign>,
    },
    /// They are another one than this client, however alike.
    NotADuplicate {
        /// Than whom.
        client_id: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// They turned out to be this client, under whom all is shown from now on.
    Merge {
        /// Whom.
        into: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// They turned out to be another one after all.
    Unmerge {
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
