//! The API keeps its own document: schemathesis asks every operation what the document allows and what it forbids, and holds each
//! answer against it.

use crate::support::{Database, Service, fresh};
use letopis_eventstore::StoreKind;
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

/// The tool, as `make setup` brings it.
const SCHEMATHESIS: &str = ".letopis/tools/python/bin/schemathesis";
/// What every answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_documented_whatever_is_asked() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = json!({"kind": "company", "name": "Контракт", "phones": [{"number": "+7 495 123-45-67"}]});
    let client = service.command("clients/register", &client).await.body["id"].clone();
    let call = json!({"kind": "call", "client_id": client, "occurred_at": "2026-03-02T10:00:00Z"});
    service.command("interactions/record", &call).await;

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = std::env::temp_dir().join(format!("letopis-contract-{}", fresh().simple()));
    std::fs::create_dir(&home).unwrap();
    let mut command = Command::new(root.join(SCHEMATHESIS));
    command.current_dir(&home).arg("run").arg(root.join("docs/openapi.json"));
    command.args(["--url", &service.url, "--header"]);
    command.arg(format!("Letopis-Actor: {}", service.actor));
    command.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--continue-on-failure"]);
    // One worker: several of them trip over each other within CPython's parser.
    command.args(["--workers", "1", "--max-examples", "20", "--generation-deterministic", "--no-shrink"]);
    command.args(["--warnings", "off", "--no-color"]);
    let output = command.kill_on_drop(true).output().await.expect("run `make setup` first");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::remove_dir_all(home).unwrap();
}
