//! What a command tells, with one field more: why it is to be carried out although the client looks like another one.

use letopis_events::likeness::Acceptance;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The field's name.
const FIELD: &str = "accept_duplicates";

/// What is told, and whether likeness to other clients is accepted.
#[derive(Clone, Debug)]
pub struct Accepting<T> {
    /// What is told.
    pub told: T,
    /// Why although they look like another client.
    pub accept_duplicates: Option<Acceptance>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Accepting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading(PhantomData))
    }
}

struct Reading<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Reading<T> {
    type Value = Accepting<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut accept_duplicates = None;
        let rest = Rest { map, taken: &mut accept_duplicates };
        let told = T::deserialize(MapAccessDeserializer::new(rest))?;
        Ok(Accepting { told, accept_duplicates })
    }
}

/// The other fields; the one is taken out on the way.
struct Rest<'a, A> {
    map: A,
    taken: &'a mut Option<Acceptance>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != FIELD {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            *self.taken = self.map.next_value()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<T: JsonSchema> JsonSchema for Accepting<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Accepting{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        let mut field = generator.subschema_for::<Option<Acceptance>>();
        field.insert("description".into(), json!("Why although they look like another client."));
        if let Some(fields) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
            fields.insert(FIELD.into(), field.into());
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use crate::clients::{Client, ClientCommand};
    use crate::form::read;
    use serde_json::{Value, json};

    fn faults(body: Value) -> Vec<(String, &'static str)> {
        let faults = read::<Client>("set_requisites", body).unwrap_err();
        faults.into_iter().map(|fault| (fault.path, fault.code)).collect()
    }

    #[test]
    fn one_field_more_and_every_fault_in_its_place() {
        let body = json!({"inn": "7707083893", "accept_duplicates": {"reason": "филиал"}});
        let ClientCommand::SetRequisites(read) = read::<Client>("set_requisites", body).unwrap() else {
            panic!("another command");
        };
        assert_eq!(read.accept_duplicates.unwrap().reason.as_str(), "филиал");
        assert_eq!(read.told.inn.unwrap().as_str(), "7707083893");
        assert_eq!(
            faults(json!({"inn": 5, "nn": 1})),
            [("/inn".into(), "wrong_type"), ("/nn".into(), "unknown_field")]
        );
        let reason = json!({"accept_duplicates": {"reason": ""}});
        assert_eq!(faults(reason), [("/accept_duplicates/reason".into(), "bad_value")]);
        assert_eq!(faults(json!([])), [(String::new(), "wrong_type")]);
        let account = json!({"bank_account": {"account": "40702810938000000002", "bik": "044525225"}});
        assert_eq!(faults(account), [("/bank_account".into(), "bad_value")]);
    }
}
