//! JetStream is a copy that heals itself: whatever happens to it, every reader gets every event once, in order.

use crate::support::{Database, Nats, SEEDS, Service, clock, servers, spawn};
use letopis_events::Position;
use letopis_eventstore::{Feed, Log, LogOptions, StoreKind, WINDOW_BYTES};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn log(database: &Database) -> Log {
    let options = LogOptions { clock: clock(), connections: 2, queue: 16, deadline: Duration::from_secs(10) };
    Log::connect(&database.service, options).await.unwrap()
}

/// A reader in a process other than the service's, as a worker is.
async fn reader(database: &Database, nats: &str) -> (Feed, Log) {
    let log = log(database).await;
    let nats = letopis_eventstore::Nats::connect(nats, log.info(), WINDOW_BYTES).await.unwrap();
    let feed = Feed::start(log.clone(), Some(nats), CancellationToken::new()).await.unwrap();
    (feed, log)
}

/// Reads from the beginning to a position and checks each step.
async fn follow(feed: Feed, until: i64) {
    let mut at = Position(0);
    while at.0 < until {
        for event in feed.after(at, 500).await.unwrap().events {
            assert_eq!(event.position, at.next());
            assert!(event.recorded.is_ok());
            at = event.position;
        }
    }
}

/// Records so many notes in batches; returns the last position.
async fn load(service: &Service, client: &str, batches: usize) -> i64 {
    let mut last = 0;
    for _ in 0..batches {
        let line = json!({"module": "interactions", "command": "record", "body": {
            "kind": "note", "client_id": client, "occurred_at": "2026-03-01T10:00:00Z", "subject": "заметка",
        }});
        let answer = service.send(service.post("/api/commands").json(&vec![line; 50])).await;
        for verdict in answer.body.as_array().unwrap() {
            assert_eq!(verdict["status"], 201, "{verdict}");
            last = last.max(verdict["receipt"]["position"].as_i64().unwrap());
        }
    }
    last
}

async fn client(service: &Service) -> String {
    service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await.id()
}

/// Waits until JetStream has a position; returns the health then.
async fn relayed(service: &Service, position: i64) -> Value {
    crate::support::until("the relay has caught up", || async {
        let health = service.get("/health/ready").await.body;
        (health["relay"]["position"] == position).then_some(health)
    })
    .await
}

/// Waits until JetStream has more than a position.
async fn beyond(service: &Service, position: i64) {
    crate::support::until("the relay goes on", || async {
        let health = service.get("/health/ready").await.body;
        (health["relay"]["position"].as_i64()? > position).then_some(())
    })
    .await;
}

async fn current(service: &Service, position: i64) {
    for path in ["/api/clients", "/api/reports/interactions"] {
        let answer = service.get(&format!("{path}?wait_for={position}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_run_reads_through_jetstream() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = client(&service).await;
    // Before the relay has begun, JetStream has nothing to read.
    relayed(&service, SEEDS + 2).await;
    let (feed, _log) = reader(&database, &servers().nats).await;
    let following = tokio::spawn(follow(feed.clone(), SEEDS + 2 + 40 * 50));
    let last = load(&service, &client, 40).await;
    assert_eq!(last, SEEDS + 2 + 40 * 50);
    following.await.unwrap();
    let status = feed.status();
    assert!(status.jetstream * 100 >= (status.jetstream + status.log) * 99, "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_wiped_and_damaged_it_comes_back_and_nobody_misses_an_event() {
    let database = Database::new(StoreKind::Production).await;
    let mut nats = Nats::start().await;
    let service = Service::with(&database, Some(&nats.url()), &[]).await;
    let client = client(&service).await;
    let (feed, _log) = reader(&database, &nats.url()).await;
    let following = tokio::spawn(follow(feed, SEEDS + 2 + 50 * 50));
    for trouble in 0..5 {
        let position = load(&service, &client, 5).await;
        relayed(&service, position).await;
        // It dies while events are on their way to it, and commands go on while it is down.
        let dies = async {
            beyond(&service, position).await;
            nats.kill().await;
        };
        tokio::join!(load(&service, &client, 5), dies);
        match trouble {
            0 | 3 => {}
            1 => nats.wipe(),
            _ => nats.damage(),
        }
        nats.restart().await;
    }
    let last = SEEDS + 2 + 50 * 50;
    tokio::time::timeout(Duration::from_mins(1), following).await.expect("the reader stands still").unwrap();
    current(&service, last).await;
    let healed = relayed(&service, last).await;
    assert_eq!((&healed["ready"], &healed["relay"]["error"]), (&Value::Bool(true), &Value::Null));
    database.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_of_one_group_never_double() {
    let database = Database::new(StoreKind::Production).await;
    let nats = &servers().nats;
    let service = Service::start(&database).await;
    let mut workers = vec![];
    for _ in 0..2 {
        workers.push(spawn(&database, Some(nats), &["worker"]).await);
    }
    let client = client(&service).await;
    // Unknown callers make the policy speak, too.
    let phone = json!({"number": "+7 495 765-43-21"});
    service.command(&format!("clients/{client}/add_phone"), &phone).await;
    load(&service, &client, 6).await;
    for _ in 0..20 {
        let call = json!({"kind": "call", "occurred_at": "2026-03-02T10:00:00Z", "counterpart": {"raw": "8 495 765 43 21"}});
        assert_eq!(service.command("interactions/record", &call).await.status, 201);
    }
    let linked = crate::support::until("all callers are linked", || async {
        let events = service.get("/api/events?type=Linked&limit=1000").await.body;
        let events = events["items"].as_array().unwrap().clone();
        (events.len() >= 20).then_some(events)
    })
    .await;
    assert_eq!(linked.len(), 20);
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    current(&service, head).await;
    assert_eq!(
        service.get("/api/events?type=Linked&limit=1000").await.body["items"].as_array().unwrap().len(),
        20
    );
    drop(workers);
    database.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_log_stops_the_relay() {
    let (old, new) = (Database::new(StoreKind::Production).await, Nats::start().await);
    let service = Service::with(&old, Some(&new.url()), &[]).await;
    load(&service, &client(&service).await, 2).await;
    relayed(&service, SEEDS + 102).await;
    drop(service);
    // The past comes back: the last events are gone from the log, not from JetStream.
    let owner = crate::support::connect(&old.owner).await;
    let sql = "alter table log.event disable trigger all; delete from log.event where position > 90;
               alter table log.event enable always trigger never_changed";
    owner.batch_execute(sql).await.unwrap();
    let (_child, line) = spawn(&old, Some(&new.url()), &["serve", "--listen", "127.0.0.1:0"]).await;
    let url = line.strip_prefix("listening on ").unwrap().to_owned();
    let red = crate::support::until("health is red", || async {
        let answer = reqwest::get(format!("{url}/health/ready")).await.ok()?;
        let status = answer.status();
        let body: Value = answer.json().await.ok()?;
        (status == 503 && body["relay"]["log_restored"] == true).then_some(body)
    })
    .await;
    assert_eq!(red["ready"], false);
}
