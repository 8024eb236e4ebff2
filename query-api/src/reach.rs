//! What a client is called and how they are reached, wherever they are shown.

use letopis_events::{Code, Email, EmailId, PhoneId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the client `$id` is called.
macro_rules! client_name {
    ($id:literal) => {
        concat!("(select c.name from card_at($1) c where c.client_id = ", $id, ")")
    };
}
pub(crate) use client_name;

/// A phone of a client.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Phone {
    /// Its id.
    id: PhoneId,
    /// As it was given; null when erased.
    raw: Option<Text<64>>,
    /// The number the world knows.
    e164: Option<String>,
    /// The extension behind it.
    extension: Option<Text<16>>,
    /// What it is for.
    kind: Option<Code>,
    /// Whether others use it too, so that it identifies nobody.
    shared: bool,
}

/// An e-mail address of a client.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EmailAddress {
    /// Its id.
    id: EmailId,
    /// The address; null when erased.
    address: Option<Email>,
    /// What it is for.
    kind: Option<Code>,
}
