//! Real servers for the tests of one run: one PostgreSQL and one NATS for all, a database and a store for each test.

mod document;
mod nats;
mod service;

pub(crate) use document::{document, pointer};
pub(crate) use nats::Nats;
pub(crate) use service::{Answer, Service, spawn};

use letopis_eventstore::migrate::{ServiceLogin, grant_read, migrate, prepare};
use letopis_eventstore::{Clock, StoreKind};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// How long a test waits for anything.
const PATIENCE: Duration = Duration::from_mins(1);
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// The events every store begins with: eight dictionaries and the company's tree.
pub(crate) const SEEDS: i64 = 9;

/// The servers of this run. They stop when this process ends: it holds their input.
pub(crate) struct Servers {
    /// PostgreSQL, `postgres://user:password@host:port`.
    pub(crate) postgres: String,
    /// NATS.
    pub(crate) nats: String,
    _child: Child,
}

pub(crate) fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(start)
}

fn start() -> Servers {
    let home = std::env::temp_dir().join(format!("letopis-test-{}", fresh().simple()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_letopis"))
        .args(["local", "--fast", "--home"])
        .arg(&home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).expect("the servers come up: run `make setup` first");
    let owner = told["owner_url"].as_str().unwrap();
    Servers {
        postgres: owner.rsplit_once('/').unwrap().0.to_owned(),
        nats: told["nats_url"].as_str().unwrap().to_owned(),
        _child: child,
    }
}

/// The database that all others are copied from.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

async fn template() -> String {
    let (name, base) = (format!("template_{}", fresh().simple()), &servers().postgres);
    let admin = connect(&format!("{base}/postgres")).await;
    admin.batch_execute(&format!("create database {name}")).await.unwrap();
    prepare(&format!("{base}/{name}")).await.unwrap();
    name
}

/// A database with a store in it that nobody else uses.
pub(crate) struct Database {
    /// How its owner connects.
    pub(crate) owner: String,
    /// How the service connects.
    pub(crate) service: String,
}

impl Database {
    pub(crate) async fn new(kind: StoreKind) -> Self {
        let name = fresh().simple().to_string();
        let base = &servers().postgres;
        let admin = connect(&format!("{base}/postgres")).await;
        let template = TEMPLATE.get_or_init(template).await;
        admin.batch_execute(&format!("create database \"{name}\" template {template}")).await.unwrap();
        let owner = format!("{base}/{name}");
        let login = ServiceLogin { name: format!("service_{name}"), password: "secret".into() };
        migrate(&owner, &name, kind, &login).await.unwrap();
        grant_read(&owner, &login).await.unwrap();
        let (_, host) = base.split_once('@').unwrap();
        let service = format!("postgres://{}:{}@{host}/{name}", login.name, login.password);
        Self { owner, service }
    }

    /// Every group's tables equal a rebuild, row by row.
    pub(crate) async fn verified(&self) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_letopis"));
        command
            .args(["rebuild", "--verify"])
            .env("LETOPIS_LOG_URL", &self.service)
            .env("LETOPIS_LOG", "warn");
        let output = command.output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(text.matches("equal to a rebuild").count(), 3, "{text}");
    }
}

pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Looks until there is an answer.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

pub(crate) fn clock() -> Clock {
    Arc::new(now)
}

#[expect(clippy::disallowed_methods, reason = "a test stands where the root package stands")]
pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "a test stands where the root package stands")]
pub(crate) fn fresh() -> Uuid {
    Uuid::now_v7()
}
