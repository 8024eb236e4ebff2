//! What every question works with: the groups' readers, the log, and the moment it is asked in.

use crate::answer::{Item, Items, Meta};
use crate::openapi::{Body, CSV, JSON, Operation, schema_of};
use crate::page::Page;
use crate::params::{AsOf, When};
use crate::problem::{Kind, Problem};
use axum::handler::Handler;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use chrono::{DateTime, Utc};
use letopis_events::{Position, Version};
use letopis_eventstore::{Clock, Log, LogError, StoreKind};
use letopis_projections::engine::{EngineError, Readers, Snapshot, Then};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::types::{Json, ToSql};

/// The longest a question waits for `wait_for` or a position asked about.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state of all questions; cheap to clone.
#[derive(Clone)]
pub struct Asking {
    /// The groups.
    pub readers: Readers,
    /// The log.
    pub log: Log,
    /// The service's clock.
    pub clock: Clock,
}

/// A question: its route and its description.
pub struct Question {
    /// How it is described.
    pub operation: Operation,
    /// How it is answered.
    pub route: MethodRouter<Asking>,
}

/// What kinds of problem every question can answer.
const PROBLEMS: [Kind; 7] = [
    Kind::BadParameter,
    Kind::BadCursor,
    Kind::InFuture,
    Kind::BadHost,
    Kind::NotFound,
    Kind::NotYet,
    Kind::Unavailable,
];

/// A question of `P`'s parameters, answered with `A`.
pub fn question<P: JsonSchema, A: JsonSchema, H, T>(
    path: &str,
    id: &str,
    tag: &'static str,
    summary: &str,
    handler: H,
) -> Question
where
    H: Handler<T, Asking>,
    T: 'static,
{
    let operation = Operation {
        method: "get",
        path: path.to_owned(),
        id: id.to_owned(),
        summary: summary.to_owned(),
        tag,
        params: Some(schema_of::<P>),
        timed: true,
        headers: vec![],
        body: Body::None,
        answers: vec![(200, vec![(JSON, schema_of::<A>)])],
        tells: vec![],
        problems: PROBLEMS.to_vec(),
    };
    Question { operation, route: get(handler) }
}

impl Question {
    /// The same, answered as a table of comma-separated values too.
    #[must_use]
    pub(crate) fn or_table(mut self) -> Self {
        self.operation.answers.iter_mut().for_each(|(_, contents)| contents.push(CSV));
        self
    }
}

/// A question's snapshot and what its answer will say about itself.
pub struct View {
    snapshot: Snapshot,
    /// The moment that questions about silence and "today" are asked at.
    pub now: DateTime<Utc>,
    /// Goes into the answer.
    pub meta: Meta,
}

impl Asking {
    /// Opens a snapshot of a group.
    pub async fn view(&self, group: &str, when: When) -> Result<View, Problem> {
        let then = when.as_of.map(|as_of| match as_of {
            AsOf::Position(position) => Then::Position(position),
            AsOf::Time(moment) => Then::Time(moment),
        });
        let wait_for = when.wait_for.map(|p| Position(i64::try_from(p).unwrap_or(i64::MAX)));
        let asked = match when.as_of {
            Some(AsOf::Position(position)) => Some(position),
            Some(AsOf::Time(_)) | None => None,
        };
        if let Some(position) = asked.max(wait_for) {
            self.reached(position).await?;
        }
        let reader = self.readers.of(group).map_err(|error| engine_problem(&error))?;
        let snapshot = reader.snapshot(&self.log, then, wait_for, PATIENCE).await;
        let snapshot = snapshot.map_err(|error| engine_problem(&error))?;
        let position = snapshot.position;
        let meta = Meta {
            position,
            as_of: when.as_of.map(|_| position),
            next: None,
            prev: None,
            sample: self.log.info().kind == StoreKind::Sample,
        };
        let now = match when.as_of {
            None => (self.clock)(),
            Some(AsOf::Time(moment)) => moment.utc(),
            Some(AsOf::Position(position)) => self.recorded_at(position).await?,
        };
        Ok(View { snapshot, now, meta })
    }

    /// When the event at a position was recorded: the moment that the position names. Before the first event it is now.
    async fn recorded_at(&self, position: Position) -> Result<DateTime<Utc>, Problem> {
        let before = Position((position.0 - 1).max(0));
        let found = self.log.page(before, 1).await.map_err(|error| log_problem(&error))?;
        let found = found.first().filter(|event| event.position == position);
        Ok(found.map_or_else(|| (self.clock)(), |event| event.recorded_at))
    }

    /// Refuses a position that the log has not come to.
    pub async fn reached(&self, position: Position) -> Result<(), Problem> {
        if position <= *self.log.committed().borrow() {
            return Ok(());
        }
        // Another process may have written it a moment ago.
        let head = self.log.head().await.map_err(|error| log_problem(&error))?.position;
        if position <= head {
            return Ok(());
        }
        Err(Problem::new(Kind::InFuture, format!("the log ends at position {head}")))
    }

    /// What an answer from the log itself says about itself.
    pub fn meta(&self, position: Position) -> Meta {
        Meta { position, sample: self.log.info().kind == StoreKind::Sample, ..Meta::default() }
    }
}

impl View {
    /// The position the answer shows.
    pub const fn position(&self) -> i64 {
        self.meta.position.0
    }

    /// The answer that is this thing, with its version as `ETag`.
    pub async fn item<T: Serialize>(self, version: Version, item: T) -> Response {
        let tag = format!("\"{version}\"");
        ([(ETAG, tag)], Item { item, meta: self.end().await }).into_response()
    }

    /// Rows of a statement that gives one JSON value each, as its only column: a list, with its filters.
    pub async fn rows<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<T>, Problem> {
        read(self.snapshot.query_anew(sql, params).await)
    }

    /// The one row, if there is one, of a statement that asks for a thing by its key.
    pub async fn row<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<T>, Problem> {
        Ok(read(self.snapshot.query(sql, params).await)?.into_iter().next())
    }

    /// Ends the snapshot with a page of a list: the rows read for it, each with its place in the list's order.
    pub async fn page<K, T>(mut self, page: &Page<K>, rows: Vec<T>, place: impl Fn(&T) -> K) -> Items<T>
    where
        K: Serialize + DeserializeOwned,
    {
        let found = page.found(rows, place);
        (self.meta.next, self.meta.prev) = (found.next, found.prev);
        Items { items: found.rows, meta: self.end().await }
    }

    /// Ends the snapshot.
    pub async fn end(self) -> Meta {
        self.snapshot.close().await;
        self.meta
    }
}

/// What the log's failures are to a caller.
pub fn log_problem(error: &LogError) -> Problem {
    match error {
        LogError::Future(_) => Problem::new(Kind::InFuture, error.to_string()),
        LogError::Unreachable(_) => Problem::unavailable(error),
        LogError::Sql(sql) if sql.is_closed() || sql.code().is_none() => Problem::unavailable(error),
        LogError::Address(_)
        | LogError::NotMigrated
        | LogError::TooPowerful(_)
        | LogError::Sql(_)
        | LogError::Unreadable(_) => Problem::internal(error),
    }
}

fn engine_problem(error: &EngineError) -> Problem {
    match error {
        EngineError::Log(error) => log_problem(error),
        EngineError::NotYet { .. } | EngineError::NotBuilt(_) => {
            Problem::new(Kind::NotYet, error.to_string())
        }
        EngineError::Unreachable(_) => Problem::unavailable(error),
        EngineError::Sql(sql) if sql.is_closed() || sql.code().is_none() => Problem::unavailable(error),
        EngineError::Sql(_)
        | EngineError::BadEvent(_)
        | EngineError::Unreadable(_)
        | EngineError::Row(_)
        | EngineError::Address(_)
        | EngineError::Overtaken(_)
        | EngineError::Answer(_) => Problem::internal(error),
    }
}

fn read<T: DeserializeOwned>(rows: Result<Vec<Row>, EngineError>) -> Result<Vec<T>, Problem> {
    let rows = rows.map_err(|error| engine_problem(&error))?;
    rows.iter()
        .map(|row| row.try_get(0).map(|Json(value)| value).map_err(|error| Problem::internal(&error)))
        .collect()
}
