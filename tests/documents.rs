//! The generated documents are what the code says, and every operation of the API is exercised by a story.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::Value;

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
    for (module, version, schema) in letopis_events::modules() {
        let committed = read(&format!("docs/events/{module}.v{version}.json"));
        assert!(&committed == schema.as_value(), "{module}: run `make generate`");
    }
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
        let told = texts.iter().any(|text| {
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
