//! A call is logged, and the card shows it.

use crate::support::{Answer, Database, Service, until};
use letopis_eventstore::StoreKind;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_a_known_number_stands_on_the_card() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service
        .command(
            "clients/register",
            &json!({"kind": "company", "name": "ООО «Ромашка»", "phones": [{"number": "8 (495) 123-45-67"}]}),
        )
        .await;
    assert_eq!(client.status, 201);
    let call = json!({
        "kind": "call", "direction": "in", "occurred_at": "2026-03-02T10:15:00+03:00", "duration_seconds": 75,
        "counterpart": {"raw": "+7 495 1234567"}, "telephony_status": "answered", "result": "interested",
        "next_step": {"action": "call_back", "due_on": "2026-03-05"},
    });
    let call = service.command("interactions/record", &call).await;
    assert_eq!(call.status, 201);

    // The policies link the caller and plan what was agreed; the card counts the call.
    let path = format!("/api/clients/{}", client.id());
    let card = until("the call and the next step stand on the card", || async {
        let card = service.get(&path).await;
        (card.body["item"]["next_step"]["action"] == "call_back").then_some(card)
    })
    .await;
    let item = &card.body["item"];
    assert_eq!((&item["name"], &item["interactions_total"]), (&json!("ООО «Ромашка»"), &json!(1)));
    assert_eq!(item["interactions"][0]["kind"], "call");
    assert_eq!(item["interactions"][0]["direction"], "in");
    assert_eq!(item["last_result"]["result"], "interested");
    assert_eq!(item["next_step"]["due"], json!({"on": "2026-03-05"}));
    assert_eq!(card.headers["etag"], "\"1\"");

    // As of the call's own position the policy had not spoken yet.
    let before = service.get(&format!("{path}?as_of={}", call.position())).await;
    assert_eq!(before.body["item"]["interactions_total"], 0);
    assert_eq!(before.body["meta"]["as_of"], call.position());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_everything_works() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::with(&database, None, &[]).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let card = service.get(&format!("/api/clients/{}?wait_for={}", client.id(), client.position())).await;
    assert_eq!((card.status, &card.body["item"]["name"]), (200, &json!("Анна")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_number_two_clients_have_is_named_and_not_linked() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let mut clients = vec![];
    for name in ["ООО «Ромашка»", "ООО «Василёк»"] {
        let client = json!({
            "kind": "company", "name": name, "phones": [{"number": "8 (495) 123-45-67"}],
            "accept_duplicates": {"reason": "одно здание"},
        });
        clients.push(service.command("clients/register", &client).await);
    }
    let call =
        json!({"kind": "call", "occurred_at": "2026-03-02T10:15:00Z", "counterpart": {"raw": "84951234567"}});
    let call = service.command("interactions/record", &call).await.id();
    let head = service.settled().await;
    let path = format!("/api/interactions/{call}");
    let candidates = async |at: i64| {
        let item = service.get(&format!("{path}?wait_for={at}")).await.body["item"].clone();
        let mut ids: Vec<String> = item["candidates"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|candidate| candidate["client_id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort_unstable();
        (item["client_ids"].clone(), ids)
    };
    let mut both: Vec<String> = clients.iter().map(Answer::id).collect();
    both.sort_unstable();
    assert_eq!(candidates(head).await, (json!([]), both));
    let waiting = service.get("/api/interactions?unlinked=true").await;
    assert_eq!(waiting.body["items"][0]["id"], json!(call));
    // Of the two one has it no more: now it is the other's.
    let gone = clients[1].id();
    let phone = service.get(&format!("/api/clients/{gone}")).await.body["item"]["phones"][0]["id"].clone();
    let remove = json!({"phone_id": phone, "reason": "сменили номер"});
    service.command(&format!("clients/{gone}/remove_phone"), &remove).await;
    let head = service.settled().await;
    assert_eq!(candidates(head).await, (json!([clients[0].id()]), vec![]));
}
