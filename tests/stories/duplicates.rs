//! Somebody enters a client that is there already: is warned, insists, or is found out later.

use crate::support::{Answer, Database, Service, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

const PHONE: &str = "+7 495 123-45-67";

/// One client with all by which it can be recognised, and its manager.
struct World {
    service: Service,
    client: String,
    manager: String,
}

async fn world(database: &Database) -> World {
    let service = Service::start(database).await;
    let body = json!({
        "kind": "company", "name": "ООО «Ромашка»", "region": "msk", "website": "https://romashka.example",
        "requisites": {"inn": "7707083893", "kpp": "770701001"}, "phones": [{"number": PHONE}],
        "emails": [{"address": "Info@romashka.example"}],
    });
    let client = service.command("clients/register", &body).await;
    assert_eq!(client.status, 201, "{client:?}");
    let manager =
        service.command("employees/hire", &json!({"name": {"last": "Волков", "first": "Пётр"}})).await;
    let assign = json!({"employee_id": manager.id(), "kind": "main", "reason": "новый клиент"});
    let done = service.command(&format!("clients/{}/assign", client.id()), &assign).await;
    let world = World { client: client.id(), manager: manager.id(), service };
    world.known(&done).await;
    world
}

impl World {
    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.service.command(path, body).await
    }

    async fn done(&self, path: &str, body: &Value) -> Answer {
        let answer = self.post(path, body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    }

    /// Waits until the read model holds what was done: from then on others are warned of it.
    async fn known(&self, done: &Answer) {
        let asked = self.service.get(&format!("/api/clients?wait_for={}", done.position())).await;
        assert_eq!(asked.status, 200);
    }

    async fn register(&self, fields: &Value) -> Answer {
        let mut body = json!({"kind": "company", "name": "ЗАО «Василёк»"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post("clients/register", &body).await
    }

    /// Waits until the policies have seen all there is.
    async fn policies_are_through(&self) {
        let head = self.service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
        until("the policies are through", || async {
            let health = self.service.get("/health/ready").await;
            let at = health.body["groups"]["policies"]["position"].as_i64();
            (at >= Some(head)).then_some(())
        })
        .await;
    }

    async fn pairs(&self, state: &str) -> Vec<Value> {
        self.policies_are_through().await;
        let head = self.service.get("/api/log").await.body["item"]["head"].clone();
        let pairs = self.service.get(&format!("/api/duplicates?state={state}&wait_for={head}")).await;
        assert_eq!(pairs.status, 200, "{pairs:?}");
        pairs.body["items"].as_array().unwrap().clone()
    }
}

fn reasons(answer: &Answer) -> (u16, &str, Value) {
    (answer.status, answer.code(), answer.body["candidates"][0]["reasons"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_enters_a_client_twice_is_told_whose_it_is() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    let head = world.service.get("/api/log").await.body["item"]["head"].clone();
    let refused = world.register(&json!({"phones": [{"number": "8 (495) 123 45 67"}]})).await;
    assert_eq!((refused.status, refused.code()), (409, "possible_duplicate"));
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert_eq!(
        refused.body["candidates"],
        json!([{"client_id": world.client, "name": "ООО «Ромашка»", "managers": ["Волков Пётр"], "score": 85, "reasons": ["phone"]}])
    );
    for (fields, signs) in [
        (json!({"requisites": {"inn": "7707083893", "kpp": "770701001"}}), json!(["inn"])),
        (json!({"requisites": {"inn": "7707083893"}}), json!(["inn"])),
        (json!({"emails": [{"address": "info@ROMASHKA.example"}]}), json!(["email"])),
        (json!({"name": "Ромашка, АО", "region": "msk"}), json!(["name", "region"])),
        (json!({"name": "«РАМАШКА» ООО", "region": "msk"}), json!(["name", "region"])),
        (
            json!({"name": "Romashka", "website": "http://www.romashka.example/ru", "phones": [{"number": PHONE}]}),
            json!(["phone"]),
        ),
        (json!({"name": "Ромашка", "website": "http://www.romashka.example/ru"}), json!(["name", "site"])),
        (
            json!({"name": "Ромашка", "phones": [{"number": PHONE, "shared": true}]}),
            json!(["name", "shared_phone"]),
        ),
    ] {
        let refused = world.register(&fields).await;
        assert_eq!(reasons(&refused), (409, "possible_duplicate", signs), "{fields}");
    }
    assert_eq!(world.service.get("/api/log").await.body["item"]["head"], head, "something was written");
    // One sign that tells nothing by itself is none.
    for fields in [
        json!({"name": "Ромашка"}),
        json!({"name": "Ромашка", "region": "spb"}),
        json!({"region": "msk", "website": "https://romashka.example"}),
        json!({"phones": [{"number": PHONE, "shared": true}]}),
        json!({"requisites": {"inn": "7707083893", "kpp": "784243001"}}),
    ] {
        let entered = world.register(&fields).await;
        assert_eq!(entered.status, 201, "{fields} {entered:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_insists_says_why_and_it_is_kept() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    let why = json!({"reason": "тот же бухгалтер"});
    let fields = json!({"phones": [{"number": PHONE}], "accept_duplicates": why});
    let entered = world.register(&fields).await;
    assert_eq!(entered.status, 201, "{entered:?}");
    let event = world.service.get(&format!("/api/events?client={}&type=Registered", entered.id())).await;
    assert!(event.text.contains("тот же бухгалтер"), "{event:?}");
    let nothing = world.register(&json!({"accept_duplicates": {}})).await;
    assert_eq!((nothing.status, nothing.paths()), (422, vec!["/accept_duplicates/reason"]));

    // A change that makes a client look like another one is the same.
    let mut others = vec![];
    for (command, body, sign) in [
        ("add_phone", json!({"number": PHONE}), "phone"),
        ("add_email", json!({"address": "info@romashka.example"}), "email"),
        ("set_requisites", json!({"inn": "7707083893", "kpp": "770701001"}), "inn"),
        ("add_requisites", json!({"inn": "7707083893"}), "inn"),
        ("change_requisites", json!({"inn": "7707083893"}), "inn"),
        ("correct", json!({"name": "Ромашка"}), "name"),
    ] {
        let fields =
            json!({"region": "msk", "requisites": {"ogrn": "1027700132195"}, "accept_duplicates": why});
        let plain = world.register(&fields).await;
        world.known(&plain).await;
        let card = world.service.get(&format!("/api/clients/{}", plain.id())).await;
        let mut body = body.clone();
        if command == "change_requisites" {
            body["requisites_id"] = card.body["item"]["requisites"][0]["id"].clone();
        }
        let path = format!("clients/{}/{command}", plain.id());
        let refused = world.post(&path, &body).await;
        assert_eq!((refused.status, refused.code()), (409, "possible_duplicate"), "{command} {refused:?}");
        let candidates = refused.body["candidates"].as_array().unwrap();
        let first =
            candidates.iter().find(|candidate| candidate["client_id"] == json!(world.client)).unwrap();
        assert!(first["reasons"].as_array().unwrap().contains(&json!(sign)), "{command} {first}");
        body["accept_duplicates"] = why.clone();
        let done = world.done(&path, &body).await;
        // A further change that says nothing new warns of nobody.
        world.known(&done).await;
        let fresh = json!({"number": format!("+7 812 765432{}", others.len())});
        world.done(&format!("clients/{}/add_phone", plain.id()), &fresh).await;
        others.push(plain.id());
    }
    // Who looks like himself alone is not warned, nor is a repetition.
    let keyed = || {
        let body = json!({"kind": "person", "name": "Анна", "emails": [{"address": "anna@example.org"}]});
        world.service.post("/api/commands/clients/register").header("idempotency-key", "k1").json(&body)
    };
    let first = world.service.send(keyed()).await;
    world.known(&first).await;
    let again = world.service.send(keyed()).await;
    assert_eq!((first.status, again.status, again.id()), (201, 201, first.id()), "{again:?}");
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_batch_each_line_is_warned_by_itself() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    let line = |fields: Value| {
        let mut body = json!({"kind": "company", "name": "ЗАО «Василёк»"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({"module": "clients", "command": "register", "body": body})
    };
    let mut lines = vec![line(json!({"phones": [{"number": PHONE}]}))];
    lines.extend(
        (0..998).map(|number| line(json!({"emails": [{"address": format!("a{number}@example.org")}]}))),
    );
    lines.push(line(json!({"requisites": {"inn": "7707083893"}})));
    let verdicts = world.service.send(world.service.post("/api/commands").json(&lines)).await;
    let verdicts = verdicts.body.as_array().unwrap();
    let statuses: Vec<u64> = verdicts.iter().map(|verdict| verdict["status"].as_u64().unwrap()).collect();
    assert_eq!((statuses[0], statuses[999]), (409, 409));
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 998);
    assert_eq!(verdicts[999]["problem"]["candidates"][0]["client_id"], json!(world.client));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_raced_past_is_recorded_and_told_apart_for_good() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    assert_eq!(world.pairs("open").await, Vec::<Value>::new());
    // Two enter the same client at once: nobody could be warned.
    let line = |name: &str| {
        json!({"module": "clients", "command": "register", "body": {
            "kind": "company", "name": name, "phones": [{"number": "+7 495 765-43-21"}], "emails": [{"address": "les@example.org"}]}})
    };
    let lines = json!([line("ООО «Лес»"), line("ЗАО «Лес»")]);
    let verdicts = world.service.send(world.service.post("/api/commands").json(&lines)).await;
    let mut receipts: Vec<(i64, String)> = verdicts
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| {
            let receipt = &verdict["receipt"];
            (receipt["position"].as_i64().unwrap(), receipt["id"].as_str().unwrap().to_owned())
        })
        .collect();
    receipts.sort();
    let [older, younger] = [&receipts[0].1, &receipts[1].1];
    let open = world.pairs("open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let pair = &open[0];
    assert_eq!((&pair["client"]["id"], &pair["other"]["id"]), (&json!(younger), &json!(older)));
    assert_eq!(
        (&pair["state"], &pair["score"], &pair["reasons"]),
        (&json!("open"), &json!(95), &json!(["phone", "email", "name"]))
    );
    assert_eq!(pair["other"]["managers"], json!([]));
    let line = world.service.get(&format!("/api/clients/{younger}/timeline")).await;
    let suspected =
        line.body["items"].as_array().unwrap().iter().find(|entry| entry["event"] == "DuplicateSuspected");
    assert_eq!(suspected.unwrap()["author"], "policy:find_duplicates");
    // Who is asked for a third time is warned of both.
    let third = world.register(&json!({"phones": [{"number": "+7 495 7654321"}]})).await;
    assert_eq!(third.body["candidates"].as_array().unwrap().len(), 2);
    // A person may suspect as well.
    let suspect = json!({"client_id": world.client, "score": 50, "reasons": []});
    world.done(&format!("clients/{older}/suspect"), &suspect).await;
    let with_manager = world.pairs("open").await;
    assert_eq!((with_manager.len(), &with_manager[0]["other"]["managers"]), (2, &json!(["Волков Пётр"])));
    // By pages, both ways.
    let page = world.service.get("/api/duplicates?limit=1").await;
    let next = page.body["meta"]["next"].as_str().unwrap();
    let second = world.service.get(&format!("/api/duplicates?limit=1&cursor={next}")).await;
    assert_eq!(second.body["items"][0]["client"]["id"], json!(younger));
    let back = second.body["meta"]["prev"].as_str().unwrap();
    assert_eq!(
        world.service.get(&format!("/api/duplicates?limit=1&cursor={back}")).await.body["items"],
        page.body["items"]
    );

    // Told apart, by whichever of them.
    let apart = json!({"client_id": younger, "reason": "мать и дочь"});
    let done = world.done(&format!("clients/{older}/not_a_duplicate"), &apart).await;
    let different = world.pairs("different").await;
    assert_eq!((different.len(), &different[0]["denied_reason"]), (1, &json!("мать и дочь")));
    assert_eq!(different[0]["denied_by"], json!(world.service.actor));
    // What was open then is open as of then.
    let then = world.service.get(&format!("/api/duplicates?state=open&as_of={}", done.position() - 1)).await;
    assert_eq!(then.body["items"].as_array().unwrap().len(), 2);
    // Another sign in common changes nothing any more: nobody is warned, nobody suspects.
    for id in [older, younger] {
        let set = json!({"inn": "7736050003"});
        let done = world.done(&format!("clients/{id}/set_requisites"), &set).await;
        world.known(&done).await;
    }
    assert_eq!(world.pairs("open").await.len(), 1);
    assert_eq!(world.pairs("different").await.len(), 1);
    let events = world.service.get(&format!("/api/events?client={younger}&type=DuplicateSuspected")).await;
    assert_eq!(events.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.manager.len(), 36);
    assert_eq!(world.service.get("/api/duplicates?state=unknown").await.code(), "bad_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_read_model_commands_go_on_and_the_policy_looks_later() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::with(&database, None, &["--without", "workers"]).await;
    let body = json!({"kind": "company", "name": "ООО «Лес»", "phones": [{"number": PHONE}]});
    for _ in 0..2 {
        let entered = service.command("clients/register", &body).await;
        assert_eq!(entered.status, 201, "{entered:?}");
    }
    // A worker comes up and finds them.
    let _worker = crate::support::spawn(&database, None, &["worker"]).await;
    let pairs = until("the pair is found", || async {
        let pairs = service.get("/api/duplicates").await;
        (pairs.body["items"].as_array().is_some_and(|pairs| !pairs.is_empty())).then_some(pairs)
    })
    .await;
    assert_eq!(pairs.body["items"][0]["state"], "open");
}
