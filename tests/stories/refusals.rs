//! Bad input gets one clear error and changes nothing.

use crate::support::{Database, Service, connect, fresh, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_input_is_told_and_nothing_is_written() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let head = client.position();
    let nobody = "01a20000-0000-7000-8000-000000000000";
    let at = "2026-03-02T10:15:00Z";
    let cases: Vec<(String, Value, u16, &str, Vec<&str>)> = vec![
        ("clients/register".into(), json!({"kind": "person"}), 422, "invalid", vec!["/name"]),
        (
            "clients/register".into(),
            json!({"kind": "firm", "name": 5, "nam": 1, "requisites": {"inn": "7707083894"}, "country": "Россия"}),
            422,
            "invalid",
            vec!["/country", "/kind", "/nam", "/name", "/requisites/inn"],
        ),
        (
            "clients/register".into(),
            json!({"kind": "person", "name": "x", "phones": [{"number": "hidden"}]}),
            422,
            "invalid",
            vec!["/phones/0/number"],
        ),
        (
            "clients/register".into(),
            json!({"kind": "person", "name": "a\u{0}b"}),
            422,
            "invalid",
            vec!["/name"],
        ),
        (
            "clients/register".into(),
            json!({"kind": "person", "name": " \t", "about": ""}),
            422,
            "invalid",
            vec!["/about", "/name"],
        ),
        (
            "clients/register?wait_for=1".into(),
            json!({"kind": "person", "name": "x"}),
            400,
            "bad_parameter",
            vec!["wait_for"],
        ),
        (
            "clients/register".into(),
            json!({"kind": "person", "name": "x", "tags": vec!["t"; 10_000]}),
            422,
            "invalid",
            vec!["/tags"],
        ),
        (
            "employees/hire".into(),
            json!({"name": {"last": "x"}, "hired_on": "2026-02-30"}),
            422,
            "invalid",
            vec!["/hired_on"],
        ),
        ("employees/fire".into(), json!({}), 404, "not_found", vec![]),
        ("firms/register".into(), json!({}), 404, "not_found", vec![]),
        (format!("clients/{nobody}/tag"), json!({"tag": "vip"}), 404, "not_found", vec![]),
        ("clients/not-an-id/tag".into(), json!({"tag": "vip"}), 404, "not_found", vec![]),
        (
            format!("clients/{}/assign", client.id()),
            json!({"employee_id": nobody, "kind": "main", "reason": "x"}),
            422,
            "unknown_employee",
            vec!["/employee_id"],
        ),
        (
            format!("clients/{}/assign", client.id()),
            json!({"employee_id": service.actor, "kind": "main", "reason": "x", "since": at, "until": at}),
            422,
            "invalid",
            vec!["/until"],
        ),
        (
            "interactions/record".into(),
            json!({"kind": "note", "occurred_at": at}),
            422,
            "invalid",
            vec!["/client_id"],
        ),
        (
            "interactions/record".into(),
            json!({"kind": "note", "occurred_at": at, "client_id": nobody}),
            422,
            "unknown_client",
            vec!["/client_id"],
        ),
        (
            "interactions/record".into(),
            json!({"kind": "note", "occurred_at": at, "precision": "day", "client_id": client.id()}),
            422,
            "invalid",
            vec!["/occurred_at"],
        ),
    ];
    for (path, body, status, code, paths) in cases {
        let answer = service.command(&path, &body).await;
        assert_eq!((answer.status, answer.code(), answer.paths()), (status, code, paths), "{path} {body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let raw = |body: &'static [u8], media: &str| {
        service.post("/api/commands/clients/register").header("content-type", media).body(body)
    };
    assert_eq!(service.send(raw(b"{\"kind\": ", "application/json")).await.status, 400);
    assert_eq!(service.send(raw(b"{\"name\": \"\xff\"}", "application/json")).await.status, 400);
    assert_eq!(service.send(raw(b"kind=person", "application/x-www-form-urlencoded")).await.status, 415);
    assert_eq!(service.send(raw(b"", "application/json")).await.code(), "malformed_body");
    let twice = raw(
        br#"{"kind": "person", "name": "x", "phones": [{"number": "1", "number": "2"}]}"#,
        "application/json",
    );
    let twice = service.send(twice).await;
    assert_eq!((twice.status, twice.code(), twice.paths()), (422, "invalid", vec!["/phones/0/number"]));
    let no_object = service.command("clients/register", &json!([])).await;
    assert_eq!(no_object.body["detail"], "what was sent must be an object, { … }");
    let huge = vec![b' '; 2 * 1024 * 1024];
    let huge =
        service.post("/api/commands/clients/register").header("content-type", "application/json").body(huge);
    assert_eq!(service.send(huge).await.status, 413);

    for actor in ["", "nobody", nobody, "policy:match_callers", "import:x"] {
        let request = service.post("/api/commands/clients/register");
        let mut request = request.json(&json!({"kind": "person", "name": "x"})).build().unwrap();
        request.headers_mut().insert("letopis-actor", actor.parse().unwrap());
        let answer = reqwest::Client::new().execute(request).await.unwrap();
        assert_eq!(answer.status(), 401, "{actor}");
    }
    let elsewhere =
        service.post("/api/commands/clients/register").header("host", "example.org").json(&json!({}));
    assert_eq!(service.send(elsewhere).await.code(), "bad_host");

    let owner = crate::support::connect(&database.owner).await;
    let last: i64 = owner.query_one("select max(position) from log.event", &[]).await.unwrap().get(0);
    assert_eq!(last, head, "something was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_versions_and_rules() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let body = json!({"kind": "person", "name": "Анна", "external": {"source": "crm1", "id": "7"}});
    let first = service.command("clients/register", &body).await;
    let again = service.command("clients/register", &body).await;
    assert_eq!((first.status, again.status, again.id()), (201, 200, first.id()));
    assert_eq!(again.position(), first.position());
    let mut other = body.clone();
    other["name"] = json!("Инна");
    let other = service.command("clients/register", &other).await;
    assert_eq!((other.status, other.code()), (409, "already_recorded"));

    // A key beside the natural one means the same.
    let sent = |key: &'static str, body: &Value| {
        service.send(service.post("/api/commands/clients/register").header("idempotency-key", key).json(body))
    };
    let mut named = body.clone();
    named["external"]["id"] = json!("8");
    let first = (first, sent("n1", &named).await);
    let again = sent("n1", &named).await;
    assert_eq!((again.status, again.position()), (201, first.1.position()));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(sent("n2", &named).await.status, 200);
    for key in ["n1", "n2"] {
        let mut other = named.clone();
        other["name"] = json!("Инна");
        assert_eq!(sent(key, &other).await.code(), "idempotency_key_reused");
        assert_eq!(sent(key, &body).await.code(), "idempotency_key_reused");
    }
    named["emails"] = json!([{"address": "a@example.org"}]);
    assert_eq!(sent("n3", &named).await.code(), "already_recorded");
    let first = first.0;

    // "Already so" is success without an event.
    let tag = format!("clients/{}/tag", first.id());
    let tagged = service.command(&tag, &json!({"tag": "vip"})).await;
    assert_eq!((tagged.status, tagged.body["version"].as_i64()), (200, Some(2)));
    let again = service.command(&tag, &json!({"tag": "vip"})).await;
    assert_eq!((again.status, again.position()), (200, tagged.position()));

    // An idempotency key.
    let keyed = |tag: &str| {
        let path = format!("/api/commands/clients/{}/tag", first.id());
        service.post(&path).header("idempotency-key", "k1").json(&json!({"tag": tag}))
    };
    let one = service.send(keyed("key")).await;
    let two = service.send(keyed("key")).await;
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(two.headers["idempotency-replayed"], "true");
    assert_eq!(two.position(), one.position());
    assert_eq!(service.send(keyed("new")).await.code(), "idempotency_key_reused");

    // A version that is not there any more.
    let path = format!("/api/commands/clients/{}/tag", first.id());
    let stale = service.post(&path).header("if-match", "\"1\"").json(&json!({"tag": "b2b"}));
    assert_eq!(service.send(stale).await.status, 412);
    let current = service.post(&path).header("if-match", "\"3\"").json(&json!({"tag": "b2b"}));
    assert_eq!(service.send(current).await.status, 200);

    // Archived: no command but to be restored.
    let archive = format!("clients/{}/archive", first.id());
    assert_eq!(service.command(&archive, &json!({"reason": "x"})).await.status, 200);
    let refused = service.command(&tag, &json!({"tag": "d"})).await;
    assert_eq!((refused.status, refused.code()), (409, "client_archived"));

    // A dismissed employee does not act, and is not assigned.
    let other = service.command("employees/hire", &json!({"name": {"last": "Сидоров"}})).await;
    let dismiss = format!("employees/{}/dismiss", other.id());
    assert_eq!(service.command(&dismiss, &json!({"on": "2026-01-10"})).await.status, 200);
    let second = service.command("clients/register", &json!({"kind": "person", "name": "Олег"})).await;
    let assign = format!("clients/{}/assign", second.id());
    let assigned =
        service.command(&assign, &json!({"employee_id": other.id(), "kind": "main", "reason": "x"})).await;
    assert_eq!((assigned.status, assigned.code()), (409, "employee_not_here"));
    let past = json!({
        "kind": "call", "client_id": second.id(), "employee_id": other.id(), "occurred_at": "2026-01-09",
    });
    assert_eq!(service.command("interactions/record", &past).await.status, 201);
    // It was a mistake.
    let reinstate = format!("employees/{}/reinstate", other.id());
    assert_eq!(service.command(&reinstate, &json!({"reason": "не тот"})).await.status, 200);
    let assign =
        service.command(&assign, &json!({"employee_id": other.id(), "kind": "main", "reason": "x"})).await;
    assert_eq!(assign.status, 200);
    let path = format!("/api/employees/{}?wait_for={}", other.id(), assign.position());
    assert_eq!(service.get(&path).await.body["item"]["dismissed_on"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_line_by_line() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await;
    let lines = [
        json!({"module": "clients", "id": client.id(), "command": "tag", "body": {"tag": "vip"}}).to_string(),
        "{no json".to_owned(),
        json!({"module": "clients", "foo": 1, "command": "register", "at": "today"}).to_string(),
        r#"{"module": "clients", "command": "register", "body": {"kind": "person", "name": "x", "name": "y"}}"#.to_owned(),
        json!({"module": "clients", "command": "register", "body": {"kind": "person"}}).to_string(),
        json!({"module": "clients", "id": client.id(), "command": "tag", "body": {"tag": "b2b"}}).to_string(),
        json!({"module": "clients", "command": "register", "body": {"kind": "person", "name": "Б"}, "key": "k"}).to_string(),
    ];
    for header in ["letopis-time", "if-match", "idempotency-key"] {
        let request = service.post("/api/commands").header(header, "2026-03-01T10:00:00Z").json(&json!([]));
        let answer = service.send(request).await;
        assert_eq!((answer.status, answer.code(), answer.paths()), (400, "bad_parameter", vec![header]));
    }
    let request = service
        .post("/api/commands")
        .header("content-type", "application/x-ndjson")
        .header("accept", "application/x-ndjson")
        .body(lines.join("\n"));
    let answer = service.send(request).await;
    let verdicts: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<u64> = verdicts.iter().map(|verdict| verdict["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 400, 422, 422, 422, 200, 201]);
    let paths = |verdict: &Value| -> Vec<String> {
        let faults = verdict["problem"]["errors"].as_array().unwrap();
        faults.iter().map(|fault| fault["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&verdicts[2]), ["/at", "/body", "/foo"]);
    assert_eq!(paths(&verdicts[3]), ["/body/name"]);
    assert_eq!(verdicts[5]["receipt"]["version"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_question_leaves_no_transaction_open() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = connect(&database.owner).await;
    for _ in 0..3 {
        assert_eq!(service.get(&format!("/api/clients/{}", fresh())).await.status, 404);
    }
    // PostgreSQL itself would end it after ten seconds, and the connection with it.
    let idle = "select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
                and query like '%card_at%'";
    until("no snapshot is open", || async {
        client.query(idle, &[]).await.unwrap().is_empty().then_some(())
    })
    .await;
    let ended =
        "select sessions_killed + sessions_fatal from pg_stat_database where datname = current_database()";
    assert_eq!(client.query_one(ended, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_parameter_is_told_at_once() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let nobody = fresh();
    for (path, paths) in [
        (
            "/api/reports/interactions?kind=cal&direction=x&foo=1&limit=0".to_owned(),
            vec!["kind", "direction", "foo", "limit"],
        ),
        (
            "/api/clients?regon=x&archived=maybe&sort=zz&limit=501&as_of=x&inn=&columns=name,x".to_owned(),
            vec!["regon", "archived", "sort", "columns", "limit", "as_of", "inn"],
        ),
        ("/api/clients?region=msk&limit=2&region=spb&limit=3".to_owned(), vec!["region", "limit"]),
        ("/api/analytics/segments?by=stat&measure=x&over=year".to_owned(), vec!["by", "measure", "over"]),
        ("/api/reports/steps?group_by=day,dai&from=x".to_owned(), vec!["group_by", "from"]),
        ("/api/reports/interactions?group_by=day,day&kind=x".to_owned(), vec!["group_by", "kind"]),
        ("/api/events?after=x&limit=0".to_owned(), vec!["after"]),
        ("/api/events?type=Registred&limit=0&category=x".to_owned(), vec!["limit", "category", "type"]),
        ("/api/steps/today?limit=0".to_owned(), vec!["limit", "employee_id"]),
        (format!("/api/clients/{nobody}/timeline?kind=call&kind=email&from=x"), vec!["kind", "from"]),
        (format!("/api/clients/{nobody}/timeline?from=2026-03-02&to=2026-03-01"), vec!["to"]),
        ("/api/reports/interactions?from=2026-03-02&to=2026-03-01T09:00:00Z".to_owned(), vec!["to"]),
        ("/api/reports/steps?from=2026-03-02&to=2026-03-02".to_owned(), vec!["to"]),
        ("/api/reports/handovers?from=2026-03-02T09:00:00Z&to=2026-03-02T08:00:00Z".to_owned(), vec!["to"]),
    ] {
        let answer = service.get(&path).await;
        assert_eq!((answer.status, answer.code(), answer.paths()), (400, "bad_parameter", paths), "{path}");
        for fault in answer.body["errors"].as_array().unwrap() {
            let message = fault["message"].as_str().unwrap();
            assert!(
                ["must ", "each ", "there is no ", "this ", "takes "]
                    .iter()
                    .any(|own| message.starts_with(own)),
                "{message}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_no_row_can_match_is_refused() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let body = json!({"kind": "person", "name": "Анна", "region": "msk", "tags": ["vip"]});
    let client = service.command("clients/register", &body).await;
    service.settled().await;
    let regions = service.get("/api/dictionaries/regions").await.body["item"]["id"].clone();
    let regions = regions.as_str().unwrap();
    let retire = format!("dictionaries/{regions}/retire");
    assert_eq!(service.command(&retire, &json!({"code": "msk"})).await.status, 200);
    let add = json!({"code": "atlantis", "ru": "Атлантида", "en": "Atlantis"});
    assert_eq!(service.command(&format!("dictionaries/{regions}/add"), &add).await.status, 200);
    let head = service.settled().await;

    let timeline = format!("/api/clients/{}/timeline", client.id());
    for (path, parameter, message) in [
        ("/api/clients?status=activ", "status", "must be one of prospective, active, former"),
        ("/api/clients?region=spb,mks", "region", "there is no code mks in regions; near it: msk"),
        ("/api/clients?tags=vpi", "tags", "there is no code vpi in tags; near it: vip"),
        ("/api/interactions?kind=cal", "kind", "must be one of call, email, meeting, message, visit, note"),
        ("/api/interactions?result=xyz", "result", "there is no code xyz in results"),
        ("/api/steps?action=cal", "action", "there is no code cal in actions; near it: call"),
        ("/api/assignments?kind=x", "kind", "must be one of main, personal, co, deputy"),
        ("/api/reports/interactions?kind=cal", "kind", "must be one of call, email, meeting"),
        ("/api/reports/interactions?result=intrested", "result", "there is no code intrested in results"),
        (&format!("{timeline}?kind=cal"), "kind", "must be one of client, assignment, contact, consent"),
    ] {
        let answer = service.get(path).await;
        assert_eq!((answer.status, answer.code(), answer.paths()), (400, "bad_parameter", vec![parameter]));
        let told = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(told.starts_with(message), "{path}: {told}");
    }
    // What is retired, what was not there then, and what belongs to no dictionary can be asked for.
    let before = client.position();
    for (path, found) in [
        ("/api/clients?region=msk".to_owned(), 1),
        ("/api/clients?region=atlantis".to_owned(), 0),
        (format!("/api/clients?region=atlantis&as_of={before}"), 0),
        (format!("/api/clients?region=msk&as_of={head}"), 1),
        ("/api/clients?size=huge".to_owned(), 0),
        (format!("{timeline}?kind=client"), 1),
        (format!("{timeline}?kind=call"), 0),
    ] {
        let answer = service.get(&path).await;
        assert_eq!(answer.body["items"].as_array().map(Vec::len), Some(found), "{path} {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_too_early_or_of_another_time_is_told() {
    let database = Database::new(StoreKind::Production).await;
    // The read models are there, and nobody goes on with them.
    Service::start(&database).await.settled().await;
    let service = Service::with(&database, None, &["--without", "workers"]).await;
    let person = json!({"kind": "person", "name": "Анна"});
    let client = service.command("clients/register", &person).await;
    let late = service.get(&format!("/api/clients?wait_for={}", client.position())).await;
    assert_eq!((late.status, late.code()), (503, "not_yet"));
    assert!(late.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    let beyond = service.get(&format!("/api/clients?wait_for={}", client.position() + 1)).await;
    assert_eq!((beyond.status, beyond.code()), (400, "in_future"));

    let attributes: serde_json::Map<String, Value> =
        (0..200).map(|number| (format!("a{number}"), json!("ж".repeat(1_000)))).collect();
    let large = json!({"kind": "person", "name": "Анна Большая", "attributes": attributes});
    let large = service.command("clients/register", &large).await;
    assert_eq!((large.status, large.code()), (422, "event_too_large"));

    for time in ["2026-03-01T10:00:00Z", "2199-03-01T10:00:00Z", "yesterday"] {
        let request =
            service.post("/api/commands/clients/register").header("letopis-time", time).json(&person);
        let answer = service.send(request).await;
        assert_eq!((answer.status, answer.code()), (422, "bad_time"), "{time}");
    }
    assert_eq!(service.get("/api/log").await.body["item"]["head"], client.position());
}
