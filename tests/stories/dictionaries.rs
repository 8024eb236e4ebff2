//! The codes of a company: every store begins with some, others are added, what is retired is refused and stays readable.

use crate::support::{Database, SEEDS, Service, connect, spawn};
use letopis_events::dictionaries::DictionaryName;
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_added_changed_retired_and_checked_wherever_they_are_used() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let opened = service.command("dictionaries/open", &json!({"name": "tags"})).await;
    assert_eq!(
        (opened.status, opened.body["version"].as_i64()),
        (200, Some(1)),
        "every store begins with it"
    );
    let tags = opened.id();
    assert_eq!(tags, DictionaryName::Tags.stream().to_string());
    let to = async |path: String, body: Value| service.command(&path, &body).await;
    let gold = json!({"code": "gold", "ru": "Золотой", "en": "Gold", "color": "#FFD700"});
    assert_eq!(to(format!("dictionaries/{tags}/add"), gold.clone()).await.status, 200);
    let again = to(format!("dictionaries/{tags}/add"), gold).await;
    assert_eq!(
        (again.status, again.body["version"].as_i64()),
        (200, Some(2)),
        "the same again changes nothing"
    );
    let taken =
        to(format!("dictionaries/{tags}/add"), json!({"code": "gold", "ru": "Золото", "en": "Gold"})).await;
    assert_eq!((taken.status, taken.code()), (409, "code_taken"));
    assert_eq!(
        to(format!("dictionaries/{tags}/change"), json!({"code": "gold", "ru": "Золото"})).await.status,
        200
    );

    // All that is wrong is told at once, with what may have been meant.
    let client = json!({"kind": "person", "name": "Анна", "region": "mks", "channel": "refferal", "tags": ["gold", "golt"]});
    let refused = service.command("clients/register", &client).await;
    assert_eq!(
        (refused.status, refused.code(), refused.paths()),
        (422, "invalid", vec!["/region", "/channel", "/tags/1"])
    );
    for near in ["near it: msk", "near it: referral", "near it: gold"] {
        assert!(refused.text.contains(near), "{near}: {refused:?}");
    }
    let client =
        json!({"kind": "person", "name": "Анна", "region": "msk", "channel": "referral", "tags": ["gold"]});
    let client = service.command("clients/register", &client).await;
    let tag = format!("clients/{}/tag", client.id());
    let refused = service.command(&tag, &json!({"tag": "x"})).await;
    assert_eq!((refused.status, refused.code(), refused.paths()), (422, "unknown_code", vec!["/tag"]));

    // Retired: refused where it is new, as it was where it is recorded.
    assert_eq!(
        to(format!("dictionaries/{tags}/retire"), json!({"code": "gold", "reason": "не нужен"})).await.status,
        200
    );
    let other = service.command("clients/register", &json!({"kind": "person", "name": "Олег"})).await.id();
    let other = format!("clients/{other}/tag");
    let refused = service.command(&other, &json!({"tag": "gold"})).await;
    assert_eq!((refused.status, refused.code(), refused.paths()), (422, "retired_code", vec!["/tag"]));
    assert_eq!(service.command(&tag, &json!({"tag": "gold"})).await.status, 200);
    let path = format!("/api/clients/{}?wait_for={}", client.id(), client.position());
    assert_eq!(service.get(&path).await.body["item"]["tags"], json!(["gold"]));
    assert_eq!(to(format!("dictionaries/{tags}/restore"), json!({"code": "gold"})).await.status, 200);
    assert_eq!(service.command(&other, &json!({"tag": "gold"})).await.status, 200);

    // As they are and as they were.
    let tag = |body: &Value, code: &str| {
        let entries = body["item"]["entries"].as_array().unwrap().clone();
        entries.into_iter().find(|entry| entry["code"] == code)
    };
    let retired = to(format!("dictionaries/{tags}/retire"), json!({"code": "debtor"})).await;
    let now = service.get(&format!("/api/dictionaries/tags?wait_for={}", retired.position())).await;
    assert_eq!((&now.body["item"]["id"], &now.body["item"]["version"]), (&json!(tags), &json!(6)));
    assert_eq!(now.headers["etag"], "\"6\"");
    assert_eq!(
        tag(&now.body, "gold").unwrap(),
        json!({"code": "gold", "ru": "Золото", "en": "Gold", "order": 110, "color": "#ffd700", "attributes": {}, "retired": false})
    );
    assert_eq!(tag(&now.body, "debtor").unwrap()["retired"], true);
    let offered = service.get("/api/dictionaries/tags?offered=true").await.body;
    assert_eq!((tag(&offered, "debtor"), tag(&offered, "gold").is_some()), (None, true));
    let before = service.get(&format!("/api/dictionaries/tags?as_of={SEEDS}")).await.body;
    assert_eq!(
        (tag(&before, "gold"), tag(&before, "debtor").unwrap()["retired"].take()),
        (None, json!(false))
    );
    let all = service.get("/api/dictionaries").await.body["items"].clone();
    assert_eq!(all.as_array().unwrap().len(), DictionaryName::ALL.len());
    let last = json!({"name": "tags", "id": tags, "version": 6, "offered": 10, "retired": 1});
    assert_eq!(all[7], last);
    let moods = service.get("/api/dictionaries/moods").await;
    assert_eq!((moods.status, moods.code()), (404, "not_found"));
    let results = service.get("/api/dictionaries/results?offered=true").await.body;
    assert_eq!(tag(&results, "refused").unwrap()["attributes"], json!({"reached": true, "refusal": true}));

    let call = |more: Value| {
        let mut call = json!({"kind": "call", "client_id": client.id(), "occurred_at": "2026-03-02"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    let body = call(json!({"result": "sold", "next_step": {"action": "sing", "due_on": "2026-03-03"}}));
    let refused = service.command("interactions/record", &body).await;
    assert_eq!((refused.status, refused.paths()), (422, vec!["/result", "/next_step/action"]));
    let call = service.command("interactions/record", &call(json!({"result": "agreed"}))).await.id();
    let set = format!("interactions/{call}/set_result");
    assert_eq!(service.command(&set, &json!({"result": "agred"})).await.code(), "unknown_code");
    let fix = json!({"result": "agred", "reason": "x"});
    assert_eq!(service.command(&format!("interactions/{call}/correct"), &fix).await.code(), "unknown_code");
}

/// Who recorded what, and when, from the beginning of a log.
async fn begins(database: &Database) -> Vec<(String, String, String)> {
    let owner = connect(&database.owner).await;
    let sql = "select actor, category, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD') from log.event
               where category in ('dictionaries', 'departments') order by position";
    let rows = owner.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_begins_with_the_same_however_many_ask_for_it() {
    let database = Database::new(StoreKind::Production).await;
    let serve = ["serve", "--listen", "127.0.0.1:0", "--without", "workers,relay"];
    let init = ["init", "--last", "Волков"];
    tokio::join!(
        spawn(&database, None, &serve),
        spawn(&database, None, &serve),
        spawn(&database, None, &["worker"]),
        spawn(&database, None, &init),
    );
    let begins = begins(&database).await;
    assert_eq!(i64::try_from(begins.len()).unwrap(), SEEDS, "{begins:?}");
    assert!(begins.iter().all(|(actor, ..)| actor == "agent:letopis"), "{begins:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_sample_store_any_past_comes_after_it() {
    let database = Database::new(StoreKind::Sample).await;
    let (_child, line) = spawn(&database, None, &["serve", "--listen", "127.0.0.1:0"]).await;
    let url = line.strip_prefix("listening on ").unwrap();
    assert!(begins(&database).await.iter().all(|(_, _, on)| on == "1900-01-01"));
    let http = reqwest::Client::new();
    let registered = http
        .post(format!("{url}/api/commands/clients/register"))
        .header("letopis-actor", "agent:test")
        .header("letopis-time", "1995-05-01T10:00:00Z")
        .json(&json!({"kind": "person", "name": "Анна", "tags": ["vip"]}));
    assert_eq!(registered.send().await.unwrap().status(), 201);
    let ask = async |path: &str| -> Value {
        let answer = http.get(format!("{url}{path}")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["items"].take()
    };
    let events = ask("/api/events?type=Registered").await;
    assert_eq!(events[0]["recorded_at"], "1995-05-01T10:00:00.000000Z");
    // A beginning long ago leaves no room for less than the last ten years.
    let path = format!("/api/analytics/segments?measure=clients&over=month&wait_for={}", SEEDS + 1);
    let months = ask(&path).await;
    let months = months.as_array().unwrap();
    assert_eq!((months.len(), &months[119]["clients"]), (120, &json!(1)));
    assert_eq!(months[119]["month"], crate::support::now().format("%Y-%m").to_string());
}
