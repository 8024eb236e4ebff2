//! Registration data: several sets per client, the first one the main.

use super::accepting::Accepting;
use super::error::ClientError;
use super::profile::Profile;
use crate::decider::Context;
use letopis_events::clients::ClientEvent;
use letopis_events::likeness::Acceptance;
use letopis_events::{
    BankAccount, Change, Inn, Kpp, Ogrn, Personal, Requisites, RequisitesId, Signatory, StreamId, Text,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Registration data as they are told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct RequisitesGiven {
    /// Taxpayer's number.
    pub inn: Option<Inn>,
    /// Reason for registration.
    pub kpp: Option<Kpp>,
    /// State registration number.
    pub ogrn: Option<Ogrn>,
    /// The full legal name.
    pub full_name: Option<Text<500>>,
    /// The address of registration.
    pub legal_address: Option<Text<500>>,
    /// Where they are paid.
    pub bank_account: Option<BankAccount>,
    /// Who signs.
    pub signatory: Option<Signatory>,
}

/// What changes in a set of registration data.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct RequisitesChange {
    /// Which set.
    pub requisites_id: RequisitesId,
    /// Taxpayer's number.
    #[serde(default)]
    pub inn: Change<Inn>,
    /// Reason for registration.
    #[serde(default)]
    pub kpp: Change<Kpp>,
    /// State registration number.
    #[serde(default)]
    pub ogrn: Change<Ogrn>,
    /// The full legal name.
    #[serde(default)]
    pub full_name: Change<Text<500>>,
    /// The address of registration.
    #[serde(default)]
    pub legal_address: Change<Text<500>>,
    /// Where they are paid.
    #[serde(default)]
    pub bank_account: Change<BankAccount>,
    /// Who signs.
    #[serde(default)]
    pub signatory: Change<Signatory>,
}

impl RequisitesGiven {
    /// What was told, of a recorded set.
    pub(super) fn of(requisites: &Requisites) -> Self {
        let Requisites { id: _, inn, kpp, ogrn, full_name, legal_address, bank_account, signatory } =
            requisites;
        Self {
            inn: open(inn.as_ref()),
            kpp: kpp.clone(),
            ogrn: open(ogrn.as_ref()),
            full_name: open(full_name.as_ref()),
            legal_address: open(legal_address.as_ref()),
            bank_account: open(bank_account.as_ref()),
            signatory: open(signatory.as_ref()),
        }
    }

    pub(super) fn record(self, id: RequisitesId, of: StreamId) -> Requisites {
        Requisites {
            id,
            inn: self.inn.map(|value| Personal::new(of, value)),
            kpp: self.kpp,
            ogrn: self.ogrn.map(|value| Personal::new(of, value)),
            full_name: self.full_name.map(|value| Personal::new(of, value)),
            legal_address: self.legal_address.map(|value| Personal::new(of, value)),
            bank_account: self.bank_account.map(|value| Personal::new(of, value)),
            signatory: self.signatory.map(|value| Personal::new(of, value)),
        }
    }
}

impl RequisitesChange {
    fn apply(self, set: &mut Requisites, of: StreamId) {
        fn personal<T: Clone>(change: Change<T>, field: &mut Option<Personal<T>>, of: StreamId) {
            change.map(|value| Personal::new(of, value)).apply(field);
        }
        personal(self.inn, &mut set.inn, of);
        self.kpp.apply(&mut set.kpp);
        personal(self.ogrn, &mut set.ogrn, of);
        personal(self.full_name, &mut set.full_name, of);
        personal(self.legal_address, &mut set.legal_address, of);
        personal(self.bank_account, &mut set.bank_account, of);
        personal(self.signatory, &mut set.signatory, of);
    }
}

fn open<T: Clone>(value: Option<&Personal<T>>) -> Option<T> {
    value.and_then(Personal::get).cloned()
}

impl Profile {
    pub(super) fn set_requisites(
        &self,
        given: Accepting<RequisitesGiven>,
        context: &Context<'_>,
    ) -> Vec<ClientEvent> {
        let Accepting { told: given, accept_duplicates } = given;
        let empty = given == RequisitesGiven::default();
        match self.requisites.first() {
            None if empty => vec![],
            None => added(given, accept_duplicates, context),
            Some(main) if empty => {
                vec![ClientEvent::RequisitesRemoved { requisites_id: main.id, reason: None }]
            }
            Some(main) => instead(main, given.record(main.id, context.stream), accept_duplicates),
        }
    }

    pub(super) fn add_requisites(
        &self,
        given: Accepting<RequisitesGiven>,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let Accepting { told: given, accept_duplicates } = given;
        if given == RequisitesGiven::default() {
            return Err(ClientError::Empty);
        }
        let so = self.requisites.iter().any(|set| RequisitesGiven::of(set) == given);
        Ok(if so { vec![] } else { added(given, accept_duplicates, context) })
    }

    pub(super) fn change_requisites(
        &self,
        change: Accepting<RequisitesChange>,
        context: &Context<'_>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        let Accepting { told: change, accept_duplicates } = change;
        let now = self.requisites(change.requisites_id)?;
        let mut after = now.clone();
        change.apply(&mut after, context.stream);
        Ok(instead(now, after, accept_duplicates))
    }

    pub(super) fn remove_requisites(
        &self,
        requisites_id: RequisitesId,
        reason: Option<Text<1000>>,
    ) -> Result<Vec<ClientEvent>, ClientError> {
        self.requisites(requisites_id)?;
        Ok(vec![ClientEvent::RequisitesRemoved { requisites_id, reason }])
    }

    /// Does to the sets what an event does.
    pub(super) fn exchange_requisites(&mut self, event: &ClientEvent) {
        if let ClientEvent::RequisitesSet { requisites, accept_duplicates: _ } = event {
            match self.requisites.iter_mut().find(|set| set.id == requisites.id) {
                Some(set) => *set = requisites.clone(),
                None => self.requisites.push(requisites.clone()),
            }
        } else if let ClientEvent::RequisitesRemoved { requisites_id, reason: _ } = event {
            self.requisites.retain(|set| set.id != *requisites_id);
        }
    }

    fn requisites(&self, id: RequisitesId) -> Result<&Requisites, ClientError> {
        self.requisites.iter().find(|set| set.id == id).ok_or(ClientError::NoSuch("/requisites_id"))
    }
}

fn added(
    given: RequisitesGiven,
    accept_duplicates: Option<Acceptance>,
    context: &Context<'_>,
) -> Vec<ClientEvent> {
    let requisites = given.record(RequisitesId((context.fresh)()), context.stream);
    vec![ClientEvent::RequisitesSet { requisites, accept_duplicates }]
}

fn instead(
    now: &Requisites,
    requisites: Requisites,
    accept_duplicates: Option<Acceptance>,
) -> Vec<ClientEvent> {
    if *now == requisites {
        vec![]
    } else {
        vec![ClientEvent::RequisitesSet { requisites, accept_duplicates }]
    }
}

#[cfg(test)]
mod tests;
