//! What is known of a contact person, and how each event changes it.

use super::command::{EmailGiven, PhoneGiven};
use super::reach::{Marking, Reach, Reaches};
use super::{ContactError, Correction};
use crate::decider::{Context, Field};
use letopis_events::clients::Channel;
use letopis_events::contacts::{ContactEmail, ContactEvent, ContactPhone, Stays};
use letopis_events::{
    Change, Country, Day, Email, EmailId, Language, PersonName, Personal, PhoneId, PhoneNumber, Text,
};

/// What is known of a contact person.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    name: Personal<PersonName>,
    salutation: Option<Personal<Text<100>>>,
    birthday: Option<Personal<Day>>,
    pub(super) country: Country,
    pub(super) phones: Reaches<PhoneId, PhoneNumber>,
    pub(super) emails: Reaches<EmailId, Email>,
    preferred_channel: Option<Channel>,
    preferred_hours: Option<Personal<Text<200>>>,
    language: Option<Language>,
    pub(super) stays: Stays,
}

fn phone(phone: &ContactPhone) -> Reach<PhoneId, PhoneNumber> {
    let ContactPhone { id, number, kind: _, primary, shared } = phone;
    Reach { id: *id, value: number.clone(), primary: *primary, shared: *shared, mark: None }
}

fn email(email: &ContactEmail) -> Reach<EmailId, Email> {
    let ContactEmail { id, address, kind: _, primary, shared } = email;
    Reach { id: *id, value: address.clone(), primary: *primary, shared: *shared, mark: None }
}

impl Person {
    /// The person a registration makes; `None` for any other event.
    pub(super) fn registered(event: &ContactEvent) -> Option<Self> {
        let ContactEvent::Registered {
            name,
            salutation,
            birthday,
            country,
            phones,
            emails,
            preferred_channel,
            preferred_hours,
            language,
            joins: _,
            external: _,
        } = event
        else {
            return None;
        };
        let mut person = Self {
            name: name.clone(),
            salutation: salutation.clone(),
            birthday: birthday.clone(),
            country: country.clone(),
            phones: Reaches::default(),
            emails: Reaches::default(),
            preferred_channel: *preferred_channel,
            preferred_hours: preferred_hours.clone(),
            language: language.clone(),
            stays: Stays::default(),
        };
        for added in phones {
            person.phones.add(phone(added));
        }
        for added in emails {
            person.emails.add(email(added));
        }
        person.stays.take(event);
        Some(person)
    }

    /// Does to the person what any event but a registration does.
    pub(super) fn change(&mut self, event: &ContactEvent) {
        match event {
            ContactEvent::Registered { .. } => {}
            ContactEvent::Corrected {
                name,
                salutation,
                birthday,
                country,
                preferred_channel,
                preferred_hours,
                language,
                reason: _,
            } => {
                self.name = name.clone().unwrap_or_else(|| self.name.clone());
                salutation.apply(&mut self.salutation);
                birthday.apply(&mut self.birthday);
                self.country = country.clone().unwrap_or_else(|| self.country.clone());
                preferred_channel.apply(&mut self.preferred_channel);
                preferred_hours.apply(&mut self.preferred_hours);
                language.apply(&mut self.language);
            }
            ContactEvent::PhoneAdded { phone: added } => self.phones.add(phone(added)),
            ContactEvent::PhoneRemoved { phone_id, reason: _ } => self.phones.remove(*phone_id),
            ContactEvent::PhoneMarked { phone_id, mark, primary, shared, reason: _ } => {
                self.phones.mark(*phone_id, Marking { mark: *mark, primary: *primary, shared: *shared });
            }
            ContactEvent::EmailAdded { email: added } => self.emails.add(email(added)),
            ContactEvent::EmailRemoved { email_id, reason: _ } => self.emails.remove(*email_id),
            ContactEvent::EmailMarked { email_id, mark, primary, shared, reason: _ } => {
                self.emails.mark(*email_id, Marking { mark: *mark, primary: *primary, shared: *shared });
            }
            ContactEvent::Joined { .. } | ContactEvent::Left { .. } => self.stays.take(event),
        }
    }

    /// What a correction comes to.
    pub(super) fn correction(
        &self,
        given: Correction,
        context: &Context<'_>,
    ) -> Result<Vec<ContactEvent>, ContactError> {
        let own = context.stream;
        let name = kept(given.name, "/name")?.map(|name| Personal::new(own, name));
        let event = ContactEvent::Corrected {
            name: name.filter(|name| *name != self.name),
            salutation: given
                .salutation
                .map(|text| Personal::new(own, text))
                .against(self.salutation.as_ref()),
            birthday: given.birthday.map(|day| Personal::new(own, day)).against(self.birthday.as_ref()),
            country: kept(given.country, "/country")?.filter(|country| *country != self.country),
            preferred_channel: given.preferred_channel.against(self.preferred_channel.as_ref()),
            preferred_hours: given
                .preferred_hours
                .map(|text| Personal::new(own, text))
                .against(self.preferred_hours.as_ref()),
            language: given.language.against(self.language.as_ref()),
            reason: given.reason,
        };
        let mut after = self.clone();
        after.change(&event);
        Ok(if after == *self { vec![] } else { vec![event] })
    }
}

/// The new value of a field that is never empty.
fn kept<T>(change: Change<T>, field: &'static str) -> Result<Option<T>, ContactError> {
    match change {
        Change::Keep => Ok(None),
        Change::Set(value) => Ok(Some(value)),
        Change::Clear => Err(ContactError::Required(field.into())),
    }
}

impl PhoneGiven {
    pub(super) fn record(
        self,
        country: &Country,
        context: &Context<'_>,
        field: impl Into<Field>,
    ) -> Result<ContactPhone, ContactError> {
        let number = PhoneNumber::known(self.number, self.extension, country)
            .map_err(|bad| ContactError::Phone(field.into(), bad))?;
        Ok(ContactPhone {
            id: PhoneId((context.fresh)()),
            number: Personal::new(context.stream, number),
            kind: self.kind,
            primary: self.primary,
            shared: self.shared,
        })
    }
}

impl EmailGiven {
    pub(super) fn record(self, context: &Context<'_>) -> ContactEmail {
        ContactEmail {
            id: EmailId((context.fresh)()),
            address: Personal::new(context.stream, self.address),
            kind: self.kind,
            primary: self.primary,
            shared: self.shared,
        }
    }
}
