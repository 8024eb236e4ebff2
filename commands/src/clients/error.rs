//! Why commands to a client's record are refused.

use crate::decider::{BadReference, Rejection};
use letopis_events::likeness::Candidate;
use letopis_events::{BadValue, ClientId, Moment};

/// Why a command to a client's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// No phone number.
    #[error("{1}")]
    Phone(String, BadValue),
    /// A field that is never empty.
    #[error("this field cannot be cleared")]
    Required(&'static str),
    /// An end before its start.
    #[error("the end lies before the start")]
    EndsBeforeStart(&'static str),
    /// A client is not part of what is part of it.
    #[error("that client belongs to this one")]
    ParentLoop,
    /// A client and itself are no two.
    #[error("name another client: this is the client itself")]
    Itself(&'static str),
    /// It looks like others.
    #[error(
        "this looks like a client that is there already: take that one, or say in accept_duplicates why not"
    )]
    PossibleDuplicate(Vec<Candidate>),
    /// Shown under another one.
    #[error("this client is merged into {0}: turn to that one, or unmerge")]
    Merged(ClientId),
    /// The one that would stay is itself merged.
    #[error("that client is itself merged into {0}: merge into that one")]
    SurvivorMerged(ClientId),
    /// The one that would stay is put away.
    #[error("that client is archived: restore it first")]
    SurvivorArchived,
    /// What was done was done by now.
    #[error("this lies in the future")]
    InFuture(&'static str),
    /// A client is not part of itself.
    #[error("a client cannot belong to itself")]
    OwnParent,
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// Put away.
    #[error("this client is archived: restore it first")]
    Archived,
    /// Registration data that say nothing.
    #[error("must hold at least one field")]
    Empty,
    /// No such phone, address, assignment or set of registration data.
    #[error("this client has none with this id")]
    NoSuch(&'static str),
    /// A main manager begins later in the same time.
    #[error("another main manager begins at {0}: release that assignment first or say until when")]
    MainOverlaps(Moment),
}

impl Rejection for ClientError {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone(..) => "bad_value",
            Self::Required(_) | Self::Empty => "missing_field",
            Self::EndsBeforeStart(_) => "ends_before_start",
            Self::OwnParent => "own_parent",
            Self::ParentLoop => "parent_loop",
            Self::Itself(_) => "the_client_itself",
            Self::PossibleDuplicate(_) => "possible_duplicate",
            Self::Merged(_) | Self::SurvivorMerged(_) => "client_merged",
            Self::SurvivorArchived => "survivor_archived",
            Self::InFuture(_) => "in_future",
            Self::Reference(reference) => reference.code(),
            Self::Archived => "client_archived",
            Self::NoSuch(_) => "no_such_part",
            Self::MainOverlaps(_) => "main_overlaps",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Phone(field, _) => Some(field.clone()),
            Self::Required(field)
            | Self::EndsBeforeStart(field)
            | Self::NoSuch(field)
            | Self::Itself(field)
            | Self::InFuture(field) => Some((*field).into()),
            Self::Empty => Some(String::new()),
            Self::OwnParent | Self::ParentLoop => Some("/parent_client_id".into()),
            Self::Reference(reference) => reference.field(),
            Self::PossibleDuplicate(_)
            | Self::Merged(_)
            | Self::SurvivorMerged(_)
            | Self::SurvivorArchived
            | Self::Archived
            | Self::MainOverlaps(_) => None,
        }
    }
    fn candidates(&self) -> &[Candidate] {
        if let Self::PossibleDuplicate(candidates) = self { candidates } else { &[] }
    }
}
