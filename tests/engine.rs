//! No choice of how read models are run changes a row, and every moment of the past is as it was.

use crate::support::{Database, Service, clock};
use letopis_events::Position;
use letopis_events::departments::COMPANY;
use letopis_events::dictionaries::DictionaryName;
use letopis_eventstore::{Log, LogOptions, StoreKind};
use letopis_projections::engine::{Check, Settings, verify};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::time::Duration;

const REGIONS: [&str; 12] =
    ["msk", "spb", "komi", "nao", "tyva", "kbr", "kchr", "eao", "hmao", "altay", "adygea", "yakutia"];

const TURNS: [&str; 2] = ["retire", "restore"];
const TAGS: [&str; 3] = ["vip", "key", "b2b"];

/// What chance chooses in a round: a client, another one, a region, a tag, and whether the call is withdrawn.
type Turn = (usize, usize, usize, usize, bool);

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    vec((0..6_usize, 1..6_usize, 0..REGIONS.len(), 0..TAGS.len(), any::<bool>()), 12)
}

/// As of where, in batches of which size, with how many rows in memory.
fn checks(last: i64) -> impl Strategy<Value = Vec<(i64, usize, usize)>> {
    vec((1..=last, 1..40_usize, prop_oneof![Just(0), 0..40_usize, Just(10_000)]), 8)
}

/// One that chance chose.
fn drawn<S: Strategy>(strategy: &S) -> S::Value {
    strategy.new_tree(&mut TestRunner::default()).unwrap().current()
}

/// A history in which rows change again and again, within a batch and across batches; returns its length.
async fn history(service: &Service, turns: &[Turn]) -> i64 {
    let mut last = 0;
    let mut clients = vec![];
    for number in 0..6 {
        let body = json!({"kind": "person", "name": format!("Клиент {number}"), "tags": ["new"]});
        clients.push(service.command("clients/register", &body).await.id());
    }
    let person = json!({"name": {"last": "Орлов"}, "phones": [{"number": "8 921 555-12-34"}], "joins": [{"client_id": clients[0]}]});
    let person = service.command("contacts/register", &person).await.id();
    for (round, (client, apart, region, tag, withdrawn)) in turns.iter().copied().enumerate() {
        let other = &clients[(client + apart) % clients.len()];
        let client = &clients[client];
        let lines = json!([
            {"module": "clients", "id": client, "command": "tag", "body": {"tag": TAGS[tag]}},
            {"module": "clients", "id": client, "command": "correct", "body": {"region": REGIONS[region]}},
            {"module": "clients", "id": other, "command": "untag", "body": {"tag": "new"}},
            {"module": "clients", "id": other, "command": "assign", "body": {
                "employee_id": service.actor, "kind": "main", "reason": "x", "since": format!("2026-01-{:02}T00:00:00Z", round + 1)}},
            {"module": "dictionaries", "id": DictionaryName::Tags.stream(), "command": TURNS[round % 2], "body": {"code": "difficult"}},
            {"module": "departments", "id": COMPANY, "command": "open", "body": {"code": format!("d{round}"), "name": "x"}},
            {"module": "departments", "id": COMPANY, "command": "move", "body": {"code": format!("d{round}"), "parent": format!("d{}", round / 2)}},
        ]);
        let request = service.post("/api/commands").json(&lines);
        assert_eq!(service.send(request).await.status, 200);
        let name = json!({"name": {"last": format!("Орлов{round}")}});
        service.command(&format!("contacts/{person}/correct"), &name).await;
        // From where they are not, it is refused.
        let step = json!({"from_client_id": client, "to_client_id": other, "on": format!("2026-01-{:02}", round + 1)});
        let moved = service.command(&format!("contacts/{person}/move"), &step).await;
        assert!([200, 409, 422].contains(&moved.status), "{moved:?}");
        let call = json!({"kind": "call", "client_id": client, "contact_ids": [person], "occurred_at": "2026-03-02T10:00:00Z"});
        let call = service.command("interactions/record", &call).await.id();
        service.command(&format!("interactions/{call}/link"), &json!({"client_id": other})).await;
        let fix = json!({"occurred_at": "2026-03-03T10:00:00Z", "result": "agreed", "reason": "x"});
        last = service.command(&format!("interactions/{call}/correct"), &fix).await.position();
        if withdrawn {
            let unlink = json!({"client_id": client, "reason": "x"});
            service.command(&format!("interactions/{call}/unlink"), &unlink).await;
            last = service
                .command(&format!("interactions/{call}/withdraw"), &json!({"reason": "x"}))
                .await
                .position();
        }
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_and_cache_change_no_row_and_the_past_is_as_it_was() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let turns = drawn(&turns());
    let last = history(&service, &turns).await;
    for path in ["/api/clients", "/api/reports/interactions"] {
        assert_eq!(service.get(&format!("{path}?wait_for={last}")).await.status, 200);
    }
    let options = LogOptions { clock: clock(), connections: 2, queue: 16, deadline: Duration::from_secs(10) };
    let log = Log::connect(&database.service, options).await.unwrap();
    let one_by_one = [(last, 1, 0), (last, 10_000, 10_000)];
    for (until, batch, cache_rows) in one_by_one.into_iter().chain(drawn(&checks(last))) {
        let settings = Settings { batch, cache_rows };
        let check = Check { until: Some(Position(until)), settings };
        let (at, differences) =
            verify(letopis_projections::crm(), &database.service, &log, check, |_| {}).await.unwrap();
        assert_eq!((at, differences), (Position(until), vec![]), "crm {check:?} {turns:?}");
        let (_, differences) =
            verify(letopis_projections::reports(), &database.service, &log, check, |_| {}).await.unwrap();
        assert_eq!(differences, [], "reports {check:?} {turns:?}");
    }
}
