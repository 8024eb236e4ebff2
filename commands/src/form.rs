//! A body read as a command, or all that is wrong with its form at once.

use crate::decider::Decider;
use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
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
    // The body's schema stands alone, in the document too: it refers to nothing.
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let whole = settings.into_generator().into_root_schema_for::<D::Command>();
    let variants = whole.get("oneOf")?.as_array()?;
    let body = variants.iter().find_map(|variant| variant["properties"].get(command))?;
    Some(body.as_object()?.clone().into())
}

/// Reads the body of a command that the module has.
pub fn read<D: Decider>(command: &str, body: Value) -> Result<D::Command, Vec<FieldFault>> {
    let whole = Value::Object(Map::from_iter([(command.to_owned(), body)]));
    let fault = match serde_path_to_error::deserialize(&whole) {
        Ok(command) => return Ok(command),
        Err(fault) => fault,
    };
    let body = whole.get(command).unwrap_or(&Value::Null);
    let mut faults = vec![];
    if let Some(validator) = validator::<D>(command) {
        validator.iter_errors(body).take(MAX_FAULTS).for_each(|error| explain(&error, &mut faults));
    }
    if faults.is_empty() {
        let path = fault.path().to_string().replace('.', "/");
        let path = path.strip_prefix(command).unwrap_or_default().to_owned();
        faults.push(FieldFault { path, code: "bad_value", message: fault.inner().to_string() });
    }
    faults.sort_by(|a, b| a.path.cmp(&b.path));
    // A value can break several rules at once; one is enough to mend it.
    faults.dedup_by(|a, b| a.path == b.path);
    Err(faults)
}

/// A command's validator, made once.
fn validator<D: Decider>(command: &str) -> Option<Arc<Validator>> {
    type Validators = Mutex<HashMap<(std::any::TypeId, String), Arc<Validator>>>;
    static MADE: OnceLock<Validators> = OnceLock::new();
    let mut made = MADE.get_or_init(Validators::default).lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::any::TypeId::of::<D>(), command.to_owned());
    if let Some(validator) = made.get(&key) {
        return Some(Arc::clone(validator));
    }
    let mut options = jsonschema::options().should_validate_formats(true);
    for (name, fits) in letopis_events::formats() {
        options = options.with_format(name, fits);
    }
    let validator = Arc::new(options.build(schema::<D>(command)?.as_value()).ok()?);
    made.insert(key, Arc::clone(&validator));
    Some(validator)
}

fn explain(error: &ValidationError<'_>, faults: &mut Vec<FieldFault>) {
    let path = error.instance_path().to_string();
    let mut fault = |path: String, code, message: String| faults.push(FieldFault { path, code, message });
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                fault(format!("{path}/{name}"), "unknown_field", "there is no such field".into());
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            fault(format!("{path}/{name}"), "missing_field", "this field is required".into());
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // Of "this or null" the branch that is meant is the one that does not fail by its type.
            let here = error.instance_path().iter().count();
            let meant = context.iter().find(|branch| {
                !branch.iter().any(|e| {
                    matches!(e.kind(), ValidationErrorKind::Type { .. })
                        && e.instance_path().iter().count() <= here
                })
            });
            match meant {
                Some(branch) => branch.iter().for_each(|error| explain(error, faults)),
                None => fault(path, "wrong_type", plain(error)),
            }
        }
        ValidationErrorKind::Type { .. } => fault(path, "wrong_type", plain(error)),
        _ => fault(path, "bad_value", plain(error)),
    }
}

/// The validator's words without the value itself, which may be long or personal.
fn plain(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Format { format } => format!("is no valid {format}"),
        ValidationErrorKind::MaxLength { limit } => format!("is longer than {limit} characters"),
        ValidationErrorKind::MinLength { limit } => format!("is shorter than {limit} characters"),
        ValidationErrorKind::MaxItems { limit } => format!("has more than {limit} entries"),
        ValidationErrorKind::Enum { options } => format!("must be one of {options}"),
        ValidationErrorKind::Type { .. } => "is of another type than this field takes".into(),
        _ => error.masked().to_string(),
    }
}
