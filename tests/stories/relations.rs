//! Who pays for whom, and which companies belong together.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

struct World {
    service: Service,
}

impl World {
    async fn done(&self, path: &str, body: &Value) -> i64 {
        let answer = self.service.command(path, body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer.position()
    }

    async fn company(&self, name: &str, parent: Option<&str>) -> String {
        let mut body = json!({"kind": "company", "name": name});
        if let Some(parent) = parent {
            body["parent_client_id"] = json!(parent);
        }
        self.service.command("clients/register", &body).await.id()
    }

    async fn get(&self, path: &str, position: i64) -> Value {
        let answer = self.service.get(&format!("{path}?wait_for={position}")).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        answer.body
    }

    /// Names and depths, as far down as it goes.
    async fn group(&self, client: &str, position: i64) -> Vec<(String, i64)> {
        let items = self.get(&format!("/api/clients/{client}/group"), position).await["items"].clone();
        let told =
            |item: &Value| (item["name"].as_str().unwrap().to_owned(), item["depth"].as_i64().unwrap());
        items.as_array().unwrap().iter().map(told).collect()
    }
}

fn group(told: &[(&str, i64)]) -> Vec<(String, i64)> {
    told.iter().map(|(name, depth)| ((*name).to_owned(), *depth)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_are_to_each_other_stands_on_both_cards() {
    let database = Database::new(StoreKind::Production).await;
    let world = World { service: Service::start(&database).await };
    let (payer, branch) = (world.company("ООО «Лес»", None).await, world.company("Филиал", None).await);
    let relate =
        json!({"client_id": branch, "kind": "payer", "since": "2026-01-01", "note": "по договору 7"});
    world.done(&format!("clients/{payer}/relate"), &relate).await;
    let head = world
        .done(&format!("clients/{branch}/relate"), &json!({"client_id": payer, "kind": "recommends"}))
        .await;
    let relations = async |client: &str, position: i64| {
        world.get(&format!("/api/clients/{client}"), position).await["item"]["relations"].clone()
    };
    let (one, other) = (relations(&payer, head).await, relations(&branch, head).await);
    assert_eq!(
        one[0],
        json!({"kind": "payer", "inbound": false, "client_id": branch, "name": "Филиал", "since": "2026-01-01", "until": null,
            "note": "по договору 7", "reason": null})
    );
    assert_eq!((&one[1]["kind"], &one[1]["inbound"]), (&json!("recommends"), &json!(true)));
    assert_eq!((&other[0]["inbound"], &other[0]["client_id"]), (&json!(true), &json!(payer)));
    let line = world.service.get(&format!("/api/clients/{branch}/timeline?kind=relation")).await;
    assert_eq!(line.body["items"].as_array().unwrap().len(), 2);

    // Who is merged is resolved on the other's card.
    let stays = world.company("ООО «Лес и Ко»", None).await;
    let merged = world.done(&format!("clients/{payer}/merge"), &json!({"into": stays, "reason": "x"})).await;
    let other = relations(&branch, merged).await;
    assert_eq!((&other[0]["client_id"], &other[0]["name"]), (&json!(stays), &json!("ООО «Лес и Ко»")));
    assert_eq!(relations(&stays, merged).await.as_array().unwrap().len(), 2);
    let unmerged = world.done(&format!("clients/{payer}/unmerge"), &json!({"reason": "x"})).await;
    assert_eq!(relations(&stays, unmerged).await, json!([]));

    let end =
        json!({"client_id": branch, "kind": "payer", "until": "2026-06-01", "reason": "договор кончился"});
    let ended = world.done(&format!("clients/{payer}/unrelate"), &end).await;
    let one = relations(&payer, ended).await;
    assert_eq!((&one[1]["until"], &one[1]["reason"]), (&json!("2026-06-01"), &json!("договор кончился")));
    assert_eq!(one[0]["kind"], "recommends", "what ended stands behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_companies_is_shown_from_its_top() {
    let database = Database::new(StoreKind::Production).await;
    let world = World { service: Service::start(&database).await };
    let top = world.company("Холдинг", None).await;
    let middle = world.company("Завод", Some(&top)).await;
    let low = world.company("Цех", Some(&middle)).await;
    world.company("Магазин", Some(&top)).await;
    let head = world.done(&format!("clients/{low}/tag"), &json!({"tag": "vip"})).await;
    let whole = group(&[("Холдинг", 0), ("Завод", 1), ("Магазин", 1), ("Цех", 2)]);
    for client in [&top, &middle, &low] {
        assert_eq!(world.group(client, head).await, whole);
    }
    let nobody = world.service.get(&format!("/api/clients/{}/group", crate::support::fresh())).await;
    assert_eq!(nobody.code(), "not_found");

    // What belongs to a merged company belongs to whom it is shown under.
    let other = world.company("Завод № 1", None).await;
    let merged = world.done(&format!("clients/{middle}/merge"), &json!({"into": other, "reason": "x"})).await;
    assert_eq!(world.group(&low, merged).await, group(&[("Завод № 1", 0), ("Цех", 1)]));
    assert_eq!(world.group(&middle, merged).await, group(&[("Завод № 1", 0), ("Цех", 1)]));
    assert_eq!(world.group(&top, merged).await, group(&[("Холдинг", 0), ("Магазин", 1)]));
    world.done(&format!("clients/{middle}/unmerge"), &json!({"reason": "x"})).await;

    // A circle is refused, of two and of more.
    for part in [&middle, &low] {
        let belongs = json!({"parent_client_id": part});
        let refused = world.service.command(&format!("clients/{top}/correct"), &belongs).await;
        let told = (refused.status, refused.code(), refused.paths());
        assert_eq!(told, (422, "invalid", vec!["/parent_client_id"]));
        assert_eq!(refused.body["errors"][0]["code"], "parent_loop");
    }
    // One that a merge makes is cut.
    let twin = world.company("Холдинг № 1", Some(&low)).await;
    let circle = world.done(&format!("clients/{top}/merge"), &json!({"into": twin, "reason": "x"})).await;
    let mut names: Vec<String> = world.group(&low, circle).await.into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["Завод", "Магазин", "Холдинг № 1", "Цех"]);
}
