//! The worker of examples/worker, in a language and a process of its own: run, killed, resumed, with a gap in JetStream.

use crate::support::{Database, Service, fresh, servers, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// The Python with the worker's packages.
const PYTHON: &str = ".letopis/tools/python/bin/python";

fn worker(service: &Service, state: &Path, until: Option<i64>) -> Child {
    let mut command = Command::new(PYTHON);
    command.args(["examples/worker/worker.py", "--http", &service.url, "--nats", &servers().nats, "--state"]);
    command.arg(state).stdout(Stdio::null()).kill_on_drop(true);
    if let Some(position) = until {
        command.args(["--until", &position.to_string()]);
    }
    command.spawn().expect("run `make setup` first")
}

fn read(state: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(state).ok()?).ok()
}

/// Records so many calls of the service's employee; returns the position of the last.
async fn calls(service: &Service, number: usize) -> i64 {
    let mut last = 0;
    for _ in 0..number {
        let call = json!({
            "kind": "call", "occurred_at": "2026-03-02T10:00:00Z", "counterpart": {"raw": "скрыт"}, "text": "разговор",
        });
        last = service.command("interactions/record", &call).await.position();
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn it_counts_each_call_once_whatever_dies() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let state: PathBuf = std::env::temp_dir().join(format!("letopis-worker-{}.json", fresh().simple()));
    let last = calls(&service, 30).await;

    let mut first = worker(&service, &state, None);
    let counted =
        |state: PathBuf| async move { read(&state).filter(|kept| kept["position"].as_i64() >= Some(10)) };
    until("the worker counts", || counted(state.clone())).await;
    first.kill().await.unwrap();

    // What JetStream no longer holds is read from the log.
    let jetstream = async_nats::jetstream::new(async_nats::connect(&servers().nats).await.unwrap());
    let name = service.get("/api/log").await.body["item"]["stream"].as_str().unwrap().to_owned();
    let stream = jetstream.get_stream(&name).await.unwrap();
    calls(&service, 20).await;
    stream.purge().sequence(u64::try_from(last).unwrap() + 5).await.unwrap();
    let head = calls(&service, 10).await;

    let mut second = worker(&service, &state, Some(head));
    assert!(second.wait().await.unwrap().success());
    let kept = read(&state).unwrap();
    assert_eq!((&kept["position"], &kept["calls"][&service.actor]), (&json!(head), &json!(60)));

    // Again from the beginning, the same.
    std::fs::remove_file(&state).unwrap();
    assert!(worker(&service, &state, Some(head)).wait().await.unwrap().success());
    assert_eq!(read(&state).unwrap()["calls"], kept["calls"]);
    std::fs::remove_file(&state).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_altered_on_its_way_is_read_from_the_log_and_another_epoch_is_counted_anew() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::with(&database, None, &[]).await;
    let state: PathBuf = std::env::temp_dir().join(format!("letopis-worker-{}.json", fresh().simple()));
    let head = calls(&service, 6).await;
    let log = service.get("/api/log").await.body["item"].clone();
    let [store, stream] = ["store", "stream"].map(|field| log[field].as_str().unwrap());
    // Nobody relays: the stream is made here, with the right payloads and with wrong ones.
    let jetstream = async_nats::jetstream::new(async_nats::connect(&servers().nats).await.unwrap());
    let subjects = format!("letopis.{store}.1.event");
    let config = async_nats::jetstream::stream::Config {
        name: stream.to_owned(),
        subjects: vec![format!("{subjects}.>")],
        ..Default::default()
    };
    jetstream.create_stream(config).await.unwrap();
    let events = service.get("/api/events?limit=1000").await.body["items"].as_array().unwrap().clone();
    assert_eq!(events.len(), usize::try_from(head).unwrap());
    for event in &events[..events.len() - 2] {
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        let position = event["position"].as_i64().unwrap();
        let mut headers = async_nats::HeaderMap::new();
        let altered = position == head - 3;
        let payload = if altered { text("payload").replace("call", "note") } else { text("payload") };
        if position != head - 4 {
            headers.insert("ce-type", format!("letopis.{}.{}", text("category"), text("type")));
        }
        for (name, field) in [
            ("ce-id", "event_id"),
            ("ce-subject", "stream_id"),
            ("ce-time", "recorded_at"),
            ("Letopis-Actor", "actor"),
            ("Letopis-Correlation", "correlation_id"),
            ("Letopis-Leaf", "leaf"),
        ] {
            headers.insert(name, text(field));
        }
        headers.insert("Letopis-Version", event["version"].to_string());
        headers.insert("Letopis-Schema", event["schema"].to_string());
        let subject = format!("{subjects}.{}.{}", text("category"), text("type"));
        jetstream.publish_with_headers(subject, headers, payload.into()).await.unwrap().await.unwrap();
    }
    let kept =
        json!({"store": store, "epoch": 7, "position": head + 100, "calls": {(service.actor.clone()): 1000}});
    std::fs::write(&state, kept.to_string()).unwrap();
    assert!(worker(&service, &state, Some(head)).wait().await.unwrap().success());
    let calls = json!({(service.actor.clone()): 6});
    assert_eq!(read(&state).unwrap(), json!({"store": store, "epoch": 1, "position": head, "calls": calls}));
    jetstream.delete_stream(stream).await.unwrap();
    std::fs::remove_file(&state).unwrap();
}
