//! What was told of a client, made ready to be recorded.

use super::ClientError;
use super::command::{AddressGiven, EmailGiven, PhoneGiven, RequisitesGiven};
use crate::decider::Context;
use letopis_events::clients::{ClientAddress, ClientEmail, ClientPhone};
use letopis_events::{AddressId, Country, EmailId, Personal, PhoneId, PhoneNumber, Requisites, StreamId};

impl RequisitesGiven {
    pub(super) fn of(requisites: &Requisites) -> Self {
        let Requisites { inn, kpp, ogrn, full_name, legal_address } = requisites;
        Self {
            inn: inn.as_ref().and_then(Personal::get).cloned(),
            kpp: kpp.clone(),
            ogrn: ogrn.as_ref().and_then(Personal::get).cloned(),
            full_name: full_name.as_ref().and_then(Personal::get).cloned(),
            legal_address: legal_address.as_ref().and_then(Personal::get).cloned(),
        }
    }

    pub(super) fn record(self, of: StreamId) -> Requisites {
        Requisites {
            inn: self.inn.map(|value| Personal::new(of, value)),
            kpp: self.kpp,
            ogrn: self.ogrn.map(|value| Personal::new(of, value)),
            full_name: self.full_name.map(|value| Personal::new(of, value)),
            legal_address: self.legal_address.map(|value| Personal::new(of, value)),
        }
    }
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
