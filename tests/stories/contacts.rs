//! Contact persons: who calls, at whom they stand, and what stays known when they move.

use crate::support::{Answer, Database, Service, until};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

async fn post(service: &Service, path: &str, body: Value) -> Answer {
    let answer = service.command(path, &body).await;
    assert!(answer.status < 300, "{path} {body} {answer:?}");
    answer
}

/// The answer once it includes this position.
async fn ask(service: &Service, path: &str, position: i64) -> Value {
    let sign = if path.contains('?') { '&' } else { '?' };
    let answer = service.get(&format!("{path}{sign}wait_for={position}")).await;
    assert_eq!(answer.status, 200, "{path} {answer:?}");
    answer.body
}

async fn client(service: &Service, name: &str) -> String {
    post(service, "clients/register", json!({"kind": "company", "name": name})).await.id()
}

fn call(number: &str, on: &str) -> Value {
    json!({"kind": "call", "direction": "in", "occurred_at": on, "counterpart": {"raw": number}})
}

/// An interaction as soon as it looks like this.
async fn interaction(service: &Service, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/interactions/{id}");
    until(what, || async {
        let item = service.get(&path).await.body["item"].clone();
        (!item.is_null() && fits(&item)).then_some(item)
    })
    .await
}

/// The events of a list, and for each whom it is about.
fn told(timeline: &Value) -> Vec<(&str, &str)> {
    let mut told = vec![];
    for entry in timeline["items"].as_array().unwrap() {
        let about = entry["contacts"][0]["name"].as_str().unwrap_or_default();
        told.push((entry["event"].as_str().unwrap(), about));
    }
    told
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_call_is_theirs_once_they_are_known() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let client = client(&service, "ООО «Ромашка»").await;
    let stranger =
        post(&service, "interactions/record", call("8 921 555-12-34", "2025-02-10T10:00:00+03:00")).await;
    let person = json!({
        "name": {"last": "Смирнова", "first": "Анна"}, "salutation": "Анна Олеговна",
        "phones": [{"number": "8 (495) 765-43-21", "extension": "12", "kind": "work"}, {"number": "+7 921 555-12-34", "primary": true}],
        "emails": [{"address": "Anna@romashka.example"}], "preferred_hours": "после обеда",
        "joins": [{"client_id": client, "position": "закупщик", "role": "influences"}],
    });
    let person = post(&service, "contacts/register", person).await;
    let id = person.id();
    let linked = |item: &Value| item["client_ids"] != json!([]) && item["contacts"] != json!([]);
    let item = interaction(&service, &stranger.id(), "the call is linked", linked).await;
    assert_eq!((&item["client_ids"], &item["contact_ids"]), (&json!([client]), &json!([id])));
    assert_eq!(item["contacts"], json!([{"id": id, "name": "Смирнова Анна"}]));
    assert_eq!(item["candidates"], json!([]));

    let shown = ask(&service, &format!("/api/contacts/{id}"), person.position()).await["item"].clone();
    assert_eq!((&shown["name"], &shown["preferred_hours"]), (&json!("Смирнова Анна"), &json!("после обеда")));
    assert_eq!(shown["last_interaction"]["id"], json!(stranger.id()));
    assert_eq!(
        (&shown["clients"][0]["client"], &shown["clients"][0]["current"]),
        (&json!("ООО «Ромашка»"), &json!(true))
    );
    let card = ask(&service, &format!("/api/clients/{client}"), person.position()).await["item"].clone();
    assert_eq!(card["interactions_total"], 1);
    let on_card = &card["contacts"][0];
    assert_eq!((&on_card["name"], &on_card["position"]), (&json!("Смирнова Анна"), &json!("закупщик")));
    assert_eq!(
        (&on_card["phone"]["e164"], &on_card["email"]["address"]),
        (&json!("+79215551234"), &json!("Anna@romashka.example"))
    );

    let timeline = ask(&service, &format!("/api/clients/{client}/timeline"), person.position()).await;
    let anna = "Смирнова Анна";
    assert_eq!(
        told(&timeline),
        [
            ("Recorded", anna),
            ("Registered", ""),
            ("Registered", anna),
            ("ContactLinked", anna),
            ("Linked", "")
        ]
    );
    assert_eq!(timeline["items"][0]["contacts"], json!([{"id": id, "name": anna}]));
    let hers =
        ask(&service, &format!("/api/clients/{client}/timeline?kind=contact"), person.position()).await;
    assert_eq!(hers["items"].as_array().unwrap().len(), 1);

    // Before she was known the call was a stranger's.
    let before =
        service.get(&format!("/api/interactions/{}?as_of={}", stranger.id(), stranger.position())).await;
    assert_eq!(
        (&before.body["item"]["client_ids"], &before.body["item"]["contacts"]),
        (&json!([]), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_moves_and_the_past_stays() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (old, new) = (client(&service, "А").await, client(&service, "Б").await);
    let person = json!({
        "name": {"last": "Орлов"}, "phones": [{"number": "8 921 555-12-34"}], "joins": [{"client_id": old, "position": "закупщик"}],
    });
    let person = post(&service, "contacts/register", person).await.id();
    let promoted = json!({"client_id": old, "position": "директор", "since": "2025-02-01"});
    let before = post(&service, &format!("contacts/{person}/join"), promoted).await.position();
    let step = json!({"from_client_id": old, "to_client_id": new, "on": "2025-03-01", "role": "decides", "reason": "позвали"});
    let moved = post(&service, &format!("contacts/{person}/move"), step.clone()).await.position();
    assert_eq!(post(&service, &format!("contacts/{person}/move"), step).await.position(), moved);

    // Who stands there now, and who did by what we knew before the move.
    let (now, then) = (format!("wait_for={moved}"), format!("as_of={before}"));
    for (client, when, positions) in [
        (&old, &now, json!([])),
        (&new, &now, json!([[null, "decides"]])),
        (&old, &then, json!([["директор", null]])),
        (&new, &then, json!([])),
    ] {
        let found = service.get(&format!("/api/contacts?client_id={client}&{when}")).await.body;
        let stands = |one: &Value| json!([one["clients"][0]["position"], one["clients"][0]["role"]]);
        let there: Value = found["items"].as_array().unwrap().iter().map(stands).collect();
        assert_eq!(there, positions, "{client} {when}");
    }

    let shown = ask(&service, &format!("/api/contacts/{person}"), moved).await["item"].clone();
    let stays: Vec<_> = shown["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (&s["since"], &s["until"], &s["reason"], &s["current"]))
        .collect();
    assert_eq!(
        json!(stays),
        json!([
            [null, "2025-02-01", null, false],
            ["2025-02-01", "2025-03-01", "позвали", false],
            ["2025-03-01", null, null, true],
        ])
    );
    let card = ask(&service, &format!("/api/clients/{old}"), moved).await["item"]["contacts"].clone();
    assert_eq!((names(&card), &card[1]["current"]), (vec!["Орлов", "Орлов"], &json!(false)));

    // A correction stands in the history of the client at whom they are now.
    let fix = json!({"name": {"last": "Орлов", "first": "Иван"}, "reason": "полное имя"});
    let fixed = post(&service, &format!("contacts/{person}/correct"), fix).await.position();
    let timeline = ask(&service, &format!("/api/clients/{new}/timeline?kind=contact"), fixed).await;
    assert_eq!(told(&timeline), [("Joined", "Орлов Иван"), ("Corrected", "Орлов Иван")]);
    assert_eq!(timeline["items"][1]["data"]["changes"]["name"]["old"], json!({"last": "Орлов"}));
    let timeline = ask(&service, &format!("/api/clients/{old}/timeline?kind=contact"), fixed).await;
    let events: Vec<&str> = told(&timeline).into_iter().map(|(event, _)| event).collect();
    assert_eq!(events, ["Joined", "Left", "Registered"]);
    assert_eq!(
        timeline["items"][0]["data"]["changes"],
        json!({"position": {"old": "закупщик", "new": "директор"}})
    );

    // Whom an interaction with them is with follows from the day.
    for (day, with) in [("2025-02-28", &old), ("2025-03-01", &new)] {
        let meeting = json!({"kind": "meeting", "occurred_at": day, "contact_ids": [person]});
        let meeting = post(&service, "interactions/record", meeting).await;
        let item =
            ask(&service, &format!("/api/interactions/{}", meeting.id()), meeting.position()).await["item"]
                .clone();
        assert_eq!(item["client_ids"], json!([with]), "{day}");
        let heard = post(&service, "interactions/record", call("+7 (921) 555 12 34", day)).await;
        interaction(&service, &heard.id(), "the call is linked", |item| {
            item["client_ids"] == json!([with]) && names(&item["contacts"]) == ["Орлов Иван"]
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_number_links_the_client_alone() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (shop, other) = (client(&service, "Магазин").await, client(&service, "Склад").await);
    for name in ["Белова", "Чернова"] {
        let person = json!({"name": {"last": name}, "phones": [{"number": "8 800 555-35-35"}], "joins": [{"client_id": shop}]});
        post(&service, "contacts/register", person).await;
    }
    let heard = post(&service, "interactions/record", call("8-800-555-35-35", "2025-02-10")).await.id();
    let item =
        interaction(&service, &heard, "the call is linked", |item| item["client_ids"] == json!([shop])).await;
    assert_eq!(item["contacts"], json!([]));

    // One who stands elsewhere has the number too: it is nobody's any more, and the call shows who it may have been.
    let third = json!({"name": {"last": "Серов"}, "phones": [{"number": "8 800 555-35-35", "shared": true}], "joins": [{"client_id": other}]});
    post(&service, "contacts/register", third).await;
    let heard = post(&service, "interactions/record", call("8-800-555-35-35", "2025-02-11")).await;
    let item =
        ask(&service, &format!("/api/interactions/{}", heard.id()), heard.position()).await["item"].clone();
    let mut found: Vec<(&str, &str)> = vec![];
    for candidate in item["candidates"].as_array().unwrap() {
        found.push((candidate["contact"].as_str().unwrap(), candidate["name"].as_str().unwrap()));
    }
    found.sort_unstable();
    assert_eq!(found, [("Белова", "Магазин"), ("Серов", "Склад"), ("Чернова", "Магазин")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_unlinked_stays_unlinked() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let shop = client(&service, "Магазин").await;
    let person = json!({"name": {"last": "Белова"}, "phones": [{"number": "8 921 555-12-34"}], "joins": [{"client_id": shop}]});
    let person = post(&service, "contacts/register", person).await;
    let linked = |item: &Value| item["client_ids"] == json!([shop]) && names(&item["contacts"]) == ["Белова"];
    let first = post(&service, "interactions/record", call("8 921 555-12-34", "2025-02-10")).await.id();
    interaction(&service, &first, "the call is linked", linked).await;
    let unlink = json!({"contact_id": person.id(), "reason": "говорил муж"});
    post(&service, &format!("interactions/{first}/unlink_contact"), unlink).await;

    // Whatever happens to the number later; the policy has gone past it once the next call is linked.
    let shown =
        ask(&service, &format!("/api/contacts/{}", person.id()), person.position()).await["item"].clone();
    let phone = &shown["phones"][0]["id"];
    for mark in [json!("not_theirs"), Value::Null] {
        let mark = json!({"phone_id": phone, "mark": mark});
        post(&service, &format!("contacts/{}/mark_phone", person.id()), mark).await;
    }
    let second = post(&service, "interactions/record", call("8 921 555-12-34", "2025-02-11")).await.id();
    interaction(&service, &second, "the next call is linked", linked).await;
    let item = service.get(&format!("/api/interactions/{first}")).await.body["item"].clone();
    assert_eq!((&item["client_ids"], &item["contacts"]), (&json!([shop]), &json!([])));

    // A person may say otherwise.
    let link =
        post(&service, &format!("interactions/{first}/link_contact"), json!({"contact_id": person.id()}))
            .await;
    let item = ask(&service, &format!("/api/interactions/{first}"), link.position()).await["item"].clone();
    assert_eq!(names(&item["contacts"]), ["Белова"]);
    let fix = json!({"contact_ids": null, "reason": "не она"});
    let fixed = post(&service, &format!("interactions/{first}/correct"), fix).await;
    let item = ask(&service, &format!("/api/interactions/{first}"), fixed.position()).await["item"].clone();
    assert_eq!(item["contacts"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_and_question_of_contacts() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let (shop, closed) = (client(&service, "Магазин").await, client(&service, "Закрыто").await);
    post(&service, &format!("clients/{closed}/archive"), json!({"reason": "закрылись"})).await;
    let person = json!({"name": {"last": "Белова"}, "external": {"source": "old", "id": "7"}, "joins": [{"client_id": shop}]});
    let registered = post(&service, "contacts/register", person.clone()).await;
    let again = service.command("contacts/register", &person).await;
    assert_eq!((again.status, again.position()), (200, registered.position()));
    let mut elsewhere = person;
    elsewhere["joins"] = json!([]);
    assert_eq!(service.command("contacts/register", &elsewhere).await.code(), "already_recorded");

    let id = registered.id();
    let correct = format!("contacts/{id}/correct");
    let refused = service.command(&correct, &json!({"preferred_channel": "phone"})).await;
    assert_eq!((refused.status, refused.paths()), (422, vec!["/preferred_channel"]));
    let done = post(&service, &correct, json!({"preferred_channel": "messenger"})).await;
    let listed = ask(&service, "/api/contacts?preferred_channel=messenger", done.position()).await;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][1]), (&json!(id), &Value::Null));

    post(&service, &format!("contacts/{id}/add_phone"), json!({"number": "8 495 123-45-67"})).await;
    post(
        &service,
        &format!("contacts/{id}/add_phone"),
        json!({"number": "8 921 555-12-34", "primary": true}),
    )
    .await;
    let done = post(&service, &format!("contacts/{id}/add_email"), json!({"address": "b@example.org"})).await;
    let shown = async |position: i64| {
        let answer = service.get(&format!("/api/contacts/{id}?wait_for={position}")).await;
        (answer.body["item"].clone(), answer.headers["etag"].to_str().unwrap().to_owned())
    };
    let (item, tag) = shown(done.position()).await;
    assert_eq!((item["phones"][1]["primary"].as_bool(), tag.as_str()), (Some(true), "\"5\""));
    let (phone, email) = (&item["phones"][1]["id"], &item["emails"][0]["id"]);
    let mark = json!({"phone_id": phone, "mark": "do_not_use", "reason": "просила не звонить"});
    post(&service, &format!("contacts/{id}/mark_phone"), mark).await;
    let done =
        post(&service, &format!("contacts/{id}/mark_email"), json!({"email_id": email, "mark": "invalid"}))
            .await;
    // Nothing is offered that something speaks against.
    let card =
        ask(&service, &format!("/api/clients/{shop}"), done.position()).await["item"]["contacts"].clone();
    assert_eq!((&card[0]["phone"]["e164"], &card[0]["email"]), (&json!("+74951234567"), &Value::Null));

    for n in 1..=4 {
        let person = json!({"name": {"last": format!("Лист{n}")}, "joins": [{"client_id": shop}]});
        post(&service, "contacts/register", person).await;
    }
    let last = post(&service, "contacts/register", json!({"name": {"last": "Ничей"}})).await.position();
    for query in ["name=бел", "phone=84951234567", "email=B@example.org", "external_id=old:7"] {
        let found = ask(&service, &format!("/api/contacts?{query}"), last).await["items"].clone();
        assert_eq!(
            (names(&found), &found[0]["clients"][0]["client"]),
            (vec!["Белова"], &json!("Магазин")),
            "{query}"
        );
    }
    assert_eq!(ask(&service, "/api/contacts", last).await["items"].as_array().unwrap().len(), 6);
    // Both ways by pages of two.
    let first = format!("/api/contacts?client_id={shop}&limit=2");
    let (mut path, mut seen, mut back) = (first.clone(), vec![], None);
    loop {
        let page = ask(&service, &path, last).await;
        seen.extend(names(&page["items"]).into_iter().map(str::to_owned));
        back = page["meta"]["prev"].as_str().map(str::to_owned).or(back);
        let Some(next) = page["meta"]["next"].as_str() else { break };
        path = format!("{first}&cursor={next}");
    }
    assert_eq!(seen, ["Белова", "Лист1", "Лист2", "Лист3", "Лист4"]);
    let before = ask(&service, &format!("{first}&cursor={}", back.unwrap()), last).await;
    assert_eq!(names(&before["items"]), ["Лист2", "Лист3"]);

    post(&service, &format!("contacts/{id}/remove_phone"), json!({"phone_id": phone})).await;
    post(&service, &format!("contacts/{id}/remove_email"), json!({"email_id": email})).await;
    let done =
        post(&service, &format!("contacts/{id}/leave"), json!({"client_id": shop, "on": "2025-03-01"})).await;
    let (item, _) = shown(done.position()).await;
    assert_eq!((&item["emails"], &item["clients"][0]["until"]), (&json!([]), &json!("2025-03-01")));

    let nobody = "01a20000-0000-7000-8000-000000000000";
    for (path, body, status, code, fields) in [
        (
            format!("contacts/{id}/join"),
            json!({"client_id": nobody}),
            422,
            "unknown_client",
            vec!["/client_id"],
        ),
        (format!("contacts/{id}/join"), json!({"client_id": closed}), 409, "client_archived", vec![]),
        (
            format!("contacts/{id}/join"),
            json!({"client_id": shop, "since": "2025-02-01"}),
            409,
            "stays_overlap",
            vec![],
        ),
        (
            format!("contacts/{id}/join"),
            json!({"client_id": shop, "role": "decide"}),
            422,
            "unknown_code",
            vec!["/role"],
        ),
        (format!("contacts/{id}/leave"), json!({"client_id": closed}), 422, "invalid", vec!["/client_id"]),
        (
            format!("contacts/{id}/mark_phone"),
            json!({"phone_id": phone, "mark": "old"}),
            422,
            "invalid",
            vec!["/mark"],
        ),
        (format!("contacts/{id}/add_phone"), json!({"number": "hidden"}), 422, "invalid", vec!["/number"]),
        (format!("contacts/{nobody}/leave"), json!({"client_id": shop}), 404, "not_found", vec![]),
        (
            "interactions/record".into(),
            json!({"kind": "note", "occurred_at": "2025-03-01", "contact_ids": [id, nobody]}),
            422,
            "unknown_contact",
            vec!["/contact_ids/1"],
        ),
        (
            "steps/plan".into(),
            json!({"client_id": shop, "contact_id": nobody, "action": "call", "due": {"on": "2026-03-05"}}),
            422,
            "unknown_contact",
            vec!["/contact_id"],
        ),
    ] {
        let answer = service.command(&path, &body).await;
        assert_eq!((answer.status, answer.code(), answer.paths()), (status, code, fields), "{path} {body}");
    }
    for (path, status) in [
        (format!("/api/contacts/{nobody}"), 404),
        ("/api/contacts?phone=hidden".into(), 400),
        ("/api/contacts?client_id=shop".into(), 400),
    ] {
        assert_eq!(service.get(&path).await.status, status, "{path}");
    }
}
