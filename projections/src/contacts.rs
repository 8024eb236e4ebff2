//! Contact persons as people see them: who they are, how they are reached, at whom they stand and stood.
//!
//! What they took part in stands in `timeline`; the question joins it.

use crate::client_cards::{open, recorded_at};
use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::clients::Channel;
use letopis_events::contacts::{ContactEmail, ContactEvent, ContactPhone, Join, ReachMark, Stay, Stays};
use letopis_events::{
    BadEvent, Change, ClientId, Code, ContactId, Country, Day, DomainEvent, Language, Moment, PersonName,
    Recorded, Text,
};
use serde_json::{Value, json};
use std::fmt::Display;

table! {
    /// A contact person.
    pub struct Contact: "contact" key (contact_id: ContactId) {
        /// The version of the person's stream.
        version: i64 => "Версия" / "Version",
        /// Last, first, patronymic; none when erased.
        name: Option<String> => "Имя" / "Name",
        /// The same in its parts.
        name_parts: Json<Option<PersonName>>,
        /// How to address them.
        salutation: Option<Text<100>> => "Обращение" / "Salutation",
        /// Birthday.
        birthday: Option<Day> => "День рождения" / "Birthday",
        /// Country.
        country: Country => "Страна" / "Country",
        /// Phones: `{id, raw, e164, extension, kind, primary, shared, mark}`.
        phones: Json<Vec<Value>> => "Телефоны" / "Phones",
        /// E-mail addresses: `{id, address, kind, primary, shared, mark}`.
        emails: Json<Vec<Value>> => "Адреса почты" / "E-mails",
        /// How they like to be reached.
        preferred_channel: Option<Channel> => "Удобная связь" / "Preferred channel",
        /// When they like to be reached, in words.
        preferred_hours: Option<Text<200>> => "Удобное время" / "Preferred hours",
        /// Language they speak.
        language: Option<Language> => "Язык" / "Language",
        /// Key in another system, `source:id`.
        external_id: Option<String> => "Внешний ключ" / "External key",
        /// When they became known.
        registered_at: Moment => "Заведён" / "Registered",
    }
}

table! {
    /// A number (E.164) or an address in lower case by which a contact person is looked up.
    pub struct ContactKey: "contact_key" key (contact_id: ContactId, part: String) by ContactKeysLike(value: String) {
        /// The key itself.
        value: String,
        /// Whether others use it too, so that it identifies nobody.
        shared: bool,
        /// What speaks against it.
        mark: Option<ReachMark>,
    }
}

table! {
    /// A time at a client in one position and one role.
    pub struct StayRow: "stay" key (contact_id: ContactId, number: i64)
        by StaysOf(contact_id: ContactId) by StaysAt(client_id: ClientId) {
        /// At whom.
        client_id: ClientId,
        /// Position held there.
        position: Option<Text<200>>,
        /// What they decide there.
        role: Option<Code>,
        /// First day so; none: as long as is known.
        since: Option<Day>,
        /// First day no longer so; none: it lasts.
        until: Option<Day>,
        /// Whether it lasts on no day, told by mistake.
        void: bool,
        /// Why they left.
        reason: Option<Text<1000>>,
    }
}

row_set! {
    /// The tables of contact persons.
    pub struct ContactRows { contact: Set<Contact>, contact_key: Set<ContactKey>, stay: Set<StayRow> }
}

/// The read model of contact persons.
#[derive(Debug)]
pub struct Contacts;

impl Projection for Contacts {
    const NAME: &'static str = "contacts";
    type Rows = ContactRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut ContactRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Contacts(contact) => contacts(event, contact, rows),
            DomainEvent::Employees(_)
            | DomainEvent::Clients(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => Ok(()),
        }
    }
}

fn contacts(
    recorded: &Recorded<DomainEvent>,
    event: &ContactEvent,
    rows: &mut ContactRows,
) -> Result<(), BadEvent> {
    let id = ContactId::from(recorded.stream);
    if let Some(contact) = registered(id, recorded, event)? {
        rows.contact.insert(contact);
    }
    rows.contact.edit(&(id,), |contact| {
        contact.version = recorded.version.0;
        change(contact, event);
    });
    keys(id, event, rows);
    stays(id, event, rows);
    Ok(())
}

fn registered(
    id: ContactId,
    recorded: &Recorded<DomainEvent>,
    event: &ContactEvent,
) -> Result<Option<Contact>, BadEvent> {
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
        external,
    } = event
    else {
        return Ok(None);
    };
    Ok(Some(Contact {
        contact_id: id,
        version: recorded.version.0,
        name: name.get().map(PersonName::full),
        name_parts: Json(open(Some(name))),
        salutation: open(salutation.as_ref()),
        birthday: open(birthday.as_ref()),
        country: country.clone(),
        phones: Json(phones.iter().map(phone).collect()),
        emails: Json(emails.iter().map(email).collect()),
        preferred_channel: *preferred_channel,
        preferred_hours: open(preferred_hours.as_ref()),
        language: language.clone(),
        external_id: external.as_ref().map(|e| format!("{}:{}", e.source, e.id)),
        registered_at: recorded_at(recorded)?,
    }))
}

/// Does to a person what an event after the first does.
fn change(contact: &mut Contact, event: &ContactEvent) {
    let (phones, emails) = (&mut contact.phones.0, &mut contact.emails.0);
    match event {
        // Stays have rows of their own.
        ContactEvent::Registered { .. } | ContactEvent::Joined { .. } | ContactEvent::Left { .. } => {}
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
            if let Some(name) = name {
                contact.name = name.get().map(PersonName::full);
                contact.name_parts = Json(open(Some(name)));
            }
            if !salutation.is_keep() {
                contact.salutation = open(salutation.value());
            }
            if !birthday.is_keep() {
                contact.birthday = open(birthday.value());
            }
            if !preferred_hours.is_keep() {
                contact.preferred_hours = open(preferred_hours.value());
            }
            contact.country = country.clone().unwrap_or_else(|| contact.country.clone());
            preferred_channel.apply(&mut contact.preferred_channel);
            language.apply(&mut contact.language);
        }
        ContactEvent::PhoneAdded { phone: added } => add(phones, phone(added)),
        ContactEvent::PhoneRemoved { phone_id, reason: _ } => remove(phones, phone_id),
        ContactEvent::PhoneMarked { phone_id, mark: new, primary, shared, reason: _ } => {
            mark(phones, phone_id, *new, *primary, *shared);
        }
        ContactEvent::EmailAdded { email: added } => add(emails, email(added)),
        ContactEvent::EmailRemoved { email_id, reason: _ } => remove(emails, email_id),
        ContactEvent::EmailMarked { email_id, mark: new, primary, shared, reason: _ } => {
            mark(emails, email_id, *new, *primary, *shared);
        }
    }
}

fn phone(phone: &ContactPhone) -> Value {
    let number = phone.number.get();
    json!({
        "id": phone.id, "raw": number.map(|n| &n.raw), "e164": number.and_then(|n| n.e164.as_ref()),
        "extension": number.and_then(|n| n.extension.as_ref()), "kind": phone.kind, "primary": phone.primary,
        "shared": phone.shared, "mark": null,
    })
}

fn email(email: &ContactEmail) -> Value {
    json!({
        "id": email.id, "address": email.address.get(), "kind": email.kind, "primary": email.primary,
        "shared": email.shared, "mark": null,
    })
}

fn add(list: &mut Vec<Value>, new: Value) {
    if new["primary"] == true {
        for other in list.iter_mut() {
            other["primary"] = json!(false);
        }
    }
    list.push(new);
}

fn remove(list: &mut Vec<Value>, id: &impl Display) {
    list.retain(|one| one["id"] != id.to_string());
}

fn mark(
    list: &mut [Value],
    id: &impl Display,
    mark: Change<ReachMark>,
    primary: Option<bool>,
    shared: Option<bool>,
) {
    for one in list {
        if one["id"] != id.to_string() {
            if primary == Some(true) {
                one["primary"] = json!(false);
            }
            continue;
        }
        if !mark.is_keep() {
            one["mark"] = json!(mark);
        }
        for (name, new) in [("primary", primary), ("shared", shared)] {
            if let Some(new) = new {
                one[name] = json!(new);
            }
        }
    }
}

fn phone_key(id: ContactId, phone: &ContactPhone) -> Option<ContactKey> {
    let value = phone.number.get()?.e164.clone()?;
    Some(ContactKey { contact_id: id, part: phone.id.to_string(), value, shared: phone.shared, mark: None })
}

fn email_key(id: ContactId, email: &ContactEmail) -> Option<ContactKey> {
    let value = email.address.get()?.as_str().to_lowercase();
    Some(ContactKey { contact_id: id, part: email.id.to_string(), value, shared: email.shared, mark: None })
}

fn keys(id: ContactId, event: &ContactEvent, rows: &mut ContactRows) {
    let mut marked = |part: String, mark: Change<ReachMark>, shared: Option<bool>| {
        rows.contact_key.edit(&(id, part), |key| {
            mark.apply(&mut key.mark);
            key.shared = shared.unwrap_or(key.shared);
        });
    };
    let new: Vec<ContactKey> = match event {
        ContactEvent::Registered { phones, emails, .. } => {
            let phones = phones.iter().filter_map(|phone| phone_key(id, phone));
            phones.chain(emails.iter().filter_map(|email| email_key(id, email))).collect()
        }
        ContactEvent::PhoneAdded { phone } => phone_key(id, phone).into_iter().collect(),
        ContactEvent::EmailAdded { email } => email_key(id, email).into_iter().collect(),
        ContactEvent::PhoneMarked { phone_id, mark, primary: _, shared, reason: _ } => {
            return marked(phone_id.to_string(), *mark, *shared);
        }
        ContactEvent::EmailMarked { email_id, mark, primary: _, shared, reason: _ } => {
            return marked(email_id.to_string(), *mark, *shared);
        }
        ContactEvent::PhoneRemoved { phone_id, reason: _ } => {
            return rows.contact_key.remove(&(id, phone_id.to_string()));
        }
        ContactEvent::EmailRemoved { email_id, reason: _ } => {
            return rows.contact_key.remove(&(id, email_id.to_string()));
        }
        // Names are looked up in the persons' rows.
        ContactEvent::Corrected { .. } | ContactEvent::Joined { .. } | ContactEvent::Left { .. } => vec![],
    };
    for key in new {
        rows.contact_key.insert(key);
    }
}

impl StayRow {
    fn of(contact_id: ContactId, number: i64, stay: &Stay, reason: Option<Text<1000>>) -> Self {
        let Stay { join: Join { client_id, position, role, since }, until } = stay.clone();
        Self { contact_id, number, client_id, position, role, since, until, void: stay.is_void(), reason }
    }

    fn stay(&self) -> Stay {
        let Self { contact_id: _, number: _, client_id, position, role, since, until, void: _, reason: _ } =
            self.clone();
        Stay { join: Join { client_id, position, role, since }, until }
    }
}

fn stays(id: ContactId, event: &ContactEvent, rows: &mut ContactRows) {
    let before = match event {
        ContactEvent::Registered { .. } => vec![],
        ContactEvent::Joined { .. } | ContactEvent::Left { .. } => rows.stay.of(&StaysOf(id)),
        ContactEvent::Corrected { .. }
        | ContactEvent::PhoneAdded { .. }
        | ContactEvent::PhoneRemoved { .. }
        | ContactEvent::PhoneMarked { .. }
        | ContactEvent::EmailAdded { .. }
        | ContactEvent::EmailRemoved { .. }
        | ContactEvent::EmailMarked { .. } => return,
    };
    let mut stays = Stays(before.iter().map(StayRow::stay).collect());
    stays.take(event);
    let mut before = before.into_iter();
    for (number, stay) in (0..).zip(&stays.0) {
        let Some(row) = before.next() else {
            rows.stay.insert(StayRow::of(id, number, stay, None));
            continue;
        };
        let mut reason = row.reason.clone();
        if let ContactEvent::Left { client_id: _, until: _, reason: why } = event
            && row.until != stay.until
        {
            reason.clone_from(why);
        }
        rows.stay.set(StayRow::of(id, number, stay, reason));
    }
}

#[cfg(test)]
mod tests;
