//! What the figures share: private servers with fsync on, a database with a store for each, and callers in a closed loop.

use futures::future::join_all;
use hdrhistogram::Histogram;
use letopis_eventstore::migrate::{ServiceLogin, grant_read, migrate};
use letopis_eventstore::{Log, LogOptions, StoreKind};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long each figure is measured.
pub const TIME: Duration = Duration::from_secs(3);

#[expect(clippy::disallowed_methods, reason = "a bench stands where the root package stands")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

#[expect(clippy::disallowed_methods, reason = "a bench stands where the root package stands")]
pub fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

/// One PostgreSQL and one NATS for all figures.
pub struct Servers {
    owner: String,
    nats: String,
    home: PathBuf,
    child: Child,
}

/// A database of them with a store in it.
pub struct Store {
    /// How its owner connects.
    pub owner: String,
    /// How the service connects.
    pub service: String,
    /// NATS.
    pub nats: String,
}

impl Servers {
    pub fn start() -> Self {
        let home = std::env::temp_dir().join(format!("letopis-bench-{}", fresh().simple()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_letopis"))
            .args(["local", "--home"])
            .arg(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self { owner: text("owner_url"), nats: text("nats_url"), home, child }
    }

    pub async fn store(&self, name: &str) -> Store {
        connect(&self.owner).await.batch_execute(&format!("create database {name}")).await.unwrap();
        let (base, _) = self.owner.rsplit_once('/').unwrap();
        let (_, host) = base.split_once('@').unwrap();
        let owner = format!("{base}/{name}");
        let login = ServiceLogin { name: format!("bench_{name}"), password: "bench".into() };
        migrate(&owner, name, StoreKind::Production, &login).await.unwrap();
        grant_read(&owner, &login).await.unwrap();
        let service = format!("postgres://{}:{}@{host}/{name}", login.name, login.password);
        Store { owner, service, nats: self.nats.clone() }
    }

    pub fn stop(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        std::fs::remove_dir_all(self.home).unwrap();
    }
}

impl Store {
    pub async fn log(&self) -> Log {
        let options = LogOptions {
            clock: Arc::new(now),
            connections: 2,
            queue: 4_096,
            deadline: Duration::from_secs(30),
        };
        Log::connect(&self.service, options).await.unwrap()
    }
}

pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// What callers got who asked again as soon as they were answered.
pub struct Measured {
    /// Answers per second.
    pub per_second: u64,
    /// How long each took, in microseconds.
    pub latency: Histogram<u64>,
}

/// Runs callers for [`TIME`]; each does its work again and again.
pub async fn callers<W, F>(work: impl IntoIterator<Item = W>) -> Measured
where
    W: FnMut() -> F + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let start = Instant::now();
    let each = work.into_iter().map(|mut work| {
        tokio::spawn(async move {
            let mut latency = Histogram::new(3).unwrap();
            while start.elapsed() < TIME {
                let asked = Instant::now();
                work().await;
                latency.record(u64::try_from(asked.elapsed().as_micros()).unwrap()).unwrap();
            }
            latency
        })
    });
    let mut latency = Histogram::<u64>::new(3).unwrap();
    for seen in join_all(each.collect::<Vec<_>>()).await {
        latency.add(seen.unwrap()).unwrap();
    }
    Measured { per_second: per_second(latency.len(), start), latency }
}

pub fn per_second(count: u64, start: Instant) -> u64 {
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap();
    count * 1_000 / millis.max(1)
}

/// How many times `other` goes into `own`, with two decimals.
pub fn ratio(own: u64, other: u64) -> String {
    let hundredths = own * 100 / other.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
