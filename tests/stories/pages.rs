//! Every list is walked by pages, forth and back, over every row once.

use crate::support::{Database, Service, fresh};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

/// Rows of a page: the lists below have more than two such pages.
const LIMIT: usize = 2;

/// Six clients, five of them without a manager, and an interaction with the first a day.
async fn world(service: &Service) -> (String, i64) {
    let mut clients = vec![];
    for number in 0..6 {
        let hire = json!({"name": {"last": format!("Иванов {}", number % 2)}});
        service.command("employees/hire", &hire).await.id();
        let region = ["msk", "spb", "mosobl", "samobl", "tatarstan", "permkray"][number];
        let client = json!({"kind": "person", "name": format!("Анна {}", number % 2), "region": region});
        clients.push(service.command("clients/register", &client).await.id());
        let kind = ["call", "meeting"][number % 2];
        let call = json!({"kind": kind, "client_id": clients[0], "occurred_at": format!("2026-03-0{}", number / 2 + 1)});
        assert_eq!(service.command("interactions/record", &call).await.status, 201);
        let assign = json!({
            "employee_id": service.actor, "kind": "co", "reason": "x", "since": "2026-01-01T00:00:00Z",
        });
        assert_eq!(
            service.command(&format!("clients/{}/assign", clients[number]), &assign).await.status,
            200
        );
    }
    let assign = json!({"employee_id": service.actor, "kind": "main", "reason": "x"});
    let head = service.command(&format!("clients/{}/assign", clients[0]), &assign).await.position();
    (clients.swap_remove(0), head)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_pages_both_ways() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (client, head) = world(&service).await;
    for list in [
        "/api/clients?".to_owned(),
        "/api/clients?name=анна&".to_owned(),
        "/api/employees?".to_owned(),
        format!("/api/clients/{client}/timeline?"),
        "/api/interactions?unlinked=false&".to_owned(),
        "/api/assignments?".to_owned(),
        "/api/assignments/workload?".to_owned(),
        "/api/assignments/unassigned?".to_owned(),
        "/api/reports/interactions?group_by=day,kind&".to_owned(),
        "/api/analytics/segments?by=region&".to_owned(),
    ] {
        let ask = async |rest: String| {
            let answer = service.get(&format!("{list}wait_for={head}&{rest}")).await;
            assert_eq!(answer.status, 200, "{list}{rest} {answer:?}");
            answer.body
        };
        let whole = ask("limit=500".into()).await;
        assert_eq!((&whole["meta"]["next"], &whole["meta"]["prev"]), (&Value::Null, &Value::Null), "{list}");
        let rows = whole["items"].as_array().unwrap().clone();
        assert!(rows.len() > 2 * LIMIT, "{list}: {} rows", rows.len());
        let pages: Vec<&[Value]> = rows.chunks(LIMIT).collect();
        let mut page = ask(format!("limit={LIMIT}")).await;
        assert_eq!(page["meta"]["prev"], Value::Null, "{list}");
        for (number, expected) in pages.iter().enumerate() {
            assert_eq!(page["items"].as_array().unwrap(), expected, "{list}: page {number}");
            match page["meta"]["next"].as_str() {
                Some(next) => page = ask(format!("limit={LIMIT}&cursor={next}")).await,
                None => assert_eq!(number + 1, pages.len(), "{list} ends early"),
            }
        }
        for (number, expected) in pages.iter().enumerate().rev().skip(1) {
            let prev =
                page["meta"]["prev"].as_str().unwrap_or_else(|| panic!("{list}: none before {number}"));
            page = ask(format!("limit={LIMIT}&cursor={prev}")).await;
            assert_eq!(page["items"].as_array().unwrap(), expected, "{list}: page {number} again");
            assert!(page["meta"]["next"].is_string(), "{list}: page {number} has a next one");
        }
        assert_eq!(page["meta"]["prev"], Value::Null, "{list} begins here");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_made_cursor_is_refused() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let (id, nobody) = (client.id(), fresh().to_string());
    service.settled().await;
    let by = |field: &str| format!(r#"clients [("sort", "{field}")]"#);
    let timeline = format!("timeline {id} None None None None None");
    let today = format!("today {} None", service.actor);
    for (path, list, key, status) in [
        ("/api/clients?", "clients []".to_owned(), json!(["x", nobody]), 200),
        ("/api/clients?", "clients []".to_owned(), json!(["x", "nouuid"]), 400),
        ("/api/clients?", "clients []".to_owned(), json!(["a\u{0}b", nobody]), 400),
        ("/api/clients?", "clients []".to_owned(), json!([1, nobody]), 400),
        (
            "/api/clients?sort=registered_at&",
            by("registered_at"),
            json!(["2026-01-01T00:00:00Z", nobody]),
            200,
        ),
        ("/api/clients?sort=registered_at&", by("registered_at"), json!(["notadate", nobody]), 400),
        ("/api/clients?sort=version&", by("version"), json!(["1.5", nobody]), 400),
        ("/api/clients?sort=archived&", by("archived"), json!(["maybe", nobody]), 400),
        (
            &format!("/api/clients/{id}/timeline?"),
            timeline,
            json!(["-200000-01-01T00:00:00Z", true, nobody]),
            400,
        ),
        (
            &format!("/api/steps/today?employee_id={}&", service.actor),
            today,
            json!(["-200000-01-01T00:00:00Z", nobody]),
            400,
        ),
        ("/api/employees/absences?", "absences None".to_owned(), json!(["-200000-01-01", nobody]), 400),
    ] {
        let cursor = json!({"list": list, "epoch": 1, "way": "Next", "key": key}).to_string();
        let answer = service.get(&format!("{path}cursor={}", URL_SAFE_NO_PAD.encode(cursor))).await;
        assert_eq!(answer.status, status, "{path} {key} {answer:?}");
        assert!(status == 200 || answer.code() == "bad_cursor", "{path} {key} {answer:?}");
    }
}

/// Where a `Link` header leads by this relation.
fn linked(answer: &reqwest::Response, rel: &str) -> Option<String> {
    let links = answer.headers().get("link")?.to_str().unwrap();
    let of = |link: &str| {
        link.split_once(&format!(">; rel=\"{rel}\"")).map(|(to, _)| to.trim_start_matches('<').to_owned())
    };
    links.split(", ").find_map(of)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_leads_to_the_next_page() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    for number in 0..61 {
        let client = json!({"kind": "person", "name": format!("Анна {number:02}"), "region": "msk"});
        assert_eq!(service.command("clients/register", &client).await.status, 201);
    }
    service.settled().await;
    let ask = async |path: &str, accept: &str| {
        let url = format!("{}{path}", service.url);
        let answer = reqwest::Client::new().get(url).header("accept", accept).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer
    };
    // Without a limit a table is the greatest page.
    let whole = ask("/api/clients?columns=name", "text/csv").await;
    assert_eq!(linked(&whole, "next").or(linked(&whole, "prev")), None);
    let whole = whole.text().await.unwrap();
    assert_eq!(whole.lines().count(), 62);
    for accept in ["text/csv", "application/json"] {
        let first = ask("/api/clients?region=msk,spb&sort=-name&columns=name&limit=40", accept).await;
        assert_eq!(linked(&first, "prev"), None);
        let next = linked(&first, "next").unwrap();
        assert!(
            next.starts_with("/api/clients?region=msk,spb&sort=-name&columns=name&limit=40&cursor="),
            "{next}"
        );
        let second = ask(&next, accept).await;
        assert_eq!((linked(&second, "next"), next.matches("cursor=").count()), (None, 1));
        let back = ask(&linked(&second, "prev").unwrap(), accept).await;
        assert_eq!(linked(&back, "next"), Some(next));
        let (first, second, back) =
            (first.text().await.unwrap(), second.text().await.unwrap(), back.text().await.unwrap());
        assert!(
            first.contains("Анна 60") && first.contains("Анна 21") && !first.contains("Анна 20"),
            "{first}"
        );
        assert!(second.contains("Анна 20") && second.contains("Анна 00"), "{second}");
        assert!(accept != "text/csv" || first == back, "{back}");
    }
}
