//! A client as people see it: who they are, how they are reached. One row per client.
//!
//! Managers stand in `assignments`, what passed in `timeline`; the question joins them.

use crate::engine::{Json, Projection};
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{ClientEvent, ClientKind, ClientStatus};
use letopis_events::{
    Attributes, BadEvent, ClientId, Code, Country, DomainEvent, Language, Moment, Personal, Recorded, Text,
    TimeZone, Website,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

table! {
    /// A client as people see it.
    pub struct Card: "card" key (client_id: ClientId) by Daughters(parent_client_id: Option<ClientId>) {
        /// The version of the client's stream.
        version: i64 => "Версия" / "Version",
        /// What they are.
        kind: ClientKind => "Вид" / "Kind",
        /// What they are called; none when erased.
        name: Option<Text<200>> => "Название" / "Name",
        /// How far the relationship has come.
        status: ClientStatus => "Статус" / "Status",
        /// Country.
        country: Country => "Страна" / "Country",
        /// Sets of registration data, the main one first, as their command named them, with `id`.
        requisites: Json<Vec<Value>>,
        /// Line of business.
        industry: Option<Code> => "Отрасль" / "Industry" of Industries,
        /// Size.
        size: Option<Code> => "Размер" / "Size",
        /// Region.
        region: Option<Code> => "Регион" / "Region" of Regions,
        /// How they found us.
        channel: Option<Code> => "Источник" / "Channel" of Channels,
        /// Site.
        website: Option<Website> => "Сайт" / "Site",
        /// What else is worth knowing.
        about: Option<Text<4000>> => "О клиенте" / "About",
        /// Zone they live in.
        time_zone: Option<TimeZone> => "Часовой пояс" / "Time zone",
        /// Language they speak.
        language: Option<Language> => "Язык" / "Language",
        /// The company they belong to.
        parent_client_id: Option<ClientId> => "Головная компания" / "Parent company",
        /// Phones: `{id, raw, e164, extension, kind, shared}`.
        phones: Json<Vec<Value>> => "Телефоны" / "Phones",
        /// E-mail addresses: `{id, address, kind}`.
        emails: Json<Vec<Value>> => "Адреса почты" / "E-mails",
        /// Postal addresses: `{id, kind, text}`.
        addresses: Json<Vec<Value>> => "Адреса" / "Addresses",
        /// Tags, sorted.
        tags: Vec<Code> => "Метки" / "Tags" of Tags,
        /// Free fields.
        attributes: Json<Attributes>,
        /// Key in another system.
        external_id: Option<String> => "Внешний ключ" / "External key",
        /// Whether they are put away.
        archived: bool => "В архиве" / "Archived",
        /// Whom they were merged into.
        merged_into: Option<ClientId>,
        /// When they entered the client base.
        registered_at: Moment => "Заведён" / "Registered",
    }
}

row_set! {
    /// The tables of client cards.
    pub struct CardRows { card: Set<Card> }
}

/// The read model of client cards.
#[derive(Debug)]
pub struct ClientCards;

impl Projection for ClientCards {
    const NAME: &'static str = "client_cards";
    type Rows = CardRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut CardRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => {
                let id = ClientId::from(event.stream);
                if let Some(card) = registered(id, event, client) {
                    rows.card.insert(card);
                    return Ok(());
                }
                rows.card.edit(&(id,), |card| {
                    card.version = event.version.0;
                    change(card, client);
                });
            }
            DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

/// What is readable of a person's value.
pub(crate) fn open<T: Clone>(value: Option<&Personal<T>>) -> Option<T> {
    value.and_then(Personal::get).cloned()
}

/// A recorded moment within the range of all moments.
pub(crate) fn recorded_at(event: &Recorded<DomainEvent>) -> Result<Moment, BadEvent> {
    Moment::try_from(event.recorded_at).map_err(|bad| BadEvent {
        position: event.position,
        category: event.event.category().to_owned(),
        kind: String::new(),
        source: bad.into(),
    })
}

fn requisites(set: &letopis_events::Requisites) -> Value {
    json!({
        "id": set.id,
        "inn": open(set.inn.as_ref()),
        "kpp": set.kpp,
        "ogrn": open(set.ogrn.as_ref()),
        "full_name": open(set.full_name.as_ref()),
        "legal_address": open(set.legal_address.as_ref()),
        "bank_account": open(set.bank_account.as_ref()),
        "signatory": open(set.signatory.as_ref()),
    })
}

fn phone(phone: &letopis_events::clients::ClientPhone) -> Value {
    let number = phone.number.get();
    json!({
        "id": phone.id, "raw": number.map(|n| &n.raw), "e164": number.and_then(|n| n.e164.as_ref()),
        "extension": number.and_then(|n| n.extension.as_ref()), "kind": phone.kind, "shared": phone.shared,
    })
}

fn email(email: &letopis_events::clients::ClientEmail) -> Value {
    json!({"id": email.id, "address": email.address.get(), "kind": email.kind})
}

fn address(address: &letopis_events::clients::ClientAddress) -> Value {
    json!({"id": address.id, "kind": address.kind, "text": address.text.get()})
}

fn registered(id: ClientId, event: &Recorded<DomainEvent>, client: &ClientEvent) -> Option<Card> {
    let ClientEvent::Registered {
        kind,
        name,
        status,
        country,
        requisites: registration,
        industry,
        size,
        region,
        channel,
        website,
        about,
        time_zone,
        language,
        parent_client_id,
        phones,
        emails,
        addresses,
        tags,
        attributes,
        external,
        accept_duplicates: _,
    } = client
    else {
        return None;
    };
    Some(Card {
        client_id: id,
        version: event.version.0,
        kind: *kind,
        name: open(Some(name)),
        status: *status,
        country: country.clone(),
        requisites: Json(registration.iter().map(|set| requisites(set)).collect()),
        industry: industry.clone(),
        size: size.clone(),
        region: region.clone(),
        channel: channel.clone(),
        website: website.clone(),
        about: open(about.as_ref()),
        time_zone: time_zone.clone(),
        language: language.clone(),
        parent_client_id: *parent_client_id,
        phones: Json(phones.iter().map(phone).collect()),
        emails: Json(emails.iter().map(email).collect()),
        addresses: Json(addresses.iter().map(address).collect()),
        tags: tags.iter().cloned().collect(),
        attributes: Json(open(attributes.as_ref()).unwrap_or_default()),
        external_id: external.as_ref().map(|e| format!("{}:{}", e.source, e.id)),
        archived: false,
        merged_into: None,
        registered_at: recorded_at(event).ok()?,
    })
}

/// Does to a card what an event after the first does.
fn change(card: &mut Card, event: &ClientEvent) {
    let without = |list: &mut Json<Vec<Value>>, id: &dyn std::fmt::Display| {
        list.0.retain(|entry| entry["id"] != id.to_string());
    };
    match event {
        // Managers, relations, consents and pairs that look alike are read models of their own.
        ClientEvent::Registered { .. } | client_events!(managers, relations, consents, duplicates) => {}
        ClientEvent::Corrected { .. } => correct(card, event),
        ClientEvent::PhoneAdded { phone: added, accept_duplicates: _ } => card.phones.0.push(phone(added)),
        ClientEvent::PhoneRemoved { phone_id, reason: _ } => without(&mut card.phones, phone_id),
        ClientEvent::EmailAdded { email: added, accept_duplicates: _ } => card.emails.0.push(email(added)),
        ClientEvent::EmailRemoved { email_id, reason: _ } => without(&mut card.emails, email_id),
        ClientEvent::AddressAdded { address: added } => card.addresses.0.push(address(added)),
        ClientEvent::AddressRemoved { address_id, reason: _ } => without(&mut card.addresses, address_id),
        ClientEvent::RequisitesSet { requisites: set, accept_duplicates: _ } => {
            let set = requisites(set);
            match card.requisites.0.iter_mut().find(|before| before["id"] == set["id"]) {
                Some(before) => *before = set,
                None => card.requisites.0.push(set),
            }
        }
        ClientEvent::RequisitesRemoved { requisites_id, reason: _ } => {
            without(&mut card.requisites, requisites_id);
        }
        ClientEvent::StatusChanged { status, reason: _ } => card.status = *status,
        ClientEvent::Tagged { tag } => {
            let mut tags: BTreeSet<Code> = card.tags.drain(..).collect();
            tags.insert(tag.clone());
            card.tags = tags.into_iter().collect();
        }
        ClientEvent::Untagged { tag } => card.tags.retain(|other| other != tag),
        ClientEvent::MergedInto { into, reason: _ } => card.merged_into = Some(*into),
        ClientEvent::Unmerged { reason: _ } => card.merged_into = None,
        ClientEvent::Archived { reason: _ } => card.archived = true,
        ClientEvent::Restored { reason: _ } => card.archived = false,
    }
}

fn correct(card: &mut Card, event: &ClientEvent) {
    let ClientEvent::Corrected {
        kind,
        name,
        country,
        industry,
        size,
        region,
        channel,
        website,
        about,
        time_zone,
        language,
        parent_client_id,
        attributes,
        reason: _,
        accept_duplicates: _,
    } = event
    else {
        return;
    };
    card.kind = kind.unwrap_or(card.kind);
    if let Some(name) = name {
        card.name = open(Some(name));
    }
    card.country = country.clone().unwrap_or_else(|| card.country.clone());
    industry.apply(&mut card.industry);
    size.apply(&mut card.size);
    region.apply(&mut card.region);
    channel.apply(&mut card.channel);
    website.apply(&mut card.website);
    time_zone.apply(&mut card.time_zone);
    language.apply(&mut card.language);
    parent_client_id.apply(&mut card.parent_client_id);
    if !about.is_keep() {
        card.about = open(about.value());
    }
    for (code, value) in attributes.as_ref().and_then(Personal::get).into_iter().flatten() {
        match value {
            Some(value) => card.attributes.0.insert(code.clone(), value.clone()),
            None => card.attributes.0.remove(code),
        };
    }
}

#[cfg(test)]
mod tests;
