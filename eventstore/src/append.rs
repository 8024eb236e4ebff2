//! A request to add events to one stream, and its answers.

use chrono::{DateTime, Utc};
use letopis_events::{Actor, ClientId, EventId, Position, StreamId, Version};
use uuid::Uuid;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The largest payload of one event, in bytes.
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// Events for one stream, if it stands where the decision saw it.
#[derive(Clone, Debug)]
pub struct Append {
    /// The kind of stream.
    pub category: &'static str,
    /// Which one.
    pub stream: StreamId,
    /// Its version when the decision was made; 0 for a new one.
    pub expected: Version,
    /// Other streams the decision looked at.
    pub guards: Vec<Guard>,
    /// May be empty: then only key and mark are stored, and `expected` and guards are checked all the same.
    pub events: Vec<NewEvent>,
    /// Who causes it.
    pub actor: Actor,
    /// The request that started it all.
    pub correlation: Uuid,
    /// The event it answers.
    pub causation: Option<EventId>,
    /// By which a repetition is recognised.
    pub key: Option<ReceiptKey>,
    /// How far a policy has come with it.
    pub mark: Option<Mark>,
    /// When it happened; only a sample store takes it.
    pub at: Option<DateTime<Utc>>,
}

/// A stream that must still be at the version the decision saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guard {
    /// The kind of stream.
    pub category: &'static str,
    /// Which one.
    pub stream: StreamId,
    /// Where it stood.
    pub version: Version,
}

/// An event to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Chosen by the caller, so that a repeated call is recognised.
    pub id: EventId,
    /// Its type.
    pub kind: String,
    /// The version of its payload's form.
    pub schema: u16,
    /// The clients it is about, sorted.
    pub concerns: Vec<ClientId>,
    /// JSON, at most [`MAX_PAYLOAD`] bytes; it comes back byte for byte.
    pub payload: String,
}

/// The key of a request that may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptKey {
    /// Of the actor and the key he gave.
    pub key: Digest,
    /// Of what he asked for.
    pub body: Digest,
}

/// Where a policy stands: it has answered everything before `position`, and `number` commands of that event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its name.
    pub policy: String,
    /// The event it answers.
    pub position: Position,
    /// Which of the commands that follow from it, counted from 1.
    pub number: i32,
}

/// Where the last event written stands; without events, where the stream's last one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// In the stream.
    pub version: Version,
    /// In the log.
    pub position: Position,
    /// When the log learnt it.
    pub recorded_at: DateTime<Utc>,
}

/// What a request was answered with when it came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// Of what was asked for then.
    pub body: Digest,
    /// The stream.
    pub stream: StreamId,
    /// Its version after it.
    pub version: Version,
    /// Where its last event stood in the log.
    pub position: Position,
    /// Whether it made the stream.
    pub created: bool,
}

/// Why nothing was written, or why nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream or a guard stands at another version: decide again.
    #[error("the stream or one it depends on has changed")]
    Conflict,
    /// The key was used before.
    #[error("the key was used before")]
    Repeated(StoredReceipt),
    /// The policy has done this already.
    #[error("the policy's mark is already there")]
    MarkPassed,
    /// A time of one's own in a production store, or one still to come.
    #[error("only a sample store takes a caller's time, and none after the clock")]
    BadTime,
    /// This process's clock and the database's differ by more than a minute.
    #[error("this machine's clock and the database's differ by more than a minute")]
    ClockSkew,
    /// A payload above [`MAX_PAYLOAD`].
    #[error("an event is larger than 256 KiB")]
    TooLarge,
    /// Too many requests wait already; nothing was written.
    #[error("too many requests are waiting")]
    QueueFull,
    /// The connection was lost and the answer did not come in time: it may have been written. The same request again finds out.
    #[error("the answer of the log did not come in time")]
    OutcomeUnknown,
    /// The log could not be reached; nothing was written.
    #[error("the log cannot be reached")]
    Unavailable,
    /// The database refused the values; nothing was written.
    #[error("the database refused the request")]
    Sql(#[source] std::sync::Arc<tokio_postgres::Error>),
}
