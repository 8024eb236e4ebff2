//! Building each group of read models from the log, and following the log with it, beside COPY of the rows that come of it into
//! like tables.

use crate::support::{Store, connect, fresh, now, per_second, ratio};
use futures::{SinkExt, TryStreamExt};
use letopis::policies;
use letopis_commands::{Executor, Order};
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Actor, Position};
use letopis_eventstore::{Feed, Log};
use letopis_projections::engine::{Group, GroupStatus, Settings, Work, rebuild, run as follow};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Clients in the history.
const CLIENTS: usize = 5_000;
/// Calls of one round; what follows them makes 1,250 events of it.
const CALLS: usize = 1_000;
/// Rounds that are built from, and rounds that are followed: 80,000 and 20,000 events.
const ROUNDS: [usize; 2] = [56, 16];
/// Regions and tags of clients, codes of the dictionaries that every store begins with.
const REGIONS: [&str; 4] = ["msk", "mosobl", "spb", "lenobl"];
const TAGS: [&str; 3] = ["vip", "partner", "dealer"];
/// Events in one transaction while following.
const LIVE: usize = 500;

/// Prints the figures.
pub async fn run(store: &Store) {
    let log = store.log().await;
    let mut history = History::begin(Executor::new(log.clone(), Arc::new(now), Arc::new(fresh), None)).await;
    history.rounds(ROUNDS[0]).await;
    let crm = built(letopis_projections::crm(), store, &log).await;
    let reports = built(letopis_projections::reports(), store, &log).await;
    let policies = built(policies::group(), store, &log).await;
    history.rounds(ROUNDS[1]).await;
    println!("| group | events | rows | rebuild /s | live /s | COPY /s | rebuild : COPY | live : COPY |");
    println!("|---|---|---|---|---|---|---|---|");
    tell(letopis_projections::crm(), &crm, store, &log).await;
    tell(letopis_projections::reports(), &reports, store, &log).await;
    tell(policies::group(), &policies, store, &log).await;
    println!();
}

/// A company's calls, recorded through the ordinary commands.
struct History {
    executor: Executor,
    employee: Uuid,
    clients: Vec<Uuid>,
    calls: usize,
}

/// The number of a client, which identifies them.
fn number(client: usize) -> String {
    format!("+7495200{client:04}")
}

fn order(module: &str, id: Option<Uuid>, command: &str, body: Value) -> Order {
    Order {
        module: module.into(),
        id,
        command: command.into(),
        body,
        key: None,
        if_match: None,
        at: None,
        actor: Actor::Agent("bench".into()),
        correlation: fresh(),
        causation: None,
        mark: None,
        ids: None,
    }
}

impl History {
    async fn begin(executor: Executor) -> Self {
        let mut history = Self { executor, employee: Uuid::nil(), clients: vec![], calls: 0 };
        let opened =
            DictionaryName::ALL.iter().map(|name| order("dictionaries", None, "open", json!({"name": name})));
        history.carry_out(opened.collect()).await;
        let hire = order("employees", None, "hire", json!({"name": {"last": "Иванова"}}));
        history.employee = history.carry_out(vec![hire]).await[0];
        let client = |index: usize| {
            let region = REGIONS[index % REGIONS.len()];
            json!({
                "kind": "company", "name": format!("ООО «Север {index}»"), "region": region,
                "industry": "retail", "phones": [{"number": number(index)}], "external": {"source": "bench", "id": index.to_string()},
            })
        };
        let orders = (0..CLIENTS).map(|index| order("clients", None, "register", client(index)));
        history.clients = history.carry_out(orders.collect()).await;
        let assign = json!({"employee_id": history.employee, "kind": "main", "reason": "новый клиент"});
        let orders = history.clients.iter().map(|id| order("clients", Some(*id), "assign", assign.clone()));
        history.carry_out(orders.collect()).await;
        history
    }

    async fn carry_out(&self, orders: Vec<Order>) -> Vec<Uuid> {
        let done = self.executor.execute_many(orders).await;
        done.into_iter().map(|done| done.unwrap().receipt.id.0).collect()
    }

    /// Calls, every third known by its number alone; results and corrections of some; changes of some clients.
    async fn rounds(&mut self, rounds: usize) {
        for round in 0..rounds {
            let calls = (0..CALLS).map(|call| {
                let client = (self.calls + call) * 7 % CLIENTS;
                let mut body = json!({
                    "kind": "call", "direction": "out", "employee_id": self.employee, "duration_seconds": call,
                    "occurred_at": "2026-03-01T10:00:00Z", "telephony_status": "answered", "counterpart": {"raw": number(client)},
                });
                if call % 3 > 0 {
                    body["client_id"] = json!(self.clients[client]);
                }
                order("interactions", None, "record", body)
            });
            let calls = self.carry_out(calls.collect()).await;
            let mut orders = vec![];
            for call in calls.iter().step_by(10) {
                orders.push(order("interactions", Some(*call), "set_result", json!({"result": "agreed"})));
            }
            for call in calls.iter().step_by(20) {
                let body = json!({"duration_seconds": 77_777, "reason": "по записи"});
                orders.push(order("interactions", Some(*call), "correct", body));
            }
            for client in self.clients.iter().skip(round * 50 % CLIENTS).take(50) {
                orders.push(order("clients", Some(*client), "tag", json!({"tag": TAGS[round % TAGS.len()]})));
                let body = json!({"region": REGIONS[round % REGIONS.len()]});
                orders.push(order("clients", Some(*client), "correct", body));
            }
            self.carry_out(orders).await;
            self.calls += CALLS;
        }
    }
}

/// A group as it was built.
struct Built {
    events: Position,
    rows: u64,
    rebuild: u64,
    copy: u64,
}

async fn built<C: Clone + Send + Sync + 'static>(group: Group<C>, store: &Store, log: &Log) -> Built {
    let schema = group.schema();
    let start = Instant::now();
    let events = rebuild(group, &store.service, log, |_| {}).await.unwrap();
    let rebuild = per_second(events.0.unsigned_abs(), start);
    let (rows, copy) = copied(&schema, events.0.unsigned_abs(), store).await;
    Built { events, rows, rebuild, copy }
}

/// How many rows a group's tables have, and how many events a second it would be to do nothing but COPY these rows.
async fn copied(schema: &str, events: u64, store: &Store) -> (u64, u64) {
    let mut client = connect(&store.owner).await;
    let sql = "select table_name::text from information_schema.tables where table_schema = $1 and table_name <> 'checkpoint'";
    let mut tables: Vec<(String, Vec<bytes::Bytes>)> = vec![];
    for row in client.query(sql, &[&schema]).await.unwrap() {
        let table: String = row.get(0);
        let rows = client.copy_out(&format!("copy {schema}.{table} to stdout")).await.unwrap();
        tables.push((table, rows.try_collect().await.unwrap()));
    }
    let like: Vec<String> = tables
        .iter()
        .map(|(table, _)| {
            format!("create table {schema}_copy.{table} (like {schema}.{table} including all);")
        })
        .collect();
    let sql = format!("create schema {schema}_copy; set synchronous_commit = off; {}", like.concat());
    client.batch_execute(&sql).await.unwrap();
    let (mut count, start) = (0, Instant::now());
    let transaction = client.transaction().await.unwrap();
    for (table, rows) in tables {
        let sink = transaction.copy_in(&format!("copy {schema}_copy.{table} from stdin")).await.unwrap();
        let mut sink = std::pin::pin!(sink);
        for rows in rows {
            sink.feed(rows).await.unwrap();
        }
        count += sink.finish().await.unwrap();
    }
    transaction.commit().await.unwrap();
    (count, per_second(events, start))
}

/// Follows the log from where the build ended, and prints the group's line.
async fn tell<C: Clone + Send + Sync + 'static>(group: Group<C>, built: &Built, store: &Store, log: &Log) {
    let (name, head, stop) = (group.name(), log.head().await.unwrap().position, CancellationToken::new());
    let feed = Feed::start(log.clone(), None, stop.clone()).await.unwrap();
    let (status, mut told) = watch::channel(GroupStatus::default());
    let work = Work {
        group,
        answering: None,
        settings: Settings { batch: LIVE, ..Settings::default() },
        limit: None,
    };
    let start = Instant::now();
    tokio::select! {
        ended = follow(work, &store.service, log, &feed, status, stop.clone()) => panic!("{ended:?}"),
        there = told.wait_for(|status| status.position >= head) => drop(there.unwrap()),
    }
    let live = per_second((head.0 - built.events.0).unsigned_abs(), start);
    stop.cancel();
    let Built { events, rows, rebuild, copy } = built;
    let (of_rebuild, of_live) = (ratio(*rebuild, *copy), ratio(live, *copy));
    println!("| {name} | {events} | {rows} | {rebuild} | {live} | {copy} | {of_rebuild} | {of_live} |");
}
