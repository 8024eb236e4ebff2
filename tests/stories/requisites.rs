//! A company with a branch: two sets of registration data, an account with its bank, and who signs.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_has_registration_data_of_its_own() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let post = async |path: String, body: Value| {
        let answer = service.command(&path, &body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    };
    let main = json!({
        "inn": "7707083893", "kpp": "770701001", "ogrn": "1027700132195",
        "bank_account": {
            "account": "40702810938000000001", "bik": "044525225", "correspondent_account": "30101810400000000225",
            "bank_name": "ПАО Сбербанк",
        },
        "signatory": {"name": "Лесков Пётр Ильич", "position": "генеральный директор", "basis": "устав"},
    });
    let client = json!({"kind": "company", "name": "ООО «Лес»", "requisites": main});
    let client = post("clients/register".into(), client).await.id();
    let branch =
        json!({"inn": "7707083893", "kpp": "784243001", "full_name": "ООО «Лес», филиал в Петербурге"});
    let added = post(format!("clients/{client}/add_requisites"), branch).await;
    let card = async |position: i64| {
        let card = service.get(&format!("/api/clients/{client}?wait_for={position}")).await;
        card.body["item"].clone()
    };
    let sets = card(added.position()).await["requisites"].clone();
    assert_eq!((&sets[0]["kpp"], &sets[1]["kpp"]), (&json!("770701001"), &json!("784243001")));
    assert_eq!(sets[0]["bank_account"], main["bank_account"]);
    assert_eq!(sets[0]["signatory"], main["signatory"]);

    let id = sets[1]["id"].as_str().unwrap();
    let change = json!({"requisites_id": id, "full_name": null, "bank_account": {"account": "40702810638050013199", "bik": "044525225"}});
    let done = post(format!("clients/{client}/change_requisites"), change).await;
    let now = card(done.position()).await["requisites"].clone();
    assert_eq!((&now[1]["full_name"], &now[1]["bank_account"]["bik"]), (&Value::Null, &json!("044525225")));
    let wrong =
        json!({"requisites_id": id, "bank_account": {"account": "40702810638050013198", "bik": "044525225"}});
    let wrong = service.command(&format!("clients/{client}/change_requisites"), &wrong).await;
    assert_eq!((wrong.status, wrong.paths()), (422, vec!["/bank_account"]));

    let removed = post(
        format!("clients/{client}/remove_requisites"),
        json!({"requisites_id": id, "reason": "филиал закрыт"}),
    )
    .await;
    assert_eq!(card(removed.position()).await["requisites"].as_array().unwrap().len(), 1);
    // The past keeps them; the timeline tells old and new.
    let then = service.get(&format!("/api/clients/{client}?as_of={}", added.position())).await;
    assert_eq!(then.body["item"]["requisites"], sets);
    let line = service.get(&format!("/api/clients/{client}/timeline?limit=10")).await.body["items"].clone();
    let changes: Vec<&Value> =
        line.as_array().unwrap().iter().map(|entry| &entry["data"]["changes"]["requisites"]).collect();
    assert_eq!((&changes[1]["old"], &changes[1]["new"]["kpp"]), (&Value::Null, &json!("784243001")));
    assert_eq!(changes[2]["old"]["full_name"], "ООО «Лес», филиал в Петербурге");
    assert_eq!((&changes[3]["old"]["id"], &changes[3]["new"]), (&json!(id), &Value::Null));
    // Both numbers lead to the client.
    let found = service.get("/api/clients?inn=7707083893").await;
    assert_eq!(found.body["items"][0]["id"], json!(client));
}
