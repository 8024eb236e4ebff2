//! The API's document: every answer a test gets is held against it, and nothing may be answered that it does not name.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The committed document.
pub(crate) struct Document {
    pub(crate) whole: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

pub(crate) fn document() -> &'static Document {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let text = std::fs::read_to_string("docs/openapi.json").expect("run `make generate`");
        let mut whole = serde_json::from_str(&text).unwrap();
        close(&mut whole);
        Document { whole, validators: Mutex::default() }
    })
}

/// A property that no schema names is a fault here; callers are only promised those that are named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A JSON pointer to a place below.
pub(crate) fn pointer(parts: &[&str]) -> String {
    parts.iter().flat_map(|part| ["/".to_owned(), part.replace('~', "~0").replace('/', "~1")]).collect()
}

impl Document {
    /// What is wrong with a value by the schema that stands at a pointer.
    pub(crate) fn faults(&self, schema: &str, value: &Value) -> Vec<String> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let mut options = jsonschema::options().should_validate_formats(true);
            for (name, fits) in letopis_events::formats() {
                options = options.with_format(name, move |text: &str| fits(text).is_ok());
            }
            let mut root = self.whole.clone();
            // A fragment of a URI takes no braces.
            root["$ref"] = json!(format!("#{}", schema.replace('{', "%7B").replace('}', "%7D")));
            Arc::new(options.build(&root).unwrap())
        };
        let validator = Arc::clone(validators.entry(schema.to_owned()).or_insert_with(make));
        drop(validators);
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// The path, as the document writes it, that takes a request.
    fn path(&self, path: &str) -> Option<&str> {
        let paths = self.whole["paths"].as_object().unwrap();
        let fits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && template.split('/').zip(path.split('/')).all(|(t, p)| t == p || t.starts_with('{'))
        };
        let exact = paths.get_key_value(path).map(|(path, _)| path);
        exact.or_else(|| paths.keys().find(|template| fits(template))).map(String::as_str)
    }

    /// Ends the test where an answer is not what the document says.
    pub(crate) fn check(&self, method: &str, path: &str, (status, media): (u16, &str), text: &str) {
        let told = format!("{method} {path} answers {status} {media} {text}");
        let media = media.split(';').next().unwrap_or_default();
        let problem = media == "application/problem+json";
        let responses = self.path(path).map(|path| pointer(&["paths", path, method, "responses"]));
        let schema = match responses.filter(|responses| self.whole.pointer(responses).is_some()) {
            Some(responses) => responses + &pointer(&[&status.to_string(), "content", media, "schema"]),
            None if problem => pointer(&["components", "schemas", "Problem"]),
            None => panic!("no operation of the document: {told}"),
        };
        assert!(self.whole.pointer(&schema).is_some(), "the document knows of no such answer: {told}");
        let values: Vec<Value> = match media {
            "application/json" | "application/problem+json" => vec![serde_json::from_str(text).unwrap()],
            "application/x-ndjson" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            _ => vec![json!(text)],
        };
        for value in values {
            let faults = self.faults(&schema, &value);
            assert!(faults.is_empty(), "{faults:#?}: {told}");
        }
    }
}
