//! Moments and days within the range every table and every client can hold: years 1900 to 2200.

use crate::BadValue;
use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

const YEARS: RangeInclusive<i32> = 1900..=2200;
const BAD_MOMENT: BadValue = BadValue(
    "must be a moment with offset (RFC 3339), such as 2026-03-01T09:30:00+03:00, in the years 1900 to 2200",
);
const BAD_DAY: BadValue = BadValue("must be a day, such as 2026-03-01, in the years 1900 to 2200");
const BAD_DAY_TIME: BadValue = BadValue("must be a time of day to the minute, 00:00 to 24:00, such as 09:30");
const BAD_OCCURRED: BadValue = BadValue(
    "must be a moment with offset (RFC 3339), such as 2026-03-01T09:30:00+03:00, or a day, such as 2026-03-01, in the years 1900 to 2200",
);

macro_rules! time_value {
    ($name:ident, $format:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "format": $format})
            }
        }
    };
}

/// A moment, to the microsecond. Text form: RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);
time_value!(Moment, "moment");

impl Moment {
    /// The moment as chrono knows it.
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The day of this moment by UTC.
    pub fn day(self) -> Day {
        Day(self.0.date_naive())
    }
}

impl TryFrom<DateTime<Utc>> for Moment {
    type Error = BadValue;
    fn try_from(moment: DateTime<Utc>) -> Result<Self, BadValue> {
        // A leap second, which no database holds, becomes the second after it.
        let moment = DateTime::from_timestamp_micros(moment.timestamp_micros()).ok_or(BAD_MOMENT)?;
        YEARS.contains(&moment.year()).then_some(Self(moment)).ok_or(BAD_MOMENT)
    }
}

impl FromStr for Moment {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        DateTime::parse_from_rfc3339(text).map_err(|_| BAD_MOMENT)?.to_utc().try_into()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

/// A calendar day without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);
time_value!(Day, "day");

impl Day {
    /// The day as chrono knows it.
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// Noon UTC of the day, which is how a day stands in for a moment.
    pub fn noon(self) -> Moment {
        Moment(Utc.from_utc_datetime(&self.0.and_time(chrono::NaiveTime::MIN)) + chrono::TimeDelta::hours(12))
    }

    /// The first moment of the day by UTC.
    pub fn start(self) -> Moment {
        Moment(Utc.from_utc_datetime(&self.0.and_time(chrono::NaiveTime::MIN)))
    }
}

impl TryFrom<NaiveDate> for Day {
    type Error = BadValue;
    fn try_from(date: NaiveDate) -> Result<Self, BadValue> {
        YEARS.contains(&date.year()).then_some(Self(date)).ok_or(BAD_DAY)
    }
}

impl FromStr for Day {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        // chrono also accepts one-digit months and signs; a day has exactly ten characters.
        let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date = shape.then(|| text.parse::<NaiveDate>().ok()).flatten().ok_or(BAD_DAY)?;
        date.try_into()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);
time_value!(DayTime, "day-time");

impl DayTime {
    /// Minutes since midnight: 0 to 1440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// So many minutes after midnight: 0 to 1440.
    pub(crate) const fn at(minutes: u16) -> Self {
        Self(minutes)
    }
}

impl FromStr for DayTime {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        let shape = text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
        let (hours, minutes) = text.split_once(':').filter(|_| shape).ok_or(BAD_DAY_TIME)?;
        let (Ok(hours), Ok(minutes)) = (hours.parse::<u16>(), minutes.parse::<u16>()) else {
            return Err(BAD_DAY_TIME);
        };
        let time = hours.saturating_mul(60).saturating_add(minutes);
        if minutes < 60 && time <= 24 * 60 { Ok(Self(time)) } else { Err(BAD_DAY_TIME) }
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// When something happened, as told: a moment, or only the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurred {
    /// A moment with its offset.
    At(Moment),
    /// Only the day is known.
    On(Day),
}
time_value!(Occurred, "moment-or-day");

impl FromStr for Occurred {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        let day = text.parse().map(Self::On);
        day.or_else(|_| text.parse().map(Self::At)).map_err(|_: BadValue| BAD_OCCURRED)
    }
}

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) => moment.fmt(f),
            Self::On(day) => day.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        text.parse::<Moment>().map_or_else(|bad| bad.to_string(), |moment| moment.to_string())
    }

    #[test]
    fn a_moment_is_kept_to_the_microsecond() {
        assert_eq!(told("2026-03-01T09:30:00.1234567+03:00"), "2026-03-01T06:30:00.123456Z");
        assert_eq!(told("1900-01-01T00:00:00.0000019Z"), "1900-01-01T00:00:00.000001Z");
        assert_eq!(told("2200-12-31T23:59:59.9999999Z"), "2200-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_lies_outside_is_refused() {
        for text in
            ["1899-12-31T23:59:59.999999Z", "1900-01-01T00:00:00+00:01", "2201-01-01T00:00:00Z", "2026-03-01"]
        {
            assert_eq!(told(text), BAD_MOMENT.to_string(), "{text}");
        }
    }

    #[test]
    fn a_leap_second_is_the_second_after_it() {
        assert_eq!(told("2016-12-31T23:59:60.5Z"), "2017-01-01T00:00:00.500Z");
        assert_eq!(told("2200-12-31T23:59:60Z"), BAD_MOMENT.to_string());
    }
}
