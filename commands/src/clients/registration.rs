//! A client enters the client base.

use super::duplicates::accepted;
use super::error::ClientError;
use super::given::{AddressGiven, EmailGiven, PhoneGiven};
use super::parents;
use super::profile::Profile;
use super::requisites::RequisitesGiven;
use crate::decider::{Context, Seen};
use crate::form::List;
use letopis_events::clients::{ClientEvent, ClientKind, ClientStatus};
use letopis_events::likeness::Acceptance;
use letopis_events::{
    Attributes, ClientId, Code, Country, ExternalId, Language, Personal, RequisitesId, Text, TimeZone,
    Website,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A client as it is registered.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Registration {
    /// What they are.
    pub kind: ClientKind,
    /// What they are called.
    pub name: Text<200>,
    /// How far the relationship has come.
    pub status: Option<ClientStatus>,
    /// Country; RU where absent.
    pub country: Option<Country>,
    /// Registration data.
    pub requisites: Option<RequisitesGiven>,
    /// Line of business.
    pub industry: Option<Code>,
    /// Size.
    pub size: Option<Code>,
    /// Region.
    pub region: Option<Code>,
    /// How they found us.
    pub channel: Option<Code>,
    /// Site.
    pub website: Option<Website>,
    /// What else is worth knowing.
    pub about: Option<Text<4000>>,
    /// Zone they live in.
    pub time_zone: Option<TimeZone>,
    /// Language they speak.
    pub language: Option<Language>,
    /// The company they belong to.
    pub parent_client_id: Option<ClientId>,
    /// Phones.
    #[serde(default)]
    pub phones: List<PhoneGiven>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: List<EmailGiven>,
    /// Postal addresses.
    #[serde(default)]
    pub addresses: List<AddressGiven>,
    /// Tags.
    #[serde(default)]
    pub tags: List<Code>,
    /// Free fields.
    pub attributes: Option<Attributes>,
    /// Key in another system.
    pub external: Option<ExternalId>,
    /// Why although they look like another client.
    pub accept_duplicates: Option<Acceptance>,
}

/// A client enters the client base.
pub(super) fn register(
    given: Registration,
    seen: &Seen,
    context: &Context<'_>,
) -> Result<Vec<ClientEvent>, ClientError> {
    let own = context.stream;
    if let Some(parent) = given.parent_client_id {
        parents::check(parent, seen, own)?;
    }
    let country = given.country.unwrap_or_default();
    let phones = given.phones.0.into_iter().enumerate();
    let phones = phones
        .map(|(index, phone)| phone.record(&country, context, &format!("/phones/{index}/number")))
        .collect::<Result<_, _>>()?;
    let requisites = given.requisites.filter(|given| *given != RequisitesGiven::default());
    Ok(vec![ClientEvent::Registered {
        kind: given.kind,
        name: Personal::new(own, given.name),
        status: given.status.unwrap_or_default(),
        country,
        requisites: requisites.map(|given| Box::new(given.record(RequisitesId((context.fresh)()), own))),
        industry: given.industry,
        size: given.size,
        region: given.region,
        channel: given.channel,
        website: given.website,
        about: given.about.map(|about| Personal::new(own, about)),
        time_zone: given.time_zone,
        language: given.language,
        parent_client_id: given.parent_client_id,
        phones,
        emails: given.emails.0.into_iter().map(|email| email.record(context)).collect(),
        addresses: given.addresses.0.into_iter().map(|address| address.record(context)).collect(),
        tags: given.tags.0.into_iter().collect(),
        attributes: given.attributes.map(|attributes| Personal::new(own, attributes)),
        external: given.external,
        accept_duplicates: accepted(given.accept_duplicates, context),
    }])
}

/// Whether what was sent is what was recorded then.
pub(super) fn repeats(sent: &Registration, then: &Profile) -> bool {
    let told = then.requisites.first().map(RequisitesGiven::of).unwrap_or_default();
    then.kind == sent.kind
        && then.name.get() == Some(&sent.name)
        && then.status == sent.status.unwrap_or_default()
        && then.country == sent.country.clone().unwrap_or_default()
        && told == sent.requisites.clone().unwrap_or_default()
        && then.industry == sent.industry
        && then.size == sent.size
        && then.region == sent.region
        && then.channel == sent.channel
        && then.website == sent.website
        && then.about.as_ref().and_then(Personal::get) == sent.about.as_ref()
        && then.time_zone == sent.time_zone
        && then.language == sent.language
        && then.parent == sent.parent_client_id
        && then
            .phones
            .iter()
            .map(|p| (p.number.get().map(|n| (&n.raw, &n.extension)), &p.kind, p.shared))
            .eq(sent.phones.0.iter().map(|p| (Some((&p.number, &p.extension)), &p.kind, p.shared)))
        && then.emails.iter().map(|e| (e.address.get(), &e.kind)).eq(sent
            .emails
            .0
            .iter()
            .map(|e| (Some(&e.address), &e.kind)))
        && then.addresses.iter().map(|a| (&a.kind, a.text.get())).eq(sent
            .addresses
            .0
            .iter()
            .map(|a| (&a.kind, Some(&a.text))))
        && then.tags == sent.tags.0.iter().cloned().collect()
        && then.attributes == sent.attributes.clone().unwrap_or_default()
}
