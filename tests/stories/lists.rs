//! Lists by any field: one value, several, ranges, none; sorted, in pages both ways, as of a moment, as a table.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const LISTS: [(&str, &str); 6] = [
    ("/api/clients", "/api/clients/fields"),
    ("/api/contacts", "/api/contacts/fields"),
    ("/api/employees", "/api/employees/fields"),
    ("/api/interactions", "/api/interactions/fields"),
    ("/api/assignments", "/api/assignments/fields"),
    ("/api/steps", "/api/steps/fields"),
];

async fn items(service: &Service, path: &str) -> Vec<Value> {
    let answer = service.get(path).await;
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

/// Five clients that differ in most fields, three contact persons, three employees, and what is between them; returns the position
/// of the last event.
async fn world(service: &Service) -> i64 {
    for (number, region) in [Some("msk"), Some("spb"), None, Some("msk"), None].into_iter().enumerate() {
        let client = json!({
            "kind": if number % 2 == 0 { "company" } else { "person" }, "name": format!("Клиент {number}, «А»"), "region": region,
            "tags": if number == 1 { vec!["vip"] } else { vec![] }, "attributes": {"floor": number},
            "external": {"source": "old", "id": number.to_string()}, "status": if number > 2 { "active" } else { "prospective" },
        });
        assert_eq!(service.command("clients/register", &client).await.status, 201);
    }
    for number in 0..3 {
        let some = |value: Value| if number == 1 { value } else { Value::Null };
        let person = json!({
            "name": {"last": format!("Смирнова {number}")}, "salutation": some(json!("Анна, добрый день")),
            "birthday": some(json!("1985-04-12")), "country": if number == 2 { "BY" } else { "RU" },
            "phones": [{"number": "+7 921 555-12-34"}], "preferred_channel": some(json!("call")),
            "preferred_hours": some(json!("после обеда")), "language": some(json!("ru")),
            "external": some(json!({"source": "old", "id": "p-17"})),
        });
        assert_eq!(service.command("contacts/register", &person).await.status, 201);
    }
    let mut hired = 0;
    for last in ["Волков", "Зайцев"] {
        let hire = json!({"name": {"last": last}, "hired_on": "2024-02-01", "email": "x@example.org"});
        hired = service.command("employees/hire", &hire).await.position();
    }
    let client = items(service, &format!("/api/clients?wait_for={hired}&region=spb")).await;
    let client = client[0]["id"].as_str().unwrap();
    between(service, client).await;
    let correct = format!("clients/{client}/correct");
    service
        .command(&correct, &json!({"region": "sverdlobl", "website": "https://example.org"}))
        .await
        .position()
}

/// Three interactions, three assignments and three steps of one client; in each something is known that is not in the others.
async fn between(service: &Service, client: &str) {
    let contact = items(service, "/api/contacts?language=ru").await[0]["id"].clone();
    let meeting = json!({
        "kind": "meeting", "direction": "out", "client_id": client, "contact_ids": [contact], "employee_id": service.actor,
        "occurred_at": "2026-03-02", "result": "interested", "subject": "Договор", "participants": ["Смирнова"],
    });
    let call = json!({
        "kind": "call", "direction": "in", "occurred_at": "2026-03-02T10:00:00Z", "duration_seconds": 120,
        "counterpart": {"raw": "+7 999 000-11-22"}, "telephony_status": "answered", "external": {"source": "pbx", "id": "1"},
    });
    let note = json!({"kind": "note", "occurred_at": "2026-03-03T10:00:00Z", "text": "Просили прайс", "client_id": client});
    let mut met = String::new();
    for interaction in [call, note, meeting] {
        met = service.command("interactions/record", &interaction).await.id();
    }
    let (assign, mut assigned) = (format!("clients/{client}/assign"), 0);
    for (kind, since) in [("main", "2026-01-01"), ("co", "2026-02-01"), ("deputy", "2026-02-01")] {
        let some = |value: Value| if kind == "main" { value } else { Value::Null };
        let assignment = json!({
            "employee_id": service.actor, "kind": kind, "since": format!("{since}T00:00:00Z"), "reason": "знает отрасль, и давно",
            "responsibility": some(json!("warehouse")), "handover_note": some(json!("Ждут предложение.")),
        });
        assigned = service.command(&assign, &assignment).await.position();
    }
    let own =
        items(service, &format!("/api/assignments?kind=main&wait_for={assigned}")).await[0]["id"].clone();
    let release = json!({"assignment_id": own, "on": "2026-02-15T00:00:00Z", "reason": "уволился"});
    assert_eq!(service.command(&format!("clients/{client}/release"), &release).await.status, 200);
    let mut steps = vec![];
    for due in [
        json!({"on": "2026-03-04"}),
        json!({"at": {"moment": "2026-03-05T12:00:00+03:00"}}),
        json!({"on": "2026-03-06"}),
    ] {
        let step = json!({
            "client_id": client, "contact_id": contact, "action": "call", "text": "позвонить", "due": due, "assignee": service.actor,
            "interaction_id": met, "external": {"source": "old", "id": steps.len().to_string()},
        });
        steps.push(service.command("steps/plan", &step).await.id());
    }
    let done = json!({"on": "2026-03-04T09:00:00Z", "result": "agreed", "result_text": "согласны", "interaction_id": met});
    assert_eq!(service.command(&format!("steps/{}/complete", steps[0]), &done).await.status, 200);
    let drop = json!({"reason": "купили у других", "reason_code": "no_need"});
    assert_eq!(service.command(&format!("steps/{}/drop", steps[1]), &drop).await.status, 200);
}

/// A value as a parameter takes it.
fn asked(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list[0].as_str().unwrap().to_owned(),
        other => other.to_string(),
    };
    text.replace(',', "%5C,").replace('+', "%2B").replace(' ', "%20")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_list_can_be_asked_and_sorted_by() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let last = world(&service).await;
    for (list, fields) in LISTS {
        let all = items(&service, &format!("{list}?wait_for={last}")).await;
        let fields = service.get(fields).await.body["item"]["fields"].clone();
        let fields = fields.as_array().unwrap();
        assert!(fields.len() >= 9 && all.len() >= 3, "{list}");
        for field in fields {
            let name = field["name"].as_str().unwrap();
            for text in [&field["label"]["ru"], &field["label"]["en"]] {
                assert!(!text.as_str().unwrap().is_empty(), "{list} {name} has no label");
            }
            for value in field["values"].as_array().into_iter().flatten() {
                items(&service, &format!("{list}?{name}={}", value.as_str().unwrap())).await;
            }
            if let Some(dictionary) = field["dictionary"].as_str() {
                let entries = service.get(&format!("/api/dictionaries/{dictionary}")).await;
                let code = entries.body["item"]["entries"][0]["code"].as_str().unwrap().to_owned();
                items(&service, &format!("{list}?{name}={code}")).await;
            }
            let has = |operator: &str| field["operators"].as_array().unwrap().contains(&json!(operator));
            let empty = |row: &Value| row[name].is_null();
            if has("null") {
                let none = items(&service, &format!("{list}?{name}=null")).await;
                let any = items(&service, &format!("{list}?{name}=any")).await;
                assert!(none.iter().all(empty) && !any.iter().any(empty), "{list} {name}");
                assert_eq!(none.len() + any.len(), all.len(), "{list} {name}");
            }
            let full = |row: &&Value| !empty(row) && row[name] != json!([]);
            let Some(row) = all.iter().find(full).filter(|_| has("is")) else { continue };
            let value = asked(&row[name]);
            let found = items(&service, &format!("{list}?{name}={value}")).await;
            assert!(found.contains(row), "{list} {name}={value}: {found:?}");
            let found = items(&service, &format!("{list}?{name}={value},{value}")).await;
            assert!(found.contains(row) || name == "name", "{list} {name}={value},{value}: {found:?}");
            if has("within") {
                assert!(
                    items(&service, &format!("{list}?{name}={value}..")).await.contains(row),
                    "{list} {name}"
                );
                assert!(
                    !items(&service, &format!("{list}?{name}=..{value}")).await.contains(row),
                    "{list} {name}"
                );
            }
        }
        let of = |what: &str| fields.iter().any(|field| !field[what].is_null());
        assert!(of("values") || ["/api/contacts", "/api/employees"].contains(&list), "{list}");
        as_a_table(&service, list, &all).await;
        for field in fields.iter().filter(|field| field["sortable"] == true) {
            both_ways(&service, list, field["name"].as_str().unwrap(), &all).await;
        }
    }
}

/// The same rows as CSV, a column for each field of a row.
async fn as_a_table(service: &Service, list: &str, all: &[Value]) {
    let url = format!("{}{list}", service.url);
    let table = reqwest::Client::new().get(url).header("accept", "text/csv").send().await.unwrap();
    let text = table.text().await.unwrap();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let header: BTreeSet<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header, all[0].as_object().unwrap().keys().cloned().collect(), "{list}");
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let told = |row: &Value| {
        row.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    assert_eq!(rows, all.iter().map(told).collect::<Vec<BTreeMap<_, _>>>(), "{list}");
}

/// Pages of two, up and down, there and back, show each row once; rows without a value stand last.
async fn both_ways(service: &Service, list: &str, name: &str, all: &[Value]) {
    for sort in [name.to_owned(), format!("-{name}")] {
        let whole = items(service, &format!("{list}?sort={sort}")).await;
        assert_eq!(whole.len(), all.len(), "{list} {sort}");
        let nulls = whole.iter().skip_while(|row| !row[name].is_null());
        assert!(nulls.clone().all(|row| row[name].is_null()), "{list} {sort}");
        let (mut path, mut pages, mut back) = (format!("{list}?sort={sort}&limit=2"), vec![], None);
        loop {
            let page = service.get(&path).await.body;
            pages.push(page["items"].as_array().unwrap().clone());
            back = page["meta"]["prev"].as_str().map(str::to_owned).or(back);
            let Some(next) = page["meta"]["next"].as_str() else { break };
            path = format!("{list}?sort={sort}&limit=2&cursor={next}");
        }
        assert_eq!(pages.concat(), whole, "{list} {sort}");
        let before = items(service, &format!("{list}?sort={sort}&limit=2&cursor={}", back.unwrap())).await;
        assert_eq!(before, pages[pages.len() - 2], "{list} {sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_tables_the_past_and_what_is_wrong() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let last = world(&service).await;
    let rows = items(
        &service,
        &format!("/api/clients?columns=name,region&region=msk,sverdlobl&sort=-name&wait_for={last}"),
    )
    .await;
    assert_eq!(rows[0], json!({"name": "Клиент 3, «А»", "region": "msk"}));
    assert_eq!(rows.len(), 3);
    let then = items(&service, &format!("/api/clients?region=spb&as_of={}", last - 1)).await;
    assert_eq!((then.len(), items(&service, "/api/clients?region=spb").await.len()), (1, 0));
    let url = format!("{}/api/clients?columns=name,tags&tags=vip", service.url);
    let table = reqwest::Client::new().get(url).header("accept", "text/csv").send().await.unwrap();
    assert_eq!(table.text().await.unwrap(), "name,tags\n\"Клиент 1, «А»\",\"[\"\"vip\"\"]\"\n");
    for (path, parameter) in [
        ("/api/clients?colour=red", "colour"),
        ("/api/clients?version=x", "version"),
        ("/api/clients?archived=yes", "archived"),
        ("/api/clients?registered_at=soon..", "registered_at"),
        ("/api/clients?sort=tags", "sort"),
        ("/api/clients?sort=t.name;drop", "sort"),
        ("/api/clients?columns=name,secret", "columns"),
        ("/api/clients?limit=0", "limit"),
        ("/api/clients?limit=x", "limit"),
        ("/api/clients?attributes=1", "attributes"),
        ("/api/employees?phone=%00", "phone"),
        ("/api/contacts?email=", "email"),
    ] {
        let answer = service.get(path).await;
        assert_eq!(
            (answer.status, answer.code(), answer.paths()),
            (400, "bad_parameter", vec![parameter]),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_done_and_is_looked_after_is_asked_by_its_own_parameters() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let last = world(&service).await;
    let client = items(&service, &format!("/api/assignments?wait_for={last}")).await[0]["client_id"].clone();
    let client = client.as_str().unwrap();
    let other = items(&service, "/api/clients?region=null&limit=1").await[0]["id"].clone();
    let other = other.as_str().unwrap();
    for (path, expected) in [
        (format!("/api/interactions?client_id={client}"), 2),
        (format!("/api/interactions?client_id={other},{client}&kind=meeting,visit"), 1),
        (format!("/api/interactions?client_id={other}"), 0),
        (format!("/api/interactions?client_ids={client}"), 2),
        ("/api/interactions?unlinked=true&kind=call".into(), 1),
        ("/api/interactions?unlinked=false".into(), 2),
        (format!("/api/assignments?client_id={client},{other}&kind=co,deputy"), 2),
        (format!("/api/assignments?client_id={client}&on=2026-01-31"), 1),
        (format!("/api/assignments?client_id={client}&on=2026-02-01T00:00:00Z"), 3),
        (format!("/api/assignments?client_id={client}&on=2026-02-15"), 2),
        ("/api/assignments?in_force=false".into(), 1),
        ("/api/assignments?since=2026-02-01..2026-02-02&sort=-kind".into(), 2),
        (format!("/api/steps?client_id={client}&state=done,dropped"), 2),
        (format!("/api/steps?client_id={other}"), 0),
        ("/api/steps?due_from=2026-03-05&due_to=2026-03-07".into(), 2),
        ("/api/steps?due_from=2026-03-05T09:00:00Z&due_to=2026-03-05T09:00:00.000001Z".into(), 1),
        ("/api/steps?due_by=..2026-03-05&state=done".into(), 1),
        ("/api/interactions?occurred_at=2026-03-02".into(), 2),
        ("/api/interactions?occurred_at=2026-03-02T10:00:00Z".into(), 1),
        ("/api/interactions?occurred_at=2026-03-01,2026-03-03,2026-03-02T10:00:00Z".into(), 2),
        ("/api/steps?overdue=true&as_of=1".into(), 0),
    ] {
        assert_eq!(items(&service, &path).await.len(), expected, "{path}");
    }
    // Whether an assignment is in force, and who stands in, is told as of the day asked about.
    let then = items(&service, "/api/assignments?on=2026-02-10&kind=main").await;
    assert_eq!((&then[0]["in_force"], &then[0]["until"]), (&json!(true), &json!("2026-02-15T00:00:00Z")));
    let call = &items(&service, "/api/interactions?kind=call").await[0];
    assert_eq!(
        (&call["number"], &call["counterpart"]["raw"], &call["external"]["source"]),
        (&json!("+79990001122"), &json!("+7 999 000-11-22"), &json!("pbx"))
    );
    let steps = items(&service, "/api/steps?columns=due,due_by,state&sort=-due_by").await;
    let noon = json!({"at": {"moment": "2026-03-05T09:00:00Z"}});
    assert_eq!(steps[1], json!({"due": noon, "due_by": "2026-03-05T09:00:00Z", "state": "dropped"}));
    for (path, parameter) in [
        ("/api/interactions?client_id=x", "client_id"),
        ("/api/interactions?unlinked=maybe", "unlinked"),
        ("/api/assignments?client_id=null", "client_id"),
        ("/api/assignments?on=soon", "on"),
        ("/api/steps?state=open,lost", "state"),
        ("/api/steps?due_to=soon", "due_to"),
        ("/api/interactions?occurred_at=2026-03-03..2026-03-02", "occurred_at"),
        ("/api/interactions?duration_seconds=100..50", "duration_seconds"),
        ("/api/steps?sort=due", "sort"),
    ] {
        let answer = service.get(path).await;
        assert_eq!(
            (answer.status, answer.code(), answer.paths()),
            (400, "bad_parameter", vec![parameter]),
            "{path}"
        );
    }
}
