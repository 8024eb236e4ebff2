//! How a client is reached, as it is told and as it is recorded.

use super::accepting::Accepting;
use super::error::ClientError;
use super::profile::Profile;
use crate::decider::Context;
use letopis_events::clients::{ClientAddress, ClientEmail, ClientEvent, ClientPhone};
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

impl Profile {
    pub(super) fn add_phone(
        &self,
        given: Accepting<PhoneGiven>,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let Accepting { told, accept_duplicates } = given;
        let phone = told.record(&self.country, context, "/number")?;
        let same = |other: &ClientPhone| {
            let (a, b) = (other.number.get(), phone.number.get());
            a.map(PhoneNumber::reaches) == b.map(PhoneNumber::reaches)
        };
        let so = self.phones.iter().any(same);
        Ok(if so { vec![] } else { vec![ClientEvent::PhoneAdded { phone, accept_duplicates }] })
    }

    pub(super) fn remove_phone(
        &self,
        phone_id: PhoneId,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let there = self.phones.iter().any(|phone| phone.id == phone_id);
        there.then_some(()).ok_or(ClientError::NoSuch("/phone_id"))?;
        Ok(vec![ClientEvent::PhoneRemoved { phone_id, reason }])
    }

    pub(super) fn add_email(&self, given: Accepting<EmailGiven>, context: &Context<'_>) -> Vec<ClientEvent> {
        let Accepting { told, accept_duplicates } = given;
        if self.emails.iter().any(|other| other.address.get().is_some_and(|there| there.same(&told.address)))
        {
            return vec![];
        }
        vec![ClientEvent::EmailAdded { email: told.record(context), accept_duplicates }]
    }

    pub(super) fn remove_email(
        &self,
        email_id: EmailId,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let there = self.emails.iter().any(|email| email.id == email_id);
        there.then_some(()).ok_or(ClientError::NoSuch("/email_id"))?;
        Ok(vec![ClientEvent::EmailRemoved { email_id, reason }])
    }

    pub(super) fn add_address(&self, given: AddressGiven, context: &Context<'_>) -> Vec<ClientEvent> {
        let same = |a: &ClientAddress| a.kind == given.kind && a.text.get() == Some(&given.text);
        if self.addresses.iter().any(same) {
            return vec![];
        }
        vec![ClientEvent::AddressAdded { address: given.record(context) }]
    }

    pub(super) fn remove_address(
        &self,
        address_id: AddressId,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let there = self.addresses.iter().any(|address| address.id == address_id);
        there.then_some(()).ok_or(ClientError::NoSuch("/address_id"))?;
        Ok(vec![ClientEvent::AddressRemoved { address_id, reason }])
    }
}
