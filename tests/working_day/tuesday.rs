//! Tuesday: a manager's morning on the phone, what she promised, what she moved and what she did.

use super::firm::full;
use super::{Firm, end_of, pick, utc};
use serde_json::{Value, json};

/// When, to whom, whether somebody answered, what came of it, what is next and by when.
const CALLS: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("17 09:10", "ООО «Заря»", "answered", "offer_requested", "send_offer", "2026-03-18"),
    ("17 09:40", "АО «Полимер»", "answered", "call_back", "call_back", "2026-03-19"),
    ("17 10:15", "ООО «Фабрика уюта»", "answered", "meeting_arranged", "meet", "2026-03-23"),
    ("17 11:00", "ООО «Невский берег»", "answered", "payment_promised", "check_payment", "2026-03-20"),
    ("17 11:30", "ООО «Альтаир»", "no_answer", "no_answer", "call_back", "2026-03-17"),
    ("17 12:05", "ИП Гусев", "answered", "too_expensive", "call", "2026-03-24"),
];

pub(super) async fn is_played(firm: &Firm) {
    six_calls_are_logged(firm).await;
    one_step_is_moved(firm).await;
    another_is_done(firm).await;
    the_head_counts_calls(firm).await;
}

/// What she has to do, by when it is due.
async fn promised(firm: &Firm, at: &str) -> Value {
    let path = format!("/api/steps?assignee={}&state=open", firm.person("Морозова"));
    pick(&firm.list(at, &path).await, &["client", "action", "due"])
}

async fn six_calls_are_logged(firm: &Firm) {
    for (at, client, answered, result, next, due) in CALLS {
        let call = json!({
            "kind": "call", "direction": "out", "telephony_status": answered, "result": result,
            "duration_seconds": if answered == "answered" { 240 } else { 0 },
            "next_step": {"action": next, "due_on": due},
        });
        firm.records(at, "Морозова", client, call).await;
    }
    assert_eq!(
        promised(firm, "17 12:30").await,
        json!([
            ["ООО «Альтаир»", "call_back", {"on": "2026-03-17"}],
            ["ООО «Заря»", "send_offer", {"on": "2026-03-18"}],
            ["АО «Полимер»", "call_back", {"on": "2026-03-19"}],
            ["ООО «Невский берег»", "check_payment", {"on": "2026-03-20"}],
            ["ООО «Фабрика уюта»", "meet", {"on": "2026-03-23"}],
            ["ИП Гусев", "call", {"on": "2026-03-24"}],
        ])
    );
    for (at, client, _, result, next, _) in CALLS {
        let card = firm.card("17 12:30", client).await;
        assert_eq!(
            (&card["last_at"], &card["last_result"]["result"], &card["next_step"]["action"]),
            (&json!(utc(at)), &json!(result), &json!(next)),
            "{client}"
        );
    }
}

async fn one_step_is_moved(firm: &Firm) {
    let card = firm.card("17 12:40", "АО «Полимер»").await;
    let step = card["next_step"]["id"].as_str().unwrap().to_owned();
    let later = json!({"due": {"at": {"moment": "2026-03-20T11:00:00+03:00"}}, "reason": "просили в пятницу к одиннадцати"});
    firm.does("17 12:45", "Морозова", &format!("steps/{step}/move"), later).await;
    let item = firm.asks("17 12:50", &format!("/api/steps/{step}")).await["item"].clone();
    assert_eq!((&item["due_by"], &item["state"]), (&json!(utc("20 11:00")), &json!("open")));
    let story = item["story"].as_array().unwrap();
    assert_eq!(
        pick(story, &["event", "at", "author_name"]),
        json!([["Planned", utc("17 09:40"), null], ["Moved", utc("17 12:45"), full("Морозова")]])
    );
    assert_eq!(
        story[1]["data"]["changes"]["due"]["old"]["on"], "2026-03-19",
        "what was promised first stays readable: {story:?}"
    );
}

/// The call she could not make in the morning is made in the afternoon, and closes its step.
async fn another_is_done(firm: &Firm) {
    assert_eq!(
        firm.day("17 14:00", "Морозова").await,
        json!([["ООО «Альтаир»", "call_back", end_of("17"), false, "own"]])
    );
    let step = firm.card("17 14:00", "ООО «Альтаир»").await["next_step"]["id"].clone();
    let call = json!({
        "kind": "call", "direction": "out", "telephony_status": "answered", "result": "interested",
        "duration_seconds": 300, "closes_step": step,
    });
    let call = firm.records("17 16:00", "Морозова", "ООО «Альтаир»", call).await;
    assert_eq!(firm.day("17 16:01", "Морозова").await, json!([]));
    let item = firm.asks("17 16:01", &format!("/api/steps/{}", step.as_str().unwrap())).await["item"].clone();
    assert_eq!(
        pick(&[item], &["state", "done_on", "result", "done_by"]),
        json!([["done", utc("17 16:00"), "interested", call]])
    );
    let card = firm.card("17 16:01", "ООО «Альтаир»").await;
    assert_eq!((&card["next_step"], &card["interactions_total"]), (&Value::Null, &json!(2)));
}

async fn the_head_counts_calls(firm: &Firm) {
    let path = "/api/reports/interactions?group_by=result&kind=call&from=2026-03-17&to=2026-03-18&time_zone=Europe/Moscow";
    let mut counted = firm.list("17 18:00", path).await;
    counted.sort_by_key(|row| row["result"].to_string());
    assert_eq!(
        pick(&counted, &["result", "count", "clients", "duration_total"]),
        json!([
            ["call_back", 1, 1, 240],
            ["interested", 1, 1, 300],
            ["meeting_arranged", 1, 1, 240],
            ["no_answer", 1, 1, 0],
            ["offer_requested", 1, 1, 240],
            ["payment_promised", 1, 1, 240],
            ["too_expensive", 1, 1, 240],
        ])
    );
    let all = firm.list("17 18:00", &path.replace("group_by=result&", "")).await;
    assert_eq!(pick(&all, &["count", "clients", "duration_total"]), json!([[7, 6, 1500]]));
}
