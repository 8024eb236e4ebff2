//! What a client allowed and forbade, and what clients are to each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way by which somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Channel {
    /// Calls.
    Call,
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Messengers.
    Messenger,
    /// Paper mail.
    Post,
    /// All of them.
    Any,
}

impl Channel {
    /// The single ways.
    pub const SINGLE: [Self; 5] = [Self::Call, Self::Email, Self::Sms, Self::Messenger, Self::Post];

    /// The single ways it stands for.
    pub fn singles(self) -> impl Iterator<Item = Self> {
        Self::SINGLE.into_iter().filter(move |single| self == Self::Any || self == *single)
    }
}

/// What a consent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Purpose {
    /// To be sent advertising.
    Advertising,
    /// To have personal data processed.
    Processing,
}

/// What a client is to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum RelationKind {
    /// Pays for the other.
    Payer,
    /// Receives the goods for the other.
    Consignee,
    /// Sells what the other makes.
    DealerOf,
    /// Recommends us to the other.
    Recommends,
}
