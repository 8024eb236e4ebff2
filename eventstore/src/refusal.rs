//! What policies asked for and were refused: noted beside their marks, for people to look at.

use crate::{LogError, Mark};
use chrono::{DateTime, Utc};
use letopis_events::Position;
use tokio_postgres::Row;
use uuid::Uuid;

pub(crate) const NOTE: &str = "select log.note_refusal($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const LIST: &str =
    "select policy, position, command_no, module, thing_id, command, code, message, number, refused_at
    from log.refusal where ($1::text is null or policy = $1) and number < $2 order by number desc limit $3";

/// A command of a policy that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose, and which of the commands that answer an event.
    pub mark: Mark,
    /// The module it went to.
    pub module: String,
    /// The thing it was for; none if it was to make one.
    pub thing: Option<Uuid>,
    /// Its name.
    pub command: String,
    /// Why, for programs.
    pub code: String,
    /// Why, for people.
    pub message: String,
}

/// A refusal as it was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedRefusal {
    /// Rises with each.
    pub number: i64,
    /// When.
    pub refused_at: DateTime<Utc>,
    /// What.
    pub refusal: Refusal,
}

pub(crate) fn noted(row: &Row) -> Result<NotedRefusal, LogError> {
    Ok(NotedRefusal {
        number: row.try_get(8)?,
        refused_at: row.try_get(9)?,
        refusal: Refusal {
            mark: Mark {
                policy: row.try_get(0)?,
                position: Position(row.try_get(1)?),
                number: row.try_get(2)?,
            },
            module: row.try_get(3)?,
            thing: row.try_get(4)?,
            command: row.try_get(5)?,
            code: row.try_get(6)?,
            message: row.try_get(7)?,
        },
    })
}
