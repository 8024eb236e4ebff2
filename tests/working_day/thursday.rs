//! Thursday: what was late is done, a duplicate is refused, a client changes hands, and two become one.

use super::firm::full;
use super::{Firm, end_of, moscow, pick, pick_sorted, utc};
use serde_json::{Value, json};

pub(super) async fn is_played(firm: &Firm) {
    what_was_late_is_done(firm).await;
    more_becomes_known_of_the_days_before(firm).await;
    a_duplicate_is_refused(firm).await;
    a_client_changes_hands(firm).await;
    two_are_taken_for_one(firm).await;
}

async fn what_was_late_is_done(firm: &Firm) {
    let at = "19 09:00";
    let overdue = firm.list(at, "/api/steps?overdue=true").await;
    assert_eq!(
        pick_sorted(&overdue, &["client", "assignee_name"]),
        json!([
            ["ООО «Заря»", full("Морозова")],
            ["ООО «Медтехника»", full("Лебедев")],
            ["ООО «Самоцветы»", full("Зайцева")],
        ])
    );
    let late = json!(["ООО «Медтехника»", "send_documents", end_of("18"), true, "deputy_for"]);
    assert_eq!(firm.day(at, "Новиков").await, json!([late]));
    for (at, who, client) in
        [("19 09:10", "Новиков", "ООО «Медтехника»"), ("19 09:30", "Зайцева", "ООО «Самоцветы»")]
    {
        let step = firm.card(at, client).await["next_step"]["id"].as_str().unwrap().to_owned();
        firm.does(at, who, &format!("steps/{step}/complete"), json!({})).await;
    }
    let overdue = firm.list("19 09:31", "/api/steps?overdue=true").await;
    assert_eq!(pick(&overdue, &["client", "action"]), json!([["ООО «Заря»", "send_offer"]]));
}

/// Wednesday's meeting came to an order, and there was a call on Tuesday of which nobody had told.
async fn more_becomes_known_of_the_days_before(firm: &Firm) {
    let client = "ООО «Лесной двор»";
    let met = firm.card("19 10:00", client).await["last_result"]["interaction_id"].clone();
    let ordered = json!({"result": "order_placed", "result_text": "Прислали заявку на сорок светильников."});
    firm.does("19 10:05", "Морозова", &format!("interactions/{}/set_result", met.as_str().unwrap()), ordered)
        .await;
    let status = json!({"status": "active", "reason": "первая заявка"});
    firm.to("19 10:06", "Морозова", client, "change_status", status).await;
    let call = json!({
        "kind": "call", "direction": "in", "occurred_at": moscow("17 16:40"), "telephony_status": "answered",
        "duration_seconds": 60, "result": "informed",
    });
    firm.records("19 10:20", "Егорова", client, call).await;
    let step = firm.card("19 10:25", client).await["next_step"].clone();
    assert_eq!(step["action"], "call");
    let drop = json!({"reason": "заявка уже пришла", "reason_code": "done_otherwise"});
    firm.does("19 10:30", "Морозова", &format!("steps/{}/drop", step["id"].as_str().unwrap()), drop).await;
}

async fn a_duplicate_is_refused(firm: &Firm) {
    let before = firm.service.settled().await;
    let typed = json!({
        "kind": "company", "name": "Лесной Двор, ООО", "region": "msk", "phones": [{"number": "8 (495) 210 11 09"}],
    });
    let refused = firm.tries("19 11:00", "Белов", "clients/register", typed).await;
    assert_eq!((refused.status, refused.code()), (409, "possible_duplicate"));
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    assert_eq!(
        pick(refused.body["candidates"].as_array().unwrap(), &["client_id", "name", "managers", "reasons"]),
        json!([[
            firm.client("ООО «Лесной двор»"),
            "ООО «Лесной двор»",
            [full("Козлова")],
            ["phone", "name", "region"]
        ]])
    );
    assert_eq!(firm.service.settled().await, before, "nothing was written");
    let found = firm.list("19 11:01", "/api/clients?phone=84952101109").await;
    assert_eq!(pick(&found, &["name", "status"]), json!([["ООО «Лесной двор»", "active"]]));
}

async fn a_client_changes_hands(firm: &Firm) {
    let client = "АО «Полимер»";
    let assign = json!({
        "employee_id": firm.person("Соколов"), "kind": "main", "reason": "крупный тендер",
        "handover_note": "Ждут звонка в пятницу в одиннадцать; решает Дроздов.",
    });
    firm.to("19 16:00", "Климова", client, "assign", assign).await;
    let step = firm.card("19 16:05", client).await["next_step"]["id"].as_str().unwrap().to_owned();
    let over = json!({"assignee": firm.person("Соколов"), "reason": "клиент передан"});
    firm.does("19 16:10", "Морозова", &format!("steps/{step}/hand_over"), over).await;
    let card = firm.card("19 16:15", client).await;
    assert_eq!(
        pick(
            card["managers"].as_array().unwrap(),
            &["employee", "since", "until", "current", "reason", "release_reason", "handover_note"]
        ),
        json!([
            [full("Морозова"), utc("02 10:01"), utc("19 16:00"), false, "закреплён", "крупный тендер", null],
            [
                full("Соколов"),
                utc("19 16:00"),
                null,
                true,
                "крупный тендер",
                null,
                "Ждут звонка в пятницу в одиннадцать; решает Дроздов."
            ],
        ])
    );
    assert_eq!(card["next_step"]["assignee_name"], full("Соколов"));
}

async fn two_are_taken_for_one(firm: &Firm) {
    let (stays, goes) = ("ООО «Стройсервис»", "АО «Строй-Сервис»");
    let merge = json!({"into": firm.client(stays), "reason": "один склад, один директор"});
    firm.to("19 16:30", "Климова", goes, "merge", merge).await;
    let at = "19 17:00";
    let card = firm.card(at, stays).await;
    assert_eq!(
        pick(card["merged"].as_array().unwrap(), &["name", "reason", "phones/0/e164"]),
        json!([[goes, "один склад, один директор", "+74953302211"]])
    );
    assert_eq!((&card["interactions_total"], &card["last_at"]), (&json!(2), &json!(utc("18 17:20"))));
    assert_eq!(firm.managers(at, stays).await, json!([[full("Новиков"), false, null]]));
    let own = firm.card(at, goes).await;
    assert_eq!(own["merged_into"]["client_id"], firm.client(stays));
    let found = firm.list(at, "/api/clients?phone=84953302211").await;
    assert_eq!(pick(&found, &["name", "merged"]), json!([[stays, 1]]));
    let pairs = firm.list(at, "/api/duplicates").await;
    assert_eq!(pick(&pairs, &["state", "survivor_id"]), json!([["merged", firm.client(stays)]]));
    let told = firm.list(at, &format!("/api/clients/{}/timeline?kind=call", firm.client(stays))).await;
    assert_eq!(
        pick(&told, &["at", "author_name", "client_id"]),
        json!([
            [utc("18 16:30"), full("Новиков"), firm.client(stays)],
            [utc("18 17:20"), full("Фёдоров"), firm.client(goes)]
        ])
    );
    assert_eq!(firm.list(at, "/api/assignments/unassigned").await, Vec::<Value>::new());
}
