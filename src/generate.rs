//! `letopis generate`: the documents that follow from the code, compared with it by tests: the API and its tables, the schemas of events, and the
//! rows that each group makes of one kept history.

use crate::config::Failure;
use crate::http;
use chrono::{DateTime, Utc};
use letopis::policies;
use letopis_events::{
    Actor, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version, payloads,
};
use letopis_projections::engine::Group;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use uuid::Uuid;

const ROWS: &str = "projections/fixtures";

type History = Vec<Arc<Recorded<DomainEvent>>>;

/// Writes them all.
pub fn run() -> Result<(), Failure> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).map(|text| text + "\n");
    fs::create_dir_all("docs/events")?;
    let document = http::document();
    fs::write("docs/openapi.json", pretty(&document)?)?;
    fs::write("docs/API.md", http::reference::page(&document))?;
    for (module, version, schema) in payloads() {
        fs::write(format!("docs/events/{module}.v{version}.json"), pretty(&schema)?)?;
    }
    let history = history()?;
    write_rows(letopis_projections::crm, &history)?;
    write_rows(letopis_projections::reports, &history)?;
    write_rows(policies::group, &history)
}

/// A line of the kept history; its number is its position. Lines are only ever added.
#[derive(Deserialize)]
struct Line<'a> {
    category: String,
    stream_id: StreamId,
    r#type: String,
    recorded_at: DateTime<Utc>,
    actor: Actor,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// The kept history, in which every event occurs.
fn history() -> Result<History, Failure> {
    let mut versions: HashMap<StreamId, i64> = HashMap::new();
    let mut history = vec![];
    for (position, line) in (1_i64..).zip(fs::read_to_string(format!("{ROWS}/history.ndjson"))?.lines()) {
        let line: Line<'_> = serde_json::from_str(line)?;
        let event = DomainEvent::decode(&line.category, &line.r#type, 1, line.payload.get());
        let version = versions.entry(line.stream_id).or_default();
        *version += 1;
        history.push(Arc::new(Recorded {
            position: Position(position),
            stream: line.stream_id,
            version: Version(*version),
            id: EventId(Uuid::from_u128(u128::from(position.unsigned_abs()))),
            recorded_at: line.recorded_at,
            metadata: Metadata {
                actor: line.actor,
                concerns: vec![],
                correlation: Uuid::nil(),
                causation: None,
            },
            event: event.ok_or("no module has this category")??,
        }));
    }
    Ok(history)
}

/// The first line of a group's kept rows.
#[derive(Deserialize)]
struct Kept {
    version: u32,
    events: usize,
}

/// A group's rows of a history, one a line, after the group and its version.
fn rows<C: Send + Sync + 'static>(group: Group<C>, history: &History) -> Result<String, Failure> {
    let first = json!({"group": group.name(), "version": group.version(), "events": history.len()});
    let lines = [first].into_iter().chain(group.told(history)?);
    Ok(lines.map(|line| line.to_string() + "\n").collect())
}

/// The rows to be kept from now on, unless a group of the same version makes others of the same events.
fn renewed<C: Send + Sync + 'static>(
    group: fn() -> Group<C>,
    kept: Option<&str>,
    history: &History,
) -> Result<String, Failure> {
    if let Some(kept) = kept {
        let first: Kept = serde_json::from_str(kept.lines().next().unwrap_or_default())?;
        let then = history.iter().take(first.events).cloned().collect();
        if first.version == group().version() && rows(group(), &then)? != kept {
            let name = group().name();
            let text = format!(
                "the group {name} makes other rows or tables of the same events: raise its version first"
            );
            return Err(text.into());
        }
    }
    rows(group(), history)
}

fn write_rows<C: Send + Sync + 'static>(group: fn() -> Group<C>, history: &History) -> Result<(), Failure> {
    let path = format!("{ROWS}/{}.ndjson", group().name());
    let kept = fs::read_to_string(&path).ok();
    Ok(fs::write(&path, renewed(group, kept.as_deref(), history)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn same<C: Send + Sync + 'static>(group: Group<C>) {
        let name = group.name();
        let kept = fs::read_to_string(format!("{ROWS}/{name}.ndjson")).unwrap_or_default();
        let now = rows(group, &history().unwrap()).unwrap();
        let differs = now.lines().zip(kept.lines()).find(|(now, kept)| now != kept);
        let told = "raise the version of the group, then `make generate`";
        assert_eq!(differs, None, "the rows of {name} have changed (now, kept): {told}");
        assert!(now == kept, "the rows of {name} are more or fewer than those kept: {told}");
    }

    #[test]
    fn rows_change_with_the_version_of_their_group_alone() {
        same(letopis_projections::crm());
        same(letopis_projections::reports());
        same(policies::group());
    }

    #[test]
    fn every_event_occurs_in_the_kept_history() {
        let history = history().unwrap();
        let kind = |event: &DomainEvent| (event.category(), event.encode().unwrap().0);
        let there: BTreeSet<_> = history.iter().map(|recorded| kind(&recorded.event)).collect();
        assert_eq!(there, letopis_events::kinds().into_iter().collect());
    }

    #[test]
    fn other_rows_of_the_same_version_are_not_written() {
        let history = history().unwrap();
        let group = letopis_projections::reports;
        let kept = rows(group(), &history).unwrap();
        let other = kept.replacen("interested", "other", 1);
        let older = other.replacen(&format!(r#""version":{}"#, group().version()), r#""version":0"#, 1);
        assert!(other != kept && older != other);
        assert!(renewed(group, Some(&other), &history).is_err());
        // A new version, a history that went on, and a group that is new give what is.
        let shorter = rows(group(), &history[..20].to_vec()).unwrap();
        for kept in [Some(&kept), Some(&older), Some(&shorter), None] {
            let renewed = renewed(group, kept.map(String::as_str), &history).unwrap();
            assert_eq!(renewed, rows(group(), &history).unwrap());
        }
    }
}
