//! The Monday after: the head asks who had whom on Thursday, what was promised and not done, and what we knew on Wednesday.

use super::firm::{full, managed};
use super::{Firm, end_of, pick, pick_sorted, utc};
use serde_json::{Value, json};

/// When she asks.
const NOW: &str = "23 09:30";

pub(super) async fn is_asked(firm: &Firm) {
    who_had_whom_on_thursday(firm).await;
    who_has_whom_now(firm).await;
    what_was_promised_and_not_done(firm).await;
    what_was_known_on_wednesday(firm).await;
    what_the_week_came_to(firm).await;
    a_position_is_the_moment_of_its_event(firm).await;
}

/// What depends on the clock, such as silence, is asked at the moment the position names, however long ago that is.
async fn a_position_is_the_moment_of_its_event(firm: &Firm) {
    let then = firm.asks("18 12:00", "/api/clients?limit=1").await["meta"]["position"].clone();
    let before = then.as_i64().unwrap() - 1;
    let event =
        firm.service.get(&format!("/api/events?after={before}&limit=1")).await.body["items"][0].clone();
    assert_eq!(event["position"], then);
    for path in [
        "/api/analytics/segments?by=silence,manager",
        "/api/assignments/workload?limit=100",
        "/api/assignments?in_force=true&limit=100",
        "/api/steps?state=open&limit=100",
    ] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let asked = async |as_of: &Value| {
            let as_of = as_of.as_str().map_or_else(|| as_of.to_string(), str::to_owned);
            firm.service.get(&format!("{path}{sign}as_of={as_of}")).await.body["items"].clone()
        };
        let (by_position, by_time) = (asked(&then).await, asked(&event["recorded_at"]).await);
        assert_eq!(by_position, by_time, "{path}");
        assert_ne!(by_position, json!([]), "{path}");
    }
}

/// Each client with whoever has it and whoever stands in, as `[client, manager, deputy]`.
async fn had(firm: &Firm, at: &str, on: &str) -> Value {
    let rows = firm.list(at, &format!("/api/assignments?limit=100&on={on}")).await;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| json!([row["client"], row["employee"], row["stands_in"]["employee"]]))
        .collect();
    sorted(rows)
}

fn sorted(mut rows: Vec<Value>) -> Value {
    rows.sort_by_key(Value::to_string);
    rows.into()
}

/// What was planted: who had whom from the start, with what came in the week; `changes` names whom another one has by then.
fn planted(changes: &[(&str, &str)], deputies: &[(&str, &str)]) -> Value {
    let came = [("ООО «Парус»", "Морозова"), ("АО «Строй-Сервис»", "Фёдоров")];
    let rows = managed().chain(came).map(|(client, first)| {
        let manager = changes.iter().find(|change| change.0 == client).map_or(first, |change| change.1);
        let deputy = deputies.iter().find(|pair| pair.0 == manager).map(|pair| full(pair.1));
        json!([client, full(manager), deputy])
    });
    sorted(rows.collect())
}

async fn who_had_whom_on_thursday(firm: &Firm) {
    let away = [("Лебедев", "Новиков"), ("Козлова", "Морозова")];
    let noon = planted(&[], &away);
    assert_eq!(had(firm, NOW, "2026-03-19").await, noon);
    // In the evening another one had the client that changed hands at four.
    let evening = planted(&[("АО «Полимер»", "Соколов")], &away);
    assert_eq!(had(firm, NOW, "2026-03-19T17:00:00%2B03:00").await, evening);
    // On that evening itself two of them counted as one.
    let mut then = evening.as_array().unwrap().clone();
    then.retain(|row| row[0] != "АО «Строй-Сервис»");
    assert_eq!(had(firm, "19 17:00", "2026-03-19T17:00:00%2B03:00").await, Value::from(then));
}

async fn who_has_whom_now(firm: &Firm) {
    let changes = [
        ("АО «Полимер»", "Соколов"),
        ("ООО «Уралстрой»", "Ершова"),
        ("АО «Сибирский хлеб»", "Тихонов"),
        ("ООО «Байкал Транс»", "Ершова"),
        ("АО «Северный порт»", "Тихонов"),
    ];
    assert_eq!(had(firm, NOW, "2026-03-23").await, planted(&changes, &[]));
    assert_eq!(firm.list(NOW, "/api/assignments/unassigned").await, Vec::<Value>::new());
    assert_eq!(firm.list(NOW, "/api/employees/absences").await, Vec::<Value>::new());
    let load = firm.list(NOW, "/api/assignments/workload?limit=100").await;
    assert_eq!(load.len(), 29, "one has left");
    let busy: Vec<Value> = load.into_iter().filter(|row| row["clients"] != 0).collect();
    assert_eq!(
        pick_sorted(&busy, &["employee", "clients"]),
        sorted(
            [
                ("Ершова", 2),
                ("Зайцева", 1),
                ("Козлова", 2),
                ("Лебедев", 2),
                ("Морозова", 6),
                ("Новиков", 1),
                ("Соколов", 2),
                ("Тихонов", 2),
                ("Фёдоров", 1),
            ]
            .map(|(last, clients)| json!([full(last), clients]))
            .to_vec()
        )
    );
    let path = "/api/reports/handovers?group_by=employee,other&from=2026-03-16&to=2026-03-23&time_zone=Europe/Moscow";
    let handed = firm.list(NOW, path).await;
    let row = |who: &str, other: &str, received: i64, given: i64| {
        json!([firm.person(who), firm.person(other), received, given])
    };
    assert_eq!(
        pick_sorted(&handed, &["employee", "other", "received", "given"]),
        sorted(vec![
            row("Морозова", "Соколов", 0, 1),
            row("Соколов", "Морозова", 1, 0),
            row("Макаров", "Ершова", 0, 2),
            row("Макаров", "Тихонов", 0, 2),
            row("Ершова", "Макаров", 2, 0),
            row("Тихонов", "Макаров", 2, 0),
        ])
    );
}

async fn what_was_promised_and_not_done(firm: &Firm) {
    let overdue = firm.list(NOW, "/api/steps?overdue=true").await;
    assert_eq!(
        pick(&overdue, &["client", "action", "assignee_name", "due_by"]),
        json!([
            ["ООО «Заря»", "send_offer", full("Морозова"), end_of("18")],
            ["ООО «Уралстрой»", "send_invoice", full("Макаров"), end_of("19")],
            ["АО «Полимер»", "call_back", full("Соколов"), utc("20 11:00")],
        ])
    );
    assert_eq!(
        firm.day(NOW, "Морозова").await,
        json!([
            ["ООО «Заря»", "send_offer", end_of("18"), true, "own"],
            ["ООО «Фабрика уюта»", "meet", end_of("23"), false, "own"]
        ])
    );
    // What was left undone is not lost: who has the client now sees it.
    assert_eq!(
        firm.day(NOW, "Ершова").await,
        json!([["ООО «Уралстрой»", "send_invoice", end_of("19"), true, "left"]])
    );
    assert_eq!(
        firm.day(NOW, "Тихонов").await,
        json!([["АО «Сибирский хлеб»", "check_delivery", end_of("23"), false, "own"]])
    );
    let path = "/api/reports/steps?group_by=employee&from=2026-03-16&to=2026-03-23&time_zone=Europe/Moscow";
    let row = |who: &str, figures: [i64; 5]| {
        let [planned, done, late, overdue, dropped] = figures;
        json!([firm.person(who), planned, done, late, overdue, dropped])
    };
    assert_eq!(
        pick_sorted(
            &firm.list(NOW, path).await,
            &["employee", "planned", "done", "done_late", "overdue", "dropped"]
        ),
        sorted(vec![
            row("Лебедев", [2, 2, 1, 0, 0]),
            row("Зайцева", [1, 1, 1, 0, 0]),
            row("Козлова", [1, 1, 0, 0, 0]),
            row("Морозова", [4, 2, 0, 1, 1]),
            row("Соколов", [2, 1, 0, 1, 0]),
            row("Макаров", [1, 0, 0, 1, 0]),
        ])
    );
}

/// What the card and the history said on Wednesday evening, against what they say now of the same days.
async fn what_was_known_on_wednesday(firm: &Firm) {
    let client = "ООО «Лесной двор»";
    let (then, now) = (firm.card("18 18:00", client).await, firm.card(NOW, client).await);
    let fields = ["status", "interactions_total", "last_at", "last_result/result"];
    assert_eq!(
        pick(std::slice::from_ref(&then), &fields),
        json!([["prospective", 1, utc("18 15:00"), "thinking"]])
    );
    assert_eq!(
        pick(std::slice::from_ref(&now), &fields),
        json!([["active", 2, utc("18 15:00"), "order_placed"]])
    );
    assert_eq!((&then["next_step"]["action"], &now["next_step"]), (&json!("call"), &Value::Null));
    assert_eq!(
        (&then["managers"][0]["absent"], &now["managers"][0]["absent"]),
        (&json!(true), &json!(false))
    );

    let path = format!("/api/clients/{}/timeline?from=2026-03-17&to=2026-03-19", firm.client(client));
    let told = async |at: &str| {
        let rows = firm.list(at, &path).await;
        let brief = rows
            .iter()
            .map(|row| json!([row["event"], row["kind"], row["at"], row["interaction"]["result"]]));
        sorted(brief.collect())
    };
    let planned = json!(["Planned", "step", utc("17 18:10"), null]);
    let met = |result: &str| json!(["Recorded", "meeting", utc("18 15:00"), result]);
    let done = json!(["Done", "step", utc("18 15:00"), null]);
    let next = json!(["Planned", "step", utc("18 15:45"), null]);
    assert_eq!(
        told("18 18:00").await,
        sorted(vec![planned.clone(), met("thinking"), done.clone(), next.clone()])
    );
    let call = json!(["Recorded", "call", utc("17 16:40"), "informed"]);
    assert_eq!(told(NOW).await, sorted(vec![call, planned, met("order_placed"), done, next]));
}

async fn what_the_week_came_to(firm: &Firm) {
    let week = "from=2026-03-16&to=2026-03-23&time_zone=Europe/Moscow";
    let by_person = firm.list(NOW, &format!("/api/reports/interactions?group_by=employee,kind&{week}")).await;
    let row =
        |who: &str, kind: &str, count: i64, clients: i64| json!([firm.person(who), kind, count, clients]);
    assert_eq!(
        pick_sorted(&by_person, &["employee", "kind", "count", "clients"]),
        sorted(vec![
            row("Морозова", "call", 10, 7),
            row("Морозова", "meeting", 1, 1),
            row("Егорова", "call", 2, 2),
            row("Новиков", "call", 1, 1),
            row("Фёдоров", "call", 1, 1),
        ])
    );
    let by_group = firm.list(NOW, &format!("/api/reports/interactions?group_by=department&{week}")).await;
    assert_eq!(pick_sorted(&by_group, &["department", "count"]), json!([["center", 14], ["regions", 1]]));
}
