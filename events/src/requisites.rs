//! Registration numbers of Russian organisations, with their checksums.

use crate::text::checked_text;
use crate::{BadValue, BankAccount, Personal, RequisitesId, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
}

checked_text!(
    /// A taxpayer's number: 10 digits for an organisation, 12 for a person. Check digits by the order of the
    /// Federal Tax Service of 29 June 2012, N MMV-7-6/435@.
    Inn, "inn", 12, |text| {
        const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
        let fits = digits(text).is_some_and(|d| match d.len() {
            10 => weighted(&d, &WEIGHTS[2..]) == d[9],
            12 => weighted(&d, &WEIGHTS[1..]) == d[10] && weighted(&d, &WEIGHTS) == d[11],
            _ => false,
        });
        fits.then(|| text.into()).ok_or(BadValue("must be an INN: 10 or 12 digits with valid check digits, such as 7707083893"))
    }
);

checked_text!(
    /// The reason for registration: 4 digits of the tax office, 2 letters or digits, 3 digits.
    Kpp, "kpp", 9, |text| {
        let b = text.as_bytes();
        let fits = b.len() == 9
            && b[..4].iter().chain(&b[6..]).all(u8::is_ascii_digit)
            && b[4..6].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        fits.then(|| text.into()).ok_or(BadValue("must be a KPP: 9 characters such as 770701001"))
    }
);

checked_text!(
    /// The state registration number: 13 digits for an organisation, 15 for a sole trader; the last is the rest of
    /// the division of the others by 11 or 13, modulo 10 (order of the Ministry of Finance of 30 October 2017, N 165n).
    Ogrn, "ogrn", 15, |text| {
        let fits = match (text.len(), text.bytes().all(|b| b.is_ascii_digit())) {
            (13, true) => ends_with_rest(text, 11),
            (15, true) => ends_with_rest(text, 13),
            _ => false,
        };
        fits.then(|| text.into()).ok_or(BadValue("must be an OGRN: 13 or 15 digits with a valid check digit, such as 1027700132195"))
    }
);

fn ends_with_rest(text: &str, divisor: u64) -> bool {
    text.parse::<u64>().is_ok_and(|number| number / 10 % divisor % 10 == number % 10)
}

/// Who signs for a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Signatory {
    /// Name, as it stands in contracts.
    pub name: Text<200>,
    /// Position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Text<200>>,
    /// On what ground: the articles, a power of attorney.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Text<500>>,
}

/// A set of a client's registration data: of the company itself, of a branch, of an account. A field that is not known is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requisites {
    /// Its id.
    pub id: RequisitesId,
    /// Taxpayer's number; a person's own where the client is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inn: Option<Personal<Inn>>,
    /// Reason for registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kpp: Option<Kpp>,
    /// State registration number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ogrn: Option<Personal<Ogrn>>,
    /// The full legal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<Personal<Text<500>>>,
    /// The address of registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_address: Option<Personal<Text<500>>>,
    /// Where they are paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<Personal<BankAccount>>,
    /// Who signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory: Option<Personal<Signatory>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_pass_and_a_changed_digit_fails() {
        for good in ["7707083893", "7736050003", "500100732259"] {
            assert!(good.parse::<Inn>().is_ok(), "{good}");
        }
        for bad in ["7707083894", "500100732258", "", "77070838", "770708389a"] {
            assert!(bad.parse::<Inn>().is_err(), "{bad}");
        }
        assert!("1027700132195".parse::<Ogrn>().is_ok());
        assert!("1027700132196".parse::<Ogrn>().is_err());
        assert!("304500116000157".parse::<Ogrn>().is_ok());
        assert!("770701001".parse::<Kpp>().is_ok());
        assert!("77070100".parse::<Kpp>().is_err());
    }
}
