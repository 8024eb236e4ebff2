//! The commands to a contact person's record, as they are sent.

use crate::form::List;
use letopis_events::clients::Channel;
use letopis_events::contacts::ReachMark;
use letopis_events::{
    Change, ClientId, Code, Country, Day, Email, EmailId, ExternalId, Language, PersonName, PhoneId, Text,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A phone as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct PhoneGiven {
    /// The number, written as one dials it in the person's country.
    pub number: Text<64>,
    /// The extension behind it.
    pub extension: Option<Text<16>>,
    /// What it is for.
    pub kind: Option<Code>,
    /// Whether it is the one to try first; what was first before is no more.
    #[serde(default)]
    pub primary: bool,
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
    /// Whether it is the one to try first; what was first before is no more.
    #[serde(default)]
    pub primary: bool,
    /// Whether others use it too, so that it identifies nobody.
    #[serde(default)]
    pub shared: bool,
}

/// At whom somebody stands, as it is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Joining {
    /// At whom.
    pub client_id: ClientId,
    /// Position held there.
    #[serde(default)]
    pub position: Change<Text<200>>,
    /// What they decide there.
    #[serde(default)]
    pub role: Change<Code>,
    /// First day so. Absent: as long as is known; for who stands there already: what is recorded of it is corrected; for who left:
    /// today.
    pub since: Option<Day>,
}

/// A contact person as they are registered.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Registration {
    /// Name.
    pub name: PersonName,
    /// How to address them.
    pub salutation: Option<Text<100>>,
    /// Birthday.
    pub birthday: Option<Day>,
    /// The country whose way of writing phone numbers holds; RU where absent.
    pub country: Option<Country>,
    /// Phones.
    #[serde(default)]
    pub phones: List<PhoneGiven>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: List<EmailGiven>,
    /// How they like to be reached.
    pub preferred_channel: Option<Channel>,
    /// When they like to be reached, in words.
    pub preferred_hours: Option<Text<200>>,
    /// Language they speak.
    pub language: Option<Language>,
    /// Where they stand, one entry a client.
    #[serde(default)]
    pub joins: List<Joining>,
    /// Key in another system.
    pub external: Option<ExternalId>,
}

/// What was recorded wrongly; absent: unchanged, null: cleared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Correction {
    /// Name.
    #[serde(default)]
    pub name: Change<PersonName>,
    /// How to address them.
    #[serde(default)]
    pub salutation: Change<Text<100>>,
    /// Birthday.
    #[serde(default)]
    pub birthday: Change<Day>,
    /// The country whose way of writing phone numbers holds.
    #[serde(default)]
    pub country: Change<Country>,
    /// How they like to be reached.
    #[serde(default)]
    pub preferred_channel: Change<Channel>,
    /// When they like to be reached, in words.
    #[serde(default)]
    pub preferred_hours: Change<Text<200>>,
    /// Language they speak.
    #[serde(default)]
    pub language: Change<Language>,
    /// Why.
    pub reason: Option<Text<1000>>,
}

/// A command to a contact person's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContactCommand {
    /// Becomes known to us.
    Register(Registration),
    /// Corrects what is recorded of them.
    Correct(Correction),
    /// They can also be called here. A number they have already becomes the first or shared where that is told.
    AddPhone(PhoneGiven),
    /// They can no longer be called here.
    RemovePhone {
        /// Which phone.
        phone_id: PhoneId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// This has become known of a phone; absent: unchanged.
    MarkPhone {
        /// Which phone.
        phone_id: PhoneId,
        /// What speaks against it; null: nothing any more.
        #[serde(default)]
        mark: Change<ReachMark>,
        /// Whether it is the one to try first; what was first before is no more.
        primary: Option<bool>,
        /// Whether others use it too.
        shared: Option<bool>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They can also be written to here. An address they have already becomes the first or shared where that is told.
    AddEmail(EmailGiven),
    /// They can no longer be written to here.
    RemoveEmail {
        /// Which address.
        email_id: EmailId,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// This has become known of an address; absent: unchanged.
    MarkEmail {
        /// Which address.
        email_id: EmailId,
        /// What speaks against it; null: nothing any more.
        #[serde(default)]
        mark: Change<ReachMark>,
        /// Whether it is the one to try first; what was first before is no more.
        primary: Option<bool>,
        /// Whether others use it too.
        shared: Option<bool>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They stand at a client. With a day, another position or role begins then; without, what is recorded is corrected.
    Join(Joining),
    /// They stand at a client no longer; told again with another day, the day is corrected.
    Leave {
        /// At whom.
        client_id: ClientId,
        /// First day away; today where absent. The first day there: they never were.
        on: Option<Day>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// They leave one client and stand at another from the same day.
    Move {
        /// Whom they leave.
        from_client_id: ClientId,
        /// At whom they stand then.
        to_client_id: ClientId,
        /// Position held there.
        #[serde(default)]
        position: Change<Text<200>>,
        /// What they decide there.
        #[serde(default)]
        role: Change<Code>,
        /// First day there; today where absent.
        on: Option<Day>,
        /// Why.
        reason: Option<Text<1000>>,
    },
}
