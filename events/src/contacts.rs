//! What happens to contact persons: people of their own, who stand at one client or several over time.

mod stays;

pub use stays::{Join, Stay, Stays};

use crate::clients::Channel;
use crate::{
    Change, ClientId, Code, Country, Day, Email, EmailId, Event, ExternalId, Language, PersonName, Personal,
    PhoneId, PhoneNumber, Text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known of a number or an address, beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ReachMark {
    /// Nobody is reached by it.
    Invalid,
    /// Somebody else is reached by it.
    NotTheirs,
    /// They asked not to be called or written to there.
    DoNotUse,
}

impl ReachMark {
    /// Whether who is reached there is not the person it stands with.
    pub const fn misleads(self) -> bool {
        match self {
            Self::Invalid | Self::NotTheirs => true,
            Self::DoNotUse => false,
        }
    }
}

/// A phone of a contact person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContactPhone {
    /// Its id.
    pub id: PhoneId,
    /// The number.
    pub number: Personal<PhoneNumber>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
    /// Whether it is the one to try first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// Whether others use it too, so that it identifies nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// An e-mail address of a contact person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContactEmail {
    /// Its id.
    pub id: EmailId,
    /// The address.
    pub address: Personal<Email>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
    /// Whether it is the one to try first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// Whether others use it too, so that it identifies nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// An event of a contact person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum ContactEvent {
    /// Became known to us.
    Registered {
        /// Name.
        name: Personal<PersonName>,
        /// How to address them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salutation: Option<Personal<Text<100>>>,
        /// Birthday.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        birthday: Option<Personal<Day>>,
        /// The country whose way of writing phone numbers holds.
        #[serde(default)]
        country: Country,
        /// Phones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        phones: Vec<ContactPhone>,
        /// E-mail addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        emails: Vec<ContactEmail>,
        /// How they like to be reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preferred_channel: Option<Channel>,
        /// When they like to be reached, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preferred_hours: Option<Personal<Text<200>>>,
        /// Language they speak.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
        /// Where they stand from the beginning, one entry a client.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        joins: Vec<Join>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
    },
    /// What was recorded about them was wrong or has become so.
    Corrected {
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Personal<PersonName>>,
        /// How to address them.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        salutation: Change<Personal<Text<100>>>,
        /// Birthday.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        birthday: Change<Personal<Day>>,
        /// The country whose way of writing phone numbers holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<Country>,
        /// How they like to be reached.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        preferred_channel: Change<Channel>,
        /// When they like to be reached, in words.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        preferred_hours: Change<Personal<Text<200>>>,
        /// Language they speak.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        language: Change<Language>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Can also be called here.
    PhoneAdded {
        /// The phone.
        phone: ContactPhone,
    },
    /// Can no longer be called here.
    PhoneRemoved {
        /// Which phone.
        phone_id: PhoneId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// This has become known of the phone.
    PhoneMarked {
        /// Which phone.
        phone_id: PhoneId,
        /// What speaks against it.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        mark: Change<ReachMark>,
        /// Whether it is the one to try first; what was first before is no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        primary: Option<bool>,
        /// Whether others use it too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shared: Option<bool>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Can also be written to here.
    EmailAdded {
        /// The address.
        email: ContactEmail,
    },
    /// Can no longer be written to here.
    EmailRemoved {
        /// Which address.
        email_id: EmailId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// This has become known of the address.
    EmailMarked {
        /// Which address.
        email_id: EmailId,
        /// What speaks against it.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        mark: Change<ReachMark>,
        /// Whether it is the one to try first; what was first before is no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        primary: Option<bool>,
        /// Whether others use it too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shared: Option<bool>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Stands at a client. What they were there before ends on that day; told for the same day again, it is corrected.
    Joined {
        /// At whom.
        client_id: ClientId,
        /// Position held there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<Text<200>>,
        /// What they decide there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Code>,
        /// First day so; absent: as long as is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Day>,
    },
    /// Stands at a client no longer; told again, the day is corrected.
    Left {
        /// At whom.
        client_id: ClientId,
        /// First day away; the first day there: they never were.
        until: Day,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
}

impl Event for ContactEvent {
    const CATEGORY: &'static str = "contacts";
}
