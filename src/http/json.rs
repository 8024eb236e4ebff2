//! A body's JSON as it was meant: a field that stands twice is refused, for nobody knows which of the two counts.

use super::refusal::invalid;
use letopis_commands::FieldFault;
use letopis_commands::form::pointer;
use letopis_query_api::problem::{Kind, Problem};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a body.
pub fn parsed(bytes: &[u8]) -> Result<Value, Problem> {
    let refused = match serde_json::from_slice(bytes) {
        Ok(Once(value)) => return Ok(value),
        Err(error) => error,
    };
    if bytes.trim_ascii().is_empty() {
        return Err(Problem::new(Kind::MalformedBody, "the body is empty; send a JSON object, {} at least"));
    }
    // Read again to learn where it stands.
    let again: Result<Once, _> =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(bytes));
    match again {
        Err(error) if refused.is_data() => {
            let message = TWICE.to_owned();
            let path = pointer(error.path().iter());
            Err(invalid(&[FieldFault { path, code: "duplicate_field", message }]))
        }
        Ok(_) | Err(_) => Err(Problem::new(Kind::MalformedBody, format!("no JSON: {refused}"))),
    }
}

/// What is said of a field that stands twice.
const TWICE: &str = "this field stands twice";

/// A value in which no field stands twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }
    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once(Value::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Once, E> {
        Ok(Once(value.into()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Once, E> {
        Ok(Once(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Once, E> {
        Ok(Once(value.into()))
    }
    fn visit_string<E>(self, value: String) -> Result<Once, E> {
        Ok(Once(value.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Once, A::Error> {
        let mut values = vec![];
        while let Some(Once(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Once(Value::Array(values)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Once, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if fields.contains_key(&name) {
                object.next_value_seed(Twice)?;
            }
            let Once(value) = object.next_value()?;
            fields.insert(name, value);
        }
        Ok(Once(Value::Object(fields)))
    }
}

/// Refuses the value of a field that stood there already: in its place, so that the path is that of the field.
struct Twice;

impl<'de> DeserializeSeed<'de> for Twice {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::custom(TWICE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_once_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,1.5,1e300,null,true,"\u0416"],"b":{"a":{},"":[]},"n":18446744073709551615}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parsed(text.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn what_stands_twice_is_named() {
        for (text, path) in [
            (r#"{"kind":"person","kind":"company"}"#, "/kind"),
            (r#"{"phones":[{"number":"1"},{"number":"1","n\u0075mber":"2"}]}"#, "/phones/1/number"),
            (r#"[{"a/b":{"x":1,"x":1}}]"#, "/0/a~1b/x"),
        ] {
            let problem = parsed(text.as_bytes()).unwrap_err();
            assert_eq!((problem.status, problem.code.as_ref()), (422, "invalid"));
            assert_eq!(problem.errors[0].path, path);
            assert_eq!(problem.errors[0].code, "duplicate_field");
        }
        for text in ["", "{", r#"{"a":1,}"#, r#"{"a":"\ud800"}"#] {
            assert_eq!(parsed(text.as_bytes()).unwrap_err().status, 400, "{text}");
        }
    }
}
