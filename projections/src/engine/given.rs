//! What a history gives, without a database: how folds are tested, and how their rows are kept.

use super::fold::{Asked, Fold, OfPolicy, OfProjection, Pass, Policy, Projection};
use super::group::Group;
use super::set::Changes;
use super::table::Shape;
use letopis_events::{BadEvent, DomainEvent, Recorded};
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::Arc;

/// The rows a projection makes of a history.
pub fn given<P: Projection>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<P::Rows, BadEvent> {
    let mut fold = OfProjection::<P>(P::Rows::default());
    through::<Infallible>(&mut fold, &shared(events))?;
    Ok(fold.0)
}

/// A policy's rows and what it asked for.
pub type Answered<P> = (<P as Policy>::Rows, Vec<Asked<<P as Policy>::Command>>);

/// The rows a policy makes of a history, and what it asks for.
pub fn answered<P: Policy>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<Answered<P>, BadEvent> {
    let mut fold = OfPolicy::<P>(P::Rows::default());
    let asked = through(&mut fold, &shared(events))?;
    Ok((fold.0, asked))
}

impl<C> Group<C> {
    /// The shape of each table, followed by its rows and their versions before, that a history gives.
    pub fn told(mut self, events: &[Arc<Recorded<DomainEvent>>]) -> Result<Vec<Value>, BadEvent> {
        let mut told = vec![];
        for fold in &mut self.folds {
            through(fold.as_mut(), events)?;
            told.extend(fold.sets().into_iter().flat_map(|set| table(&set.shape(), set.changes())));
        }
        Ok(told)
    }
}

fn shared(events: impl IntoIterator<Item = Recorded<DomainEvent>>) -> Vec<Arc<Recorded<DomainEvent>>> {
    events.into_iter().map(Arc::new).collect()
}

/// Folds a history into tables that were empty before; what the fold asks for.
fn through<C>(
    fold: &mut dyn Fold<C>,
    events: &[Arc<Recorded<DomainEvent>>],
) -> Result<Vec<Asked<C>>, BadEvent> {
    let mut pass = Pass::default();
    while !pass.go_on(fold, events)? {
        for set in fold.sets() {
            set.loaded();
        }
    }
    Ok(pass.asked)
}

fn table(shape: &Shape, changes: Changes) -> Vec<Value> {
    let columns: Vec<String> = shape
        .fields
        .iter()
        .map(|field| format!("{} {}{}", field.name, field.sql, if field.nullable { "" } else { " not null" }))
        .collect();
    let mut told = vec![json!({"table": shape.name, "columns": columns, "keys": shape.keys, "by": shape.by})];
    let mut rows: Vec<_> = changes.new.into_iter().chain(changes.closed).collect();
    let from =
        |row: &[Option<String>]| row[shape.fields.len()].as_ref().and_then(|from| from.parse::<i64>().ok());
    rows.sort_by_cached_key(|row| (row[..shape.keys].to_vec(), from(row)));
    let names = shape.fields.iter().map(|field| (field.name, field.sql)).chain([("from", ""), ("to", "")]);
    told.extend(rows.into_iter().map(|row| {
        let told = names.clone().zip(row).filter_map(|((name, sql), text)| {
            let text = text?;
            let value = if sql == "jsonb" { serde_json::from_str(&text).ok() } else { None };
            Some((name.to_owned(), value.unwrap_or(Value::String(text))))
        });
        Value::Object(told.collect::<Map<_, _>>())
    }));
    told
}
