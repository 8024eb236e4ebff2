//! Friday: the two are parted again, the ill one is back, and one leaves for good.

use super::firm::full;
use super::{Firm, end_of, pick, utc};
use serde_json::json;

pub(super) async fn is_played(firm: &Firm) {
    it_was_a_mistake(firm).await;
    she_is_back(firm).await;
    a_promise_is_kept(firm).await;
    one_leaves(firm).await;
}

async fn it_was_a_mistake(firm: &Firm) {
    let (stays, goes) = ("ООО «Стройсервис»", "АО «Строй-Сервис»");
    firm.to("20 09:10", "Климова", goes, "unmerge", json!({"reason": "разные ИНН"})).await;
    let apart = json!({"client_id": firm.client(stays), "reason": "разные ИНН"});
    firm.to("20 09:15", "Климова", goes, "not_a_duplicate", apart).await;
    for (client, manager, last) in [(stays, "Новиков", "18 16:30"), (goes, "Фёдоров", "18 17:20")]
    {
        let card = firm.card("20 09:20", client).await;
        assert_eq!(
            (&card["merged"], &card["merged_into"], &card["interactions_total"], &card["last_at"]),
            (&json!([]), &json!(null), &json!(1), &json!(utc(last))),
            "{client}"
        );
        assert_eq!(firm.managers("20 09:20", client).await, json!([[full(manager), false, null]]));
    }
    let pairs = firm.list("20 09:20", "/api/duplicates").await;
    assert_eq!(pick(&pairs, &["state", "denied_reason"]), json!([["different", "разные ИНН"]]));
    // What was told of it stays in the history.
    let told =
        firm.list("20 09:20", &format!("/api/clients/{}/timeline?kind=client", firm.client(goes))).await;
    assert_eq!(
        pick(&told[told.len() - 3..], &["event", "at", "author_name"]),
        json!([
            ["MergedInto", utc("19 16:30"), full("Климова")],
            ["Unmerged", utc("20 09:10"), full("Климова")],
            ["DuplicateDenied", utc("20 09:15"), full("Климова")],
        ])
    );
}

async fn she_is_back(firm: &Firm) {
    let away = firm.list("20 09:30", "/api/employees/absences").await;
    assert_eq!(pick(&away, &["employee", "stands_in"]), json!([[full("Лебедев"), firm.named("Козлова")]]));
    assert_eq!(firm.managers("20 09:30", "ООО «Кедр»").await, json!([[full("Козлова"), false, null]]));
    assert_eq!(
        firm.day("20 09:30", "Морозова").await,
        json!([
            ["ООО «Заря»", "send_offer", end_of("18"), true, "own"],
            ["ООО «Невский берег»", "check_payment", end_of("20"), false, "own"]
        ])
    );
}

async fn a_promise_is_kept(firm: &Firm) {
    for (at, then, who, client, result) in [
        ("20 10:00", "20 10:01", "Морозова", "ООО «Невский берег»", json!({"result": "agreed"})),
        ("20 10:30", "20 10:31", "Соколов", "ООО «Весна»", json!({})),
    ] {
        let step = firm.card(at, client).await["next_step"]["id"].as_str().unwrap().to_owned();
        firm.does(at, who, &format!("steps/{step}/complete"), result).await;
        assert_eq!(firm.card(then, client).await["next_step"], json!(null), "{client}");
    }
}

/// His last day is Friday: from Saturday on others have his clients and what he promised for then. What was due before is his to do; who
/// has the client on Saturday sees what he left undone.
async fn one_leaves(firm: &Firm) {
    let note = "Договоры в общей папке, по вагонам звонить Петру.";
    let leaves = json!({
        "on": "2026-03-21", "reason": "переезжает в Омск", "handover_note": note,
        "hand_over_to": [firm.person("Ершова"), firm.person("Тихонов")],
    });
    firm.does("20 15:00", "Климова", &format!("employees/{}/dismiss", firm.person("Макаров")), leaves).await;
    let taken = [
        ("ООО «Уралстрой»", "02 10:12", "Ершова"),
        ("АО «Сибирский хлеб»", "02 10:13", "Тихонов"),
        ("ООО «Байкал Транс»", "02 10:14", "Ершова"),
        ("АО «Северный порт»", "02 10:15", "Тихонов"),
    ];
    for (client, since, successor) in taken {
        assert_eq!(
            firm.managers("20 17:00", client).await,
            json!([[full("Макаров"), false, null]]),
            "{client}"
        );
        assert_eq!(
            firm.managers("21 09:00", client).await,
            json!([[full(successor), false, null]]),
            "{client}"
        );
        let card = firm.card("21 09:00", client).await;
        let from = "2026-03-21T00:00:00Z";
        assert_eq!(
            pick(
                card["managers"].as_array().unwrap(),
                &["employee", "since", "until", "reason", "release_reason", "handover_note"]
            ),
            json!([
                [full("Макаров"), utc(since), from, "закреплён", "переезжает в Омск", null],
                [full(successor), from, null, "переезжает в Омск", null, note],
            ]),
            "{client}"
        );
    }
    for (successor, steps) in [
        ("Ершова", json!([["ООО «Байкал Транс»", "visit"]])),
        ("Тихонов", json!([["АО «Сибирский хлеб»", "check_delivery"]])),
        ("Макаров", json!([["ООО «Уралстрой»", "send_invoice"]])),
    ] {
        let path = format!("/api/steps?assignee={}&state=open", firm.person(successor));
        assert_eq!(pick(&firm.list("21 09:00", &path).await, &["client", "action"]), steps, "{successor}");
    }
    let invoice = |why: &str| json!([["ООО «Уралстрой»", "send_invoice", end_of("19"), true, why]]);
    assert_eq!(firm.day("20 17:00", "Макаров").await, invoice("own"));
    assert_eq!(firm.day("20 17:00", "Ершова").await, json!([]));
    assert_eq!(firm.day("21 09:00", "Ершова").await, invoice("left"));
}
