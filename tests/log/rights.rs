//! Who may do what: the service only appends, and nobody alters what is stored.

use super::store::{Gate, Store, append, connect, everything, options, stream};
use letopis_eventstore::migrate::{ServiceLogin, migrate};
use letopis_eventstore::{Log, LogError, StoreKind};
use tokio_postgres::error::SqlState;

const TAMPERING: [&str; 4] = [
    "update log.event set payload = '{}'",
    "delete from log.event",
    "truncate log.event",
    "truncate log.event, log.gate cascade",
];

async fn refused(client: &tokio_postgres::Client, sql: &str) -> SqlState {
    let error = client.batch_execute(sql).await.expect_err(sql);
    error.code().expect(sql).clone()
}

#[tokio::test]
async fn the_service_can_only_append() {
    let store = Store::new(StoreKind::Production).await;
    store.log().await.append(append(stream(), 0, 1)).await.unwrap();
    let service = connect(&store.service).await;
    for sql in TAMPERING {
        assert_eq!(refused(&service, sql).await, SqlState::INSUFFICIENT_PRIVILEGE, "{sql}");
    }
    for sql in [
        "insert into log.event select * from log.event",
        "do $$ begin lock table log.gate in exclusive mode; end $$",
        "insert into log.gate default values",
        "insert into log.receipt select * from log.receipt",
        "delete from log.receipt",
        "update log.store set name = 'other'",
        "update log.mark set number = 0",
        "insert into log.refusal (policy) values ('mine')",
        "delete from log.refusal",
        "create table log.mine ()",
        "create table public.mine ()",
        "create schema mine",
        "alter table log.event disable trigger all",
        "set session_replication_role = replica",
    ] {
        assert_eq!(refused(&service, sql).await, SqlState::INSUFFICIENT_PRIVILEGE, "{sql}");
    }
    for (setting, off) in
        [("idle_in_transaction_session_timeout", "0"), ("lock_timeout", "0"), ("statement_timeout", "0")]
    {
        let row = service.query_one(&format!("show {setting}"), &[]).await.unwrap();
        assert_ne!(row.get::<_, &str>(0), off, "{setting}");
    }
}

#[tokio::test]
async fn the_owner_is_stopped_too() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    log.append(append(stream(), 0, 2)).await.unwrap();
    let owner = store.owner().await;
    for mode in ["origin", "replica"] {
        owner.batch_execute(&format!("set session_replication_role = {mode}")).await.unwrap();
        for sql in TAMPERING {
            refused(&owner, sql).await;
        }
    }
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test]
async fn what_is_altered_behind_the_triggers_does_not_prove_itself() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    log.append(append(stream(), 0, 2)).await.unwrap();
    let sql = "alter table log.event disable trigger all; update log.event set actor = 'agent:other' where position = 2";
    store.owner().await.batch_execute(sql).await.unwrap();
    let events = log.page(letopis_events::Position(0), 10).await.unwrap();
    assert_eq!(
        events.iter().map(letopis_eventstore::LogEvent::proves_itself).collect::<Vec<_>>(),
        [true, false]
    );
}

#[tokio::test]
async fn strangers_may_not_call_the_functions() {
    let store = Store::new(StoreKind::Production).await;
    let owner = store.owner().await;
    let sql = "select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname = 'log' and has_function_privilege('public', p.oid, 'execute')";
    let open: Vec<String> = owner.query(sql, &[]).await.unwrap().iter().map(|r| r.get(0)).collect();
    assert_eq!(open, [""; 0]);
    let sql = "select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname = 'log' and p.prosecdef and not exists
                     (select from unnest(p.proconfig) setting where setting like 'search_path=%')";
    let loose: Vec<String> = owner.query(sql, &[]).await.unwrap().iter().map(|r| r.get(0)).collect();
    assert_eq!(loose, [""; 0]);
}

#[tokio::test]
async fn repeatable_read_is_refused() {
    let store = Store::new(StoreKind::Production).await;
    let url = format!("{}?options=-c%20default_transaction_isolation%3Drepeatable%5C%20read", store.service);
    let log = Log::connect(&url, options()).await.unwrap();
    // Either the log sets the level itself, or the function refuses; in no case a second position 1.
    let first = log.append(append(stream(), 0, 1)).await;
    let second = log.append(append(stream(), 0, 1)).await;
    assert_eq!(first.is_ok(), second.is_ok());
    everything(&store.log().await).await;
}

#[tokio::test]
async fn serving_as_owner_or_unmigrated_is_refused_with_advice() {
    let store = Store::new(StoreKind::Production).await;
    let Err(error) = Log::connect(&store.owner, options()).await else { panic!("served as owner") };
    assert!(error.to_string().contains("owner") || error.to_string().contains("superuser"), "{error}");

    let empty = Store::unmigrated().await;
    let Err(error) = Log::connect(&empty.owner, options()).await else { panic!("served unmigrated") };
    assert!(error.to_string().contains("letopis migrate"), "{error}");

    let behind = "delete from log.migration where version = (select max(version) from log.migration)";
    store.owner().await.batch_execute(behind).await.unwrap();
    let Err(error) = Log::connect(&store.service, options()).await else { panic!("served half migrated") };
    assert!(error.to_string().contains("letopis migrate"), "{error}");

    let nowhere = store.service.replace(&store.login.name, "nobody");
    let error: Result<Log, LogError> = Log::connect(&nowhere, options()).await;
    assert!(error.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_named_once() {
    let store = Store::new(StoreKind::Sample).await;
    migrate(&store.owner, "test", StoreKind::Sample, &store.login).await.unwrap();
    for (name, kind) in [("other", StoreKind::Sample), ("test", StoreKind::Production)] {
        assert!(migrate(&store.owner, name, kind, &store.login).await.is_err());
    }
    let info = store.log().await.info().clone();
    assert_eq!((info.store.as_str(), info.kind, info.epoch), ("test", StoreKind::Sample, 1));
    let empty = Store::unmigrated().await;
    for bad in ["", "Main", "a-b", "a b", "абв", &"a".repeat(33)] {
        assert!(migrate(&empty.owner, bad, StoreKind::Sample, &empty.login).await.is_err(), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_may_run_side_by_side() {
    // One login for all: a role is the cluster's, and all of them try to make it.
    let mut stores = vec![];
    for _ in 0..4 {
        stores.push(Store::unmigrated().await);
    }
    let login = ServiceLogin { name: stores[0].login.name.clone(), password: super::store::PASSWORD.into() };
    let migrations = stores
        .iter()
        .chain(&stores)
        .map(|store| migrate(&store.owner, "test", StoreKind::Production, &login));
    for done in futures::future::join_all(migrations).await {
        done.unwrap();
    }
    let log = stores[0].log().await;
    let gate = Gate::close(&stores[1]).await;
    // The lock is a database's own.
    log.append(append(stream(), 0, 1)).await.unwrap();
    gate.open().await;
}
