//! A body read as a command, or all that is wrong with its form at once.

use crate::decider::{Decider, Rejection};
use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use letopis_events::{Near, expected, formats, listed};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use serde_path_to_error::Segment;
use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The most entries a list in a command may have.
const MAX_LIST: usize = 100;

/// The most faults that are told at once.
const MAX_FAULTS: usize = 50;

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// A JSON pointer into the body.
    pub path: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl FieldFault {
    /// What a module finds wrong with a field, or with the whole.
    pub fn of<E: Error + Rejection>(error: &E) -> Self {
        Self { path: error.field().unwrap_or_default(), code: error.code(), message: error.to_string() }
    }
}

/// A list of at most 100 entries.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        if list.len() > MAX_LIST {
            return Err(serde::de::Error::custom("has more than 100 entries"));
        }
        Ok(Self(list))
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<T>::json_schema(generator);
        schema.insert("maxItems".into(), json!(MAX_LIST));
        schema
    }
}

/// The JSON Schema of one command's body.
pub fn schema<D: Decider>(command: &str) -> Option<Schema> {
    // The body's schema stands alone, in the document too.
    let whole = standing_alone::<D::Command>();
    let variants = whole.get("oneOf")?.as_array()?;
    let body = variants.iter().find_map(|variant| variant["properties"].get(command))?;
    Some(body.as_object()?.clone().into())
}

/// Reads the body of a command that the module has.
pub fn read<D: Decider>(command: &str, body: Value) -> Result<D::Command, Vec<FieldFault>> {
    let whole = Value::Object(Map::from_iter([(command.to_owned(), body)]));
    serde_path_to_error::deserialize(&whole).map_err(|fault| {
        let body = whole.get(command).unwrap_or(&Value::Null);
        // Its first part is the command.
        let path = pointer(fault.path().iter().skip(1));
        told(form::<D>(command).as_deref(), body, path, fault.inner())
    })
}

/// Reads a value that is a `T`.
pub fn read_as<T: DeserializeOwned + JsonSchema>(value: &Value) -> Result<T, Vec<FieldFault>> {
    serde_path_to_error::deserialize(value).map_err(|fault| {
        let form = Form::of(standing_alone::<T>().to_value());
        told(form.as_ref(), value, pointer(fault.path().iter()), fault.inner())
    })
}

/// A path of the parser as a JSON pointer.
pub fn pointer<'a>(path: impl Iterator<Item = &'a Segment>) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key: name } | Segment::Enum { variant: name } => {
            format!("/{}", name.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    };
    path.map(part).collect()
}

/// All that is wrong by the form; what it does not know of as the parser told it.
fn told(form: Option<&Form>, value: &Value, path: String, error: &serde_json::Error) -> Vec<FieldFault> {
    let faults = form.map(|form| form.faults(value)).unwrap_or_default();
    if faults.is_empty() {
        return vec![FieldFault { path, code: "bad_value", message: error.to_string() }];
    }
    faults
}

/// A schema that refers to nothing.
fn standing_alone<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

/// A schema and what tells all that is wrong by it.
struct Form {
    schema: Value,
    validator: Validator,
}

/// A command's form, made once.
fn form<D: Decider>(command: &str) -> Option<Arc<Form>> {
    type Forms = Mutex<HashMap<(std::any::TypeId, String), Arc<Form>>>;
    static MADE: OnceLock<Forms> = OnceLock::new();
    let mut made = MADE.get_or_init(Forms::default).lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::any::TypeId::of::<D>(), command.to_owned());
    if let Some(form) = made.get(&key) {
        return Some(Arc::clone(form));
    }
    let form = Arc::new(Form::of(schema::<D>(command)?.to_value())?);
    made.insert(key, Arc::clone(&form));
    Some(form)
}

impl Form {
    fn of(schema: Value) -> Option<Self> {
        let mut options = jsonschema::options().should_validate_formats(true);
        for (name, fits) in formats() {
            options = options.with_format(name, move |text: &str| fits(text).is_ok());
        }
        let validator = options.build(&schema).ok()?;
        Some(Self { schema, validator })
    }

    /// All that is wrong with a value, by where it stands.
    fn faults(&self, value: &Value) -> Vec<FieldFault> {
        let mut faults = vec![];
        let errors = self.validator.iter_errors(value).take(MAX_FAULTS);
        errors.for_each(|error| self.explain(&error, &mut faults));
        faults.sort_by(|a, b| a.path.cmp(&b.path));
        // A value can break several rules at once; one is enough to mend it.
        faults.dedup_by(|a, b| a.path == b.path);
        faults
    }

    fn explain(&self, error: &ValidationError<'_>, faults: &mut Vec<FieldFault>) {
        let path = error.instance_path().to_string();
        let mut fault = |path: String, code, message: String| faults.push(FieldFault { path, code, message });
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.field(error).and_then(|field| field["properties"].as_object());
                for name in unexpected {
                    let known = known.into_iter().flat_map(Map::keys);
                    let near = Near::to(name, known.map(|known| (known.as_str(), [])));
                    fault(format!("{path}/{name}"), "unknown_field", format!("there is no such field{near}"));
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                fault(format!("{path}/{name}"), "missing_field", "this field is required".into());
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                if let Some(branch) = meant(error, context) {
                    for error in branch {
                        self.explain(error, faults);
                    }
                } else {
                    let listed = error.instance().is_string()
                        && self.field(error).is_some_and(|field| listed(field).is_some());
                    fault(path, if listed { "bad_value" } else { "wrong_type" }, self.plain(error));
                }
            }
            ValidationErrorKind::Type { .. } => fault(path, "wrong_type", self.plain(error)),
            _ => fault(path, "bad_value", self.plain(error)),
        }
    }

    /// What is expected where the error is, without the value itself, which may be long or personal.
    fn plain(&self, error: &ValidationError<'_>) -> String {
        let told = || self.field(error).and_then(|field| expected(field, error.instance()));
        match error.kind() {
            // A text of a form of its own says more of itself than its length.
            ValidationErrorKind::MaxLength { .. } | ValidationErrorKind::MinLength { .. }
                if let Some(told) = told() =>
            {
                told
            }
            ValidationErrorKind::MaxLength { limit } => format!("is longer than {limit} characters"),
            ValidationErrorKind::MinLength { limit: 1 } => "must not be empty".into(),
            ValidationErrorKind::MinLength { limit } => format!("is shorter than {limit} characters"),
            ValidationErrorKind::MaxItems { limit } => format!("has more than {limit} entries"),
            _ => told().unwrap_or_else(|| error.masked().to_string()),
        }
    }

    /// The schema of the field where the error is: the path leads to the rule in it that is broken.
    fn field(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let rule = error.schema_path().to_string();
        self.schema.pointer(rule.rsplit_once('/')?.0)
    }
}

/// Of "this or that or null" the branch that is meant: one that does not fail by its type, and rather one whose fields are there. Where
/// values are listed none is.
fn meant<'e, 'v>(
    error: &ValidationError<'_>,
    context: &'e [Vec<ValidationError<'v>>],
) -> Option<&'e Vec<ValidationError<'v>>> {
    let here = error.instance_path().iter().count();
    let at_once = |e: &ValidationError<'_>| e.instance_path().iter().count() <= here;
    let of_another = |branch: &&Vec<ValidationError<'_>>| {
        branch.iter().filter(|e| at_once(e)).any(|e| {
            matches!(
                e.kind(),
                ValidationErrorKind::Type { .. }
                    | ValidationErrorKind::Constant { .. }
                    | ValidationErrorKind::Enum { .. }
            )
        })
    };
    let mut branches = context.iter().filter(|branch| !of_another(branch));
    let first = branches.clone().next();
    branches.find(|branch| !branch.iter().any(at_once)).or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Client;
    use crate::steps::Step;

    fn told<D: Decider>(command: &str, body: Value) -> Vec<(String, &'static str, String)> {
        let faults = read::<D>(command, body).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.path, fault.code, fault.message)).collect()
    }

    #[test]
    fn each_field_is_told_what_it_takes() {
        let day = "must be a day, such as 2026-03-01, in the years 1900 to 2200";
        let kinds = r#"must be an object, { "on": … } or an object, { "at": … } or an object, { "working_hours": … }"#;
        for (due, path, code, message) in [
            (json!("x"), "/due", "wrong_type", kinds),
            (json!({"on": "x"}), "/due/on", "bad_value", day),
            (
                json!({"at": 1}),
                "/due/at",
                "wrong_type",
                r#"must be an object, { "moment": …, "time_zone": … }"#,
            ),
        ] {
            let body =
                json!({"client_id": "01a20000-0000-7000-8000-000000000000", "action": "call", "due": due});
            assert_eq!(told::<Step>("plan", body), [(path.into(), code, message.into())]);
        }
        let body = json!({"kind": "firm", "nam": "x", "country": "Russia", "requisites": {"inn": "1"}, "tags": "vip"});
        let kinds = "must be one of company, sole_trader, self_employed, person, public_body";
        let country = "must be a country code of two capital letters, such as RU";
        let inn = "must be an INN: 10 or 12 digits with valid check digits, such as 7707083893";
        assert_eq!(
            told::<Client>("register", body),
            [
                ("/country".into(), "bad_value", country.into()),
                ("/kind".into(), "bad_value", kinds.into()),
                ("/nam".into(), "unknown_field", "there is no such field; near it: name".into()),
                ("/name".into(), "missing_field", "this field is required".into()),
                ("/requisites/inn".into(), "bad_value", inn.into()),
                ("/tags".into(), "wrong_type", "must be a list, [ … ]".to_owned()),
            ]
        );
        let whole = told::<Client>("register", json!([]));
        assert_eq!(whole, [(String::new(), "wrong_type", "must be an object, { … }".into())]);
    }
}
