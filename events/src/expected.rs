//! What a field takes, in the words of a refusal: read off its JSON Schema, so that commands and questions say it alike.

use crate::{
    AccountNumber, Actor, Bik, Code, Color, Country, Day, DayTime, Email, Inn, Kpp, Language, Moment,
    Occurred, Ogrn, Text, TimeZone, Website,
};
use schemars::JsonSchema;
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// A format's name, and the check a text must pass or what is said of one that does not.
type Format = (&'static str, fn(&str) -> Result<(), String>);

/// Every string format of this crate's types with the parser that decides it.
pub fn formats() -> Vec<Format> {
    fn fits<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
        text.parse::<T>().map(|_| ()).map_err(|bad| bad.to_string())
    }
    vec![
        // How short and how long, the schema says itself.
        ("text", |text| if text.is_empty() { Ok(()) } else { fits::<Text<{ usize::MAX }>>(text) }),
        ("code", fits::<Code>),
        ("color", fits::<Color>),
        ("country", fits::<Country>),
        ("inn", fits::<Inn>),
        ("kpp", fits::<Kpp>),
        ("ogrn", fits::<Ogrn>),
        ("bik", fits::<Bik>),
        ("account", fits::<AccountNumber>),
        ("email", fits::<Email>),
        ("website", fits::<Website>),
        ("time-zone", fits::<TimeZone>),
        ("language", fits::<Language>),
        ("day", fits::<Day>),
        ("day-time", fits::<DayTime>),
        ("moment", fits::<Moment>),
        ("moment-or-day", fits::<Occurred>),
        ("actor", fits::<Actor>),
        ("uuid", |text| text.parse::<uuid::Uuid>().map(|_| ()).map_err(|_| BAD_ID.into())),
    ]
}

/// The most members of an object that are named.
const MEMBERS: usize = 3;

/// What is said of a text that is no id.
pub const BAD_ID: &str = "must be an id (a UUID), such as 01a20dfa-cebc-7570-b5d1-17a82b11c03e";

/// The values a schema lists, `null` apart; `None` where it lists none.
pub fn listed(schema: &Value) -> Option<Vec<&str>> {
    if let Some(only) = schema["const"].as_str() {
        return Some(vec![only]);
    }
    if let Some(values) = schema["enum"].as_array() {
        return Some(values.iter().filter_map(Value::as_str).collect());
    }
    let lists: Option<Vec<_>> = branches(schema)?.map(listed).collect();
    lists.map(|lists| lists.concat())
}

/// The texts a value can be, where its type lists them.
pub fn texts<T: JsonSchema>() -> Vec<String> {
    let schema = schemars::schema_for!(T);
    listed(schema.as_value()).into_iter().flatten().map(str::to_owned).collect()
}

/// What a schema takes, where that is not what it was given; `None` where it does not say.
pub fn expected(schema: &Value, given: &Value) -> Option<String> {
    if let Some(values) = listed(schema) {
        return Some(one_of(&values));
    }
    if let Some(branches) = branches(schema) {
        let mut all: Vec<String> = branches.filter_map(|branch| expected(branch, given)).collect();
        all.dedup();
        return Some(all.join(", or ").replace(", or must be ", " or ")).filter(|text| !text.is_empty());
    }
    let mut kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().collect(),
        kind => vec![kind],
    }
    .into_iter()
    .filter_map(Value::as_str);
    match (kinds.find(|kind| *kind != "null")?, given) {
        ("string", _) => {
            let said = formats().into_iter().find(|(name, _)| schema["format"] == **name);
            let said = said.and_then(|(_, fits)| fits(given.as_str().unwrap_or_default()).err());
            said.or_else(|| (!given.is_string()).then(|| "must be a text".into()))
        }
        ("integer", _) => Some(format!("must be a whole number{}", range(schema))),
        ("number", _) => Some(format!("must be a number{}", range(schema))),
        ("boolean", _) => Some("must be true or false".into()),
        ("array", _) => Some("must be a list, [ … ]".into()),
        ("object", _) => Some(format!("must be an object, {}", members(schema))),
        _ => None,
    }
}

/// What an object holds, where that is little enough to say.
fn members(schema: &Value) -> String {
    let names = schema["properties"].as_object().map(|members| members.keys().collect::<Vec<_>>());
    match names.filter(|names| (1..=MEMBERS).contains(&names.len())) {
        None => "{ … }".into(),
        Some(names) => {
            let all: Vec<String> = names.into_iter().map(|name| format!("\"{name}\": …")).collect();
            format!("{{ {} }}", all.join(", "))
        }
    }
}

/// What is said where one of these is expected.
pub fn one_of<T: Display>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    format!("must be {}{}", if values.len() > 1 { "one of " } else { "" }, values.join(", "))
}

/// The schemas of which one must hold, but for `null`.
fn branches(schema: &Value) -> Option<impl Iterator<Item = &Value>> {
    let branches = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())?;
    Some(branches.iter().filter(|branch| branch["type"] != "null"))
}

fn range(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!(", {least} to {most}"),
        (Value::Number(least), _) => format!(", {least} or more"),
        (_, Value::Number(most)) => format!(", {most} or less"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ClientKind;
    use crate::{Attribute, Text};
    use schemars::schema_for;
    use serde_json::json;

    fn told<T: JsonSchema>(given: &Value) -> Option<String> {
        expected(schema_for!(T).as_value(), given)
    }

    #[test]
    fn it_is_said_what_a_field_takes() {
        let x = json!("x");
        for (told, text) in [
            (
                told::<ClientKind>(&x),
                "must be one of company, sole_trader, self_employed, person, public_body",
            ),
            (told::<Option<Day>>(&x), "must be a day, such as 2026-03-01, in the years 1900 to 2200"),
            (told::<Day>(&json!(5)), "must be a day, such as 2026-03-01, in the years 1900 to 2200"),
            (told::<Text<9>>(&json!(5)), "must be a text"),
            (told::<Attribute>(&json!({})), "must be a text or a number or true or false"),
            (told::<bool>(&x), "must be true or false"),
            (told::<u64>(&x), "must be a whole number, 0 or more"),
            (told::<Option<Vec<String>>>(&x), "must be a list, [ … ]"),
        ] {
            assert_eq!(told.as_deref(), Some(text));
        }
        assert_eq!(told::<Day>(&json!("2026-03-01")), None);
    }
}
