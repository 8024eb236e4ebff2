//! The OpenAPI 3.1 document, put together from the operations' own types: nothing is stated twice.

use crate::params::When;
use crate::problem::{Kind, Problem};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Makes a schema within a document's generator.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type, as an [`Operation`] names it.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A media type and what stands in it; no schema where the type says it all.
pub type Content = (&'static str, Option<SchemaOf>);

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
    /// The kinds of problem it can answer.
    pub problems: Vec<Kind>,
}

/// The whole document.
pub fn document(operations: &[Operation]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[operation.method] = operation.describe(&mut generator, &problem);
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
        "components": {"schemas": generator.take_definitions(true)},
    })
}

impl Operation {
    fn describe(&self, generator: &mut SchemaGenerator, problem: &Schema) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "tags": [self.tag],
            "parameters": self.parameters(generator),
            "responses": self.responses(generator, problem),
        });
        let body = match &self.body {
            Body::None => None,
            Body::Of(contents) => Some(content(contents, generator)),
            Body::Json(schema) => Some(json!({"application/json": {"schema": schema}})),
        };
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
            parameters.extend(query_parameters(&resolve(&schema, generator)));
        }
        for (name, required, description) in &self.headers {
            parameters.push(json!({
                "name": name, "in": "header", "required": required,
                "description": description, "schema": {"type": "string"},
            }));
        }
        parameters
    }

    fn responses(&self, generator: &mut SchemaGenerator, problem: &Schema) -> Value {
        let mut responses = Map::new();
        for (status, contents) in &self.answers {
            let answer = json!({"description": "Done", "content": content(contents, generator)});
            responses.insert(status.to_string(), answer);
        }
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

fn content(contents: &[Content], generator: &mut SchemaGenerator) -> Value {
    let of = |(media, schema): &Content| {
        let schema = schema.map_or_else(|| json!({"type": "string"}), |make| json!(make(generator)));
        ((*media).to_owned(), json!({"schema": schema}))
    };
    Value::Object(contents.iter().map(of).collect())
}

/// A parameter struct is referred to by name; its properties stand in the generator's definitions.
fn resolve(schema: &Schema, generator: &SchemaGenerator) -> Value {
    let value = schema.as_value();
    let name = value["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.and_then(|name| generator.definitions().get(name)).unwrap_or(value).clone()
}

fn query_parameters(object: &Value) -> Vec<Value> {
    let required = |name: &str| {
        object["required"].as_array().is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)))
    };
    let Some(properties) = object["properties"].as_object() else {
        return vec![];
    };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
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
