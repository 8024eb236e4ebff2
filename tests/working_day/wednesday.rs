//! Wednesday: a manager falls ill, and her deputy has two days in one.

use super::firm::full;
use super::{Firm, end_of, last_of, moscow, pick, utc};
use serde_json::json;

pub(super) async fn is_played(firm: &mut Firm) {
    a_manager_falls_ill(firm).await;
    her_deputy_keeps_her_appointment(firm).await;
    a_client_is_entered_again(firm).await;
    the_day_ends_earlier_in_the_urals(firm).await;
}

async fn a_manager_falls_ill(firm: &Firm) {
    let plan = json!({
        "client_id": firm.client("ООО «Лесной двор»"), "action": "meet", "text": "показать образцы",
        "due": {"at": {"moment": "2026-03-18T15:00:00+03:00"}},
    });
    firm.does("17 18:10", "Козлова", "steps/plan", plan).await;
    let ill = json!({
        "from": "2026-03-18", "until": "2026-03-20", "kind": "leave",
        "deputies": [firm.person("Морозова"), firm.person("Егорова")],
    });
    firm.does("18 08:50", "Климова", &format!("employees/{}/plan_absence", firm.person("Козлова")), ill)
        .await;

    let at = "18 09:00";
    let meeting = json!(["ООО «Лесной двор»", "meet", utc("18 15:00"), false, "deputy_for"]);
    let offer = json!(["ООО «Заря»", "send_offer", end_of("18"), false, "own"]);
    let documents = json!(["ООО «Медтехника»", "send_documents", end_of("18"), false, "deputy_for"]);
    assert_eq!(firm.day(at, "Морозова").await, json!([meeting, offer]));
    assert_eq!(firm.day(at, "Новиков").await, json!([documents]), "the first deputy is ill herself");
    assert_eq!(firm.day(at, "Егорова").await, json!([]));
    let away = firm.list(at, "/api/employees/absences").await;
    assert_eq!(
        pick(&away, &["employee", "kind", "stands_in"]),
        json!([
            [full("Лебедев"), "vacation", firm.named("Новиков")],
            [full("Козлова"), "leave", firm.named("Морозова")]
        ])
    );
    for (deputy, absent) in [("Морозова", "Козлова"), ("Новиков", "Лебедев")] {
        let item = firm.asks(at, &format!("/api/employees/{}", firm.person(deputy))).await["item"].clone();
        assert_eq!(item["stands_in_for"], json!([firm.named(absent)]), "{deputy}");
    }
    for (client, manager, deputy) in
        [("ООО «Кедр»", "Козлова", "Морозова"), ("АО «Городской сад»", "Лебедев", "Новиков")]
    {
        assert_eq!(firm.managers(at, client).await, json!([[full(manager), true, firm.named(deputy)]]));
    }
    // On Tuesday nobody knew, and the other one stood in.
    assert_eq!(
        firm.managers("17 18:00", "АО «Городской сад»").await,
        json!([[full("Лебедев"), true, firm.named("Козлова")]])
    );
}

async fn her_deputy_keeps_her_appointment(firm: &Firm) {
    let step = firm.card("18 15:00", "ООО «Лесной двор»").await["next_step"].clone();
    assert_eq!((&step["action"], &step["text"]), (&json!("meet"), &json!("показать образцы")));
    let met = json!({
        "kind": "meeting", "occurred_at": moscow("18 15:00"), "duration_seconds": 2700, "result": "thinking", "closes_step": step["id"],
        "next_step": {"action": "call", "text": "узнать решение", "due_on": "2026-03-19"},
    });
    firm.records("18 15:45", "Морозова", "ООО «Лесной двор»", met).await;
    assert_eq!(
        firm.day("18 16:00", "Морозова").await,
        json!([["ООО «Заря»", "send_offer", end_of("18"), false, "own"]])
    );
    let card = firm.card("18 16:00", "ООО «Лесной двор»").await;
    assert_eq!(
        (&card["interactions"], &card["last_result"]["result"]),
        (
            &json!([{"kind": "meeting", "direction": null, "count": 1, "first_at": utc("18 15:00"), "last_at": utc("18 15:00")}]),
            &json!("thinking")
        )
    );
    assert_eq!(
        pick(&[card["next_step"].clone()], &["action", "text", "assignee_name"]),
        json!([["call", "узнать решение", full("Морозова")]])
    );
}

/// Another group enters a client that looks like one of a colleague's, and says that it is another.
async fn a_client_is_entered_again(firm: &mut Firm) {
    let call = json!({
        "kind": "call", "direction": "out", "telephony_status": "answered", "duration_seconds": 120, "result": "agreed",
    });
    firm.records("18 16:30", "Новиков", "ООО «Стройсервис»", call.clone()).await;
    let mut entered = json!({
        "kind": "company", "name": "АО «Строй-Сервис»", "region": "msk", "phones": [{"number": "+7 495 330-22-11"}],
    });
    let refused = firm.tries("18 17:00", "Фёдоров", "clients/register", entered.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "possible_duplicate"));
    assert_eq!(
        pick(refused.body["candidates"].as_array().unwrap(), &["name", "managers", "reasons"]),
        json!([["ООО «Стройсервис»", [full("Новиков")], ["name", "region"]]])
    );
    entered["accept_duplicates"] = json!({"reason": "другое юридическое лицо"});
    let entered = firm.does("18 17:05", "Фёдоров", "clients/register", entered).await.id();
    firm.clients.insert("АО «Строй-Сервис»", entered);
    let assign = json!({"employee_id": firm.person("Фёдоров"), "kind": "main", "reason": "нашёл сам"});
    firm.to("18 17:10", "Климова", "АО «Строй-Сервис»", "assign", assign).await;
    firm.records("18 17:20", "Фёдоров", "АО «Строй-Сервис»", call).await;
    let pairs = firm.list("18 17:30", "/api/duplicates?state=open").await;
    assert_eq!(
        pick(&pairs, &["client/name", "client/managers", "other/name", "other/managers", "reasons"]),
        json!([[
            "АО «Строй-Сервис»",
            [full("Фёдоров")],
            "ООО «Стройсервис»",
            [full("Новиков")],
            ["name", "region"]
        ]])
    );
}

/// At ten in the evening by Moscow's clocks Wednesday is over in Yekaterinburg, and nowhere else.
async fn the_day_ends_earlier_in_the_urals(firm: &Firm) {
    let overdue = async |at: &str| {
        pick(
            &firm.list(at, "/api/steps?overdue=true").await,
            &["client", "action", "assignee_name", "due_by"],
        )
    };
    assert_eq!(overdue("18 21:59").await, json!([]));
    let end = last_of("18 21:59");
    assert_eq!(overdue("18 22:00").await, json!([["ООО «Самоцветы»", "call", full("Зайцева"), end]]));
}
