//! Asking a group: one snapshot whose first read is the checkpoint, now or as of any moment.

use super::store;
use super::{EngineError, Group};
use deadpool_postgres::{Object, Pool};
use letopis_events::{Moment, Position};
use letopis_eventstore::Log;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// The first pause between two looks at a checkpoint that is waited for; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(2);
/// The longest pause.
const LONGEST: Duration = Duration::from_millis(50);

const BEGIN: &str = "begin isolation level repeatable read read only";
/// The filters of a list are optional: a plan made for all of them at once serves none. Planning each anew takes a few milliseconds,
/// and was measured to save seconds on a list of 100,000 rows.
const ANEW: &str = "set local plan_cache_mode = force_custom_plan";

/// The readers of all groups, by name.
#[derive(Clone, Debug, Default)]
pub struct Readers(HashMap<&'static str, Reader>);

impl Readers {
    /// The same with a group's reader more.
    pub fn with<C: Send + Sync + 'static>(
        mut self,
        group: &Group<C>,
        read_url: &str,
        connections: usize,
    ) -> Result<Self, EngineError> {
        let schema = group.schema();
        let pool = store::pool(read_url, &schema, connections)?;
        self.0.insert(group.name(), Reader { name: group.name(), pool });
        Ok(self)
    }

    /// The reader of a group.
    pub fn of(&self, group: &str) -> Result<&Reader, EngineError> {
        self.0.get(group).ok_or_else(|| EngineError::NotBuilt(group.to_owned()))
    }
}

/// Answers from the tables of one group.
#[derive(Clone, Debug)]
pub struct Reader {
    name: &'static str,
    pool: Pool,
}

/// A moment that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// After the event at this position.
    Position(Position),
    /// After the last event recorded by then.
    Time(Moment),
}

impl Reader {
    /// Opens a snapshot: as of `then`, or of the last event in the rows; not before the rows hold `wait_for`, which is waited for
    /// until `patience` is over.
    pub async fn snapshot(
        &self,
        log: &Log,
        then: Option<Then>,
        wait_for: Option<Position>,
        patience: Duration,
    ) -> Result<Snapshot, EngineError> {
        let asked = match then {
            None => None,
            Some(Then::Position(position)) => Some(position),
            Some(Then::Time(moment)) => Some(log.settle(moment.utc()).await?),
        };
        let needed = asked.max(wait_for).unwrap_or_default();
        let end = Instant::now() + patience;
        let mut pause = FIRST;
        loop {
            let missing = match self.open(asked).await {
                Ok(snapshot) if snapshot.head >= needed => return Ok(snapshot),
                Ok(snapshot) => {
                    let at = snapshot.head;
                    snapshot.close().await;
                    EngineError::NotYet { at, asked: needed }
                }
                // A new worker makes the tables in a moment.
                Err(error @ EngineError::NotBuilt(_)) => error,
                Err(error) => return Err(error),
            };
            if Instant::now() >= end {
                return Err(missing);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    async fn open(&self, asked: Option<Position>) -> Result<Snapshot, EngineError> {
        let client = self.pool.get().await?;
        client.batch_execute(BEGIN).await?;
        let head = match client.query_one("select position from checkpoint", &[]).await {
            Ok(row) => Position(row.try_get(0)?),
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {
                return Err(EngineError::NotBuilt(self.name.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Snapshot { client: Arc::new(client), open: true, head, position: asked.unwrap_or(head) })
    }
}

/// One consistent view of a group's rows.
pub struct Snapshot {
    client: Arc<Object>,
    open: bool,
    head: Position,
    /// The position the answer shows; what `<table>_at(position)` is asked with.
    pub position: Position,
}

impl Snapshot {
    /// The rows of a statement that asks for few things by their keys; it stands in the program as a constant, and its plan is kept:
    /// that of a client's card takes 11 ms to make and 3 ms to carry out.
    pub async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, EngineError> {
        self.planned(sql, params).await
    }

    /// The rows of a statement with optional filters, planned for these parameters alone.
    pub async fn query_anew(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, EngineError> {
        self.client.batch_execute(ANEW).await?;
        self.planned(sql, params).await
    }

    async fn planned(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, EngineError> {
        let statement: Statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.query(&statement, params).await?)
    }

    /// Ends it.
    pub async fn close(mut self) {
        self.open = false;
        end(&self.client).await;
    }
}

impl Drop for Snapshot {
    /// A question that was refused half-way leaves no transaction open.
    fn drop(&mut self) {
        if self.open {
            let client = Arc::clone(&self.client);
            tokio::spawn(async move { end(&client).await });
        }
    }
}

async fn end(client: &Object) {
    if let Err(error) = client.batch_execute("rollback").await {
        tracing::debug!(%error, "a snapshot's connection is gone");
    }
}
