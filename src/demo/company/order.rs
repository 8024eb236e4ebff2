//! A command of the made-up company, before it is carried out.

use chrono::{DateTime, Utc};
use letopis_events::{Actor, EmployeeId, ExternalId, StreamId};
use serde_json::Value;
use uuid::Uuid;

/// Where the things of the company come from, for their keys.
const SOURCE: &str = "sample";

/// A command to be carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// When.
    pub at: DateTime<Utc>,
    /// Who commands.
    pub actor: Actor,
    /// The module.
    pub module: &'static str,
    /// The thing; none for a command that makes one.
    pub id: Option<Uuid>,
    /// The command.
    pub command: &'static str,
    /// Its fields.
    pub body: Value,
}

impl Order {
    /// By an employee.
    pub fn of(
        employee: Uuid,
        at: DateTime<Utc>,
        module: &'static str,
        id: Option<Uuid>,
        command: &'static str,
        body: Value,
    ) -> Self {
        Self { at, actor: Actor::Employee(EmployeeId(employee)), module, id, command, body }
    }

    /// By who brings in what the company had on paper.
    pub fn of_the_firm(
        at: DateTime<Utc>,
        module: &'static str,
        id: Option<Uuid>,
        command: &'static str,
        body: Value,
    ) -> Self {
        Self { at, actor: Actor::Agent(SOURCE.to_owned()), module, id, command, body }
    }

    /// The two hours it falls on: what is told in them is recorded together.
    pub fn span(&self) -> i64 {
        self.at.timestamp().div_euclid(2 * 3_600)
    }

    /// Whether it changes who works here and how, which all others rest on.
    pub fn of_the_company(&self) -> bool {
        matches!(self.module, "departments" | "employees")
    }

    /// The thing it is about: the one named, or the one made under its key.
    pub fn thing(&self) -> Option<Uuid> {
        self.id.or_else(|| Some(keyed(self.module, self.body["external"]["id"].as_str()?)))
    }

    /// The things it speaks of, with who commands it.
    pub fn mentions(&self) -> Vec<Uuid> {
        fn collect(value: &Value, found: &mut Vec<Uuid>) {
            match value {
                Value::String(text) if text.len() == 36 => found.extend(text.parse::<Uuid>()),
                Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
                Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
                Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        let mut found: Vec<Uuid> = self.actor.employee().map(|employee| employee.0).into_iter().collect();
        collect(&self.body, &mut found);
        found
    }
}

/// The id of a thing of the company under its key.
pub fn keyed(module: &str, key: &str) -> Uuid {
    let external = SOURCE.parse().ok().zip(key.parse().ok()).map(|(source, id)| ExternalId { source, id });
    external.map_or(Uuid::nil(), |external| StreamId::external(module, &external).0)
}

/// The id of the employee or client of this number, counted from 1.
pub fn id(module: &str, number: usize) -> Uuid {
    keyed(module, &number.to_string())
}

/// The id of what a client's life made: `{client}-{number}`.
pub fn id_within(module: &str, client: usize, number: usize) -> Uuid {
    keyed(module, &format!("{client}-{number}"))
}
