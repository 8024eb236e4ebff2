//! Who is away and who stands in; who leaves and who takes over.

use crate::support::{Answer, Database, Service, now, servers, spawn, until};
use chrono::Days;
use letopis_events::departments::COMPANY;
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

async fn post(service: &Service, path: &str, body: &Value) -> Answer {
    let answer = service.command(path, body).await;
    assert!(answer.status < 300, "{path} {body} {answer:?}");
    answer
}

async fn opened(service: &Service, code: &str) {
    post(service, &format!("departments/{COMPANY}/open"), &json!({"code": code, "name": code})).await;
}

async fn hire(service: &Service, name: &str) -> String {
    opened(service, "sales").await;
    post(service, "employees/hire", &json!({"name": {"last": name}, "department": "sales"})).await.id()
}

async fn client_of(service: &Service, name: &str, manager: &str) -> String {
    let client = post(service, "clients/register", &json!({"kind": "company", "name": name})).await.id();
    let assign =
        json!({"employee_id": manager, "kind": "main", "since": "2026-01-01T00:00:00Z", "reason": "x"});
    post(service, &format!("clients/{client}/assign"), &assign).await;
    client
}

async fn ask(service: &Service, path: &str, position: i64) -> Value {
    let sign = if path.contains('?') { '&' } else { '?' };
    let answer = service.get(&format!("{path}{sign}wait_for={position}")).await;
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    answer.body
}

async fn items(service: &Service, path: &str, position: i64) -> Vec<Value> {
    ask(service, path, position).await["items"].as_array().unwrap().clone()
}

/// A day before or after today.
fn day(from_today: i64) -> String {
    let today = now().with_timezone(&chrono_tz::Europe::Moscow).date_naive();
    let days = Days::new(from_today.unsigned_abs());
    if from_today < 0 { (today - days).to_string() } else { (today + days).to_string() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_sees_the_day_of_the_absent() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let away = hire(&service, "Иванова").await;
    let (first, second) = (hire(&service, "Волков").await, hire(&service, "Сидорова").await);
    let client = client_of(&service, "ООО «Лес»", &away).await;
    let other = client_of(&service, "ООО «Поле»", &away).await;
    let step = json!({"client_id": client, "action": "call", "due": {"on": day(0)}, "assignee": away});
    let step = post(&service, "steps/plan", &step).await.id();
    let own = json!({"client_id": other, "action": "call", "due": {"on": day(-1)}, "assignee": first});
    let own = post(&service, "steps/plan", &own).await.id();

    let absence = json!({"from": day(-1), "until": day(3), "deputies": [first, second], "kind": "vacation"});
    let planned = post(&service, &format!("employees/{away}/plan_absence"), &absence).await;
    let head = planned.position();
    let today = |employee: &str| format!("/api/steps/today?employee_id={employee}");
    let list = items(&service, &today(&first), head).await;
    let seen: Vec<_> = list.iter().map(|step| (step["id"].clone(), step["why"].clone())).collect();
    assert_eq!(seen, [(json!(own), json!("own")), (json!(step), json!("deputy_for"))]);
    assert_eq!(list[1]["assignee_name"], "Иванова");
    assert_eq!(items(&service, &today(&second), head).await, Vec::<Value>::new());
    assert_eq!(items(&service, &today(&away), head).await.len(), 1);

    // Card, assignments, employee and the list of absences say the same.
    let card = ask(&service, &format!("/api/clients/{client}"), head).await["item"].clone();
    let manager = &card["managers"][0];
    assert_eq!((&manager["absent"], &manager["stands_in"]["employee"]), (&json!(true), &json!("Волков")));
    let assigned = items(&service, &format!("/api/assignments?employee_id={away}"), head).await;
    assert_eq!(
        (&assigned[0]["absent"], &assigned[0]["stands_in"]["employee_id"]),
        (&json!(true), &json!(first))
    );
    let before = items(&service, &format!("/api/assignments?employee_id={away}&on={}", day(-5)), head).await;
    assert_eq!((&before[0]["absent"], &before[0]["stands_in"]), (&json!(false), &Value::Null));
    let employee = ask(&service, &format!("/api/employees/{away}"), head).await["item"].clone();
    assert_eq!((&employee["absent"], &employee["stands_in"]["employee"]), (&json!(true), &json!("Волков")));
    assert_eq!((&employee["clients"], &employee["department"]), (&json!(2), &json!("sales")));
    assert_eq!(employee["hours"]["time_zone"], "Europe/Moscow");
    let absence = employee["absences"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(employee["absences"][0]["deputies"][1]["employee"], "Сидорова");
    let deputy = ask(&service, &format!("/api/employees/{first}"), head).await["item"].clone();
    assert_eq!(deputy["stands_in_for"], json!([{"employee_id": away, "employee": "Иванова"}]));
    let absent = items(&service, "/api/employees/absences", head).await;
    assert_eq!(
        (&absent[0]["employee"], &absent[0]["stands_in"]["employee"]),
        (&json!("Иванова"), &json!("Волков"))
    );
    assert_eq!(items(&service, &format!("/api/employees/absences?on={}", day(3)), head).await.len(), 0);

    // The first deputy is away too: the second stands in. For one client alone, for that one alone.
    let ill = json!({"from": day(0), "until": day(2)});
    let head = post(&service, &format!("employees/{first}/plan_absence"), &ill).await.position();
    assert_eq!(items(&service, &today(&second), head).await.len(), 1);
    assert_eq!(items(&service, &today(&first), head).await.len(), 1);
    let change = json!({"absence_id": absence, "client_ids": [other]});
    let head = post(&service, &format!("employees/{away}/change_absence"), &change).await.position();
    assert_eq!(items(&service, &today(&second), head).await.len(), 0);
    let stands_in = async |client: &str| {
        let card = ask(&service, &format!("/api/clients/{client}"), head).await;
        card["item"]["managers"][0]["stands_in"]["employee"].clone()
    };
    assert_eq!((stands_in(&client).await, stands_in(&other).await), (Value::Null, json!("Сидорова")));
    // Once that one is shown under another client, she stands in for that.
    let merge = json!({"into": client, "reason": "один и тот же"});
    let head = post(&service, &format!("clients/{other}/merge"), &merge).await.position();
    let assigned = format!("/api/assignments?client_id={client}&on={}", day(1));
    let assigned = items(&service, &assigned, head).await;
    assert_eq!((assigned.len(), &assigned[0]["stands_in"]["employee"]), (1, &json!("Сидорова")));
    assert_eq!(items(&service, &today(&second), head).await.len(), 1);

    // Back early; and a planned one cancelled.
    let back = json!({"absence_id": absence, "on": day(0)});
    post(&service, &format!("employees/{away}/return_early"), &back).await;
    let plan =
        post(&service, &format!("employees/{away}/plan_absence"), &json!({"from": day(0), "until": day(1)}))
            .await;
    let absences =
        ask(&service, &format!("/api/employees/{away}"), plan.position()).await["item"]["absences"].clone();
    let planned = absences[1]["id"].as_str().unwrap();
    let cancel =
        post(&service, &format!("employees/{away}/cancel_absence"), &json!({"absence_id": planned})).await;
    let employee = ask(&service, &format!("/api/employees/{away}"), cancel.position()).await["item"].clone();
    assert_eq!((&employee["absent"], employee["absences"].as_array().unwrap().len()), (&json!(false), 1));
    let overlap = service
        .command(&format!("employees/{away}/plan_absence"), &json!({"from": day(-1), "until": day(1)}))
        .await;
    assert_eq!((overlap.status, overlap.code()), (409, "absence_overlaps"));
    let oneself = json!({"from": day(5), "until": day(6), "deputies": [away]});
    let oneself = service.command(&format!("employees/{away}/plan_absence"), &oneself).await;
    assert_eq!((oneself.status, oneself.paths()), (422, vec!["/deputies"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_is_not_away() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let leaver = hire(&service, "Иванова").await;
    let deputy = hire(&service, "Волков").await;
    let client = client_of(&service, "ООО «Лес»", &leaver).await;
    let step = json!({"client_id": client, "action": "call", "due": {"on": day(-1)}, "assignee": leaver});
    post(&service, "steps/plan", &step).await;
    let absence = json!({"from": day(-2), "until": day(9), "deputies": [deputy]});
    post(&service, &format!("employees/{leaver}/plan_absence"), &absence).await;
    let dismissal = json!({"on": day(2), "reason": "переезд"});
    let head = post(&service, &format!("employees/{leaver}/dismiss"), &dismissal).await.position();
    for (on, away) in [(1, 1), (2, 0)] {
        let absences = items(&service, &format!("/api/employees/absences?on={}", day(on)), head).await;
        assert_eq!(absences.len(), away, "{on}");
        let path = format!("/api/steps/today?employee_id={deputy}&at={}T12:00:00Z", day(on));
        let sees: Vec<Value> =
            items(&service, &path, head).await.iter().map(|step| step["why"].clone()).collect();
        assert_eq!(sees, vec![json!("deputy_for"); away], "{on}");
    }
}

/// What a rule refused a policy is told, and what was to be done stands open.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handed_over_is_told() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (leaver, taker) = (hire(&service, "Иванова").await, hire(&service, "Волков").await);
    let archived = client_of(&service, "ООО «Лес»", &leaver).await;
    post(&service, &format!("clients/{archived}/archive"), &json!({"reason": "закрылись"})).await;
    let dismissal = json!({"on": day(5), "hand_over_to": [taker]});
    post(&service, &format!("employees/{leaver}/dismiss"), &dismissal).await;
    let told = async |number: usize| {
        until("the policy is refused", async || {
            let refusals = service.get("/api/log/refusals?policy=hand_over").await.body["items"].clone();
            (refusals.as_array().unwrap().len() == number).then_some(refusals[0].clone())
        })
        .await
    };
    let refusal = told(1).await;
    assert_eq!((&refusal["thing_id"], &refusal["code"]), (&json!(archived), &json!("client_archived")));
    // Who was to take over leaves sooner; what comes to the leaver meanwhile goes to nobody.
    post(&service, &format!("employees/{taker}/dismiss"), &json!({"on": day(3)})).await;
    let client = client_of(&service, "ООО «Поле»", &leaver).await;
    let refusal = told(2).await;
    assert_eq!((&refusal["thing_id"], &refusal["code"]), (&json!(client), &json!("employee_not_here")));
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    let unassigned = items(&service, &format!("/api/assignments/unassigned?on={}", day(6)), head).await;
    assert_eq!((unassigned.len(), &unassigned[0]["id"]), (1, &json!(client)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_and_the_department_of_a_call() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let employee = hire(&service, "Волков").await;
    let client = client_of(&service, "ООО «Лес»", &employee).await;
    for on in ["2026-02-10", "2026-03-10"] {
        let call = json!({"kind": "call", "client_id": client, "employee_id": employee, "occurred_at": on});
        post(&service, "interactions/record", &call).await;
    }
    opened(&service, "support").await;
    let transfer = json!({"department": "support", "position": "инженер", "since": "2026-03-01"});
    let head = post(&service, &format!("employees/{employee}/transfer"), &transfer).await.position();
    // One that is planned does not count yet.
    opened(&service, "service").await;
    let later = json!({"department": "service", "since": day(30)});
    let head = head.max(post(&service, &format!("employees/{employee}/transfer"), &later).await.position());
    let today = day(0);
    for (on, department, title) in [
        ("2026-02-28", "sales", Value::Null),
        ("2026-03-01", "support", json!("инженер")),
        (today.as_str(), "support", json!("инженер")),
        (day(30).as_str(), "service", json!("инженер")),
    ] {
        let path = format!("/api/employees?name=волков&department={department}&on={on}");
        let list = items(&service, &path, head).await;
        assert_eq!((list.len(), &list[0]["title"]), (1, &title), "{on}");
    }
    let refused = service.get("/api/employees?department=service").await;
    assert_eq!(refused.body["items"], json!([]));
    let refused = service.get("/api/employees?on=x").await;
    assert_eq!((refused.status, refused.code()), (400, "bad_parameter"));
    let posts = ask(&service, &format!("/api/employees/{employee}"), head).await["item"]["posts"].clone();
    assert_eq!((&posts[0]["since"], &posts[1]["since"]), (&Value::Null, &json!("2026-03-01")));
    assert_eq!(posts[2]["since"], json!(day(30)));
    let count = async |by: &str| {
        items(&service, &format!("/api/reports/interactions?group_by=department{by}"), head).await
    };
    let by_call = count("").await;
    let departments: Vec<_> =
        by_call.iter().map(|row| (row["department"].clone(), row["count"].clone())).collect();
    assert_eq!(departments, [(json!("sales"), json!(1)), (json!("support"), json!(1))]);
    assert_eq!(count("&department_as=call").await, by_call);
    let by_answer = count("&department_as=answer").await;
    assert_eq!((by_answer.len(), &by_answer[0]["count"]), (1, &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_hands_over_clients_and_steps() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let leaver = hire(&service, "Иванова").await;
    let (one, two) = (hire(&service, "Волков").await, hire(&service, "Сидорова").await);
    let mut clients = vec![];
    for number in 0..4 {
        clients.push(client_of(&service, &format!("ООО «{number}»"), &leaver).await);
    }
    let co = json!({"employee_id": leaver, "kind": "co", "since": "2026-01-01T00:00:00Z", "reason": "x"});
    post(&service, &format!("clients/{}/assign", clients[0]), &co).await;
    let step = json!({"client_id": clients[1], "action": "call", "due": {"on": day(3)}, "assignee": leaver});
    let step = post(&service, "steps/plan", &step).await.id();
    let dismissal = json!({
        "on": day(-1), "reason": "переезд", "hand_over_to": [one, two], "handover_note": "договоры в общей папке",
    });
    post(&service, &format!("employees/{leaver}/dismiss"), &dismissal).await;

    let handed = until("the step is handed over", || async {
        let step = service.get(&format!("/api/steps/{step}")).await.body["item"].clone();
        (step["assignee"].is_string() && step["assignee"] != json!(leaver)).then_some(step)
    })
    .await;
    let mut takers = vec![];
    for client in &clients {
        let card = service.get(&format!("/api/clients/{client}")).await.body["item"].clone();
        let current: Vec<Value> =
            card["managers"].as_array().unwrap().iter().filter(|m| m["current"] == true).cloned().collect();
        let kinds: Vec<&str> = current.iter().map(|m| m["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds.len(), if client == &clients[0] { 2 } else { 1 }, "{card}");
        for manager in &current {
            assert_eq!(manager["employee_id"], current[0]["employee_id"], "a client stays together");
            assert_eq!(manager["since"], json!(format!("{}T00:00:00Z", day(-1))));
            assert_eq!(
                (&manager["reason"], &manager["handover_note"]),
                (&json!("переезд"), &json!("договоры в общей папке"))
            );
        }
        takers.push(current[0]["employee"].as_str().unwrap().to_owned());
    }
    assert_eq!(handed["assignee_name"], takers[1]);
    takers.sort();
    assert_eq!(takers, ["Волков", "Волков", "Сидорова", "Сидорова"]);
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    let left = day(-1);
    let month = &left[..7];
    let report = items(&service, "/api/reports/handovers?group_by=employee,month", head).await;
    let of = |employee: &str| report.iter().find(|row| row["employee"] == employee).unwrap().clone();
    assert_eq!(of(&leaver), json!({"employee": leaver, "month": month, "received": 0, "given": 4}));
    assert_eq!(of(&one), json!({"employee": one, "month": month, "received": 2, "given": 0}));

    // Without successors the clients stand without a manager.
    post(&service, &format!("employees/{one}/dismiss"), &json!({"on": day(0)})).await;
    let head =
        post(&service, &format!("employees/{two}/dismiss"), &json!({"on": day(0), "hand_over_to": []}))
            .await
            .position();
    let unassigned = items(&service, &format!("/api/assignments/unassigned?on={}", day(1)), head).await;
    assert_eq!(unassigned.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_undone_is_seen_by_who_has_the_client_now() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let leaver = hire(&service, "Иванова").await;
    let taker = hire(&service, "Волков").await;
    let client = client_of(&service, "ООО «Лес»", &leaver).await;
    // What was agreed with a client that is shown under another one by now.
    let merged =
        post(&service, "clients/register", &json!({"kind": "company", "name": "ООО «Бор»"})).await.id();
    let plan = async |client: &str, due: i64| {
        let step =
            json!({"client_id": client, "action": "call", "due": {"on": day(due)}, "assignee": leaver});
        post(&service, "steps/plan", &step).await.id()
    };
    let (late, soon, after) = (plan(&client, -3).await, plan(&merged, 1).await, plan(&client, 3).await);
    post(&service, &format!("clients/{merged}/merge"), &json!({"into": client, "reason": "x"})).await;
    let dismissal = json!({"on": day(3), "hand_over_to": [taker]});
    post(&service, &format!("employees/{leaver}/dismiss"), &dismissal).await;
    until("what falls due after that is handed over", || async {
        let step = service.get(&format!("/api/steps/{after}")).await.body["item"].clone();
        (step["assignee"] == json!(taker)).then_some(())
    })
    .await;
    until("the client has another manager", || async {
        let path = format!("/api/assignments?client_id={client}&on={}", day(4));
        let managers = service.get(&path).await.body["items"].clone();
        (managers[0]["employee_id"] == json!(taker)).then_some(())
    })
    .await;
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    let sees = async |who: &str, on: i64| {
        let path = format!("/api/steps/today?employee_id={who}&at={}T12:00:00Z", day(on));
        let list = items(&service, &path, head).await;
        let brief = |step: &Value| json!([step["id"], step["why"], step["assignee_name"]]);
        list.iter().map(brief).collect::<Vec<_>>()
    };
    let his = |step: &str, why: &str| json!([step, why, "Иванова"]);
    assert_eq!(sees(&leaver, 2).await, [his(&late, "own"), his(&soon, "own")]);
    assert_eq!(sees(&taker, 2).await, [] as [Value; 0]);
    let left = [his(&late, "left"), his(&soon, "left"), json!([after, "own", "Волков"])];
    assert_eq!(sees(&taker, 4).await, left);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_that_is_killed_is_done_once() {
    let database = Database::new(StoreKind::Production).await;
    let nats = &servers().nats;
    let service = Service::with(&database, Some(nats), &["--without", "workers"]).await;
    let leaver = hire(&service, "Иванова").await;
    let (one, two) = (hire(&service, "Волков").await, hire(&service, "Сидорова").await);
    // The policies are opened before anything happens, as on any day.
    let mut worker = Some(spawn(&database, Some(nats), &["worker", "policies"]).await);
    for number in 0..30 {
        client_of(&service, &format!("ООО «{number}»"), &leaver).await;
    }
    let dismissal = json!({"on": day(0), "hand_over_to": [one, two]});
    post(&service, &format!("employees/{leaver}/dismiss"), &dismissal).await;
    let assigned = async || {
        let events = service.get("/api/events?type=ManagerAssigned&limit=1000").await.body;
        events["items"].as_array().unwrap().len() - 30
    };
    for some in [1, 10, 20] {
        until("some are handed over", async || (assigned().await >= some).then_some(())).await;
        if let Some((mut child, _)) = worker.take() {
            child.kill().await.unwrap();
        }
        worker = Some(spawn(&database, Some(nats), &["worker", "policies"]).await);
    }
    until("all are handed over", async || (assigned().await >= 30).then_some(())).await;
    drop(worker);
    let _worker = spawn(&database, Some(nats), &["worker", "policies", "crm"]).await;
    let head = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    let report = items(&service, "/api/reports/handovers?group_by=employee", head).await;
    let received =
        |employee: &str| report.iter().find(|row| row["employee"] == employee).unwrap()["received"].clone();
    assert_eq!((received(&one), received(&two)), (json!(15), json!(15)));
    assert_eq!(assigned().await, 30);
}
