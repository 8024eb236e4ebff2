//! Two clients turn out to be one, and then it was a mistake.

use crate::support::{Answer, Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

const OURS: &str = "+7 495 111-11-11";
const THEIRS: &str = "+7 495 222-22-22";
const BOTH: &str = "+7 495 333-33-33";

struct World {
    service: Service,
}

impl World {
    async fn new(database: &Database) -> Self {
        Self { service: Service::start(database).await }
    }

    async fn done(&self, path: &str, body: &Value) -> Answer {
        let answer = self.service.command(path, body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    }

    async fn client(&self, name: &str, phones: &[&str]) -> String {
        let phones: Vec<Value> = phones.iter().map(|number| json!({"number": number})).collect();
        let body = json!({
            "kind": "company", "name": name, "phones": phones, "region": "msk", "accept_duplicates": {"reason": "так и есть"},
        });
        self.done("clients/register", &body).await.id()
    }

    /// A call of so many seconds with a client.
    async fn call(&self, client: &str, at: &str, seconds: i64) -> Answer {
        let body = json!({
            "kind": "call", "direction": "out", "client_id": client, "occurred_at": at, "duration_seconds": seconds,
            "telephony_status": "answered", "result": "agreed",
        });
        self.done("interactions/record", &body).await
    }

    /// A call from a number.
    async fn heard(&self, number: &str) -> String {
        let body = json!({
            "kind": "call", "direction": "in", "occurred_at": "2026-03-05T10:00:00Z", "counterpart": {"raw": number},
        });
        self.done("interactions/record", &body).await.id()
    }

    async fn settled(&self) -> i64 {
        self.service.settled().await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.service.get(path).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        answer.body
    }

    async fn card(&self, client: &str) -> Value {
        self.settled().await;
        self.get(&format!("/api/clients/{client}")).await["item"].clone()
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        self.settled().await;
        self.get(path).await["items"].as_array().unwrap().clone()
    }

    async fn linked(&self, call: &str) -> Value {
        self.settled().await;
        self.get(&format!("/api/interactions/{call}")).await["item"]["client_ids"].clone()
    }

    async fn merge(&self, from: &str, into: &str) -> Answer {
        self.done(&format!("clients/{from}/merge"), &json!({"into": into, "reason": "один и тот же"})).await
    }

    async fn unmerge(&self, client: &str) -> Answer {
        self.done(&format!("clients/{client}/unmerge"), &json!({"reason": "ошибка"})).await
    }
}

fn names<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[field].as_str().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_shown_for_both_and_then_they_part_again() {
    let database = Database::new(StoreKind::Production).await;
    let world = World::new(&database).await;
    let ours = world.client("ООО «Ромашка»", &[OURS, BOTH]).await;
    let theirs = world.client("ЗАО «Ромашка»", &[THEIRS, BOTH]).await;
    let other = world.done("employees/hire", &json!({"name": {"last": "Волков"}})).await.id();
    let assign = |employee: &str| json!({"employee_id": employee, "kind": "main", "since": "2026-01-01T00:00:00Z", "reason": "x"});
    world.done(&format!("clients/{ours}/assign"), &assign(&world.service.actor)).await;
    world.done(&format!("clients/{theirs}/assign"), &assign(&other)).await;
    world.call(&ours, "2026-03-01T10:00:00Z", 60).await;
    let second = world.call(&theirs, "2026-03-02T10:00:00Z", 90).await.id();
    // A meeting with both counts once.
    let meeting = json!({"kind": "meeting", "client_id": ours, "occurred_at": "2026-03-03T10:00:00Z", "duration_seconds": 600});
    let meeting = world.done("interactions/record", &meeting).await.id();
    world.done(&format!("interactions/{meeting}/link"), &json!({"client_id": theirs})).await;
    // Nobody can say whose number it is.
    let doubtful = world.heard(BOTH).await;
    assert_eq!(world.linked(&doubtful).await, json!([]));
    let pairs = world.items("/api/duplicates?state=open").await;
    assert_eq!((pairs.len(), &pairs[0]["client"]["id"]), (1, &json!(theirs)));
    let before = world.settled().await;

    let merged = world.merge(&theirs, &ours).await;
    // The card shows both, the managers of the one that stays are in charge.
    let card = world.card(&ours).await;
    assert_eq!((&card["name"], &card["merged_into"]), (&json!("ООО «Ромашка»"), &Value::Null));
    assert_eq!(card["interactions_total"], 4, "two calls, a meeting, and the doubtful one: {card}");
    assert_eq!(
        (&card["first_at"], &card["last_at"]),
        (&json!("2026-03-01T10:00:00Z"), &json!("2026-03-05T10:00:00Z"))
    );
    assert_eq!(card["last_result"]["interaction_id"], json!(second));
    let managers = card["managers"].as_array().unwrap();
    let shown: Vec<_> = managers
        .iter()
        .map(|m| (m["client_id"].as_str().unwrap(), m["current"].as_bool().unwrap()))
        .collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&(ours.as_str(), true)) && shown.contains(&(theirs.as_str(), false)), "{shown:?}");
    let side = &card["merged"][0];
    assert_eq!(
        (&side["client_id"], &side["name"], &side["reason"]),
        (&json!(theirs), &json!("ЗАО «Ромашка»"), &json!("один и тот же"))
    );
    assert_eq!(side["phones"][0]["e164"], "+74952222222");
    assert_eq!(side["merged_by"], json!(world.service.actor));
    // Who goes still answers for its own side, and names who stays.
    let own = world.card(&theirs).await;
    assert_eq!((&own["name"], &own["merged_into"]["client_id"]), (&json!("ЗАО «Ромашка»"), &json!(ours)));
    assert_eq!(
        (&own["merged_into"]["name"], &own["interactions_total"]),
        (&json!("ООО «Ромашка»"), &json!(2))
    );
    assert_eq!(own["managers"][0]["current"], false);

    // One timeline, each line once.
    let line = world.items(&format!("/api/clients/{ours}/timeline?limit=100")).await;
    let ids = names(&line, "id");
    let once: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "{line:?}");
    let count = |event: &str| line.iter().filter(|entry| entry["event"] == event).count();
    assert_eq!(
        (count("Registered"), count("Recorded"), count("MergedInto"), count("ManagerAssigned")),
        (2, 4, 1, 2)
    );
    assert!(line.iter().any(|entry| entry["client_id"] == json!(theirs)));
    let mut paged = vec![];
    let mut path = format!("/api/clients/{ours}/timeline?limit=2");
    loop {
        let page = world.get(&path).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["meta"]["next"].as_str() else { break };
        path = format!("/api/clients/{ours}/timeline?limit=2&cursor={next}");
    }
    assert_eq!(paged, line);
    // The newest first, as who is about to call wants them.
    let newest = world.get(&format!("/api/clients/{ours}/timeline?last=true&limit=2")).await;
    assert_eq!(newest["items"].as_array().unwrap(), &line[line.len() - 2..]);
    let older = newest["meta"]["prev"].as_str().unwrap();
    let older = world.get(&format!("/api/clients/{ours}/timeline?limit=2&cursor={older}")).await;
    assert_eq!(older["items"].as_array().unwrap(), &line[line.len() - 4..line.len() - 2]);

    // Reports count them as one, and each talk once.
    let report = world.items("/api/reports/interactions?group_by=client&kind=call").await;
    assert_eq!(
        (report.len(), &report[0]["client"], &report[0]["count"]),
        (1, &json!(ours), &json!(3)),
        "{report:?}"
    );
    assert_eq!(report[0]["duration_total"], 150);
    let all = world.items("/api/reports/interactions").await;
    assert_eq!((&all[0]["count"], &all[0]["clients"]), (&json!(4), &json!(1)));

    // Lists show the one that stays.
    for query in ["", "?name=ромашка", "?phone=84952222222", "?phone=84953333333", "?name=ЗАО"] {
        let found = world.items(&format!("/api/clients{query}")).await;
        assert_eq!(
            (found.len(), &found[0]["id"], &found[0]["merged"]),
            (1, &json!(ours), &json!(1)),
            "{query}"
        );
        // Its own totals, where the card shows those of both.
        assert_eq!(found[0]["interactions"], 3, "{query}");
    }
    let segments = world.items("/api/analytics/segments?by=region").await;
    assert_eq!(segments, [json!({"region": "msk", "clients": 1, "interactions": 4})]);
    let load = world.items("/api/assignments/workload").await;
    let of =
        |employee: &str| load.iter().find(|row| row["id"] == json!(employee)).unwrap()["clients"].clone();
    assert_eq!((of(&world.service.actor), of(&other)), (json!(1), json!(0)));
    assert_eq!(world.items("/api/assignments/unassigned").await, Vec::<Value>::new());
    let assignments = world.items(&format!("/api/assignments?client_id={ours}")).await;
    assert_eq!(assignments.len(), 2);
    let thursday = world.items(&format!("/api/assignments?client_id={ours}&on=2026-02-01")).await;
    assert_eq!(thursday.len(), 2, "before the merge both were in charge");

    // The number known on both sides has one owner now: what waited is linked, what comes is linked.
    assert_eq!(world.linked(&doubtful).await, json!([ours]));
    let from_theirs = world.heard(THEIRS).await;
    assert_eq!(world.linked(&from_theirs).await, json!([ours]));
    // What is recorded for the one that went is taken, and stays on its side.
    let late = world.call(&theirs, "2026-03-06T10:00:00Z", 30).await.id();
    assert_eq!(world.card(&ours).await["interactions_total"], 6);
    // No other command is.
    for (command, body) in [
        ("tag", json!({"tag": "vip"})),
        ("assign", assign(&other)),
        ("add_phone", json!({"number": "+7 495 4444444"})),
        ("archive", json!({"reason": "x"})),
        ("merge", json!({"into": other, "reason": "x"})),
        ("suspect", json!({"client_id": ours, "score": 1, "reasons": []})),
    ] {
        let refused = world.service.command(&format!("clients/{theirs}/{command}"), &body).await;
        assert_eq!((refused.status, refused.code()), (409, "client_merged"), "{command}");
        assert!(refused.body["detail"].as_str().unwrap().contains(&ours), "{refused:?}");
    }
    let pairs = world.items("/api/duplicates?state=merged").await;
    assert_eq!((pairs.len(), &pairs[0]["survivor_id"]), (1, &json!(ours)));
    assert_eq!(world.items("/api/duplicates?state=open").await.len(), 0);
    // The one that stays is named to who enters it a third time.
    let third = json!({"kind": "company", "name": "x", "phones": [{"number": THEIRS}]});
    let third = world.service.command("clients/register", &third).await;
    assert_eq!(
        (third.code(), &third.body["candidates"][0]["client_id"]),
        ("possible_duplicate", &json!(ours))
    );
    assert_eq!(third.body["candidates"].as_array().unwrap().len(), 1);

    // It was a mistake.
    world.unmerge(&theirs).await;
    let (left, right) = (world.card(&ours).await, world.card(&theirs).await);
    // A call, the meeting, the two calls that came in meanwhile.
    assert_eq!((&left["interactions_total"], &left["merged"]), (&json!(4), &json!([])));
    // A call, the meeting, and what was recorded for it since.
    assert_eq!((&right["interactions_total"], &right["merged_into"]), (&json!(3), &Value::Null));
    assert_eq!(right["last_at"], "2026-03-06T10:00:00Z");
    assert_eq!(world.linked(&late).await, json!([theirs]));
    assert_eq!(right["managers"][0]["current"], true);
    let line = world.items(&format!("/api/clients/{ours}/timeline?limit=100")).await;
    let told: Vec<&str> = names(&line, "event")
        .into_iter()
        .filter(|event| event.ends_with("erged") || *event == "MergedInto")
        .collect();
    assert_eq!(told, ["MergedInto", "Unmerged"], "the history of both tells of it");
    let found = world.items("/api/clients").await;
    assert_eq!((found.len(), &found[0]["merged"]), (2, &json!(0)));
    assert_eq!(world.items("/api/duplicates?state=open").await.len(), 1);
    assert_eq!(world.items("/api/reports/interactions?group_by=client&kind=call").await.len(), 2);
    // The number is doubtful again; its own is its own again.
    let again = world.heard(BOTH).await;
    assert_eq!(world.linked(&again).await, json!([]));
    let from_theirs = world.heard(THEIRS).await;
    assert_eq!(world.linked(&from_theirs).await, json!([theirs]));
    world.done(&format!("clients/{theirs}/tag"), &json!({"tag": "vip"})).await;

    // The past is as it was: two, one, two.
    let card = async |at: i64, path: &str| world.get(&format!("/api/clients/{ours}{path}as_of={at}")).await;
    assert_eq!(card(before, "?").await["item"]["merged"], json!([]));
    assert_eq!(card(before, "?").await["item"]["interactions_total"], 2);
    assert_eq!(card(merged.position(), "?").await["item"]["interactions_total"], 3);
    assert_eq!(card(merged.position(), "?").await["item"]["merged"].as_array().unwrap().len(), 1);
    let list = async |at: i64| {
        world.get(&format!("/api/clients?as_of={at}")).await["items"].as_array().unwrap().len()
    };
    assert_eq!((list(before).await, list(merged.position()).await), (2, 1));
    let calls =
        world.items(&format!("/api/reports/interactions?group_by=client&as_of={}", merged.position())).await;
    assert_eq!(calls.iter().filter(|row| !row["client"].is_null()).count(), 1, "{calls:?}");
    database.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_are_followed_and_no_circle_arises() {
    let database = Database::new(StoreKind::Production).await;
    let world = World::new(&database).await;
    let mut clients = vec![];
    for (name, number) in
        [("Первый", OURS), ("Второй", THEIRS), ("Третий", BOTH), ("Четвёртый", "+7 495 444-44-44")]
    {
        let client = world.client(name, &[number]).await;
        world.call(&client, "2026-03-01T10:00:00Z", 60).await;
        clients.push(client);
    }
    let [first, second, third, archived] = clients.as_slice() else { panic!("four clients") };
    world.done(&format!("clients/{archived}/archive"), &json!({"reason": "закрылись"})).await;
    let refused = async |from: &str, into: &str| {
        let body = json!({"into": into, "reason": "x"});
        let answer = world.service.command(&format!("clients/{from}/merge"), &body).await;
        (answer.status, answer.code().to_owned())
    };
    assert_eq!(refused(first, first).await, (422, "invalid".to_owned()));
    assert_eq!(
        refused(first, &crate::support::fresh().to_string()).await,
        (422, "unknown_client".to_owned())
    );
    assert_eq!(refused(first, archived).await, (409, "survivor_archived".to_owned()));

    world.merge(first, second).await;
    world.merge(second, third).await;
    // Neither end can be closed to a circle.
    assert_eq!(refused(third, first).await, (409, "client_merged".to_owned()));
    assert_eq!(refused(third, second).await, (409, "client_merged".to_owned()));
    let card = world.card(third).await;
    assert_eq!((&card["interactions_total"], card["merged"].as_array().unwrap().len()), (&json!(3), 2));
    assert_eq!(world.card(first).await["merged_into"]["client_id"], json!(third));
    let middle = world.card(second).await;
    assert_eq!(
        (&middle["merged_into"]["client_id"], &middle["interactions_total"]),
        (&json!(third), &json!(2))
    );
    let found = world.items("/api/clients?phone=84951111111").await;
    assert_eq!((&found[0]["id"], &found[0]["merged"]), (&json!(third), &json!(2)));
    let heard = world.heard(OURS).await;
    assert_eq!(world.linked(&heard).await, json!([third]));
    let report = world.items("/api/reports/interactions?group_by=client").await;
    assert_eq!(
        report.iter().map(|row| row["count"].as_i64().unwrap()).collect::<Vec<_>>().iter().sum::<i64>(),
        5
    );
    assert_eq!(report.len(), 2);

    // The middle goes its own way, with who is under it.
    world.unmerge(second).await;
    assert_eq!(
        world.card(third).await["interactions_total"],
        2,
        "its own, and the call that came in meanwhile"
    );
    let card = world.card(second).await;
    assert_eq!((&card["interactions_total"], &card["merged"][0]["client_id"]), (&json!(2), &json!(first)));
    assert_eq!(world.card(first).await["merged_into"]["client_id"], json!(second));
    let heard = world.heard(OURS).await;
    assert_eq!(world.linked(&heard).await, json!([second]));
    // A number of an archived client, and of who is merged into it, is nobody's.
    world.done(&format!("clients/{second}/archive"), &json!({"reason": "x"})).await;
    let heard = world.heard(OURS).await;
    assert_eq!(world.linked(&heard).await, json!([]));
    world.unmerge(first).await;
    assert_eq!(world.linked(&heard).await, json!([first]), "what waited for its owner");
    database.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_done_for_either_is_done_for_both() {
    let database = Database::new(StoreKind::Production).await;
    let world = World::new(&database).await;
    let ours = world.client("ООО «Ромашка»", &[OURS]).await;
    let theirs = world.client("ЗАО «Ромашка»", &[THEIRS]).await;
    let assign = |employee: &str, since: &str| json!({"employee_id": employee, "kind": "main", "since": since, "reason": "x"});
    let other = world.done("employees/hire", &json!({"name": {"last": "Волков"}})).await.id();
    for (employee, since) in
        [(&world.service.actor, "2026-01-01T00:00:00Z"), (&other, "2026-02-01T00:00:00Z")]
    {
        world.done(&format!("clients/{theirs}/assign"), &assign(employee, since)).await;
    }
    let plan = |client: &str, due: &str| json!({"client_id": client, "action": "call", "due": {"on": due}, "assignee": other});
    let step = world.done("steps/plan", &plan(&theirs, "2026-03-01")).await.id();
    world.done("steps/plan", &plan(&ours, "2026-04-01")).await;
    let person = json!({"name": {"last": "Смирнова"}, "joins": [{"client_id": theirs}]});
    let person = world.done("contacts/register", &person).await.id();
    world.merge(&theirs, &ours).await;
    let card = world.card(&ours).await;
    assert_eq!(
        (&card["contacts"][0]["contact_id"], &card["contacts"][0]["client_id"]),
        (&json!(person), &json!(theirs))
    );
    // At whom she stands is told as it was recorded, with the one that is shown now.
    let listed = world.items(&format!("/api/contacts?client_id={ours}")).await[0].clone();
    assert_eq!((&listed["id"], &listed["clients"][0]["merged_into"]), (&json!(person), &json!(ours)));
    let page = world.service.get(&format!("/api/contacts/{person}")).await.body["item"]["clients"][0].clone();
    assert_eq!((&page["client_id"], &page["client"]), (&json!(theirs), &json!("ЗАО «Ромашка»")));
    let survivor = &page["merged_into"];
    assert_eq!((&survivor["client_id"], &survivor["name"]), (&json!(ours), &json!("ООО «Ромашка»")));
    assert_eq!((&card["next_step"]["id"], &card["next_step"]["merged_into"]), (&json!(step), &json!(ours)));
    let both = world.items(&format!("/api/steps?client_id={ours}")).await;
    assert_eq!(names(&both, "client_id"), [&theirs, &ours]);
    assert_eq!(world.items(&format!("/api/steps?client_id={theirs}")).await.len(), 1);
    let planned = world.items("/api/reports/steps?group_by=client").await;
    assert_eq!((planned.len(), &planned[0]["client"], &planned[0]["planned"]), (1, &json!(ours), &json!(2)));
    let passed = world.items("/api/reports/handovers?group_by=client").await;
    assert_eq!((&passed[0]["client"], &passed[0]["received"]), (&json!(ours), &json!(1)));
    let line = world.items(&format!("/api/clients/{ours}/timeline?kind=step")).await;
    assert_eq!(line.len(), 2);

    // Who leaves hands over their steps, but no client that is merged: not before it is parted again.
    let next = world.done("employees/hire", &json!({"name": {"last": "Зайцев"}})).await.id();
    let leave = json!({"on": "2026-06-01", "hand_over_to": [next]});
    world.done(&format!("employees/{other}/dismiss"), &leave).await;
    let refused = || async { world.service.get("/metrics").await.text.contains("policy=\"hand_over\"") };
    assert_eq!(world.items(&format!("/api/steps?assignee={next}")).await.len(), 2);
    assert!(!refused().await);
    let managers = async || world.items(&format!("/api/assignments?client_id={theirs}&on=2026-07-01")).await;
    assert_eq!(managers().await, Vec::<Value>::new());
    world.unmerge(&theirs).await;
    let managers = managers().await;
    assert_eq!((managers.len(), &managers[0]["employee_id"]), (1, &json!(next)));
    assert_eq!(world.items(&format!("/api/steps?client_id={ours}")).await.len(), 1);
}
