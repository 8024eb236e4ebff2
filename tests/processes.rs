//! The parts of the service in processes of their own, on databases of their own; what whoever operates them starts by hand.

use crate::support::{Database, Service, connect, fresh, servers, spawn, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::process::Output;
use tokio::process::Command;

async fn letopis(variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.args(args).env("LETOPIS_LOG", "error").envs(variables.iter().copied());
    command.kill_on_drop(true).output().await.unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it says when it refuses to run.
async fn refused(variables: &[(&str, &str)], args: &[&str]) -> String {
    let output = letopis(variables, args).await;
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_made_by_hand_and_its_read_models_stand_in_another_database() {
    let base = &servers().postgres;
    let admin = connect(&format!("{base}/postgres")).await;
    let (_, host) = base.split_once('@').unwrap();
    let [log, read] = ["log", "read"].map(|what| format!("{what}_{}", fresh().simple()));
    for database in [&log, &read] {
        admin.batch_execute(&format!("create database {database}")).await.unwrap();
    }
    let address = |database: &str| format!("postgres://service_{log}:secret@{host}/{database}");
    let (owner, read_owner) = (format!("{base}/{log}"), format!("{base}/{read}"));
    let service = Database { owner: owner.clone(), service: address(&log) };
    let read_url = address(&read);
    let variables = [
        ("LETOPIS_OWNER_URL", owner.as_str()),
        ("LETOPIS_READ_OWNER_URL", read_owner.as_str()),
        ("LETOPIS_LOG_URL", service.service.as_str()),
        ("LETOPIS_READ_URL", read_url.as_str()),
    ];
    assert_eq!(
        said(&letopis(&variables, &["migrate", "--store", "apart"]).await),
        "the store apart is ready\n"
    );
    let hired: Value =
        serde_json::from_str(&said(&letopis(&variables, &["init", "--last", "Иванова", "--json"]).await))
            .unwrap();
    let mut serving = Service::reading(&service, &read_url).await;
    serving.actor = hired["id"].as_str().unwrap().to_owned();
    let done = serving.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let card = serving.get(&format!("/api/clients/{}?wait_for={}", done.id(), done.position())).await;
    assert_eq!(card.body["item"]["name"], "Анна");
    let schema = letopis_projections::crm().schema();
    for (owner, there) in [(&owner, false), (&read_owner, true)] {
        let found =
            connect(owner).await.query("select from pg_namespace where nspname = $1", &[&schema]).await;
        assert_eq!(!found.unwrap().is_empty(), there, "{owner}");
    }
    // As who owns the tables nobody serves, and on no database that was not made ready.
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let words = refused(&[("LETOPIS_LOG_URL", owner.as_str())], &serve).await;
    assert!(words.contains("superuser"), "{words}");
    let words = refused(&[("LETOPIS_LOG_URL", read_url.as_str())], &serve).await;
    assert!(words.contains("migrate"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_and_workers_run_in_processes_of_their_own() {
    let database = Database::new(StoreKind::Production).await;
    let nats = Some(servers().nats.as_str());
    let service = Service::with(&database, nats, &["--without", "workers,relay"]).await;
    let (_relay, line) = spawn(&database, nats, &["relay"]).await;
    assert_eq!(line, "relaying");
    let (_crm, line) = spawn(&database, nats, &["worker", "crm", "reports"]).await;
    assert_eq!(line, "working");
    let _policies = spawn(&database, nats, &["worker", "policies"]).await;
    let client = json!({"kind": "person", "name": "Анна", "phones": [{"number": "+7 921 555-12-34"}]});
    let client = service.command("clients/register", &client).await.id();
    let call =
        json!({"kind": "call", "occurred_at": "2026-03-02T10:00:00Z", "counterpart": {"raw": "89215551234"}});
    let call = service.command("interactions/record", &call).await.id();
    until("the policy links the call and the card counts it", || async {
        let card = service.get(&format!("/api/clients/{client}")).await;
        (card.body["item"]["interactions"][0]["count"] == 1).then_some(())
    })
    .await;
    let head = service.get("/api/log").await.body["item"]["head"].clone();
    let linked = service.get(&format!("/api/interactions/{call}?wait_for={head}")).await;
    assert_eq!(linked.body["item"]["client_ids"], json!([client]));
    let stream = service.get("/api/log").await.body["item"]["stream"].as_str().unwrap().to_owned();
    let jetstream = async_nats::jetstream::new(async_nats::connect(&servers().nats).await.unwrap());
    until("the relay has copied all", || async {
        let stream = jetstream.get_stream(&stream).await.ok()?;
        (stream.get_info().await.ok()?.state.last_sequence == head.as_u64()?).then_some(())
    })
    .await;
    let words = refused(&[("LETOPIS_LOG_URL", &database.service)], &["worker", "cards"]).await;
    assert!(words.contains("crm, reports, policies"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_built_anew_beside_the_service() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await.id();
    let head = service.settled().await;
    // Somebody has changed a row behind the log's back.
    let schema = letopis_projections::crm().schema();
    let tables = connect(&database.service).await;
    tables.batch_execute(&format!("update {schema}.card set name = 'Борис'")).await.unwrap();
    let variables = [("LETOPIS_LOG_URL", database.service.as_str())];
    let differs = letopis(&variables, &["rebuild", "crm", "--verify"]).await;
    assert!(!differs.status.success(), "{differs:?}");
    assert!(String::from_utf8(differs.stdout).unwrap().contains("crm.card: 1 rows only in use"));
    let told = said(&letopis(&variables, &["rebuild", "crm"]).await);
    assert_eq!(told, format!("crm: rebuilt up to position {head}\n"));
    let name = async || service.get(&format!("/api/clients/{client}")).await.body["item"]["name"].clone();
    assert_eq!(name().await, "Анна");
    // The worker goes on from the new tables.
    let tag = service.command(&format!("clients/{client}/tag"), &json!({"tag": "vip"})).await.position();
    let card = service.get(&format!("/api/clients/{client}?wait_for={tag}")).await;
    assert_eq!(card.body["item"]["tags"], json!(["vip"]));
    service.settled().await;
    database.verified().await;
    let words = refused(&variables, &["rebuild", "cards"]).await;
    assert!(words.contains("crm, reports, policies"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_is_served() {
    let database = Database::new(StoreKind::Production).await;
    let variables = [("LETOPIS_LOG_URL", database.service.as_str())];
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let words = refused(&variables, &["serve", "--listen", listen]).await;
        assert!(words.contains("loopback only"), "{listen}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_say_how_it_goes() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    service.settled().await;
    let text = service.get("/metrics").await.text;
    let value = |name: &str| {
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
        line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()
    };
    for (name, least) in [
        ("letopis_append_batch_events_count", 1.0),
        ("letopis_append_seconds_count", 1.0),
        ("letopis_group_position{group=\"crm\"}", 11.0),
        ("letopis_feed_events_total{source=", 1.0),
        ("letopis_feed_batches_total{source=", 1.0),
        ("letopis_relay_position", 1.0),
        ("letopis_http_requests_total{", 1.0),
        ("letopis_http_seconds", 0.0),
    ] {
        assert!(value(name) >= least, "{name} is {}", value(name));
    }
    for name in [
        "letopis_group_lag_positions{group=\"reports\"}",
        "letopis_group_lag_seconds{group=\"policies\"}",
        "letopis_relay_lag_positions",
    ] {
        assert!(value(name) < 10.0, "{name} is {}", value(name));
    }
    assert!(
        text.contains(
            r#"letopis_http_requests_total{route="/api/commands/{module}/{command}",status="201"}"#
        ),
        "{text}"
    );
}

/// Adds an address to a client under a key; none: nobody answered.
async fn add(url: &str, actor: &str, client: &str, number: usize) -> Option<Value> {
    let body = json!({"address": format!("a{number}@example.org"), "accept_duplicates": {"reason": "x"}});
    let post = reqwest::Client::new().post(format!("{url}/api/commands/clients/{client}/add_email"));
    let post = post.header("letopis-actor", actor).header("idempotency-key", format!("add-{number}"));
    let answer = post.json(&body).send().await.ok()?;
    // Many write to one stream: whoever lost too often tries again.
    if answer.status() == 409 {
        return Box::pin(add(url, actor, client, number)).await;
    }
    assert_eq!(answer.status(), 200);
    answer.json().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_one_dense_log_whichever_is_killed() {
    const WRITERS: usize = 6;
    const EACH: usize = 12;
    let database = Database::new(StoreKind::Production).await;
    let service = Service::with(&database, None, &[]).await;
    let (mut other, line) = spawn(&database, None, &["serve", "--listen", "127.0.0.1:0"]).await;
    let urls = [service.url.clone(), line.strip_prefix("listening on ").unwrap().to_owned()];
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await.id();
    let before = service.settled().await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (url, actor, client) = (urls[writer % 2].clone(), service.actor.clone(), client.clone());
            tokio::spawn(async move {
                let mut told = vec![];
                for number in (0..EACH).map(|number| writer * EACH + number) {
                    told.push((number, add(&url, &actor, &client, number).await));
                }
                told
            })
        })
        .collect();
    until("both have written", || async {
        (service.get("/api/log").await.body["item"]["head"].as_i64()? > before + 10).then_some(())
    })
    .await;
    other.kill().await.unwrap();
    let (mut told, mut unanswered) = (vec![], 0);
    for writer in writers {
        for (number, answer) in writer.await.unwrap() {
            unanswered += usize::from(answer.is_none());
            // What nobody answered is sent again, to the one that lives: it has happened once, or it happens now.
            let again = add(&urls[0], &service.actor, &client, number).await.unwrap();
            assert!(answer.is_none_or(|answer| answer == again), "{again}");
            told.push((again["version"].as_i64().unwrap(), again["position"].as_i64().unwrap()));
        }
    }
    assert!(unanswered > 0, "the killed one had nothing more to do");
    told.sort_unstable();
    let versions: Vec<i64> = told.iter().map(|(version, _)| *version).collect();
    let all = i64::try_from(WRITERS * EACH).unwrap();
    assert_eq!(versions, (2..all + 2).collect::<Vec<_>>());
    let head = service.settled().await;
    assert_eq!(head, before + all);
    let events = service.get("/api/events?limit=1000").await.body["items"].as_array().unwrap().clone();
    let positions: Vec<i64> = events.iter().map(|event| event["position"].as_i64().unwrap()).collect();
    assert_eq!(positions, (1..=head).collect::<Vec<_>>());
    for (version, position) in told {
        let event = &events[usize::try_from(position).unwrap() - 1];
        assert_eq!((&event["stream_id"], &event["version"]), (&json!(client), &json!(version)));
    }
    database.verified().await;
}
