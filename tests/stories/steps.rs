//! What is to be done: planned, moved, handed over, done or dropped; by hand and from interactions.

use crate::support::{Answer, Database, Service, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

async fn post(service: &Service, path: &str, body: &Value) -> Answer {
    let answer = service.command(path, body).await;
    assert!(answer.status < 300, "{path} {body} {answer:?}");
    answer
}

async fn hire(service: &Service, name: &str) -> String {
    post(service, "employees/hire", &json!({"name": {"last": name}})).await.id()
}

async fn register(service: &Service, name: &str) -> String {
    post(service, "clients/register", &json!({"kind": "company", "name": name})).await.id()
}

async fn items(service: &Service, path: &str, position: i64) -> Vec<Value> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let answer = service.get(&format!("{path}{sign}wait_for={position}")).await;
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_planned_moved_handed_over_done_or_dropped() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let colleague = hire(&service, "Волков").await;
    let client = register(&service, "ООО «Лес»").await;
    let plan = json!({
        "client_id": client, "action": "call", "text": "узнать решение", "due": {"on": "2026-03-05"},
        "external": {"source": "old", "id": "s-1"},
    });
    let planned = post(&service, "steps/plan", &plan).await;
    assert_eq!(planned.status, 201);
    // The same again is the same step; another under its key is refused.
    assert_eq!((post(&service, "steps/plan", &plan).await.position()), planned.position());
    let mut other = plan.clone();
    other["action"] = json!("meet");
    assert_eq!(service.command("steps/plan", &other).await.code(), "already_recorded");

    let step = planned.id();
    let moved = json!({"due": {"at": {"moment": "2026-03-06T10:00:00+03:00", "time_zone": "Europe/Moscow"}}, "reason": "просили"});
    post(&service, &format!("steps/{step}/move"), &moved).await;
    let over = json!({"assignee": colleague, "reason": "отпуск"});
    post(&service, &format!("steps/{step}/hand_over"), &over).await;
    let done = json!({"on": "2026-03-06T12:00:00+03:00", "result": "agreed", "result_text": "берут"});
    let done = post(&service, &format!("steps/{step}/complete"), &done).await;
    assert_eq!(service.command(&format!("steps/{step}/move"), &moved).await.code(), "step_done");

    let card = service.get(&format!("/api/steps/{step}?wait_for={}", done.position())).await;
    assert_eq!(card.headers["etag"], "\"4\"");
    let item = &card.body["item"];
    assert_eq!(
        (&item["state"], &item["result"], &item["overdue"]),
        (&json!("done"), &json!("agreed"), &json!(false))
    );
    assert_eq!((&item["assignee_name"], &item["client"]), (&json!("Волков"), &json!("ООО «Лес»")));
    let story: Vec<&str> =
        item["story"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(story, ["Planned", "Moved", "HandedOver", "Done"]);
    let due = &item["story"][1]["data"]["changes"]["due"];
    assert_eq!(
        (&due["old"]["on"], &due["new"]["at"]["moment"]),
        (&json!("2026-03-05"), &json!("2026-03-06T07:00:00Z"))
    );
    assert_eq!(item["story"][2]["data"]["changes"]["assignee"]["old"], service.actor);

    let second =
        json!({"client_id": client, "action": "write", "due": {"working_hours": 4}, "assignee": colleague});
    let second = post(&service, "steps/plan", &second).await.id();
    let dropped = json!({"reason": "купили у других", "reason_code": "no_need"});
    let dropped = post(&service, &format!("steps/{second}/drop"), &dropped).await;
    let line =
        items(&service, &format!("/api/clients/{client}/timeline?kind=step"), dropped.position()).await;
    let told: Vec<&str> = line.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    // What was done stands when it was done.
    assert_eq!(told, ["Done", "Planned", "Moved", "HandedOver", "Planned", "Dropped"]);

    for (path, code) in [
        ("/api/steps?state=lost", "bad_parameter"),
        ("/api/steps/today", "bad_parameter"),
        ("/api/steps/01a20000-0000-7000-8000-000000000000", "not_found"),
        ("/api/steps/today?employee_id=01a20000-0000-7000-8000-000000000000", "not_found"),
    ] {
        assert_eq!(service.get(path).await.code(), code, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_s_list_and_what_is_overdue() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let colleague = hire(&service, "Волков").await;
    let client = register(&service, "ООО «Лес»").await;
    let plan = async |due: Value, assignee: &str| {
        let plan = json!({"client_id": client, "action": "call", "due": due, "assignee": assignee});
        post(&service, "steps/plan", &plan).await
    };
    let own = service.actor.as_str();
    let at = |moment: &str| json!({"at": {"moment": moment}});
    let late = plan(json!({"on": "2026-03-03"}), own).await.id();
    let noon = plan(at("2026-03-05T12:00:00+03:00"), own).await.id();
    let day = plan(json!({"on": "2026-03-05"}), own).await.id();
    let night = plan(at("2026-03-06T00:00:00+03:00"), own).await.id();
    let theirs = plan(json!({"on": "2026-03-05"}), &colleague).await;
    let head = theirs.position();

    let today = |at: &str| format!("/api/steps/today?employee_id={own}&at={at}");
    let list = items(&service, &today("2026-03-05T10:00:00%2B03:00"), head).await;
    assert_eq!(ids(&list), [&late, &noon, &day]);
    let overdue: Vec<bool> = list.iter().map(|step| step["overdue"].as_bool().unwrap()).collect();
    assert_eq!((overdue, &list[0]["why"]), (vec![true, false, false], &json!("own")));
    // Half past noon the call is late; the day's own step is not before midnight.
    let list = items(&service, &today("2026-03-05T23:59:00%2B03:00"), head).await;
    assert_eq!(list.iter().filter(|step| step["overdue"] == true).count(), 2);
    let list = items(&service, &today("2026-03-06T00:00:00%2B03:00"), head).await;
    assert_eq!((list.len(), list.iter().filter(|step| step["overdue"] == true).count()), (4, 3));

    // By the clocks of who does it: in Vladivostok the day ends seven hours before Moscow's.
    let hours = json!({
        "weekly": [{"day": "thu", "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]}],
        "time_zone": "Asia/Vladivostok", "valid_from": "2026-01-01",
    });
    let head = post(&service, &format!("employees/{colleague}/set_hours"), &hours).await.position();
    let east = format!("/api/steps?assignee={colleague}&due_from=2026-03-05&due_to=2026-03-06");
    let list = items(&service, &east, head).await;
    assert_eq!(
        (ids(&list), &list[0]["due_by"]),
        (vec![theirs.id().as_str()], &json!("2026-03-05T13:59:59.999999Z"))
    );

    let open = format!("/api/steps?client_id={client}&state=open");
    assert_eq!(ids(&items(&service, &open, head).await), [&late, &noon, &theirs.id(), &day, &night]);
    assert_eq!(items(&service, "/api/steps?overdue=true&due_from=2026-03-05T12:00:01Z", head).await.len(), 3);
    // Pages go both ways.
    let page = service.get(&format!("{open}&limit=2")).await.body;
    let next = page["meta"]["next"].as_str().unwrap();
    let second = service.get(&format!("{open}&limit=2&cursor={next}")).await.body;
    assert_eq!(ids(second["items"].as_array().unwrap()), [&theirs.id(), &day]);
    let prev = second["meta"]["prev"].as_str().unwrap();
    let first = service.get(&format!("{open}&limit=2&cursor={prev}")).await.body;
    assert_eq!(first["items"], page["items"]);

    // The report: by when they were due.
    post(&service, &format!("steps/{late}/complete"), &json!({"on": "2026-03-04T09:00:00+03:00"})).await;
    post(&service, &format!("steps/{noon}/complete"), &json!({"on": "2026-03-05T11:00:00+03:00"})).await;
    let head = post(&service, &format!("steps/{day}/drop"), &json!({"reason": "x"})).await.position();
    let report = items(
        &service,
        "/api/reports/steps?group_by=employee,month&from=2026-03-01&to=2026-04-01&time_zone=Europe/Moscow",
        head,
    )
    .await;
    let of = |employee: &str| report.iter().find(|row| row["employee"] == employee).unwrap().clone();
    assert_eq!(
        of(own),
        json!({"employee": own, "month": "2026-03", "planned": 4, "done": 2, "done_late": 1, "overdue": 1, "dropped": 1})
    );
    assert_eq!(of(&colleague)["overdue"], 1);
    let none = items(&service, "/api/reports/steps?from=2030-01-01", head).await;
    assert_eq!(none, [json!({"planned": 0, "done": 0, "done_late": 0, "overdue": 0, "dropped": 0})]);
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_plan_and_close_steps() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let colleague = hire(&service, "Волков").await;
    let client = json!({"kind": "company", "name": "ООО «Лес»", "phones": [{"number": "8 495 123-45-67"}]});
    let client = post(&service, "clients/register", &client).await.id();
    let open = format!("/api/steps?client_id={client}&state=open");
    let stands = async |what: &str, holds: &dyn Fn(&[Value]) -> bool| {
        until(what, || async {
            let list = service.get(&open).await.body["items"].as_array().unwrap().clone();
            holds(&list).then_some(list)
        })
        .await
    };
    // The number is linked by one policy, the step planned by another.
    let call = json!({
        "kind": "call", "occurred_at": "2026-03-02T10:00:00Z", "counterpart": {"raw": "8 495 123-45-67"},
        "next_step": {"action": "call_back", "text": "узнать", "due_on": "2026-03-05"},
    });
    let call = post(&service, "interactions/record", &call).await.id();
    let list = stands("the step is planned", &|list| list.len() == 1).await;
    let step = list[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&list[0]["assignee"], &list[0]["interaction_id"]), (&json!(service.actor), &json!(call)));
    assert_eq!(
        (&list[0]["due"], &list[0]["planned_by"]),
        (&json!({"on": "2026-03-05"}), &json!("policy:plan_steps"))
    );
    let card = service.get(&format!("/api/clients/{client}")).await.body["item"].clone();
    assert_eq!((&card["next_step"]["id"], &card["next_step"]["action"]), (&json!(step), &json!("call_back")));

    let fix = |fields: Value| {
        let mut body = fields;
        body["reason"] = json!("ошибка");
        body
    };
    let later = json!({"action": "call_back", "text": "узнать", "due_on": "2026-03-07"});
    let correct = format!("interactions/{call}/correct");
    post(&service, &correct, &fix(json!({"next_step": later, "employee_id": colleague}))).await;
    let list =
        stands("the step is moved and handed over", &|list| list[0]["assignee"] == json!(colleague)).await;
    assert_eq!((&list[0]["id"], &list[0]["due"]), (&json!(step), &json!({"on": "2026-03-07"})));
    let other = json!({"action": "meet", "due_on": "2026-03-07"});
    post(&service, &correct, &fix(json!({"next_step": other}))).await;
    let list = stands("another is planned", &|list| list.len() == 1 && list[0]["action"] == "meet").await;
    let meeting = list[0]["id"].as_str().unwrap().to_owned();
    assert_ne!(meeting, step);
    let dropped = service.get(&format!("/api/steps/{step}")).await.body["item"].clone();
    assert_eq!((&dropped["state"], &dropped["reason"]), (&json!("dropped"), &json!("ошибка")));

    // The meeting takes place, closes its step and names the next one; that one goes with the interaction.
    let nobody = "01a20000-0000-7000-8000-000000000000";
    let met = |closes: &str| {
        json!({
            "kind": "meeting", "client_id": client, "occurred_at": "2026-03-07T10:00:00Z", "result": "agreed",
            "closes_step": closes, "next_step": {"action": "write", "due_on": "2026-03-08"},
        })
    };
    let refused = service.command("interactions/record", &met(nobody)).await;
    assert_eq!((refused.code(), refused.paths()), ("unknown_step", vec!["/closes_step"]));
    let met = post(&service, "interactions/record", &met(&meeting)).await.id();
    stands("the meeting's step is done", &|list| list.len() == 1 && list[0]["action"] == "write").await;
    let done = service.get(&format!("/api/steps/{meeting}")).await.body["item"].clone();
    assert_eq!(
        (&done["state"], &done["done_by"], &done["result"]),
        (&json!("done"), &json!(met), &json!("agreed"))
    );
    assert_eq!(done["done_on"], "2026-03-07T10:00:00Z");
    post(&service, &format!("interactions/{met}/withdraw"), &json!({"reason": "не было"})).await;
    stands("nothing is left to do", &|list| list.is_empty()).await;
    let card = service.get(&format!("/api/clients/{client}")).await.body["item"].clone();
    assert_eq!(card["next_step"], Value::Null);

    // What is agreed with a contact person is to be done with them, though it is their number alone that tells who they are.
    let person = json!({
        "name": {"last": "Смирнова"}, "phones": [{"number": "8 921 555-12-34"}], "joins": [{"client_id": client}],
    });
    let person = post(&service, "contacts/register", &person).await.id();
    let call = json!({
        "kind": "call", "occurred_at": "2026-03-08T10:00:00Z", "counterpart": {"raw": "8 921 555-12-34"},
        "next_step": {"action": "write", "due_on": "2026-03-10"},
    });
    post(&service, "interactions/record", &call).await;
    let list = stands("a step with her is planned", &|list| list.len() == 1).await;
    assert_eq!((&list[0]["contact_id"], &list[0]["contact"]), (&json!(person), &json!("Смирнова")));

    // What a policy could not do is counted and told: the step is done already.
    let again =
        json!({"kind": "note", "client_id": client, "occurred_at": "2026-03-09", "closes_step": meeting});
    post(&service, "interactions/record", &again).await;
    until("the refusal is counted", || async {
        let text = service.get("/metrics").await.text;
        text.contains("letopis_policy_refusals_total{policy=\"plan_steps\"} 1").then_some(())
    })
    .await;
    let refusals = service.get("/api/log/refusals?policy=plan_steps").await.body["items"].clone();
    let told = |name: &str| refusals[0][name].clone();
    assert_eq!(refusals.as_array().unwrap().len(), 1);
    assert_eq!((told("module"), told("command")), (json!("steps"), json!("complete")));
    assert_eq!((told("thing_id"), told("code")), (json!(meeting), json!("step_done")));
    for none in ["policy=hand_over", "before=1"] {
        let body = service.get(&format!("/api/log/refusals?{none}")).await.body;
        assert_eq!(body["items"], json!([]), "{none}");
    }
}
