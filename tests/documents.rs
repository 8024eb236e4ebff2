//! The generated documents are what the code says, and every operation of the API is exercised by a story.

use crate::support::{Database, Service, document, pointer};
use letopis_eventstore::StoreKind;
use serde_json::{Map, Value};
use std::collections::HashMap;

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("{path}: run `make generate`"));
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_openapi_document_is_the_served_one() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let served = service.get("/api/openapi.json").await.body;
    assert!(served == read("docs/openapi.json"), "run `make generate`");
}

#[test]
fn the_committed_event_schemas_are_the_code_s() {
    for (module, version, schema) in letopis_events::payloads() {
        let committed = read(&format!("docs/events/{module}.v{version}.json"));
        assert!(committed == schema, "{module}: run `make generate`");
    }
}

#[test]
fn every_stored_payload_is_as_its_committed_schema_says() {
    let mut schemas: HashMap<String, Value> = HashMap::new();
    for file in std::fs::read_dir("events/fixtures").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let [module, kind, version] = name.split('.').collect::<Vec<_>>().try_into().unwrap();
        let of = format!("docs/events/{module}.{version}.json");
        let schema = schemas.entry(of).or_insert_with_key(|path| read(path));
        schema["$ref"] = format!("#/$defs/{kind}").into();
        let valid = jsonschema::validator_for(schema).unwrap();
        let payload = read(path.to_str().unwrap());
        let faults: Vec<String> = valid.iter_errors(&payload).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        assert!(!valid.is_valid(&Value::Null), "{name}");
    }
}

#[test]
fn every_operation_has_an_example_that_is_valid() {
    let mut left: Map<String, Value> =
        serde_json::from_value(read("src/http/examples.json")).expect("an example per operation");
    for (path, operations) in document().whole["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let body = if operation["requestBody"].is_null() { "responses" } else { "requestBody" };
            let mut at = pointer(&["paths", path, method, body]);
            if body == "responses" {
                at += "/200";
            }
            let contents = document().whole.pointer(&at).unwrap()["content"].as_object().unwrap();
            let (media, content) = contents.iter().next().unwrap();
            let example = content.get("example").unwrap_or_else(|| panic!("{id} has no example"));
            let faults = document().faults(&(at + &pointer(&["content", media, "schema"])), example);
            assert!(faults.is_empty(), "{id}: {faults:#?}");
            left.remove(id);
        }
    }
    assert!(left.is_empty(), "no operation of that name: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_api_asks_no_other_machine() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let page = service.get("/docs").await;
    for door in ["/", "/docs/"] {
        let led = reqwest::get(format!("{}{door}", service.url)).await.unwrap();
        assert_eq!(led.url().path(), "/docs");
        assert_eq!(led.text().await.unwrap(), page.text);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(!page.text.contains("http"), "{}", page.text);
    let quoted: Vec<&str> = page.text.split('"').collect();
    let named = quoted.windows(2).filter(|pair| pair[0].ends_with("src=") || pair[0].ends_with("href="));
    let mut files: Vec<&str> = named.map(|pair| pair[1]).filter(|file| !file.starts_with("data:")).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    let start = reqwest::get(format!("{}/docs/start.js", service.url)).await.unwrap().text().await.unwrap();
    assert!(start.contains("validatorUrl: null") && !start.contains("http"), "{start}");
    files.extend(start.split('"').filter(|text| text.starts_with("/api")));
    assert_eq!(files.last(), Some(&"/api/openapi.json"));
    for file in files {
        let answer = reqwest::get(format!("{}{file}", service.url)).await.unwrap();
        assert_eq!(answer.status(), 200, "{file}");
        let text = answer.text().await.unwrap();
        assert!(text.len() > 100, "{file} is empty");
        // A style sheet may name further files.
        let further = text.split("url(").skip(1).filter(|_| file == "/docs/swagger-ui.css");
        for url in further.map(|rest| rest.trim_start_matches(['"', '\''])) {
            assert!(url.starts_with("data:"), "{file} names {}", url.chars().take(60).collect::<String>());
        }
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn walk(value: &Value, whole: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(whole.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                fields.values().for_each(|value| walk(value, whole));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, whole)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let whole = read("docs/openapi.json");
    walk(&whole, &whole);
}

#[test]
fn every_line_of_the_kept_history_is_one_the_timeline_tells() {
    let kept = std::fs::read_to_string("projections/fixtures/crm.ndjson").unwrap();
    let lines = kept.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = lines.skip_while(|line| line["table"] != "entry").skip(1);
    let mut found = 0;
    for line in lines.take_while(|line| line["table"].is_null()) {
        for field in ["kind", "data"] {
            let schema = pointer(&["components", "schemas", "Entry", "properties", field]);
            let faults = document().faults(&schema, &line[field]);
            assert!(faults.is_empty(), "query-api/src/timeline.rs knows no such {field}: {line} {faults:?}");
        }
        found += 1;
    }
    assert!(found > 50, "only {found} lines");
}

#[test]
fn every_operation_stands_in_a_story() {
    let mut stories = String::new();
    for entry in std::fs::read_dir("tests/stories").unwrap() {
        stories += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    stories += &std::fs::read_to_string("tests/documents.rs").unwrap();
    let texts: Vec<&str> = stories.split('"').collect();
    let document = read("docs/openapi.json");
    for path in document["paths"].as_object().unwrap().keys() {
        // A story writes an id in place of `{id}`, a name in place of `{name}`.
        let (begin, end) = match path.split_once('{') {
            Some((begin, rest)) => (begin, rest.split_once('}').unwrap().1),
            None => (path.as_str(), ""),
        };
        let begin = begin.trim_start_matches("/api/commands/");
        // The stories of a module may name its commands alone.
        let (module, command) = (begin.trim_end_matches('/'), end.trim_start_matches('/'));
        let own = std::fs::read_to_string(format!("tests/stories/{module}.rs")).unwrap_or_default();
        let named = path.starts_with("/api/commands/") && own.contains(&format!("(\"{command}\""));
        let told = named
            || texts.iter().any(|text| {
                let text = text.split('?').next().unwrap_or_default();
                text.starts_with(begin)
                    && text.ends_with(end)
                    && (!end.is_empty() || begin.ends_with('/') || text == begin)
            });
        assert!(told, "{path}: no story tells of it");
    }
}

#[test]
fn every_guarantee_names_tests_that_exist() {
    let text = std::fs::read_to_string("docs/GUARANTEES.md").unwrap();
    let (mut file, mut found) = (String::new(), 0);
    for word in text.split('`').skip(1).step_by(2) {
        if word.starts_with("tests/") {
            file = std::fs::read_to_string(word).unwrap_or_else(|_| panic!("{word} is not there"));
        } else if word.contains('_') && !word.contains(' ') && word != "recorded_at" {
            assert!(file.contains(&format!("fn {word}(")), "{word} is not there");
            found += 1;
        }
    }
    assert!(found >= 12, "only {found} tests are named");
}

#[test]
fn every_variable_and_command_of_the_operations_page_exists() {
    let text = std::fs::read_to_string("docs/OPERATIONS.md").unwrap();
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_letopis")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for line in text.lines().filter_map(|line| line.strip_prefix("| `letopis ")) {
        let command = line.split([' ', '`']).next().unwrap();
        assert!(help.contains(&format!("  {command} ")), "{command}");
    }
    let sources =
        ["src/config.rs", "src/migrate.rs", "src/cli.rs", "src/local/tools.rs", "docker-compose.yml"];
    let sources = sources.map(|path| std::fs::read_to_string(path).unwrap()).concat();
    for word in text.split('`').filter(|word| word.starts_with("LETOPIS_")) {
        assert!(sources.contains(word), "nobody reads {word}");
    }
}
