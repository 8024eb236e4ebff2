//! What a field can be compared with, by the type of its column.

use super::MOST_VALUES;
use crate::dictionaries::AskedCode;
use crate::problem::Problem;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use letopis_events::{BAD_ID, BadValue, Country, Day, Occurred, PhoneNumber, one_of};
use letopis_projections::engine::{Field, Values};
use uuid::Uuid;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text or a code.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A moment.
    Moment,
    /// A day.
    Day,
    /// An id.
    Id,
    /// Several codes.
    Codes,
    /// Several ids.
    Ids,
    /// Something with a shape of its own.
    Json,
}

impl Kind {
    /// What a column of this SQL type holds.
    pub fn of(sql: &str) -> Self {
        match sql {
            "bigint" => Self::Integer,
            "boolean" => Self::Boolean,
            "timestamptz" => Self::Moment,
            "date" => Self::Day,
            "uuid" => Self::Id,
            "text[]" => Self::Codes,
            "uuid[]" => Self::Ids,
            "jsonb" => Self::Json,
            _ => Self::Text,
        }
    }

    /// As it is told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Moment => "moment",
            Self::Day => "day",
            Self::Id => "id",
            Self::Codes => "codes",
            Self::Ids => "ids",
            Self::Json => "json",
        }
    }

    /// Whether rows can be sorted by it.
    pub const fn ordered(self) -> bool {
        match self {
            Self::Text | Self::Integer | Self::Boolean | Self::Moment | Self::Day | Self::Id => true,
            Self::Codes | Self::Ids | Self::Json => false,
        }
    }

    /// Whether it holds several values.
    pub(super) const fn several(self) -> bool {
        matches!(self, Self::Codes | Self::Ids)
    }

    /// Whether it can lie in a range.
    const fn ranged(self) -> bool {
        matches!(self, Self::Integer | Self::Moment | Self::Day)
    }

    /// A value as PostgreSQL reads it, or what is wrong with it.
    pub(super) fn value(self, text: &str) -> Result<String, &'static str> {
        match self {
            Self::Text | Self::Codes if text.contains('\0') => Err("must not hold the character U+0000"),
            Self::Text | Self::Codes => Ok(text.to_owned()),
            Self::Integer => text.parse::<i64>().map(|n| n.to_string()).map_err(|_| "must be a whole number"),
            Self::Boolean => match text {
                "true" | "false" => Ok(text.to_owned()),
                _ => Err("must be true or false"),
            },
            Self::Moment => span(text).map(|(from, _)| from),
            Self::Day => text.parse::<Day>().map(|day| day.to_string()).map_err(|bad| bad.0),
            Self::Id | Self::Ids => text.parse::<Uuid>().map(|id| id.to_string()).map_err(|_| BAD_ID),
            Self::Json => Err("can only be null or any"),
        }
    }

    /// Whether the one value stands before the other, both as PostgreSQL reads them.
    fn before(self, one: &str, other: &str) -> bool {
        match self {
            Self::Integer => one.parse::<i64>().ok() < other.parse::<i64>().ok(),
            _ => one < other,
        }
    }
}

/// What a moment or a day takes, from inclusive, to exclusive: a microsecond, or all of the day by UTC.
fn span(text: &str) -> Result<(String, String), &'static str> {
    let told = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let (from, length) = match text.parse().map_err(|bad: BadValue| bad.0)? {
        Occurred::At(moment) => (moment.utc(), TimeDelta::microseconds(1)),
        Occurred::On(day) => (day.start().utc(), TimeDelta::days(1)),
    };
    Ok((told(from), told(from + length)))
}

/// In what manners of writing a field's values are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// A phone number, as people write it; what is none is compared as it is.
    Phone,
    /// An e-mail address, in capitals or not.
    Email,
}

impl Alike {
    /// How that is told beside the ways a field can be asked.
    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::Phone => "; however written",
            Self::Email => "; in capitals or not",
        }
    }
}

/// The number as the world knows it, if it is one; a `+` that a query turned into a space counts as one.
pub(crate) fn heard(text: &str) -> Option<String> {
    PhoneNumber::heard(text.trim().parse().ok()?, None, &Country::default()).e164
}

/// What a field must be like.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// Has no value.
    Null,
    /// Has a value.
    Any,
    /// Is, or holds, one of these.
    OneOf(Vec<String>),
    /// Lies within one of these: from inclusive, to exclusive.
    Within(Vec<(Option<String>, Option<String>)>),
}

/// A condition on one field.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) field: Field,
    pub(super) alike: Option<Alike>,
    pub(super) asked: Asked,
}

impl Condition {
    /// Reads a parameter's value.
    pub(super) fn read(field: &Field, alike: Option<Alike>, text: &str) -> Result<Self, Problem> {
        let kind = Kind::of(field.sql);
        let bad = |what: &str| Problem::parameter(field.name, what);
        let value = |text: &str| match alike {
            Some(Alike::Phone) => Ok(heard(text).unwrap_or_else(|| text.to_owned())),
            Some(Alike::Email) | None => kind.value(text).map_err(bad),
        };
        let asked = match (text, text.split_once("..")) {
            ("null", _) => Asked::Null,
            ("any", _) => Asked::Any,
            (_, Some((from, to))) if kind.ranged() => {
                let bound = |text: &str| Some(text).filter(|text| !text.is_empty()).map(value).transpose();
                let (from, to) = (bound(from)?, bound(to)?);
                match (&from, &to) {
                    (None, None) => return Err(bad("a range has a beginning or an end")),
                    (Some(from), Some(to)) if !kind.before(from, to) => {
                        return Err(bad("must be a range that begins before it ends; its end is not in it"));
                    }
                    _ => Asked::Within(vec![(from, to)]),
                }
            }
            _ => {
                let values = split(text);
                if values.len() > MOST_VALUES {
                    return Err(bad("is compared with 100 values at most"));
                }
                if kind == Kind::Moment {
                    let whole = |text: &String| span(text).map(|(from, to)| (Some(from), Some(to)));
                    Asked::Within(values.iter().map(whole).collect::<Result<_, _>>().map_err(bad)?)
                } else {
                    Asked::OneOf(values.iter().map(|text| value(text)).collect::<Result<_, _>>()?)
                }
            }
        };
        if let Asked::OneOf(values) = &asked {
            let listed = if let Values::Listed(listed) = field.values { listed() } else { values.clone() };
            if !values.iter().all(|value| listed.contains(value)) {
                return Err(Problem::parameter(field.name, one_of(&listed)));
            }
        }
        Ok(Self { field: *field, alike, asked })
    }

    /// The codes of a dictionary it asks for.
    pub(super) fn codes(&self) -> Vec<AskedCode<'_>> {
        match (self.field.values, &self.asked) {
            (Values::Codes(of), Asked::OneOf(codes)) => {
                codes.iter().map(|code| AskedCode { parameter: self.field.name, of, code }).collect()
            }
            (Values::Codes(_) | Values::Listed(_) | Values::Any, _) => vec![],
        }
    }
}

/// The parts between commas; `\,` is a comma within a part.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let (end, part) = match character {
            ',' => (true, None),
            '\\' => (false, characters.next()),
            other => (false, Some(other)),
        };
        if end {
            parts.push(String::new());
        } else if let (Some(last), Some(part)) = (parts.last_mut(), part) {
            last.push(part);
        }
    }
    parts
}

/// How a field can be asked.
pub(super) fn operators(field: &Field) -> Vec<&'static str> {
    let kind = Kind::of(field.sql);
    let mut operators = if kind == Kind::Json { vec![] } else { vec!["is", "one_of"] };
    if kind.ranged() {
        operators.push("within");
    }
    if field.nullable {
        operators.extend(["null", "any"]);
    }
    operators
}

/// How its parameter is written.
pub(super) fn manner(field: &Field) -> String {
    let manners = operators(field).into_iter().map(|operator| match operator {
        "is" if Kind::of(field.sql) == Kind::Moment => "`value` (of a day: all of it, UTC)",
        "is" => "`value`",
        "one_of" => "`a,b` (any of these)",
        "within" => "`from..to` (from inclusive, to exclusive)",
        "null" => "`null`",
        _ => "`any` (has a value)",
    });
    let manners = manners.collect::<Vec<_>>().join(", ");
    match field.values {
        Values::Any => manners,
        Values::Listed(listed) => format!("{manners}; values: {}", listed().join(", ")),
        Values::Codes(of) => format!("{manners}; values: codes of the dictionary {}", of.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use letopis_events::interactions::Direction;

    fn asked(sql: &'static str, text: &str) -> Result<Asked, Problem> {
        let field = Field { sql, ..Field::of::<Option<String>>("f") };
        Condition::read(&field, None, text).map(|condition| condition.asked)
    }

    fn within<const N: usize>(spans: [(&str, &str); N]) -> Asked {
        Asked::Within(
            spans.map(|(from, to)| (Some(from.to_owned()), Some(to.to_owned()))).into_iter().collect(),
        )
    }

    #[test]
    fn values_sets_and_ranges_are_told_apart() {
        assert_eq!(asked("text", r"a,b\,c").unwrap(), Asked::OneOf(vec!["a".into(), "b,c".into()]));
        assert_eq!(asked("text", "1..2").unwrap(), Asked::OneOf(vec!["1..2".into()]));
        assert_eq!(asked("bigint", "3..").unwrap(), Asked::Within(vec![(Some("3".to_owned()), None)]));
        assert_eq!(
            asked("timestamptz", "2026-01-01..2026-02-01T03:00:00+03:00").unwrap(),
            within([("2026-01-01T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z")])
        );
        assert_eq!(
            asked("timestamptz", "2026-01-01,2026-02-01T03:00:00+03:00").unwrap(),
            within([
                ("2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z"),
                ("2026-02-01T00:00:00.000000Z", "2026-02-01T00:00:00.000001Z"),
            ])
        );
        assert!(asked("bigint", "9..10").is_ok() && asked("bigint", "-10..-9").is_ok());
        assert_eq!(
            (asked("date", "null").unwrap(), asked("jsonb", "any").unwrap()),
            (Asked::Null, Asked::Any)
        );
    }

    #[test]
    fn a_number_is_one_however_it_is_written() {
        let field = Field::of::<Option<String>>("f");
        let condition = Condition::read(&field, Some(Alike::Phone), "89161002751, 7 916 100-27-51,1234");
        let numbers = ["+79161002751", "+79161002751", "1234"].map(str::to_owned).to_vec();
        assert_eq!(condition.unwrap().asked, Asked::OneOf(numbers));
    }

    #[test]
    fn a_value_that_is_not_listed_is_refused() {
        let field = Field::of::<Option<Direction>>("direction");
        assert!(
            Condition::read(&field, None, "in,out").is_ok() && Condition::read(&field, None, "null").is_ok()
        );
        let problem = Condition::read(&field, None, "in,up").unwrap_err();
        assert_eq!(problem.errors[0].message, "must be one of in, out");
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let many = "1,".repeat(MOST_VALUES) + "1";
        for (sql, text) in [
            ("bigint", "x"),
            ("bigint", ".."),
            ("bigint", &many),
            ("date", "2026-1-1"),
            ("date", "2026-01-01..x"),
            ("date", "2026-01-02..2026-01-01"),
            ("bigint", "100..50"),
            ("bigint", "10..9"),
            ("timestamptz", "2026-11-26..2026-11-25"),
            ("timestamptz", "2026-11-26..2026-11-26"),
            ("boolean", "yes"),
            ("uuid", "x"),
            ("uuid[]", "x"),
            ("timestamptz", "yesterday"),
            ("jsonb", "{}"),
        ] {
            let problem = asked(sql, text).unwrap_err();
            assert_eq!((problem.status, problem.errors[0].path.as_str()), (400, "f"), "{sql} {text}");
        }
    }
}
