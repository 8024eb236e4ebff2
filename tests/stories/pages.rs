//! Every list is walked by pages, forth and back, over every row once.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

/// Rows of a page: the lists below have more than two such pages.
const LIMIT: usize = 2;

/// Six clients, five of them without a manager, and an interaction with the first a day.
async fn world(service: &Service) -> (String, i64) {
    let mut clients = vec![];
    for number in 0..6 {
        let hire = json!({"name": {"last": format!("Иванов {}", number % 2)}});
        service.command("employees/hire", &hire).await.id();
        let client = json!({"kind": "person", "name": format!("Анна {}", number % 2)});
        clients.push(service.command("clients/register", &client).await.id());
        let call = json!({"kind": "call", "client_id": clients[0], "occurred_at": format!("2026-03-0{}", number / 2 + 1)});
        assert_eq!(service.command("interactions/record", &call).await.status, 201);
        let assign = json!({
            "employee_id": service.actor, "kind": "co", "reason": "x", "since": "2026-01-01T00:00:00Z",
        });
        assert_eq!(
            service.command(&format!("clients/{}/assign", clients[number]), &assign).await.status,
            200
        );
    }
    let assign = json!({"employee_id": service.actor, "kind": "main", "reason": "x"});
    let head = service.command(&format!("clients/{}/assign", clients[0]), &assign).await.position();
    (clients.swap_remove(0), head)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_pages_both_ways() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (client, head) = world(&service).await;
    for list in [
        "/api/clients?".to_owned(),
        "/api/clients?name=анна&".to_owned(),
        "/api/employees?".to_owned(),
        format!("/api/clients/{client}/timeline?"),
        "/api/interactions?unlinked=false&".to_owned(),
        "/api/assignments?".to_owned(),
        "/api/assignments/workload?".to_owned(),
        "/api/assignments/unassigned?".to_owned(),
    ] {
        let ask = async |rest: String| {
            let answer = service.get(&format!("{list}wait_for={head}&{rest}")).await;
            assert_eq!(answer.status, 200, "{list}{rest} {answer:?}");
            answer.body
        };
        let whole = ask("limit=500".into()).await;
        assert_eq!((&whole["meta"]["next"], &whole["meta"]["prev"]), (&Value::Null, &Value::Null), "{list}");
        let rows = whole["items"].as_array().unwrap().clone();
        assert!(rows.len() > 2 * LIMIT, "{list}: {} rows", rows.len());
        let pages: Vec<&[Value]> = rows.chunks(LIMIT).collect();
        let mut page = ask(format!("limit={LIMIT}")).await;
        assert_eq!(page["meta"]["prev"], Value::Null, "{list}");
        for (number, expected) in pages.iter().enumerate() {
            assert_eq!(page["items"].as_array().unwrap(), expected, "{list}: page {number}");
            match page["meta"]["next"].as_str() {
                Some(next) => page = ask(format!("limit={LIMIT}&cursor={next}")).await,
                None => assert_eq!(number + 1, pages.len(), "{list} ends early"),
            }
        }
        for (number, expected) in pages.iter().enumerate().rev().skip(1) {
            let prev =
                page["meta"]["prev"].as_str().unwrap_or_else(|| panic!("{list}: none before {number}"));
            page = ask(format!("limit={LIMIT}&cursor={prev}")).await;
            assert_eq!(page["items"].as_array().unwrap(), expected, "{list}: page {number} again");
            assert!(page["meta"]["next"].is_string(), "{list}: page {number} has a next one");
        }
        assert_eq!(page["meta"]["prev"], Value::Null, "{list} begins here");
    }
}
