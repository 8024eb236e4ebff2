//! Every question over one small history.

use crate::support::{Answer, Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

struct World {
    service: Service,
    client: String,
    other: String,
    call: String,
    head: i64,
}

/// Two clients, one with a manager, calls, a correction, a withdrawn note, a dismissed employee.
async fn world(database: &Database) -> World {
    let service = Service::start(database).await;
    let client = json!({
        "kind": "company", "name": "ООО «Ромашка»", "region": "msk", "industry": "retail", "tags": ["vip", "b2b"],
        "phones": [{"number": "+7 495 123-45-67"}], "emails": [{"address": "Info@Romashka.example"}],
        "requisites": {"inn": "7707083893"}, "external": {"source": "old", "id": "1"},
    });
    let client = service.command("clients/register", &client).await.id();
    let other = json!({"kind": "person", "name": "Anna Smith", "status": "active"});
    let other = service.command("clients/register", &other).await.id();
    let post = async |path: String, body: Value| {
        let answer = service.command(&path, &body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    };
    let assign = json!({
        "employee_id": service.actor, "kind": "main", "since": "2026-01-01T00:00:00Z", "reason": "знает отрасль",
    });
    post(format!("clients/{client}/assign"), assign).await;
    let call = json!({
        "kind": "call", "direction": "out", "client_id": client, "occurred_at": "2026-03-31T22:30:00Z",
        "duration_seconds": 100, "telephony_status": "answered", "result": "agreed", "counterpart": {"raw": "+7 916 100-27-52"},
    });
    let call = post("interactions/record".into(), call).await.id();
    let note = json!({"kind": "note", "client_id": client, "occurred_at": "2026-04-02", "subject": "Лишнее"});
    let note = post("interactions/record".into(), note).await.id();
    post(format!("interactions/{note}/withdraw"), json!({"reason": "ошибка"})).await;
    let second = json!({
        "kind": "call", "direction": "in", "client_id": other, "occurred_at": "2026-04-01T09:00:00Z",
        "duration_seconds": 21, "telephony_status": "no_answer",
    });
    post("interactions/record".into(), second).await;
    post(format!("clients/{client}/correct"), json!({"region": "spb", "attributes": {"floor": 3}})).await;
    post(format!("interactions/{call}/correct"), json!({"duration_seconds": 120, "reason": "по записи"}))
        .await;
    let unknown = json!({"kind": "call", "direction": "in", "occurred_at": "2026-04-03T09:00:00Z", "counterpart": {"raw": "hidden"}});
    let head = post("interactions/record".into(), unknown).await.position();
    World { service, client, other, call, head }
}

impl World {
    async fn ask(&self, path: &str) -> Answer {
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = self.service.get(&format!("{path}{sign}wait_for={}", self.head)).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        answer
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        self.ask(path).await.body["items"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_answers() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    let World { client, other, call, .. } = &world;

    for query in [
        "external_id=old:1",
        "phone=84951234567",
        "email=info@romashka.example",
        "inn=7707083893",
        "name=ромашка",
    ] {
        let found = world.items(&format!("/api/clients?{query}")).await;
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(client)), "{query}");
    }
    assert_eq!(world.items("/api/clients").await.len(), 2);
    assert_eq!(world.items("/api/employees?name=петр").await.len(), 1);

    let card = world.ask(&format!("/api/clients/{client}")).await.body["item"].clone();
    assert_eq!((&card["region"], &card["attributes"]["floor"]), (&json!("spb"), &json!(3)));
    assert_eq!(card["interactions_total"], 1);
    assert_eq!(card["managers"][0]["current"], true);
    assert_eq!(card["managers"][0]["employee"], "Петрова");

    let line = world.items(&format!("/api/clients/{client}/timeline")).await;
    let events: Vec<&str> = line.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(
        events,
        ["ManagerAssigned", "Recorded", "Recorded", "Registered", "Withdrawn", "Corrected", "Corrected"]
    );
    let corrected = &line[5]["data"]["changes"];
    assert_eq!(corrected["region"], json!({"old": "msk", "new": "spb"}));
    assert_eq!(corrected["attributes.floor"], json!({"old": null, "new": 3}));
    assert_eq!(line[6]["data"]["changes"]["duration_seconds"], json!({"old": 100, "new": 120}));
    // Both ways by pages of two.
    let mut path = format!("/api/clients/{client}/timeline?limit=2");
    let (mut seen, mut back) = (vec![], None);
    loop {
        let page = world.ask(&path).await;
        seen.extend(page.body["items"].as_array().unwrap().clone());
        back = page.body["meta"]["prev"].as_str().map(str::to_owned).or(back);
        let Some(next) = page.body["meta"]["next"].as_str() else { break };
        path = format!("/api/clients/{client}/timeline?limit=2&cursor={next}");
    }
    assert_eq!(seen, line);
    let before =
        world.items(&format!("/api/clients/{client}/timeline?limit=2&cursor={}", back.unwrap())).await;
    assert_eq!(before, line[4..6]);
    assert_eq!(world.items(&format!("/api/clients/{client}/timeline?kind=call&q=AGREED")).await.len(), 1);

    let interaction = world.ask(&format!("/api/interactions/{call}")).await.body["item"].clone();
    assert_eq!(
        (&interaction["duration_seconds"], &interaction["client_ids"]),
        (&json!(120), &json!([client]))
    );
    assert_eq!(world.items("/api/interactions?unlinked=true").await.len(), 1);

    let assigned = world.items(&format!("/api/assignments?client_id={client}&on=2026-02-01")).await;
    assert_eq!(assigned[0]["employee"], "Петрова");
    assert_eq!(world.items(&format!("/api/assignments?client_id={client}&on=2025-12-31")).await.len(), 0);
    let load = world.items("/api/assignments/workload").await;
    assert_eq!((&load[0]["clients"], &load[0]["main"]), (&json!(1), &json!(1)));
    let unassigned = world.items("/api/assignments/unassigned").await;
    assert_eq!((unassigned.len(), &unassigned[0]["id"]), (1, &json!(other)));

    let segments = world.items("/api/analytics/segments?by=status").await;
    assert_eq!(
        segments,
        [
            json!({"status": "active", "clients": 1, "interactions": 1}),
            json!({"status": "prospective", "clients": 1, "interactions": 1}),
        ]
    );
    let tags = world.items("/api/analytics/segments?by=tag,manager&measure=clients").await;
    assert_eq!(tags.len(), 3);
    assert_eq!(world.items("/api/analytics/segments?by=silence&over=month").await.len(), 1);
    let url = format!("{}/api/analytics/segments?by=status,kind&measure=clients", world.service.url);
    let table = reqwest::Client::new().get(url).header("accept", "text/csv").send().await.unwrap();
    assert_eq!(table.text().await.unwrap(), "status,kind,clients\nactive,person,1\nprospective,company,1\n");

    let url = format!("{}/api/events?after=3&limit=5", world.service.url);
    let lines =
        reqwest::Client::new().get(url).header("accept", "application/x-ndjson").send().await.unwrap();
    let lines = lines.text().await.unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let page = world.service.get("/api/events?after=3&limit=5").await.body;
    assert_eq!(lines, page["items"].as_array().unwrap()[..]);
    assert_eq!((lines.len(), &lines[0]["position"]), (5, &json!(4)));

    let report = world
        .items("/api/reports/interactions?group_by=month,direction&kind=call&time_zone=Europe/Moscow")
        .await;
    assert_eq!(report.len(), 2);
    assert_eq!(report.iter().filter(|row| row["month"] == "2026-04").count(), 2, "{report:?}");
    let all = world.items("/api/reports/interactions").await;
    assert_eq!(
        all,
        [json!({
            "count": 3, "clients": 2, "duration_total": 141, "duration_mean": 70.5, "duration_median": 70.5,
            "answered_share": 0.5,
        })]
    );
    let keyed = async |group_by: &str| -> Vec<Value> {
        let path = format!("/api/reports/interactions?group_by={group_by}&time_zone=Europe/Moscow");
        let rows = world.items(&path).await;
        let key = |row: &Value| group_by.split(',').map(|name| row[name].clone()).collect::<Vec<_>>();
        rows.iter()
            .map(|row| json!([key(row), row["count"], row["duration_mean"], row["answered_share"]]))
            .collect()
    };
    for (group_by, rows) in [
        ("day", json!([[["2026-04-01"], 2, 70.5, 0.5], [["2026-04-03"], 1, null, null]])),
        ("week", json!([[["2026-03-30"], 3, 70.5, 0.5]])),
        ("quarter", json!([[["2026-Q2"], 3, 70.5, 0.5]])),
        ("year", json!([[["2026"], 3, 70.5, 0.5]])),
        ("status", json!([[[null], 1, null, null], [["answered"], 1, 120, 1], [["no_answer"], 1, 21, 0]])),
        ("result,kind", json!([[[null, "call"], 2, 21, 0], [["agreed", "call"], 1, 120, 1]])),
        ("client_region,client_industry", json!([[[null, null], 2, 21, 0], [["spb", "retail"], 1, 120, 1]])),
        (
            "client_status",
            json!([[[null], 1, null, null], [["active"], 1, 21, 0], [["prospective"], 1, 120, 1]]),
        ),
    ] {
        assert_eq!(json!(keyed(group_by).await), rows, "{group_by}");
    }
    let april = world.items("/api/reports/interactions?from=2026-04-01&to=2026-05-01").await;
    assert_eq!(april[0]["count"], 2);
    let path =
        format!("{}/api/reports/interactions?group_by=direction&wait_for={}", world.service.url, world.head);
    let csv = reqwest::Client::new().get(path).header("accept", "text/csv").send().await.unwrap();
    let csv = csv.text().await.unwrap();
    assert!(csv.starts_with("direction,count,clients,duration_total,"), "{csv}");
    assert_eq!(csv.lines().count(), 3);

    let log = world.ask_plain("/api/log").await;
    assert_eq!((&log["item"]["head"], &log["item"]["kind"]), (&json!(world.head), &json!("production")));
    let events = world.ask_plain(&format!("/api/events?client={client}&type=Corrected")).await;
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
    let after = world.ask_plain(&format!("/api/events?after={}", world.head)).await;
    assert_eq!((&after["items"], &after["meta"]["position"]), (&json!([]), &json!(world.head)));
    assert_eq!(events["items"][0]["leaf"].as_str().unwrap().len(), 64);
    assert!(world.service.get("/metrics").await.text.contains("letopis_group_lag_positions"));
    assert_eq!(world.service.get("/health/live").await.text, "live\n");
    assert_eq!(world.service.get("/health/ready").await.body["ready"], true);
}

impl World {
    async fn ask_plain(&self, path: &str) -> Value {
        let answer = self.service.get(path).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        answer.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_questions_are_told() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let injection = "x'%20or%201=1;drop%20table%20card--";
    for (path, status, code) in [
        ("/api/clients?cursor=abc".to_owned(), 400, "bad_cursor"),
        ("/api/clients?limit=0".to_owned(), 400, "bad_parameter"),
        ("/api/clients?phone=hidden".to_owned(), 400, "bad_parameter"),
        ("/api/clients?colour=red".to_owned(), 400, "bad_parameter"),
        ("/api/clients?as_of=1000000".to_owned(), 400, "in_future"),
        ("/api/clients?as_of=2199-01-01T00:00:00Z".to_owned(), 400, "in_future"),
        ("/api/clients?wait_for=1000000".to_owned(), 400, "in_future"),
        ("/api/clients/nobody".to_owned(), 404, "not_found"),
        (format!("/api/clients/{}", crate::support::fresh()), 404, "not_found"),
        (format!("/api/clients/{}/timeline", crate::support::fresh()), 404, "not_found"),
        ("/api/reports/interactions?group_by=moon".to_owned(), 400, "bad_parameter"),
        ("/api/reports/interactions?group_by=day,day".to_owned(), 400, "bad_parameter"),
        ("/api/reports/interactions?time_zone=Mars".to_owned(), 400, "bad_parameter"),
        (format!("/api/analytics/segments?by={injection}"), 400, "bad_parameter"),
        (format!("/api/reports/interactions?result={injection}"), 400, "bad_parameter"),
        ("/api/events?limit=5000".to_owned(), 400, "bad_parameter"),
        ("/api/events?after=99999".to_owned(), 400, "in_future"),
        ("/api/nothing".to_owned(), 404, "not_found"),
    ] {
        let answer = service.get(&path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    for path in [format!("/api/clients?name={injection}"), format!("/api/clients?external_id={injection}")] {
        assert_eq!(service.get(&path).await.body["items"], json!([]), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_for_is_found_however_it_is_written_and_once_they_work_here() {
    let database = Database::new(StoreKind::Production).await;
    let world = world(&database).await;
    let soon = json!({"name": {"last": "Соловьёва"}, "hired_on": "2190-01-01", "email": "Soon@Letopis.example", "phone": "+7 916 100-27-51", "direct_number": "+7 495 123-45-67"});
    let soon = world.service.command("employees/hire", &soon).await;
    world.service.settled().await;
    for (day, there) in [("2189-12-31", false), ("2190-01-01", true)] {
        for list in ["/api/assignments/workload", "/api/employees"] {
            let here = world.items(&format!("{list}?on={day}")).await;
            assert_eq!(here.iter().any(|row| row["id"] == json!(soon.id())), there, "{list} {day}");
        }
    }
    for query in [
        "email=SOON@letopis.EXAMPLE",
        "phone=8 (916) 100-27-51",
        "direct_number=84951234567",
        "phone=89161002751,null",
    ] {
        let found = world.items(&format!("/api/employees?{query}")).await;
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(soon.id())), "{query}");
    }
    assert_eq!(world.items("/api/interactions?number=89161002752").await.len(), 1);
    let person = json!({"name": {"last": "Фёдорова"}, "emails": [{"address": "Anna@Letopis.example"}]});
    let person = world.service.command("contacts/register", &person).await.id();
    let firm =
        world.service.command("clients/register", &json!({"kind": "company", "name": "Ёлка"})).await.id();
    world.service.settled().await;
    for (query, found) in [
        ("employees?name=соловьева", &soon.id()),
        ("contacts?name=ФЕДОРОВ", &person),
        ("contacts?name=фёдорова", &person),
        ("contacts?email=anna@LETOPIS.example", &person),
        ("clients?name=елка", &firm),
    ] {
        let rows = world.items(&format!("/api/{query}")).await;
        assert_eq!((rows.len(), &rows[0]["id"]), (1, &json!(found)), "{query}");
    }
}
