//! The commands to a client's record, as they are sent.

use crate::form::List;
use letopis_events::clients::{AssignmentKind, AttributeChanges, ClientKind, ClientStatus};
use letopis_events::{
    AddressId, AssignmentId, Attributes, Change, ClientId, Code, Country, Email, EmailId, EmployeeId,
    ExternalId, Inn, Kpp, Language, Moment, Ogrn, PhoneId, Text, TimeZone, Website,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A phone as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct PhoneGiven {
    /// The number, written as one dials it in the client's country.
    pub number: Text<64>,
    /// The extension behind it.
    pub extension: Option<Text<16>>,
    /// What it is for.
    pub kind: Option<Code>,
    /// Whether others use it too, so that it identifies nobody.
    #[serde(default)]
    pub shared: bool,
}

/// An e-mail address as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct EmailGiven {
    /// The address.
    pub address: Email,
    /// What it is for.
    pub kind: Option<Code>,
}

/// A postal address as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct AddressGiven {
    /// What it is for.
    pub kind: Code,
    /// The address.
    pub text: Text<500>,
}

/// Registration data as they are told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct RequisitesGiven {
    /// Taxpayer's number.
    pub inn: Option<Inn>,
    /// Reason for registration.
    pub kpp: Option<Kpp>,
    /// State registration number.
    pub ogrn: Option<Ogrn>,
    /// The full legal name.
    pub full_name: Option<Text<500>>,
    /// The address of registration.
    pub legal_address: Option<Text<500>>,
}

/// A client as it is registered.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Registration {
    /// What they are.
    pub kind: ClientKind,
    /// What they are called.
    pub name: Text<200>,
    /// How far the relationship has come.
    pub status: Option<ClientStatus>,
    /// Country; RU where absent.
    pub country: Option<Country>,
    /// Registration data.
    pub requisites: Option<RequisitesGiven>,
    /// Line of business.
    pub industry: Option<Code>,
    /// Size.
    pub size: Option<Code>,
    /// Region.
    pub region: Option<Code>,
    /// How they found us.
    pub channel: Option<Code>,
    /// Site.
    pub website: Option<Website>,
    /// What else is worth knowing.
    pub about: Option<Text<4000>>,
    /// Zone they live in.
    pub time_zone: Option<TimeZone>,
    /// Language they speak.
    pub language: Option<Language>,
    /// The company they belong to.
    pub parent_client_id: Option<ClientId>,
    /// Phones.
    #[serde(default)]
    pub phones: List<PhoneGiven>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: List<EmailGiven>,
    /// Postal addresses.
    #[serde(default)]
    pub addresses: List<AddressGiven>,
    /// Tags.
    #[serde(default)]
    pub tags: List<Code>,
    /// Free fields.
    pub attributes: Option<Attributes>,
    /// Key in another system.
    pub external: Option<ExternalId>,
}

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
    /// They have these registration data now.
    SetRequisites(RequisitesGiven),
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
