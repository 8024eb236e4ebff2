//! SQL in every text of every command and in every parameter of every question is a text like any other.

use crate::support::{Database, Service, document};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What would end a quoted text, or a statement, of somebody careless.
const SQL: &str = "x'); drop schema log cascade; --\\\"$$ or 1=1";

/// A thing of each module.
async fn things(service: &Service) -> HashMap<&'static str, String> {
    let client = service.command("clients/register", &json!({"kind": "person", "name": "Анна"})).await.id();
    let contact = json!({"name": {"last": "Смирнова"}, "joins": [{"client_id": client}]});
    let call = json!({"kind": "call", "client_id": client, "occurred_at": "2026-03-02T10:00:00Z"});
    let step = json!({"client_id": client, "action": "call", "due": {"on": "2026-03-05"}, "assignee": service.actor});
    HashMap::from([
        ("contacts", service.command("contacts/register", &contact).await.id()),
        ("interactions", service.command("interactions/record", &call).await.id()),
        ("steps", service.command("steps/plan", &step).await.id()),
        ("employees", service.command("employees/hire", &json!({"name": {"last": "Волков"}})).await.id()),
        ("departments", letopis_events::departments::COMPANY.0.to_string()),
        ("dictionaries", letopis_events::dictionaries::DictionaryName::Tags.stream().0.to_string()),
        ("clients", client),
    ])
}

/// Where the texts of a value stand, as JSON pointers.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| texts(value, &format!("{at}/{index}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| texts(value, &format!("{at}/{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_in_every_text_of_every_command_is_a_text() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let things = things(&service).await;
    let (mut sent, mut taken) = (0, 0);
    for (path, operations) in document().whole["paths"].as_object().unwrap() {
        let Some(command) = path.strip_prefix("/api/commands/") else { continue };
        let module = command.split('/').next().unwrap();
        let command = command.replace("{id}", &things[module]);
        let example = &operations["post"]["requestBody"]["content"]["application/json"]["example"];
        let mut places = vec![];
        texts(example, "", &mut places);
        for place in &places {
            let mut body = example.clone();
            *body.pointer_mut(place).unwrap() = json!(SQL);
            let answer = service.command(&command, &body).await;
            assert!(answer.status < 500, "{command} {place}: {answer:?}");
            sent += 1;
            taken += usize::from(answer.status < 300);
        }
    }
    assert!(sent > 150 && taken > 20, "{taken} of {sent} were taken");
    service.settled().await;
    database.verified().await;
    let found = service.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
    let events = service.get("/api/events?limit=1000").await.body["items"].as_array().unwrap().len();
    assert_eq!(i64::try_from(events).unwrap(), found);
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_in_every_parameter_of_every_question_is_a_text() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let things = things(&service).await;
    let before = service.settled().await;
    let (mut asked, mut answered) = (0, 0);
    for (path, operations) in document().whole["paths"].as_object().unwrap() {
        let parameters = operations["get"]["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            let module = path.split('/').nth(2).unwrap_or_default();
            let id = things.get(module).map_or("tags", String::as_str);
            let path = path.replace("{id}", id).replace("{name}", "tags");
            let name = parameter["name"].as_str().unwrap();
            for value in [SQL.to_owned(), format!("{SQL}..{SQL}"), format!("msk,{SQL}")] {
                let asked_at = reqwest::Url::parse_with_params("http://letopis", [(name, &value)]).unwrap();
                let answer = service.get(&format!("{path}?{}", asked_at.query().unwrap())).await;
                assert!(answer.status < 500, "{path} {name}={value}: {answer:?}");
                asked += 1;
                answered += usize::from(answer.status == 200);
            }
        }
    }
    assert!(asked > 300 && answered > 30, "{answered} of {asked} were answered");
    assert_eq!(service.settled().await, before);
    database.verified().await;
}
