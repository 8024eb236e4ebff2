//! The engine of read models: a fold works on rows in memory, and everything else is written once, here. It loads rows, keeps
//! their versions, moves the checkpoint and writes, all in one transaction per batch.
//!
//! ```text
//! feed ─► runner ─► fold (apply, loads what was missing, again) ─► policy's commands ─► store (checkpoint, rows)
//! ```

mod column;
mod fold;
mod given;
mod group;
mod reader;
mod rebuild;
mod runner;
mod set;
mod store;
mod table;

pub use column::{BadColumn, Column, Element, Json, Values};
pub use fold::{Asked, Policy, Projection};
pub use given::{Answered, answered, given};
pub use group::{Answering, Group};
pub use reader::{Reader, Readers, Snapshot, Then};
pub use rebuild::{Check, Difference, rebuild, verify};
pub use runner::{GroupStatus, Settings, Work, run};
pub use set::{AnySets, CACHE_ROWS, RowSet, Set};
pub use table::{By, Field, Shape, Table};

use letopis_events::{BadEvent, Position};

/// Why a group cannot go on, or a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An event cannot be read or folded; the group stays where it is.
    #[error(transparent)]
    BadEvent(#[from] BadEvent),
    /// The same, found by the feed.
    #[error("{}", chain(&**.0))]
    Unreadable(std::sync::Arc<BadEvent>),
    /// The database's row is none of ours.
    #[error("a row of a read model cannot be read")]
    Row(#[from] BadColumn),
    /// PostgreSQL refused.
    #[error("the read database refused")]
    Sql(#[from] tokio_postgres::Error),
    /// No connection could be had.
    #[error("the read database cannot be reached")]
    Unreachable(#[from] deadpool_postgres::PoolError),
    /// The address is no PostgreSQL address.
    #[error("the read database's address cannot be read")]
    Address(#[source] tokio_postgres::Error),
    /// Another worker has moved the checkpoint.
    #[error("another worker has gone past position {0}")]
    Overtaken(Position),
    /// The log or the feed failed.
    #[error("the log does not answer")]
    Log(#[from] letopis_eventstore::LogError),
    /// A policy's command could not be carried out now.
    #[error("a policy's command could not be carried out: {0}")]
    Answer(String),
    /// The read model is not there.
    #[error("the read model {0} is not built yet")]
    NotBuilt(String),
    /// What was waited for did not come in time.
    #[error("the read model stands at {at}, position {asked} was asked for")]
    NotYet {
        /// Where it stands.
        at: Position,
        /// What was asked for.
        asked: Position,
    },
}

/// An error with all its sources, on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text += ": ";
        text += &error.to_string();
        next = error.source();
    }
    text
}

#[cfg(test)]
pub(crate) mod history;
