//! The OpenAPI 3.1 document, put together from the operations' own types: nothing is stated twice.

use crate::params::When;
use crate::problem::{Kind, Problem};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Makes a schema within a document's generator.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type, as an [`Operation`] names it.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A media type and what stands in it; a text where the type says it all.
pub type Content = (&'static str, SchemaOf);

/// The media type of most that is sent and answered.
pub const JSON: &str = "application/json";
/// Lines of JSON.
pub const NDJSON: &str = "application/x-ndjson";

/// What an operation's body must be.
pub enum Body {
    /// It takes none.
    None,
    /// One of these.
    Of(Vec<Content>),
    /// JSON by a schema made elsewhere.
    Json(Schema),
}

/// One operation of the API.
pub struct Operation {
    /// `get` or `post`.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub path: String,
    /// Its unique name.
    pub id: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// The chapter it belongs to.
    pub tag: &'static str,
    /// Its query parameters, as an object's properties.
    pub params: Option<SchemaOf>,
    /// Whether it takes `as_of` and `wait_for`.
    pub timed: bool,
    /// Its headers: name, whether required, meaning.
    pub headers: Vec<(&'static str, bool, &'static str)>,
    /// Its body.
    pub body: Body,
    /// The statuses it answers with success, and what stands in the answers.
    pub answers: Vec<(u16, Vec<Content>)>,
    /// The headers those answers may have: name, meaning.
    pub tells: Vec<(&'static str, &'static str)>,
    /// The kinds of problem it can answer.
    pub problems: Vec<Kind>,
}

/// A table of comma-separated values.
pub const CSV: Content = ("text/csv", schema_of::<String>);

/// The whole document. `examples` gives each operation, by its id, a body it takes, or an answer where it takes none.
pub fn document(operations: &[Operation], examples: &Map<String, Value>) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[operation.method] = operation.describe(&mut schemas, examples.get(&operation.id));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Letopis",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Commands record what happens to clients; questions read what is known, now or as of any moment.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas.answered.take_definitions(true)},
    })
}

/// A type is described by what is read as one where it is sent, and by what is written where it is answered.
struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let sent = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
        let answered = SchemaSettings::draft2020_12().for_serialize();
        let answered = answered.with(|s| s.definitions_path = "/components/schemas".into());
        Self { sent: sent.into_generator(), answered: answered.into_generator() }
    }
}

impl Operation {
    fn describe(&self, schemas: &mut Schemas, example: Option<&Value>) -> Value {
        let body = match &self.body {
            Body::None => None,
            Body::Of(contents) => Some(content(contents, &mut schemas.sent, example)),
            Body::Json(schema) => Some(json!({JSON: medium(schema, example)})),
        };
        let answer = example.filter(|_| body.is_none());
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "tags": [self.tag],
            "parameters": self.parameters(&mut schemas.sent),
            "responses": self.responses(&mut schemas.answered, answer),
        });
        if let Some(body) = body {
            operation["requestBody"] = json!({"required": true, "content": body});
        }
        operation
    }

    fn parameters(&self, generator: &mut SchemaGenerator) -> Vec<Value> {
        let names = self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_schema(name)}))
            .collect();
        let own = self.params.map(|params| params(generator));
        let when = self.timed.then(|| When::json_schema(generator));
        for schema in own.into_iter().chain(when) {
            parameters.extend(query_parameters(schema.as_value()));
        }
        for (name, required, description) in &self.headers {
            parameters.push(json!({
                "name": name, "in": "header", "required": required,
                "description": description, "schema": {"type": "string"},
            }));
        }
        parameters
    }

    fn responses(&self, generator: &mut SchemaGenerator, example: Option<&Value>) -> Value {
        let mut responses = Map::new();
        let mut example = example;
        for (status, contents) in &self.answers {
            let content = content(contents, generator, example.take());
            let mut answer = json!({"description": "Done", "content": content});
            for (name, meaning) in &self.tells {
                answer["headers"][name] = json!({"description": meaning, "schema": {"type": "string"}});
            }
            responses.insert(status.to_string(), answer);
        }
        let problem = generator.subschema_for::<Problem>();
        for kind in &self.problems {
            let answer = responses.entry(kind.status().as_u16().to_string()).or_insert_with(
                || json!({"description": "", "content": {"application/problem+json": {"schema": problem}}}),
            );
            let text = answer["description"].as_str().unwrap_or_default();
            let before = if text.is_empty() { String::new() } else { format!("{text}; ") };
            answer["description"] = json!(format!("{before}`{}`: {}", kind.code(), kind.title()));
        }
        Value::Object(responses)
    }
}

fn path_schema(name: &str) -> Value {
    if name == "id" { json!({"type": "string", "format": "uuid"}) } else { json!({"type": "string"}) }
}

/// What may be sent or answered; the example is one of the first media type.
fn content(contents: &[Content], generator: &mut SchemaGenerator, example: Option<&Value>) -> Value {
    let mut examples = example.into_iter();
    let of = |(media, make): &Content| ((*media).to_owned(), medium(&make(generator), examples.next()));
    Value::Object(contents.iter().map(of).collect())
}

fn medium(schema: &Schema, example: Option<&Value>) -> Value {
    let mut medium = json!({"schema": schema});
    if let Some(example) = example {
        medium["example"] = example.clone();
    }
    medium
}

/// The schema of an object by its properties.
pub fn object(
    generator: &mut SchemaGenerator,
    required: impl IntoIterator<Item = (&'static str, SchemaOf)>,
    optional: impl IntoIterator<Item = (&'static str, SchemaOf)>,
) -> Schema {
    let mut properties: Map<String, Value> =
        required.into_iter().map(|(name, make)| (name.to_owned(), json!(make(generator)))).collect();
    let required: Vec<String> = properties.keys().cloned().collect();
    properties.extend(optional.into_iter().map(|(name, make)| (name.to_owned(), json!(make(generator)))));
    json_schema!({"type": "object", "properties": properties, "required": required})
}

fn query_parameters(object: &Value) -> Vec<Value> {
    let required = |name: &str| {
        object["required"].as_array().is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let Some(properties) = object["properties"].as_object() else {
        return vec![];
    };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = without_null(schema.clone());
        let description = schema.as_object_mut().and_then(|s| s.remove("description"));
        let mut parameter =
            json!({"name": name, "in": "query", "required": required(name), "schema": schema});
        if let Some(description) = description {
            parameter["description"] = description;
        }
        parameter
    };
    properties.iter().map(parameter).collect()
}

/// A parameter is there or not, and never null.
fn without_null(mut schema: Value) -> Value {
    if let Some([kind, _null]) = schema["type"].as_array().map(Vec::as_slice) {
        schema["type"] = kind.clone();
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    schema
}
