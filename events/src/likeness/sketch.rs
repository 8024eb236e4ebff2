//! What of a client is compared with others.

use super::names::{alike, leads, plain, same, words};
use super::{Likeness, Score, Sign};
use crate::client_events;
use crate::clients::{ClientAddress, ClientEmail, ClientEvent, ClientKind, ClientPhone};
use crate::{AddressId, Code, EmailId, Inn, Kpp, Personal, PhoneId, Requisites, RequisitesId, Website};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The longest key by which a client is found; what is longer is found by its beginning.
const KEY: usize = 200;

/// What every further sign adds to the strongest.
const FURTHER: u8 = 5;

/// Words of an address that tell nothing.
const SILENT: &[&str] = &[
    "россия",
    "г",
    "гор",
    "город",
    "ул",
    "улица",
    "д",
    "дом",
    "корп",
    "корпус",
    "к",
    "стр",
    "строение",
    "оф",
    "офис",
    "кв",
    "пом",
    "помещение",
    "обл",
    "область",
];

/// What of a client is compared with others; what is erased is not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// Whether it is a person, who has namesakes.
    person: bool,
    /// The words of its name.
    name: Vec<String>,
    region: Option<Code>,
    /// The host of its site.
    site: Option<String>,
    registrations: BTreeMap<RequisitesId, Registration>,
    /// E.164, and whether others use it too.
    phones: BTreeMap<PhoneId, (String, bool)>,
    emails: BTreeMap<EmailId, String>,
    addresses: BTreeMap<AddressId, String>,
}

/// What of a set of registration data is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Registration {
    inn: Option<Inn>,
    kpp: Option<Kpp>,
    address: Option<String>,
}

impl Sketch {
    /// Does to the look what the event does.
    pub fn change(&mut self, event: &ClientEvent) {
        match event {
            ClientEvent::Registered { .. } => self.register(event),
            ClientEvent::Corrected { kind, name, region, website, .. } => {
                self.person = kind.map_or(self.person, is_person);
                if let Some(name) = name {
                    self.name = name.get().map(|name| words(name.as_str())).unwrap_or_default();
                }
                region.apply(&mut self.region);
                website.clone().map(|site| host(&site)).apply(&mut self.site);
            }
            ClientEvent::PhoneAdded { phone, accept_duplicates: _ } => self.phone(phone),
            ClientEvent::PhoneRemoved { phone_id, reason: _ } => {
                self.phones.remove(phone_id);
            }
            ClientEvent::EmailAdded { email, accept_duplicates: _ } => self.email(email),
            ClientEvent::EmailRemoved { email_id, reason: _ } => {
                self.emails.remove(email_id);
            }
            ClientEvent::AddressAdded { address } => self.address(address),
            ClientEvent::AddressRemoved { address_id, reason: _ } => {
                self.addresses.remove(address_id);
            }
            ClientEvent::RequisitesSet { requisites, accept_duplicates: _ } => self.requisites(requisites),
            ClientEvent::RequisitesRemoved { requisites_id, reason: _ } => {
                self.registrations.remove(requisites_id);
            }
            ClientEvent::StatusChanged { .. }
            | client_events!(tags, managers, relations, consents, duplicates, merging, archive) => {}
        }
    }

    fn register(&mut self, event: &ClientEvent) {
        let ClientEvent::Registered {
            kind,
            name,
            region,
            website,
            requisites,
            phones,
            emails,
            addresses,
            ..
        } = event
        else {
            return;
        };
        self.person = is_person(*kind);
        self.name = name.get().map(|name| words(name.as_str())).unwrap_or_default();
        self.region.clone_from(region);
        self.site = website.as_ref().map(host);
        if let Some(set) = requisites {
            self.requisites(set);
        }
        for phone in phones {
            self.phone(phone);
        }
        for email in emails {
            self.email(email);
        }
        for address in addresses {
            self.address(address);
        }
    }

    fn phone(&mut self, phone: &ClientPhone) {
        if let Some(e164) = phone.number.get().and_then(|number| number.e164.clone()) {
            self.phones.insert(phone.id, (e164, phone.shared));
        }
    }

    fn email(&mut self, email: &ClientEmail) {
        if let Some(address) = email.address.get() {
            self.emails.insert(email.id, address.as_str().to_lowercase());
        }
    }

    fn address(&mut self, address: &ClientAddress) {
        if let Some(text) = address.text.get().and_then(|text| place(text.as_str())) {
            self.addresses.insert(address.id, text);
        }
    }

    fn requisites(&mut self, set: &Requisites) {
        let address = set.legal_address.as_ref().and_then(Personal::get);
        let registration = Registration {
            inn: set.inn.as_ref().and_then(Personal::get).cloned(),
            kpp: set.kpp.clone(),
            address: address.and_then(|text| place(text.as_str())),
        };
        self.registrations.insert(set.id, registration);
    }

    /// The keys by which clients that may be alike are found. Two that are alike share one, but for those who have only their
    /// names and region in common and whose names differ in how they sound.
    pub fn keys(&self) -> BTreeSet<String> {
        let inns =
            self.registrations.values().filter_map(|set| set.inn.as_ref()).map(|inn| format!("inn:{inn}"));
        let phones = self.phones.values().map(|(e164, _)| format!("phone:{e164}"));
        let emails = self.emails.values().map(|email| format!("email:{email}"));
        let places = self.places().into_iter().map(|place| format!("address:{place}"));
        let site = self.site.iter().map(|host| format!("site:{host}"));
        let region = self.region.iter().filter(|_| !self.person);
        let named = region.flat_map(|region| {
            leads(&self.name).into_iter().map(move |lead| format!("name:{region}:{lead}"))
        });
        let all = inns.chain(phones).chain(emails).chain(places).chain(site).chain(named);
        all.map(|key| key.chars().take(KEY).collect()).collect()
    }

    /// Whether the two look like one.
    pub fn likeness(&self, other: &Self) -> Option<Likeness> {
        let shared = self.shared_phones(other);
        let mut signs: Vec<(Sign, u8)> = vec![];
        signs.extend(self.same_inn(other).map(|weight| (Sign::Inn, weight)));
        signs.extend(shared.contains(&false).then_some((Sign::Phone, 85)));
        signs.extend(meet(self.emails.values(), other.emails.values()).then_some((Sign::Email, 85)));
        if alike(&self.name, &other.name) {
            let mut beside: Vec<(Sign, u8)> = vec![];
            let region =
                !self.person && !other.person && self.region.is_some() && self.region == other.region;
            beside.extend(region.then_some((Sign::Region, 0)));
            beside.extend(meet(self.places(), other.places()).then_some((Sign::Address, 0)));
            beside.extend(shared.contains(&true).then_some((Sign::SharedPhone, 0)));
            beside.extend((self.site.is_some() && self.site == other.site).then_some((Sign::Site, 0)));
            if !(signs.is_empty() && beside.is_empty()) {
                signs.push((Sign::Name, if same(&self.name, &other.name) { 70 } else { 60 }));
                signs.extend(beside);
            }
        }
        let strongest = signs.iter().map(|(_, weight)| *weight).max()?;
        let further = u8::try_from(signs.len() - 1).unwrap_or(u8::MAX).saturating_mul(FURTHER);
        let score = Score::try_from(strongest.saturating_add(further)).unwrap_or(Score::MAX);
        Some(Likeness { score, reasons: signs.into_iter().map(|(sign, _)| sign).collect() })
    }

    /// Whether the two look like one by a sign by which `before` did not look like `other`.
    pub fn newly_like(&self, before: Option<&Self>, other: &Self) -> Option<Likeness> {
        let now = self.likeness(other)?;
        let then =
            before.and_then(|before| before.likeness(other)).map(|then| then.reasons).unwrap_or_default();
        now.reasons.iter().any(|sign| !then.contains(sign)).then_some(now)
    }

    /// How much it tells that an INN is the same: a person's tells all, an organisation's no more than its KPP lets it.
    fn same_inn(&self, other: &Self) -> Option<u8> {
        let pairs = self.registrations.values().flat_map(|one| {
            other
                .registrations
                .values()
                .filter(|two| one.inn.is_some() && one.inn == two.inn)
                .map(move |two| (one, two))
        });
        pairs
            .filter_map(|(one, two)| match (&one.kpp, &two.kpp) {
                _ if one.inn.as_ref().is_some_and(|inn| inn.as_str().len() == 12) => Some(100),
                (Some(a), Some(b)) => (a == b).then_some(100),
                (None, None) => Some(100),
                (Some(_), None) | (None, Some(_)) => Some(90),
            })
            .max()
    }

    /// For each phone of both whether somebody else uses it too.
    fn shared_phones(&self, other: &Self) -> BTreeSet<bool> {
        let pairs = self.phones.values().flat_map(|(one, shared)| {
            other.phones.values().filter(move |(two, _)| one == two).map(move |(_, too)| *shared || *too)
        });
        pairs.collect()
    }

    fn places(&self) -> BTreeSet<&str> {
        let legal = self.registrations.values().filter_map(|set| set.address.as_deref());
        self.addresses.values().map(String::as_str).chain(legal).collect()
    }
}

fn meet<T: Ord>(one: impl IntoIterator<Item = T>, other: impl IntoIterator<Item = T>) -> bool {
    let one: BTreeSet<T> = one.into_iter().collect();
    other.into_iter().any(|value| one.contains(&value))
}

const fn is_person(kind: ClientKind) -> bool {
    match kind {
        ClientKind::Person | ClientKind::SelfEmployed | ClientKind::SoleTrader => true,
        ClientKind::Company | ClientKind::PublicBody => false,
    }
}

fn host(site: &Website) -> String {
    let rest = site.as_str().split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
}

/// An address without what tells nothing; none where nothing is left.
fn place(text: &str) -> Option<String> {
    let words: Vec<String> = plain(text).filter(|word| !SILENT.contains(&word.as_str())).collect();
    // A town alone is no address.
    (words.len() > 1).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;
