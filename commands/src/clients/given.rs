//! How a client is reached, as it is told and as it is recorded.

use super::error::ClientError;
use crate::decider::Context;
use letopis_events::clients::{ClientAddress, ClientEmail, ClientPhone};
use letopis_events::{AddressId, Code, Country, Email, EmailId, Personal, PhoneId, PhoneNumber, Text};
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

impl PhoneGiven {
    pub(super) fn record(
        self,
        country: &Country,
        context: &Context<'_>,
        field: &str,
    ) -> Result<ClientPhone, ClientError> {
        let number = PhoneNumber::known(self.number, self.extension, country)
            .map_err(|bad| ClientError::Phone(field.to_owned(), bad))?;
        Ok(ClientPhone {
            id: PhoneId((context.fresh)()),
            number: Personal::new(context.stream, number),
            kind: self.kind,
            shared: self.shared,
        })
    }
}

impl EmailGiven {
    pub(super) fn record(self, context: &Context<'_>) -> ClientEmail {
        ClientEmail {
            id: EmailId((context.fresh)()),
            address: Personal::new(context.stream, self.address),
            kind: self.kind,
        }
    }
}

impl AddressGiven {
    pub(super) fn record(self, context: &Context<'_>) -> ClientAddress {
        ClientAddress {
            id: AddressId((context.fresh)()),
            kind: self.kind,
            text: Personal::new(context.stream, self.text),
        }
    }
}
