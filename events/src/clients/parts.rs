//! What a client has and is: kinds, states, phones, addresses.

use crate::{AddressId, Code, Email, EmailId, Personal, PhoneId, PhoneNumber, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ClientKind {
    /// A legal entity.
    Company,
    /// A sole trader.
    SoleTrader,
    /// A self-employed person.
    SelfEmployed,
    /// A private person.
    Person,
    /// A public body.
    PublicBody,
}

/// How far the relationship has come.
#[derive(
    Clone, Copy, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ClientStatus {
    /// Might buy.
    #[default]
    Prospective,
    /// Buys.
    Active,
    /// Used to buy.
    Former,
}

/// What an assigned employee is to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AssignmentKind {
    /// Answers for the client; one per responsibility at any moment.
    Main,
    /// Personal manager of a large buyer.
    Personal,
    /// Works along.
    Co,
    /// Stands in.
    Deputy,
}

/// A phone of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientPhone {
    /// Its id.
    pub id: PhoneId,
    /// The number.
    pub number: Personal<PhoneNumber>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
    /// Whether others use it too, so that it identifies nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// An e-mail address of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientEmail {
    /// Its id.
    pub id: EmailId,
    /// The address.
    pub address: Personal<Email>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
}

/// A postal address of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientAddress {
    /// Its id.
    pub id: AddressId,
    /// What it is for.
    pub kind: Code,
    /// The address.
    pub text: Personal<Text<500>>,
}
