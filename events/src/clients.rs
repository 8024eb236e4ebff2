//! What happens to clients: who they are, how they are reached, who looks after them.

mod parts;
mod promises;
mod topics;

pub use parts::{AssignmentKind, ClientAddress, ClientEmail, ClientKind, ClientPhone, ClientStatus};
pub use promises::{Channel, Purpose, RelationKind};

use crate::likeness::{Acceptance, Score, Sign};
use crate::{
    AddressId, AssignmentId, Attribute, Attributes, Change, ClientId, Code, Country, Day, EmailId,
    EmployeeId, Event, ExternalId, Language, Moment, Personal, PhoneId, Requisites, RequisitesId, Text,
    TimeZone, Website,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An event of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum ClientEvent {
    /// Entered the client base.
    Registered {
        /// What they are.
        kind: ClientKind,
        /// What they are called.
        name: Personal<Text<200>>,
        /// How far the relationship has come.
        status: ClientStatus,
        /// Country.
        country: Country,
        /// Registration data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requisites: Option<Box<Requisites>>,
        /// Line of business.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        industry: Option<Code>,
        /// Size.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<Code>,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<Code>,
        /// How they found us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Code>,
        /// Site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        website: Option<Website>,
        /// What else is worth knowing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<Personal<Text<4000>>>,
        /// Zone they live in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<TimeZone>,
        /// Language they speak.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
        /// The company they belong to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent_client_id: Option<ClientId>,
        /// Phones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        phones: Vec<ClientPhone>,
        /// E-mail addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        emails: Vec<ClientEmail>,
        /// Postal addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        addresses: Vec<ClientAddress>,
        /// Tags.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        tags: BTreeSet<Code>,
        /// Free fields.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Personal<Attributes>>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
        /// Why although they look like another client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_duplicates: Option<Acceptance>,
    },
    /// What was recorded about them was wrong or has become so.
    Corrected {
        /// What they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<ClientKind>,
        /// What they are called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Personal<Text<200>>>,
        /// Country.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<Country>,
        /// Line of business.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        industry: Change<Code>,
        /// Size.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        size: Change<Code>,
        /// Region.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        region: Change<Code>,
        /// How they found us.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        channel: Change<Code>,
        /// Site.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        website: Change<Website>,
        /// What else is worth knowing.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        about: Change<Personal<Text<4000>>>,
        /// Zone they live in.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        time_zone: Change<TimeZone>,
        /// Language they speak.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        language: Change<Language>,
        /// The company they belong to.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        parent_client_id: Change<ClientId>,
        /// Free fields that change; null empties one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attributes: Option<Personal<AttributeChanges>>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
        /// Why although they look like another client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_duplicates: Option<Acceptance>,
    },
    /// Can also be called here.
    PhoneAdded {
        /// The phone.
        phone: ClientPhone,
        /// Why although they look like another client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_duplicates: Option<Acceptance>,
    },
    /// Can no longer be called here.
    PhoneRemoved {
        /// Which phone.
        phone_id: PhoneId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Can also be written to here.
    EmailAdded {
        /// The address.
        email: ClientEmail,
        /// Why although they look like another client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_duplicates: Option<Acceptance>,
    },
    /// Can no longer be written to here.
    EmailRemoved {
        /// Which address.
        email_id: EmailId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Has this address too.
    AddressAdded {
        /// The address.
        address: ClientAddress,
    },
    /// No longer has this address.
    AddressRemoved {
        /// Which address.
        address_id: AddressId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Has this set of registration data now, in place of the one with its id or beside the others.
    RequisitesSet {
        /// The whole set.
        requisites: Requisites,
        /// Why although they look like another client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accept_duplicates: Option<Acceptance>,
    },
    /// No longer has this set of registration data.
    RequisitesRemoved {
        /// Which set.
        requisites_id: RequisitesId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// The relationship has come this far.
    StatusChanged {
        /// How far.
        status: ClientStatus,
        /// Why.
        reason: Text<1000>,
    },
    /// Carries this tag.
    Tagged {
        /// The tag.
        tag: Code,
    },
    /// No longer carries this tag.
    Untagged {
        /// The tag.
        tag: Code,
    },
    /// An employee looks after them.
    ManagerAssigned {
        /// Its id.
        assignment_id: AssignmentId,
        /// Who.
        employee_id: EmployeeId,
        /// As what.
        kind: AssignmentKind,
        /// For which product line or branch; absent: for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsibility: Option<Code>,
        /// From when, by business time.
        since: Moment,
        /// Until when, by business time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
        /// Why.
        reason: Text<1000>,
        /// What the next one should know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handover_note: Option<Personal<Text<4000>>>,
    },
    /// An assignment ends.
    ManagerReleased {
        /// Which one.
        assignment_id: AssignmentId,
        /// From when, by business time.
        on: Moment,
        /// Why.
        reason: Text<1000>,
    },
    /// Is this to another client.
    Related {
        /// To whom.
        client_id: ClientId,
        /// What.
        kind: RelationKind,
        /// Since which day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Day>,
        /// What else is worth knowing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Personal<Text<1000>>>,
    },
    /// Is no longer this to another client.
    Unrelated {
        /// To whom.
        client_id: ClientId,
        /// What.
        kind: RelationKind,
        /// From which day on.
        until: Day,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Consented.
    ConsentGiven {
        /// To be reached by this.
        channel: Channel,
        /// What for.
        purpose: Purpose,
        /// How it came to us.
        source: Text<500>,
        /// The text they were shown.
        wording: Text<4000>,
        /// When.
        given_at: Moment,
    },
    /// Consents no longer.
    ConsentWithdrawn {
        /// To be reached by this.
        channel: Channel,
        /// What for.
        purpose: Purpose,
        /// When.
        withdrawn_at: Moment,
        /// How it came to us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Text<500>>,
    },
    /// Is not to be reached by this.
    ChannelForbidden {
        /// By what.
        channel: Channel,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
        /// When; when it was recorded where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forbidden_at: Option<Moment>,
        /// How it came to us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Text<500>>,
        /// Their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wording: Option<Text<4000>>,
    },
    /// May be reached by this again.
    ChannelAllowed {
        /// By what.
        channel: Channel,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
        /// When; when it was recorded where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        allowed_at: Option<Moment>,
        /// How it came to us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Text<500>>,
        /// Their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wording: Option<Text<4000>>,
    },
    /// Looks like an older client.
    DuplicateSuspected {
        /// Like whom.
        client_id: ClientId,
        /// How much.
        score: Score,
        /// By what.
        reasons: Vec<Sign>,
    },
    /// Is another one than this client, however alike.
    DuplicateDenied {
        /// Than whom.
        client_id: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// Turned out to be this client, under whom all is shown from now on.
    MergedInto {
        /// Whom.
        into: ClientId,
        /// Why.
        reason: Text<1000>,
    },
    /// Turned out to be another one after all.
    Unmerged {
        /// Why.
        reason: Text<1000>,
    },
    /// Put away.
    Archived {
        /// Why.
        reason: Text<1000>,
    },
    /// Taken out again.
    Restored {
        /// Why.
        reason: Text<1000>,
    },
}

/// Free fields that change: the new value, or `None` where one is emptied.
pub type AttributeChanges = BTreeMap<Code, Option<Attribute>>;

impl Event for ClientEvent {
    const CATEGORY: &'static str = "clients";
}
