//! The commands of whoever runs the service: `letopis doctor`, `letopis events tail`.

use crate::support::{Database, Service, connect, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

fn letopis(database: &Database, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.args(args).env("LETOPIS_LOG_URL", &database.service).env("LETOPIS_LOG", "error");
    command.env("LETOPIS_NATS_URL", &crate::support::servers().nats).kill_on_drop(true);
    command
}

/// What the doctor finds: by what it is about, the level and the advice.
async fn findings(database: &Database) -> (bool, BTreeMap<String, (String, Value)>) {
    told(letopis(database, &["doctor", "--json"])).await
}

async fn told(mut doctor: Command) -> (bool, BTreeMap<String, (String, Value)>) {
    let output = doctor.output().await.unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let found = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).map(|finding| {
        let level = finding["level"].as_str().unwrap().to_owned();
        (finding["about"].as_str().unwrap().to_owned(), (level, finding["advice"].clone()))
    });
    (output.status.success(), found.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let done = service.command("clients/register", &json!({"kind": "person", "name": "Борис"})).await;
    for path in ["/api/clients", "/api/reports/interactions"] {
        assert_eq!(service.get(&format!("{path}?wait_for={}", done.position())).await.status, 200);
    }
    let (well, found) = findings(&database).await;
    // The servers of the tests run without fsync, and it says so.
    assert!(!well);
    assert_eq!(found["durability"].0, "problem");
    assert!(found["durability"].1.as_str().unwrap().contains("switch all three on"));
    for about in [
        "postgres",
        "clock",
        "timeouts",
        "rights",
        "triggers",
        "density",
        "leaves",
        "disk",
        "nats",
        "copy",
        "refusals",
        "crm",
        "reports",
        "policies",
        "connections",
        "read",
    ] {
        assert_eq!(found[about], ("ok".into(), Value::Null), "{about}");
    }

    // The read models stand elsewhere, on a server that may lose them; or nowhere.
    let mut elsewhere = letopis(&database, &["doctor", "--json"]);
    elsewhere.env("LETOPIS_READ_URL", format!("{}?application_name=elsewhere", database.service));
    let (_, read) = told(elsewhere).await;
    assert_eq!((read["read postgres"].0.as_str(), read["read durability"].0.as_str()), ("ok", "warning"));
    assert_eq!(read["read connections"].0, "ok");
    let mut nowhere = letopis(&database, &["doctor", "--json"]);
    nowhere.env("LETOPIS_READ_URL", "postgres://nobody@127.0.0.1:1/nothing");
    let (_, read) = told(nowhere).await;
    assert_eq!((read["read"].0.as_str(), read["density"].0.as_str()), ("problem", "ok"));
    assert!(read["read"].1.as_str().unwrap().contains("LETOPIS_READ_URL"));

    // Somebody with the owner's password alters the log.
    let owner = connect(&database.owner).await;
    let damage = "alter table log.event disable trigger never_changed;
                  update log.event set actor = 'agent:nobody' where position = 1;
                  delete from log.event where position = 2";
    owner.batch_execute(damage).await.unwrap();
    let (_, found) = findings(&database).await;
    for about in ["triggers", "density", "leaves"] {
        assert_eq!(found[about].0, "problem", "{about}");
    }
    owner
        .batch_execute("delete from log.event where position = (select max(position) from log.event)")
        .await
        .unwrap();
    let (_, found) = findings(&database).await;
    assert_eq!(found["crm"].0, "problem");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_read_models_are_being_built_is_not_ready() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    service.settled().await;
    drop(service);
    // Nothing is built while the checkpoint cannot be read.
    let read = connect(&database.service).await;
    let schema = letopis_projections::crm().schema();
    let hold = format!(
        "begin; set local lock_timeout = '10s'; lock table {schema}.checkpoint in access exclusive mode"
    );
    read.batch_execute(&hold).await.unwrap();
    let service = Service::without_people(&database, None, &[]).await;
    let health = service.get("/health/ready").await;
    let crm = |body: &Value| body["groups"]["crm"]["building"].clone();
    assert_eq!((health.status, crm(&health.body)), (503, json!(true)));
    read.batch_execute("rollback").await.unwrap();
    let ready = until("it is ready", || async {
        let health = service.get("/health/ready").await;
        (health.status == 200).then_some(health.body)
    });
    assert_eq!(crm(&ready.await), false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_goes_on_as_the_log_grows() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let mut tail =
        letopis(&database, &["events", "tail", "--after", "0", "--category", "clients", "--follow"]);
    let mut tail = tail.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next =
        async || -> Value { serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap() };
    let first = next().await;
    assert_eq!((&first["type"], &first["stream_id"]), (&json!("Registered"), &json!(client.id())));
    let call = json!({"kind": "call", "client_id": client.id(), "occurred_at": "2026-03-02T10:00:00Z"});
    service.command("interactions/record", &call).await;
    let archived =
        service.command(&format!("clients/{}/archive", client.id()), &json!({"reason": "x"})).await;
    let second = next().await;
    assert_eq!((&second["type"], &second["position"]), (&json!("Archived"), &json!(archived.position())));
    assert_eq!(second["leaf"].as_str().unwrap().len(), 64);

    // Without a position they are the last of those asked for, however far back.
    for _ in 0..11 {
        service.command("interactions/record", &call).await;
    }
    let one = letopis(&database, &["events", "tail", "--type", "Registered"]).output().await.unwrap();
    assert_eq!(String::from_utf8(one.stdout).unwrap().lines().count(), 1);

    let none = letopis(&database, &["events", "tail", "--category", "client", "--type", "Registred"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(!none.status.success() && none.stdout.is_empty(), "{said}");
    assert!(said.contains("--category: must be one of employees, clients, "), "{said}");
    assert!(said.contains("near it: Registered"), "{said}");
}
