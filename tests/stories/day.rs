//! A day on which every command is used once.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_it_says() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let post = async |path: String, body: Value| {
        let answer = service.command(&path, &body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    };
    let employee =
        post("employees/hire".into(), json!({"name": {"last": "Волков"}, "phone": "8 495 765-43-21"}))
            .await
            .id();
    let tree = letopis_events::departments::COMPANY;
    post(format!("departments/{tree}/open"), json!({"code": "sales", "name": "Отдел продаж"})).await;
    post(format!("employees/{employee}/correct"), json!({"department": "sales", "phone": null})).await;
    let client = post("clients/register".into(), json!({"kind": "company", "name": "ООО «Лес»"})).await.id();
    let path = format!("/api/clients/{client}");
    let card = async |position: i64| {
        let card = service.get(&format!("{path}?wait_for={position}")).await;
        card.body["item"].clone()
    };

    post(format!("clients/{client}/add_phone"), json!({"number": "8-800-555-35-35", "shared": true})).await;
    post(format!("clients/{client}/add_email"), json!({"address": "a@example.org"})).await;
    let done =
        post(format!("clients/{client}/add_address"), json!({"kind": "office", "text": "Москва"})).await;
    // The same again changes nothing.
    let again = post(format!("clients/{client}/add_phone"), json!({"number": "+7 800 555-35-35"})).await;
    assert_eq!(again.position(), done.position());
    let now = card(done.position()).await;
    assert_eq!(now["phones"][0]["e164"], "+78005553535");
    let id = |list: &str| now[list][0]["id"].as_str().unwrap().to_owned();
    post(format!("clients/{client}/remove_phone"), json!({"phone_id": id("phones")})).await;
    post(format!("clients/{client}/remove_email"), json!({"email_id": id("emails")})).await;
    post(format!("clients/{client}/remove_address"), json!({"address_id": id("addresses")})).await;
    post(format!("clients/{client}/set_requisites"), json!({"inn": "7707083893"})).await;
    post(format!("clients/{client}/change_status"), json!({"status": "active", "reason": "договор"})).await;
    post(format!("clients/{client}/tag"), json!({"tag": "vip"})).await;
    let done = post(format!("clients/{client}/untag"), json!({"tag": "vip"})).await;
    let now = card(done.position()).await;
    assert_eq!((&now["phones"], &now["emails"], &now["addresses"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!((&now["requisites"][0]["inn"], &now["status"]), (&json!("7707083893"), &json!("active")));

    // A main manager ends the one before; a release ends an assignment.
    let assign = |employee: &str, since: &str| json!({"employee_id": employee, "kind": "main", "since": since, "reason": "x"});
    post(format!("clients/{client}/assign"), assign(&employee, "2026-01-01T00:00:00Z")).await;
    let done = post(format!("clients/{client}/assign"), assign(&service.actor, "2026-02-01T00:00:00Z")).await;
    let managers = card(done.position()).await["managers"].clone();
    assert_eq!(managers[0]["until"], "2026-02-01T00:00:00Z");
    let second = managers[1]["id"].as_str().unwrap();
    let release = json!({"assignment_id": second, "reason": "отпуск", "on": "2026-03-01T00:00:00Z"});
    post(format!("clients/{client}/release"), release).await;
    post(format!("employees/{employee}/dismiss"), json!({"on": "2026-03-01"})).await;

    post(format!("clients/{client}/archive"), json!({"reason": "закрылись"})).await;
    let done = post(format!("clients/{client}/restore"), json!({"reason": "открылись"})).await;
    assert_eq!(card(done.position()).await["archived"], false);
    post(format!("clients/{client}/correct"), json!({"website": "https://example.org"})).await;

    // An interaction: linked, its result set, corrected, unlinked, withdrawn.
    let call =
        json!({"kind": "call", "occurred_at": "2026-03-02T10:00:00Z", "counterpart": {"raw": "директор"}});
    let call = post("interactions/record".into(), call).await.id();
    let done = post(format!("interactions/{call}/link"), json!({"client_id": client})).await;
    assert_eq!(card(done.position()).await["interactions_total"], 1);
    post(format!("interactions/{call}/set_result"), json!({"result": "agreed"})).await;
    let fix = json!({"occurred_at": "2026-03-03T10:00:00Z", "reason": "ошибка в дате"});
    let done = post(format!("interactions/{call}/correct"), fix).await;
    let now = card(done.position()).await;
    assert_eq!(
        (&now["last_at"], &now["last_result"]["result"]),
        (&json!("2026-03-03T10:00:00Z"), &json!("agreed"))
    );
    post(format!("interactions/{call}/unlink"), json!({"client_id": client, "reason": "не тот"})).await;
    let done = post(format!("interactions/{call}/withdraw"), json!({"reason": "дубль"})).await;
    assert_eq!(card(done.position()).await["interactions_total"], 0);
    let refused = service.command(&format!("interactions/{call}/set_result"), &json!({"result": "x"})).await;
    assert_eq!((refused.status, refused.code()), (409, "withdrawn"));
}
