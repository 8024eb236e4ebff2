//! A store of a test's own, and requests to write to it.

pub(super) use crate::support::{clock, connect, fresh, now};

use crate::support::servers;
use letopis_events::{Actor, EventId, StreamId, Version};
use letopis_eventstore::migrate::{ServiceLogin, migrate};
use letopis_eventstore::{Append, Log, LogEvent, LogOptions, NewEvent, StoreKind};
use std::time::Duration;

/// With what SQL would trip over.
pub(super) const PASSWORD: &str = "it's-secret";

/// One database with a migrated log in it.
pub(super) struct Store {
    /// How its owner connects.
    pub(super) owner: String,
    /// How the service connects.
    pub(super) service: String,
    /// The service's login.
    pub(super) login: ServiceLogin,
}

impl Store {
    pub(super) async fn new(kind: StoreKind) -> Self {
        let store = Self::unmigrated().await;
        migrate(&store.owner, "test", kind, &store.login).await.unwrap();
        store
    }

    /// A database in which nobody has migrated yet.
    pub(super) async fn unmigrated() -> Self {
        let name = format!("log_{}", fresh().simple());
        let server = &servers().postgres;
        let admin = connect(&format!("{server}/postgres")).await;
        admin.batch_execute(&format!("create database {name}")).await.unwrap();
        let owner = format!("{server}/{name}");
        // A role is the cluster's, not the database's: each store has a login of its own.
        let login = ServiceLogin { name: format!("{name}_service"), password: PASSWORD.into() };
        let (_, host) = server.split_once('@').unwrap();
        let service = format!("postgres://{}:{PASSWORD}@{host}/{name}", login.name);
        Self { owner, service, login }
    }

    pub(super) async fn log(&self) -> Log {
        Log::connect(&self.service, options()).await.unwrap()
    }

    /// A connection of the database's owner.
    pub(super) async fn owner(&self) -> tokio_postgres::Client {
        connect(&self.owner).await
    }
}

pub(super) fn options() -> LogOptions {
    LogOptions { clock: clock(), connections: 4, queue: 1024, deadline: Duration::from_secs(20) }
}

pub(super) fn stream() -> StreamId {
    StreamId(fresh())
}

/// A request to add `events` events to a stream that stands at `expected`.
pub(super) fn append(stream: StreamId, expected: i64, events: usize) -> Append {
    Append {
        category: "clients",
        stream,
        expected: Version(expected),
        guards: vec![],
        events: (0..events).map(|_| event(r#"{"tag":"vip"}"#)).collect(),
        actor: Actor::Import("tests".into()),
        correlation: fresh(),
        causation: None,
        key: None,
        mark: None,
        at: None,
    }
}

pub(super) fn event(payload: &str) -> NewEvent {
    NewEvent {
        id: EventId(fresh()),
        kind: "Tagged".into(),
        schema: 1,
        concerns: vec![],
        payload: payload.into(),
    }
}

/// The whole log, read by pages, each event proven by its leaf.
pub(super) async fn everything(log: &Log) -> Vec<LogEvent> {
    let mut events: Vec<LogEvent> = Vec::new();
    loop {
        let after = events.last().map_or_else(Default::default, |last| last.position);
        let page = log.page(after, 500).await.unwrap();
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    assert!(events.iter().all(LogEvent::proves_itself));
    let positions: Vec<i64> = events.iter().map(|e| e.position.0).collect();
    assert_eq!(positions, (1..).take(events.len()).collect::<Vec<i64>>());
    assert!(events.is_sorted_by_key(|e| e.recorded_at), "time ran backwards");
    events
}

/// Holds the log's lock, so that every append waits, until the holder is dropped or lets go.
pub(super) struct Gate(tokio_postgres::Client);

impl Gate {
    pub(super) async fn close(store: &Store) -> Self {
        let owner = store.owner().await;
        owner.batch_execute("begin; lock table log.gate in exclusive mode").await.unwrap();
        Self(owner)
    }

    pub(super) async fn open(self) {
        self.0.batch_execute("commit").await.unwrap();
    }

    /// The backend of an append that waits at the gate, as soon as there is one.
    pub(super) async fn waiter(&self, store: &Store) -> i32 {
        let owner = store.owner().await;
        loop {
            let sql = "select pid from pg_locks where relation = 'log.gate'::regclass and not granted";
            if let Some(row) = owner.query_opt(sql, &[]).await.unwrap() {
                return row.get(0);
            }
            tokio::task::yield_now().await;
        }
    }
}
