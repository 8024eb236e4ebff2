//! Accounts at Russian banks, with their check digits.

use crate::text::checked_text;
use crate::{BadValue, Text};
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

checked_text!(
    /// A bank's identification code: 9 digits (Bank of Russia, regulation of 10 January 2022, N 787-P).
    Bik, "bik", 9, |text| {
        let fits = text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.into()).ok_or(BadValue("must be a BIK: 9 digits, such as 044525225"))
    }
);

checked_text!(
    /// The number of an account at a bank: 20 digits; whether the key among them is right depends on the bank.
    AccountNumber, "account", 20, |text| {
        let fits = text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.into()).ok_or(BadValue("must be the number of an account: 20 digits, such as 40702810900000000001"))
    }
);

impl Bik {
    /// The bank's number by which keys of its clients' accounts are made: its last three digits. The subdivisions of the Bank of
    /// Russia, which have 000 to 002 there, go by their own number, as in accounts of banks.
    fn of_clients(&self) -> String {
        let last = &self.as_str()[6..];
        if matches!(last, "000" | "001" | "002") { self.of_banks() } else { last.to_owned() }
    }

    /// The number of the Bank of Russia's subdivision, by which keys of banks' accounts there are made: digits 5 and 6 behind a zero.
    fn of_banks(&self) -> String {
        format!("0{}", &self.as_str()[4..6])
    }
}

impl AccountNumber {
    /// Whether the key, the ninth digit, fits the bank's number before it: the digits of both by the weights 7, 1, 3, again and
    /// again, give a sum that ends in zero (Bank of Russia, order of calculating the key of an account number, 8 September 1997,
    /// N 515). Accounts of the Treasury's own plan, which begin with zero, have no key.
    fn fits(&self, bank: &str) -> bool {
        let digits = bank.bytes().chain(self.0.bytes()).map(|digit| u32::from(digit - b'0'));
        let sum: u32 =
            digits.zip([7, 1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
        self.0.starts_with('0') || sum.is_multiple_of(10)
    }
}

/// An account at a Russian bank. It cannot be made with a key that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct BankAccount {
    /// Its number.
    pub account: AccountNumber,
    /// The bank.
    pub bik: Bik,
    /// The bank's own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correspondent_account: Option<AccountNumber>,
    /// What the bank is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<Text<200>>,
}

/// An account whose keys have not been looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    account: AccountNumber,
    bik: Bik,
    correspondent_account: Option<AccountNumber>,
    bank_name: Option<Text<200>>,
}

impl<'de> Deserialize<'de> for BankAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Told { account, bik, correspondent_account, bank_name } = Told::deserialize(deserializer)?;
        let wrong = |whose: &str| {
            D::Error::custom(format!("the {whose}'s key does not fit this BIK: one of their digits is wrong"))
        };
        if !account.fits(&bik.of_clients()) {
            return Err(wrong("account"));
        }
        if correspondent_account.as_ref().is_some_and(|account| !account.fits(&bik.of_banks())) {
            return Err(wrong("correspondent account"));
        }
        Ok(Self { account, bik, correspondent_account, bank_name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn account(account: &str, bik: &str, correspondent: Option<&str>) -> Result<BankAccount, String> {
        let told = json!({"account": account, "bik": bik, "correspondent_account": correspondent});
        serde_json::from_value(told).map_err(|error| error.to_string())
    }

    #[test]
    fn the_examples_of_the_order_and_known_banks_fit() {
        for (number, bik, correspondent) in [
            // Example 3 of the order, with the bank's account of example 1.
            ("40602810700000000025", "049805746", Some("30101810800000000746")),
            // Sberbank.
            ("40702810938000000001", "044525225", Some("30101810400000000225")),
            ("40702810638050013199", "044525225", None),
            // The Treasury in Tula: its single account stands at the Bank of Russia.
            ("03100643000000018500", "017003983", Some("40102810445370000059")),
            // A budget's account at the Bank of Russia's own subdivision.
            ("40101810045250010041", "044525000", None),
        ] {
            assert_eq!(account(number, bik, correspondent).err(), None, "{number} {bik}");
        }
    }

    #[test]
    fn a_changed_digit_is_told() {
        assert!(
            account("40702810938000000002", "044525225", None).unwrap_err().contains("the account's key")
        );
        assert!(
            account("40702810938000000001", "044525226", None).unwrap_err().contains("the account's key")
        );
        let correspondent = account("40702810938000000001", "044525225", Some("30101810500000000225"));
        assert!(correspondent.unwrap_err().contains("correspondent"));
        for (number, bik) in [("4070281093800000000", "044525225"), ("40702810938000000001", "04452522x")] {
            assert!(account(number, bik, None).unwrap_err().contains("digits"));
        }
    }

    #[test]
    fn a_stored_account_is_written_as_it_was() {
        let text = r#"{"account":"40702810938000000001","bik":"044525225","bank_name":"ПАО Сбербанк"}"#;
        let read: BankAccount = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
