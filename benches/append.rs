//! Appending beside the plainest ways to store the same rows: one INSERT per row, a connection per caller; and COPY, as many rows at
//! once, into a table without an index.

use crate::support::{Measured, Store, callers, connect, fresh, ratio};
use letopis_events::{Actor, EventId, StreamId, Version};
use letopis_eventstore::{Append, Log, NewEvent};
use std::sync::Arc;

/// What a short call record looks like.
const PAYLOAD: &str = r#"{"kind":"call","direction":"out","client_id":"01a20dfa-cf81-70c4-9e81-f0b397e9de21","occurred_at":"2026-03-01T10:00:00Z","precision":"exact","duration_seconds":75,"result":"interested","origin":"telephony"}"#;

/// Prints the figures.
pub async fn run(store: &Store) {
    let log = store.log().await;
    raw_table(store).await;
    println!("| callers x events | append /s | INSERT /s | ratio | COPY /s, no index | ratio |");
    println!("|---|---|---|---|---|---|");
    for (callers, events) in [(1, 1), (64, 1), (256, 1), (8, 100_u32)] {
        let of = u64::from(events);
        let ours = appended(&log, callers, events).await.per_second * of;
        let inserted = inserted(store, callers).await.per_second;
        let copied = copied(store, callers, events).await.per_second * of;
        let (by_insert, by_copy) = (ratio(ours, inserted), ratio(ours, copied));
        println!("| {callers} x {events} | {ours} | {inserted} | {by_insert} | {copied} | {by_copy} |");
    }
    println!();
}

fn request(events: u32) -> Append {
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

/// Calls of the log.
async fn appended(log: &Log, number: usize, events: u32) -> Measured {
    let caller = |_| {
        let log = log.clone();
        move || {
            let log = log.clone();
            async move {
                log.append(request(events)).await.unwrap();
            }
        }
    };
    callers((0..number).map(caller)).await
}

/// A table with the log's columns and indexes and no order, and one without indexes.
pub async fn raw_table(store: &Store) {
    let sql = "create table raw (like log.event including all); create table heap (like log.event);
               create sequence raw_position";
    connect(&store.owner).await.batch_execute(sql).await.unwrap();
}

/// Rows by INSERT, a connection per caller.
pub async fn inserted(store: &Store, number: usize) -> Measured {
    let mut work = vec![];
    for _ in 0..number {
        let client = connect(&store.owner).await;
        let sql = "insert into raw values (nextval('raw_position'), 'interactions', $1, 1, $2, 'Recorded', 1::smallint,
                   clock_timestamp(), 'agent:bench', '{}', $1, null, $3::text::json, '\\x00')";
        let statement = client.prepare(sql).await.unwrap();
        let connection = Arc::new((client, statement));
        work.push(move || {
            let connection = Arc::clone(&connection);
            async move {
                let (client, statement) = &*connection;
                client.execute(statement, &[&fresh(), &fresh(), &PAYLOAD]).await.unwrap();
            }
        });
    }
    callers(work).await
}

/// COPY of so many rows per transaction, a connection per caller.
async fn copied(store: &Store, number: usize, rows: u32) -> Measured {
    use futures::SinkExt;
    let mut work = vec![];
    for _ in 0..number {
        let client = Arc::new(connect(&store.owner).await);
        work.push(move || {
            let client = Arc::clone(&client);
            async move {
                let rows: Vec<String> = (0..rows)
                    .map(|_| {
                        let (stream, id) = (fresh(), fresh());
                        format!("1\tinteractions\t{stream}\t1\t{id}\tRecorded\t1\t2026-03-01 10:00+00\tagent:bench\t{{}}\t{stream}\t\\N\t{PAYLOAD}\t\\\\x00\n")
                    })
                    .collect();
                let sink = client.copy_in("copy heap from stdin").await.unwrap();
                let mut sink = std::pin::pin!(sink);
                sink.send(bytes::Bytes::from(rows.concat())).await.unwrap();
                sink.finish().await.unwrap();
            }
        });
    }
    callers(work).await
}
