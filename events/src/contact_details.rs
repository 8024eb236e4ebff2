//! How somebody is reached: phone numbers, e-mail addresses, sites, languages, zones, keys of other systems.

use crate::text::checked_text;
use crate::{BadValue, Code, Country, Text};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The text is no phone number in the region it was read in.
pub type BadPhone = BadValue;

/// A phone number as heard and, where it is one, in E.164 (`+` and at most 15 digits).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneNumber {
    /// As it was given.
    pub raw: Text<64>,
    /// The number the world knows, when `raw` is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<String>,
    /// The extension behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Text<16>>,
}

impl PhoneNumber {
    /// Reads `raw` as one dials it in `region`; an extension in the text counts where none is given apart.
    /// What is no number keeps its raw form alone.
    pub fn heard(raw: Text<64>, extension: Option<Text<16>>, region: &Country) -> Self {
        let region = region.as_str().parse::<Region>().ok();
        let read = PHONE_NUMBER_UTIL.parse(raw.as_str(), region).ok();
        let valid = read.filter(|n| PHONE_NUMBER_UTIL.is_valid_number(n));
        let within = valid.as_ref().and_then(|n| n.extension.as_deref().and_then(|text| text.parse().ok()));
        let e164 = valid.map(|n| PHONE_NUMBER_UTIL.format(&n, PhoneNumberFormat::E164).into_owned());
        Self { raw, e164, extension: extension.or(within) }
    }

    /// Where dialling it leads, however it is written.
    pub fn reaches(&self) -> (Option<&str>, Option<&Text<16>>) {
        (self.e164.as_deref(), self.extension.as_ref())
    }

    /// As `heard`, but refuses what is no number.
    pub fn known(raw: Text<64>, extension: Option<Text<16>>, region: &Country) -> Result<Self, BadPhone> {
        let number = Self::heard(raw, extension, region);
        if number.e164.is_none() {
            return Err(BadValue("must be a phone number, such as +7 495 123-45-67"));
        }
        Ok(number)
    }
}

checked_text!(
    /// An e-mail address, its domain in lower case.
    Email, "email", 254, |text| {
        const BAD: BadValue = BadValue("must be an e-mail address, such as name@example.org");
        let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
        let (local, domain) = text.rsplit_once('@').ok_or(BAD)?;
        let dotted = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        // Lower case can be longer, and what is stored must be read again.
        let address = format!("{local}@{}", domain.to_lowercase());
        let fits = address.len() <= 254 && local.len() <= 64 && plain(local) && plain(domain) && dotted;
        fits.then_some(address).ok_or(BAD)
    }
);

impl Email {
    /// Whether both lead to one mailbox: no mail server of today tells capitals apart.
    pub fn same(&self, other: &Self) -> bool {
        self.as_str().to_lowercase() == other.as_str().to_lowercase()
    }
}

checked_text!(
    /// An address on the web, with http or https.
    Website, "website", 2000, |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let fits = text.chars().count() <= 2000
            && rest.is_some_and(|r| !r.is_empty() && !r.contains(|c: char| c.is_whitespace() || c.is_control()));
        fits.then(|| text.into()).ok_or(BadValue("must be an address on the web, such as https://example.org"))
    }
);

checked_text!(
    /// A zone of the IANA time zone database.
    TimeZone, "time-zone", 64, |text| {
        text.parse::<chrono_tz::Tz>()
            .map(|zone| zone.name().into())
            .map_err(|_| BadValue("must be a time zone of the IANA database, such as Europe/Moscow"))
    }
);

impl TimeZone {
    /// The zone as chrono knows it.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.as_str().parse().unwrap_or(chrono_tz::UTC)
    }
}

/// The company's zone, where nobody names another.
impl Default for TimeZone {
    fn default() -> Self {
        Self("Europe/Moscow".into())
    }
}

checked_text!(
    /// A language by its two or three letters (ISO 639).
    Language, "language", 3, |text| {
        let fits = (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
        fits.then(|| text.into()).ok_or(BadValue("must be a language code, such as ru or en"))
    }
);

/// The key another system has for a thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct ExternalId {
    /// The other system.
    pub source: Code,
    /// Its key.
    pub id: Text<200>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(raw: &str) -> PhoneNumber {
        PhoneNumber::heard(raw.parse().unwrap(), None, &Country::default())
    }

    #[test]
    fn russian_manners_of_writing_give_one_number() {
        for raw in ["+7 495 123-45-67", "8 (495) 123-45-67", "84951234567", "495 1234567"] {
            assert_eq!(heard(raw).e164.as_deref(), Some("+74951234567"), "{raw}");
        }
        assert_eq!(heard("8-800-555-35-35").e164.as_deref(), Some("+78005553535"));
        let extended = heard("+7 495 123-45-67 доб. 12");
        assert_eq!(extended.extension.as_ref().map(Text::as_str), Some("12"));
    }

    #[test]
    fn what_is_no_number_is_kept_as_heard() {
        let hidden = heard("hidden");
        assert_eq!((hidden.raw.as_str(), hidden.e164), ("hidden", None));
    }

    #[test]
    fn addresses() {
        assert_eq!("Anna@Example.ORG".parse::<Email>().unwrap().as_str(), "Anna@example.org");
        for bad in ["", "a", "a@b", "a b@c.org", "a@@b.org", "a@.org"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_no_longer_than_it_is_stored() {
        for letters in [1, 50, 83, 84, 126, 200] {
            // Two bytes each, three in lower case.
            let address = format!("a@{}.org", "\u{130}".repeat(letters)).parse::<Email>();
            assert_eq!(address.is_ok(), letters <= 82, "{letters}");
            assert!(address.is_ok_and(|a| a.as_str().parse().as_ref() == Ok(&a)) == (letters <= 82));
        }
    }
}
