//! A row of a file as commands: the client and the employee it mentions, and the interaction.

use super::mapping::{ATTRIBUTES, Condition, Mapping, Party, Rule, attribute};
use chrono::{NaiveDate, NaiveDateTime, TimeZone as _};
use letopis_events::{ExternalId, StreamId};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The module of those a row is about.
pub const CLIENTS: &str = "clients";
/// The module of those who did it.
pub const EMPLOYEES: &str = "employees";

/// Somebody a row mentions, and the command that makes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mention {
    /// Their id.
    pub id: Uuid,
    /// The module.
    pub module: &'static str,
    /// The command.
    pub command: &'static str,
    /// Its body.
    pub body: Value,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The client.
    pub client: Option<Mention>,
    /// The employee.
    pub employee: Option<Mention>,
    /// The body of `interactions/record`.
    pub body: Value,
}

impl Said {
    /// Whoever it mentions.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        self.client.iter().chain(&self.employee)
    }
}

/// Reads rows by a mapping.
pub struct Reading<'a> {
    mapping: &'a Mapping,
    columns: &'a [String],
    index: HashMap<&'a str, usize>,
    zone: chrono_tz::Tz,
    /// The columns kept as free fields and the names they get.
    kept: Vec<(usize, String)>,
}

impl<'a> Reading<'a> {
    /// For a file with these columns, which the mapping was checked against.
    pub fn new(mapping: &'a Mapping, columns: &'a [String]) -> Self {
        let index = columns.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let kept = mapping.kept(columns).map(|(i, name)| (i, attribute(name))).collect();
        let zone = mapping.file.time_zone.as_str().parse().unwrap_or(chrono_tz::UTC);
        Self { mapping, columns, index, zone, kept }
    }

    /// What a row says, or why it cannot be read.
    pub fn read(&self, row: &[String]) -> Result<Said, String> {
        if row.len() != self.columns.len() {
            return Err(format!("has {} columns instead of {}", row.len(), self.columns.len()));
        }
        let mapping = self.mapping;
        let id: Vec<&str> = mapping.id.iter().map(|column| self.value(row, column)).collect();
        let mut body = Map::new();
        for rule in &mapping.set {
            if lookup(&body, &rule.field).is_none()
                && let Some(value) = self.apply(rule, row)?
            {
                put(&mut body, &rule.field, value);
            }
        }
        let open = |rule: &&Rule| lookup(&body, &rule.field).is_none();
        if let Some(reason) = mapping.set.iter().filter(open).find_map(|rule| self.unmapped(rule, row)) {
            return Err(reason);
        }
        let client = mapping.client.as_ref().and_then(|party| self.mention(party, row, CLIENTS));
        let employee = mapping.employee.as_ref().and_then(|party| self.mention(party, row, EMPLOYEES));
        let client = client.transpose()?;
        let employee = employee.transpose()?;
        if let Some(client) = &client {
            body.insert("client_id".into(), json!(client.id));
        }
        if let Some(employee) = &employee {
            body.insert("employee_id".into(), json!(employee.id));
        }
        for (index, name) in self.kept.iter().filter(|(index, _)| !row[*index].trim().is_empty()) {
            put(&mut body, &format!("{ATTRIBUTES}.{name}"), plain(row[*index].trim()));
        }
        body.entry("origin").or_insert_with(|| json!("import"));
        body.insert("external".into(), json!({"source": mapping.source, "id": id.join("/")}));
        Ok(Said { client, employee, body: Value::Object(body) })
    }

    fn value<'r>(&self, row: &'r [String], column: &str) -> &'r str {
        self.index.get(column).and_then(|index| row.get(*index)).map_or("", |value| value.trim())
    }

    fn apply(&self, rule: &Rule, row: &[String]) -> Result<Option<Value>, String> {
        if rule.when.as_ref().is_some_and(|when| !self.holds(when, row)) {
            return Ok(None);
        }
        if let Some(value) = &rule.value {
            return Ok(serde_json::to_value(value).ok());
        }
        let text = self.value(row, rule.column.as_deref().unwrap_or_default());
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(map) = &rule.map {
            return Ok(map.get(text).map(|value| json!(value)));
        }
        if let Some(format) = &rule.format {
            let moment = self
                .moment(text, format)
                .ok_or_else(|| format!("{}: {text:?} is no date written as {format:?}", rule.field))?;
            return Ok(Some(json!(moment)));
        }
        if rule.field == "duration_seconds" {
            let seconds = text
                .parse::<u32>()
                .map_err(|_| format!("{}: {text:?} is no number of seconds", rule.field))?;
            return Ok(Some(json!(seconds)));
        }
        let free = rule.field.split('.').next() == Some(ATTRIBUTES);
        Ok(Some(if free { plain(text) } else { json!(text) }))
    }

    /// What is wrong where a rule's map does not know the value.
    fn unmapped(&self, rule: &Rule, row: &[String]) -> Option<String> {
        let (map, text) = (rule.map.as_ref()?, self.value(row, rule.column.as_deref()?));
        let fits = rule.when.as_ref().is_none_or(|when| self.holds(when, row));
        let known = || map.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        (fits && !text.is_empty() && !map.contains_key(text))
            .then(|| format!("{}: the map does not know {text:?}, only {}", rule.field, known()))
    }

    fn holds(&self, when: &Condition, row: &[String]) -> bool {
        let value = self.value(row, &when.column);
        when.equals.as_ref().is_none_or(|equals| equals == value)
            && when.prefix.as_ref().is_none_or(|prefix| value.starts_with(prefix))
            && when.empty.is_none_or(|empty| empty == value.is_empty())
    }

    /// A moment in the file's zone, or a bare day.
    fn moment(&self, text: &str, format: &str) -> Option<String> {
        if let Ok(moment) = chrono::DateTime::parse_from_str(text, format) {
            return Some(moment.to_rfc3339());
        }
        if let Ok(moment) = NaiveDateTime::parse_from_str(text, format) {
            return Some(self.zone.from_local_datetime(&moment).earliest()?.to_rfc3339());
        }
        NaiveDate::parse_from_str(text, format).ok().map(|day| day.to_string())
    }

    fn mention(
        &self,
        party: &Party,
        row: &[String],
        module: &'static str,
    ) -> Option<Result<Mention, String>> {
        let key = self.value(row, &party.key);
        if key.is_empty() || party.nobody.iter().any(|nobody| nobody == key) {
            return None;
        }
        let text = match key.parse() {
            Ok(text) => text,
            Err(bad) => return Some(Err(format!("{}: {bad}", party.key))),
        };
        let external = ExternalId { source: self.mapping.source.clone(), id: text };
        let name = party.name.fill(|column| self.value(row, column));
        let id = StreamId::external(module, &external).0;
        let (command, body) = if module == CLIENTS {
            let kind = party.kind.as_deref().unwrap_or("person");
            ("register", json!({"kind": kind, "name": name, "external": external}))
        } else {
            ("hire", json!({"name": {"last": name}, "external": external}))
        };
        Some(Ok(Mention { id, module, command, body }))
    }
}

/// A number where the text is one written plainly, else the text.
fn plain(text: &str) -> Value {
    let number = serde_json::from_str::<serde_json::Number>(text).ok();
    number.filter(|number| number.to_string() == text).map_or_else(|| json!(text), Value::Number)
}

fn lookup<'v>(body: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    match path.split_once('.') {
        None => body.get(path),
        Some((outer, inner)) => body.get(outer)?.get(inner),
    }
}

fn put(body: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            body.insert(path.to_owned(), value);
        }
        Some((outer, inner)) => {
            if let Value::Object(fields) = body.entry(outer).or_insert_with(|| json!({})) {
                fields.insert(inner.to_owned(), value);
            }
        }
    }
}
