//! Monday: who is here, and who calls.

use super::firm::{BUSINESS_CENTRE, full, managed, tree};
use super::{Firm, end_of, moscow, pick, pick_sorted, utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) async fn is_played(firm: &mut Firm) {
    the_head_looks_round(firm).await;
    a_stranger_calls(firm).await;
    numbers_are_known_or_shared(firm).await;
    a_colleague_s_client_calls(firm).await;
    a_deputy_does_what_was_left(firm).await;
}

async fn the_head_looks_round(firm: &Firm) {
    let at = "16 09:00";
    let company = firm.asks(at, "/api/departments").await["item"].clone();
    let fields = ["code", "name", "parent", "head", "employees", "employees_with_below"];
    assert_eq!(pick_sorted(company["departments"].as_array().unwrap(), &fields), tree());
    let people = firm.list(at, "/api/employees?columns=id,name,department&limit=100").await;
    let everybody: BTreeMap<String, &str> =
        firm.people.iter().map(|(last, id)| (full(last), id.as_str())).collect();
    let listed: BTreeMap<String, &str> = people
        .iter()
        .map(|row| (row["name"].as_str().unwrap().to_owned(), row["id"].as_str().unwrap()))
        .collect();
    assert_eq!((listed, people.len()), (everybody, 30));
    let away = firm.list(at, "/api/employees/absences").await;
    assert_eq!(
        pick(&away, &["employee", "from", "until", "kind", "stands_in"]),
        json!([[full("Лебедев"), "2026-03-16", "2026-03-23", "vacation", firm.named("Козлова")]])
    );
    let load = firm.list(at, "/api/assignments/workload?limit=100").await;
    assert_eq!(load.len(), 30);
    let busy: Vec<Value> = load.into_iter().filter(|row| row["clients"] != 0).collect();
    let mut planted: BTreeMap<&str, i64> = BTreeMap::new();
    managed().for_each(|(_, manager)| *planted.entry(manager).or_default() += 1);
    let mut planted: Vec<Value> =
        planted.into_iter().map(|(last, clients)| json!([full(last), clients, clients])).collect();
    planted.sort_by_key(Value::to_string);
    assert_eq!(pick_sorted(&busy, &["employee", "clients", "main"]), Value::from(planted));
    assert_eq!(firm.list(at, "/api/assignments/unassigned").await, Vec::<Value>::new());
    assert_eq!(firm.list(at, "/api/steps?overdue=true").await, Vec::<Value>::new());
}

/// The telephone system records who called and who answered.
async fn rings(firm: &Firm, at: &str, number: &str, answered: &str) -> String {
    let call = json!({
        "kind": "call", "direction": "in", "occurred_at": moscow(at), "employee_id": firm.person(answered),
        "counterpart": {"raw": number}, "telephony_status": "answered", "duration_seconds": 180, "origin": "telephony",
    });
    firm.does(at, "agent:telephony", "interactions/record", call).await.id()
}

async fn unlinked(firm: &Firm, at: &str) -> Value {
    pick(&firm.list(at, "/api/interactions?unlinked=true").await, &["id", "occurred_at", "counterpart/e164"])
}

/// Whom a call is linked to: clients, people.
async fn linked(firm: &Firm, at: &str, call: &str) -> Value {
    let item = firm.asks(at, &format!("/api/interactions/{call}")).await["item"].clone();
    json!([item["client_ids"], pick(item["contacts"].as_array().unwrap(), &["name"])])
}

/// Nobody knows the number: the call waits, until somebody registers the client it belongs to.
async fn a_stranger_calls(firm: &mut Firm) {
    let call = rings(firm, "16 09:20", "8 (812) 600-10-20", "Морозова").await;
    let asked = json!({"result": "offer_requested", "result_text": "Просит цены на торшеры."});
    firm.does("16 09:25", "Морозова", &format!("interactions/{call}/set_result"), asked).await;
    let waiting = json!([[call, utc("16 09:20"), "+78126001020"]]);
    assert_eq!(unlinked(firm, "16 09:26").await, waiting);
    let item = firm.asks("16 09:26", &format!("/api/interactions/{call}")).await["item"].clone();
    assert_eq!((&item["candidates"], &item["result"]), (&json!([]), &json!("offer_requested")));
    let found = firm.list("16 09:26", "/api/clients?phone=88126001020").await;
    assert_eq!(found, Vec::<Value>::new());

    let client = json!({
        "kind": "company", "name": "ООО «Парус»", "region": "spb", "channel": "incoming_call",
        "phones": [{"number": "+7 812 600 10 20"}],
    });
    let client = firm.does("16 09:35", "Морозова", "clients/register", client).await.id();
    firm.clients.insert("ООО «Парус»", client.clone());
    assert_eq!(linked(firm, "16 09:36", &call).await, json!([[client], []]));
    assert_eq!(unlinked(firm, "16 09:36").await, json!([]));
    // The one she asked at twenty-six minutes past keeps its answer.
    assert_eq!(unlinked(firm, "16 09:26").await, waiting);
    let nobodys = firm.list("16 09:36", "/api/assignments/unassigned").await;
    assert_eq!(pick(&nobodys, &["name", "status"]), json!([["ООО «Парус»", "prospective"]]));

    let assign =
        json!({"employee_id": firm.person("Морозова"), "kind": "main", "reason": "взяла первый звонок"});
    firm.to("16 09:40", "Климова", "ООО «Парус»", "assign", assign).await;
    assert_eq!(firm.list("16 09:41", "/api/assignments/unassigned").await, Vec::<Value>::new());
    let card = firm.card("16 09:41", "ООО «Парус»").await;
    assert_eq!(
        (&card["interactions_total"], &card["last_at"], &card["last_result"]),
        (
            &json!(1),
            &json!(utc("16 09:20")),
            &json!({"result": "offer_requested", "at": utc("16 09:20"), "interaction_id": call})
        )
    );
    assert_eq!(firm.managers("16 09:41", "ООО «Парус»").await, json!([[full("Морозова"), false, null]]));
}

/// A number of one client names it; that of a house names whoever sits there, and somebody says who it was.
async fn numbers_are_known_or_shared(firm: &Firm) {
    let call = rings(firm, "16 10:00", "84952101101", "Морозова").await;
    assert_eq!(linked(firm, "16 10:01", &call).await, json!([[firm.client("ООО «Заря»")], []]));
    let path = format!("/api/clients/{}/timeline?kind=call", firm.client("ООО «Заря»"));
    let told = firm.list("16 10:01", &path).await;
    assert_eq!(
        pick(&told, &["event", "at", "author"]),
        json!([
            ["Recorded", utc("16 10:00"), "agent:telephony"],
            ["Linked", utc("16 10:00"), "policy:match_callers"]
        ])
    );

    let call = rings(firm, "16 10:30", BUSINESS_CENTRE, "Морозова").await;
    assert_eq!(linked(firm, "16 10:31", &call).await, json!([[], []]));
    let item = firm.asks("16 10:31", &format!("/api/interactions/{call}")).await["item"].clone();
    assert_eq!(
        pick_sorted(item["candidates"].as_array().unwrap(), &["name", "shared"]),
        json!([["АО «Полимер»", true], ["ООО «Фабрика уюта»", true]])
    );
    let polymer = firm.client("АО «Полимер»");
    firm.does("16 10:32", "Морозова", &format!("interactions/{call}/link"), json!({"client_id": polymer}))
        .await;
    assert_eq!(linked(firm, "16 10:33", &call).await, json!([[polymer], []]));
    assert_eq!(unlinked(firm, "16 10:33").await, json!([]));
    assert_eq!(firm.card("16 10:33", "ООО «Фабрика уюта»").await["interactions_total"], 0);
}

/// The buyer of an absent colleague's client calls: the call finds her and the client, the card says whose it is and who stands in.
async fn a_colleague_s_client_calls(firm: &Firm) {
    let client = firm.client("ООО «Медтехника»");
    let buyer = json!({
        "name": {"last": "Смирнова", "first": "Ольга", "patronymic": "Павловна"},
        "phones": [{"number": "8 921 555-12-34", "kind": "mobile", "primary": true}],
        "joins": [{"client_id": client, "position": "закупщик", "role": "buys", "since": "2025-01-13"}],
    });
    firm.does("16 10:50", "Егорова", "contacts/register", buyer).await;
    let director = json!({
        "name": {"last": "Громов", "first": "Пётр"},
        "joins": [{"client_id": client, "position": "директор", "role": "decides", "since": "2024-01-15"}],
    });
    firm.does("16 10:55", "Егорова", "contacts/register", director).await;

    let call = rings(firm, "16 11:00", "+7 (921) 555-12-34", "Егорова").await;
    assert_eq!(linked(firm, "16 11:01", &call).await, json!([[client], [["Смирнова Ольга Павловна"]]]));
    let found = firm.list("16 11:01", "/api/contacts?phone=89215551234").await;
    assert_eq!(
        pick(&found, &["name", "clients/0/client", "clients/0/position"]),
        json!([["Смирнова Ольга Павловна", "ООО «Медтехника»", "закупщик"]])
    );
    assert_eq!(
        firm.managers("16 11:01", "ООО «Медтехника»").await,
        json!([[full("Лебедев"), true, firm.named("Козлова")]])
    );
    let card = firm.card("16 11:01", "ООО «Медтехника»").await;
    assert_eq!(
        pick(card["contacts"].as_array().unwrap(), &["name", "position", "role", "current"]),
        json!([
            ["Громов Пётр", "директор", "decides", true],
            ["Смирнова Ольга Павловна", "закупщик", "buys", true]
        ])
    );
    assert_eq!(card["contacts"][1]["phone"]["e164"], "+79215551234");
    assert_eq!(
        pick(&[card["next_step"].clone()], &["action", "assignee_name", "due/on", "overdue"]),
        json!([["send_documents", full("Лебедев"), "2026-03-18", false]])
    );
}

async fn a_deputy_does_what_was_left(firm: &Firm) {
    let left = json!([["АО «Городской сад»", "call", end_of("16"), false, "deputy_for"]]);
    assert_eq!(firm.day("16 11:30", "Козлова").await, left);
    assert_eq!(firm.day("16 11:30", "Новиков").await, json!([]), "the first deputy is there");
    let path = format!("/api/steps?assignee={}&state=open&due_to=2026-03-17", firm.person("Лебедев"));
    let steps = firm.list("16 11:30", &path).await;
    let complete = format!("steps/{}/complete", steps[0]["id"].as_str().unwrap());
    let informed = json!({"result": "informed", "result_text": "Привезём в четверг."});
    firm.does("16 12:00", "Козлова", &complete, informed).await;
    assert_eq!(firm.day("16 12:01", "Козлова").await, json!([]));
    assert_eq!(firm.list("16 12:01", &path).await, Vec::<Value>::new());
}
