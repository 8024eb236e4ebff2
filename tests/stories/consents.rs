//! What a client allowed and forbade, channel by channel, provable later.

use crate::support::{Database, Service};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_given_withdrawn_and_provable() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let post = async |path: String, body: Value| {
        let answer = service.command(&path, &body).await;
        assert!(answer.status < 300, "{path} {body} {answer:?}");
        answer
    };
    let client = post("clients/register".into(), json!({"kind": "person", "name": "Анна"})).await.id();
    let card = async |client: &str, query: String| {
        let card = service.get(&format!("/api/clients/{client}?{query}")).await;
        assert_eq!(card.status, 200, "{card:?}");
        card.body["item"].clone()
    };
    let consent = json!({
        "channel": "any", "purpose": "advertising", "source": "форма на сайте", "wording": "Согласна получать рекламу",
        "given_at": "2026-01-10T09:00:00+03:00",
    });
    let given = post(format!("clients/{client}/give_consent"), consent.clone()).await;
    let withdrawal = json!({"channel": "sms", "purpose": "advertising", "source": "звонок", "withdrawn_at": "2026-02-01T00:00:00Z"});
    let withdrawn = post(format!("clients/{client}/withdraw_consent"), withdrawal).await;
    let now = card(&client, format!("wait_for={}", withdrawn.position())).await;
    let of = |card: &Value, channel: &str| {
        let consents = card["consents"].as_array().unwrap().clone();
        consents.into_iter().find(|consent| consent["channel"] == channel).unwrap()
    };
    assert_eq!(now["consents"].as_array().unwrap().len(), 5);
    let email = of(&now, "email");
    assert_eq!(
        (&email["given"], &email["wording"], &email["source"]),
        (&json!(true), &consent["wording"], &consent["source"])
    );
    assert_eq!(email["since"], "2026-01-10T06:00:00Z");
    let sms = of(&now, "sms");
    assert_eq!((&sms["given"], &sms["since"]), (&json!(false), &json!("2026-02-01T00:00:00Z")));
    let acts: Vec<&Value> = sms["history"].as_array().unwrap().iter().map(|act| &act["act"]).collect();
    assert_eq!(acts, ["given", "withdrawn"]);
    assert_eq!(sms["history"][0]["author"], json!(service.actor));
    // As of then it was given.
    assert_eq!(of(&card(&client, format!("as_of={}", given.position())).await, "sms")["given"], true);

    let call = json!({
        "channel": "call", "reason": "просила не звонить", "source": "звонок", "wording": "Больше не звоните",
        "forbidden_at": "2026-02-03T12:00:00+03:00",
    });
    let forbidden = post(format!("clients/{client}/forbid"), call).await;
    let then = card(&client, format!("wait_for={}", forbidden.position())).await["forbidden"].clone();
    assert_eq!(
        (&then[0]["channel"], &then[0]["forbidden"], &then[0]["reason"]),
        (&json!("call"), &json!(true), &json!("просила не звонить"))
    );
    assert_eq!(
        (&then[0]["source"], &then[0]["wording"], &then[0]["since"]),
        (&json!("звонок"), &json!("Больше не звоните"), &json!("2026-02-03T09:00:00Z"))
    );
    let allowed =
        post(format!("clients/{client}/allow"), json!({"channel": "any", "reason": "передумала"})).await;
    let now = card(&client, format!("wait_for={}", allowed.position())).await["forbidden"].clone();
    let call = now.as_array().unwrap().iter().find(|row| row["channel"] == "call").unwrap();
    assert_eq!((&call["forbidden"], call["history"].as_array().unwrap().len()), (&json!(false), 2));
    // Saying it again changes nothing; what has not happened yet cannot be recorded.
    let again = post(format!("clients/{client}/allow"), json!({"channel": "call"})).await;
    assert_eq!(again.position(), allowed.position());
    let mut early = consent.clone();
    early["given_at"] = json!("2199-01-01T00:00:00Z");
    let refused = service.command(&format!("clients/{client}/give_consent"), &early).await;
    assert_eq!((refused.status, refused.paths()), (422, vec!["/given_at"]));

    let early = json!({"channel": "sms", "forbidden_at": "2199-01-01T00:00:00Z"});
    let refused = service.command(&format!("clients/{client}/forbid"), &early).await;
    assert_eq!((refused.status, refused.paths()), (422, vec!["/forbidden_at"]));

    let line =
        service.get(&format!("/api/clients/{client}/timeline?kind=consent")).await.body["items"].clone();
    let events: Vec<&Value> = line.as_array().unwrap().iter().map(|entry| &entry["event"]).collect();
    assert_eq!(events, ["ConsentGiven", "ConsentWithdrawn", "ChannelForbidden", "ChannelAllowed"]);
    assert_eq!(
        (&line[2]["at"], &line[2]["data"]["source"]),
        (&json!("2026-02-03T09:00:00Z"), &json!("звонок"))
    );

    // Of two that are one by now the last word of either holds.
    let other = post("clients/register".into(), json!({"kind": "person", "name": "Анна С."})).await.id();
    post(format!("clients/{other}/forbid"), json!({"channel": "call"})).await;
    let merged = post(format!("clients/{other}/merge"), json!({"into": client, "reason": "она же"})).await;
    let both = card(&client, format!("wait_for={}", merged.position())).await["forbidden"].clone();
    let call = both.as_array().unwrap().iter().find(|row| row["channel"] == "call").unwrap();
    assert_eq!(call["forbidden"], true);
}
