//! A command as it comes in, and its answers.

use crate::form::FieldFault;
use chrono::{DateTime, Utc};
use letopis_events::likeness::Candidate;
use letopis_events::{Actor, EventId, Position, StreamId, Version};
use letopis_eventstore::{AppendError, Digest, LogError, Mark, ReceiptKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// Makes ids nobody has (UUID version 7); only the root package can.
pub type Fresh = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// A command as it comes in.
#[derive(Clone, Debug)]
pub struct Order {
    /// The module's name.
    pub module: String,
    /// Which thing; none for a command that makes one.
    pub id: Option<Uuid>,
    /// The command's name.
    pub command: String,
    /// Its fields.
    pub body: Value,
    /// The key by which a repetition is recognised.
    pub key: Option<String>,
    /// The version the caller has seen.
    pub if_match: Option<Version>,
    /// When; only a sample store takes it.
    pub at: Option<DateTime<Utc>>,
    /// Who commands.
    pub actor: Actor,
    /// The request that started it all.
    pub correlation: Uuid,
    /// The event it answers.
    pub causation: Option<EventId>,
    /// How far a policy has come with it.
    pub mark: Option<Mark>,
    /// What the ids it makes follow from, so that a company made up again has the same; absent: ids nobody has.
    pub ids: Option<Uuid>,
}

impl Order {
    /// Makes the ids of one attempt to carry it out; those that follow from something rise with time, too, an answer's after its cause's.
    pub(crate) fn maker(&self, fresh: &Fresh) -> impl Fn() -> Uuid + Send + Sync + use<> {
        let (ids, fresh, made) = (self.ids, Fresh::clone(fresh), AtomicU64::new(0));
        let millis = self.at.map_or(0, |at| at.timestamp_millis()) + i64::from(self.mark.is_some());
        let millis = u64::try_from(millis).unwrap_or(0);
        move || {
            let Some(ids) = ids else { return fresh() };
            let digest = Uuid::new_v5(&ids, &made.fetch_add(1, Ordering::Relaxed).to_be_bytes()).into_bytes();
            let mut rest = [0; 10];
            rest.copy_from_slice(&digest[6..]);
            Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
        }
    }

    /// The receipt's key, where the caller gave one.
    pub(crate) fn receipt_key(&self) -> Option<ReceiptKey> {
        let key = self.key.as_ref()?;
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        let body = self.body.to_string();
        Some(ReceiptKey {
            key: digest(&[&self.actor.to_string(), key]),
            body: digest(&[&self.module, &id, &self.command, &body]),
        })
    }
}

fn digest(parts: &[&str]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Where the thing stands after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The thing.
    pub id: StreamId,
    /// Its version.
    pub version: Version,
    /// The place of its last event in the log.
    pub position: Position,
}

/// A command that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Where the thing stands.
    pub receipt: Receipt,
    /// Whether it made the thing.
    pub created: bool,
    /// Whether it was done before, under the same idempotency key.
    pub replayed: bool,
    /// Whether the thing was recorded before, under the same natural key.
    pub repeated: bool,
}

/// A command that was not carried out; nothing was written, but for `OutcomeUnknown`.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such module or command, or it takes an id, or none.
    #[error("there is no such command: {0}")]
    UnknownCommand(String),
    /// There is no such thing.
    #[error("there is nothing under the id {1} in {0}")]
    NotFound(&'static str, Uuid),
    /// Fields are wrong.
    #[error("some fields are wrong: {}", faults(.0))]
    Invalid(Vec<FieldFault>),
    /// A rule of the module refuses.
    #[error("{message}")]
    Rule {
        /// The rule's code.
        code: &'static str,
        /// What it says.
        message: String,
    },
    /// The client looks like others, and nobody said that this is accepted.
    #[error(
        "this looks like a client that is there already: take that one, or say in accept_duplicates why not"
    )]
    PossibleDuplicate(Vec<Candidate>),
    /// Who commands is unknown or does not work here.
    #[error("the actor is no employee who works here")]
    UnknownActor,
    /// Other content stands under the natural key.
    #[error("something else is recorded under this external id already, as {0}")]
    AlreadyRecorded(StreamId),
    /// Others changed it at the same time, again and again.
    #[error("others changed it at the same time")]
    ConcurrentChange,
    /// The caller has seen another version.
    #[error("it stands at version {0}")]
    VersionMismatch(Version),
    /// The idempotency key was used for something else.
    #[error("this idempotency key was used for something else")]
    KeyReused,
    /// The log did not take it.
    #[error(transparent)]
    Append(AppendError),
    /// The log could not be read.
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    /// A stored event cannot be read, or a new one cannot be written.
    #[error("the history cannot be read or written: {0}")]
    History(String),
}

fn faults(faults: &[FieldFault]) -> String {
    let one = |fault: &FieldFault| format!("{} {}", fault.path, fault.message);
    faults.iter().map(one).collect::<Vec<_>>().join("; ")
}
