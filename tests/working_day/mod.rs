//! A week in a firm of thirty that sells lamps, as its head of sales would recognise it: what is done over HTTP has the time it would
//! have had, by Moscow's clocks, and every question is asked as of the moment somebody would have asked it.

mod firm;
mod friday;
mod monday;
mod thursday;
mod tuesday;
mod wednesday;
mod week_after;

use crate::support::{Answer, Database, Service};
use chrono::{DateTime, SecondsFormat, Utc};
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who works there, by last name, and its clients, by name.
struct Firm {
    service: Service,
    people: BTreeMap<&'static str, String>,
    clients: BTreeMap<&'static str, String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_in_a_firm_of_thirty() {
    let database = Database::new(StoreKind::Sample).await;
    let mut firm = Firm::open(&database).await;
    monday::is_played(&mut firm).await;
    tuesday::is_played(&firm).await;
    wednesday::is_played(&mut firm).await;
    thursday::is_played(&firm).await;
    friday::is_played(&firm).await;
    week_after::is_asked(&firm).await;
    database.verified().await;
}

/// A moment of March 2026 by Moscow's clocks, `16 09:30`, as it is sent.
fn moscow(at: &str) -> String {
    let (day, time) = at.split_once(' ').unwrap();
    format!("2026-03-{day}T{time}:00+03:00")
}

/// The same as it is answered.
fn utc(at: &str) -> String {
    moscow(at).parse::<DateTime<Utc>>().unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The last moment of a minute, as it is answered.
fn last_of(at: &str) -> String {
    utc(at).replace(":00Z", ":59.999999Z")
}

/// The last moment of a day by Moscow's clocks.
fn end_of(day: &str) -> String {
    last_of(&format!("{day} 23:59"))
}

/// These fields of each row, by name or by path.
fn pick(rows: &[Value], fields: &[&str]) -> Value {
    let found = |row: &Value, field: &str| {
        let path = format!("/{field}");
        row.pointer(&path).unwrap_or_else(|| panic!("no {field} in {row}")).clone()
    };
    rows.iter().map(|row| fields.iter().map(|field| found(row, field)).collect::<Value>()).collect()
}

/// The same where the order of the rows says nothing.
fn pick_sorted(rows: &[Value], fields: &[&str]) -> Value {
    let mut picked = pick(rows, fields).as_array().unwrap().clone();
    picked.sort_by_key(Value::to_string);
    picked.into()
}

impl Firm {
    fn person(&self, last: &str) -> &str {
        self.people.get(last).unwrap_or_else(|| panic!("nobody is called {last}"))
    }

    fn client(&self, name: &str) -> &str {
        self.clients.get(name).unwrap_or_else(|| panic!("no client is called {name}"))
    }

    /// Somebody tries something; a name with a colon is a program's.
    async fn tries(&self, at: &str, who: &str, path: &str, body: Value) -> Answer {
        let actor = if who.contains(':') { who } else { self.person(who) };
        let request = self.service.post_as(actor, &format!("/api/commands/{path}"));
        self.service.send(request.header("letopis-time", moscow(at)).json(&body)).await
    }

    /// Somebody does something, and all that follows from it is done.
    async fn does(&self, at: &str, who: &str, path: &str, body: Value) -> Answer {
        let answer = self.tries(at, who, path, body.clone()).await;
        assert!(answer.status < 300, "{at} {who} {path} {body} {answer:?}");
        self.service.settled().await;
        answer
    }

    /// Somebody does something to a client.
    async fn to(&self, at: &str, who: &str, client: &str, command: &str, body: Value) -> Answer {
        self.does(at, who, &format!("clients/{}/{command}", self.client(client)), body).await
    }

    /// Somebody records what passed with a client at that moment.
    async fn records(&self, at: &str, who: &str, client: &str, what: Value) -> String {
        let mut body = json!({"client_id": self.client(client), "occurred_at": moscow(at)});
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        self.does(at, who, "interactions/record", body).await.id()
    }

    /// The answer there was at that moment.
    async fn asks(&self, at: &str, path: &str) -> Value {
        let sign = if path.contains('?') { '&' } else { '?' };
        let moment = moscow(at).replace('+', "%2B");
        let answer = self.service.get(&format!("{path}{sign}as_of={moment}")).await;
        assert_eq!(answer.status, 200, "{at} {path} {answer:?}");
        answer.body
    }

    async fn list(&self, at: &str, path: &str) -> Vec<Value> {
        let body = self.asks(at, path).await;
        assert!(body["meta"]["next"].is_null(), "{path} has a further page");
        body["items"].as_array().unwrap().clone()
    }

    async fn card(&self, at: &str, client: &str) -> Value {
        self.asks(at, &format!("/api/clients/{}", self.client(client))).await["item"].clone()
    }

    /// What somebody has to do that day: for whom, what, by when, and why it is theirs.
    async fn day(&self, at: &str, who: &str) -> Value {
        let path = format!("/api/steps/today?employee_id={}", self.person(who));
        pick(&self.list(at, &path).await, &["client", "action", "due_by", "overdue", "why"])
    }

    /// Who looks after a client at that moment, and who stands in: only what is in force.
    async fn managers(&self, at: &str, client: &str) -> Value {
        let card = self.card(at, client).await;
        let current = card["managers"].as_array().unwrap().iter().filter(|row| row["current"] == true);
        let current: Vec<Value> = current.cloned().collect();
        pick(&current, &["employee", "absent", "stands_in"])
    }

    /// Somebody of the firm, as answers name them beside their id.
    fn named(&self, last: &str) -> Value {
        json!({"employee_id": self.person(last), "employee": firm::full(last)})
    }
}
