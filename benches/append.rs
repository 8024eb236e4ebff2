//! Appending beside the plainest way to store the same rows: one INSERT per row, a connection per caller, in the same run.
//!
//! The server is a private one with fsync on. Each figure is events per second over three seconds; the last column is the
//! ratio to raw INSERT by as many callers.
#![expect(clippy::unwrap_used, reason = "a bench ends with its first surprise and prints a table")]

use letopis_events::{Actor, EventId, StreamId, Version};
use letopis_eventstore::migrate::{ServiceLogin, migrate};
use letopis_eventstore::{Append, Log, LogOptions, NewEvent, StoreKind};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long each figure is measured.
const TIME: Duration = Duration::from_secs(3);
/// What a short call record looks like.
const PAYLOAD: &str = r#"{"kind":"call","direction":"out","client_id":"01a20dfa-cf81-70c4-9e81-f0b397e9de21","occurred_at":"2026-03-01T10:00:00Z","precision":"exact","duration_seconds":75,"result":"interested","origin":"telephony"}"#;

#[expect(clippy::disallowed_methods, reason = "a bench stands where the root package stands")]
fn fresh() -> Uuid {
    Uuid::now_v7()
}

#[expect(clippy::disallowed_methods, reason = "a bench stands where the root package stands")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

fn request(events: usize) -> Append {
    let event = || NewEvent {
        id: EventId(fresh()),
        kind: "Recorded".into(),
        schema: 1,
        concerns: vec![],
        payload: PAYLOAD.into(),
    };
    Append {
        category: "interactions",
        stream: StreamId(fresh()),
        expected: Version(0),
        guards: vec![],
        events: (0..events).map(|_| event()).collect(),
        actor: Actor::Agent("bench".into()),
        correlation: fresh(),
        causation: None,
        key: None,
        mark: None,
        at: None,
    }
}

/// Events per second through the log.
async fn appended(log: &Log, callers: usize, events: usize) -> u64 {
    let (count, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let work = (0..callers).map(|_| {
        let (log, count) = (log.clone(), Arc::clone(&count));
        tokio::spawn(async move {
            while start.elapsed() < TIME {
                log.append(request(events)).await.unwrap();
                count.fetch_add(events as u64, Ordering::Relaxed);
            }
        })
    });
    for task in work.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    per_second(&count, start)
}

fn per_second(count: &AtomicU64, start: Instant) -> u64 {
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(1).max(1);
    count.load(Ordering::Relaxed) * 1_000 / millis
}

/// Rows per second by INSERT, a connection per caller.
async fn inserted(url: &str, callers: usize) -> u64 {
    let mut clients = vec![];
    for _ in 0..callers {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = "insert into raw values (nextval('raw_position'), 'interactions', $1, 1, $2, 'Recorded', 1::smallint,
                   clock_timestamp(), 'agent:bench', '{}', $1, null, $3::text::json, '\\x00')";
        let statement = client.prepare(sql).await.unwrap();
        clients.push((client, statement));
    }
    let (count, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let work = clients.into_iter().map(|(client, statement)| {
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            while start.elapsed() < TIME {
                client.execute(&statement, &[&fresh(), &fresh(), &PAYLOAD]).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for task in work.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    per_second(&count, start)
}

/// Rows per second by COPY, a hundred per transaction, eight connections.
async fn copied(url: &str) -> u64 {
    use futures::SinkExt;
    let (count, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut tasks = vec![];
    for _ in 0..8 {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let count = Arc::clone(&count);
        tasks.push(tokio::spawn(async move {
            while start.elapsed() < TIME {
                let rows: Vec<String> = (0..100_u32)
                    .map(|_| {
                        let (stream, id) = (fresh(), fresh());
                        format!("1\tinteractions\t{stream}\t1\t{id}\tRecorded\t1\t2026-03-01 10:00+00\tagent:bench\t{{}}\t{stream}\t\\N\t{PAYLOAD}\t\\\\x00\n")
                    })
                    .collect();
                let sink = client.copy_in("copy heap from stdin").await.unwrap();
                let mut sink = std::pin::pin!(sink);
                sink.send(bytes::Bytes::from(rows.concat())).await.unwrap();
                sink.finish().await.unwrap();
                count.fetch_add(100, Ordering::Relaxed);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    per_second(&count, start)
}

#[tokio::main]
async fn main() {
    let home = std::env::temp_dir().join(format!("letopis-bench-{}", fresh().simple()));
    let mut servers = Command::new(env!("CARGO_BIN_EXE_letopis"))
        .args(["local", "--home"])
        .arg(&home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(servers.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let owner = told["owner_url"].as_str().unwrap();
    let login = ServiceLogin { name: "bench".into(), password: "bench".into() };
    migrate(owner, "bench", StoreKind::Production, &login).await.unwrap();
    let (client, connection) = tokio_postgres::connect(owner, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "create table raw (like log.event including all); create table heap (like log.event);
               create sequence raw_position";
    client.batch_execute(sql).await.unwrap();
    let (_, host) = owner.split_once('@').unwrap();
    let options =
        LogOptions { clock: Arc::new(now), connections: 2, queue: 4_096, deadline: Duration::from_secs(30) };
    let log = Log::connect(&format!("postgres://bench:bench@{host}"), options).await.unwrap();
    println!("| callers x events | append /s | raw /s | ratio |");
    println!("|---|---|---|---|");
    for callers in [1, 64, 256] {
        let (ours, raw) = (appended(&log, callers, 1).await, inserted(owner, callers).await);
        println!(
            "| {callers} x 1 | {ours} | {raw} (INSERT) | {}.{:02} |",
            ours / raw.max(1),
            ours * 100 / raw.max(1) % 100
        );
    }
    let (ours, raw) = (appended(&log, 8, 100).await, copied(owner).await);
    println!(
        "| 8 x 100 | {ours} | {raw} (COPY, no index) | {}.{:02} |",
        ours / raw.max(1),
        ours * 100 / raw.max(1) % 100
    );
    drop(servers.stdin.take());
    servers.wait().unwrap();
    std::fs::remove_dir_all(home).unwrap();
}
