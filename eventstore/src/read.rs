//! Reading the log: pages, streams, its head.

use crate::leaf;
use crate::{Leaf, LogError};
use chrono::{DateTime, Utc};
use letopis_events::{
    BadEvent, ClientId, DomainEvent, Event, EventId, Metadata, Position, Recorded, StreamId, Version,
};
use tokio_postgres::Row;
use uuid::Uuid;

/// The columns of an event, in the order [`event`] reads them; the table's alias is `e`.
macro_rules! columns {
    () => {
        "e.position, e.category, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.actor, \
         e.concerns, e.correlation_id, e.causation_id, e.payload::text, e.leaf"
    };
}

pub(crate) const PAGE: &str =
    concat!("select ", columns!(), " from log.event e where e.position > $1 order by e.position limit $2");
pub(crate) const STREAM: &str = concat!(
    "select ",
    columns!(),
    " from log.event e where e.category = $1 and e.stream_id = $2 and e.version > $3 order by e.version"
);
pub(crate) const STREAMS: &str = concat!(
    "select ",
    columns!(),
    " from unnest($1::text[], $2::uuid[]) k(category, stream)
      join lateral (select * from log.event e where e.category = k.category and e.stream_id = k.stream
                    order by e.version) e on true"
);
/// The events after `$1` that are as asked.
macro_rules! sought {
    () => {
        " from log.event e where e.position > $1 and ($3::text is null or e.type = $3)
      and ($4::text is null or e.category = $4) and ($5::uuid is null or e.concerns @> array[$5::uuid])"
    };
}
pub(crate) const SEARCH: &str = concat!("select ", columns!(), sought!(), " order by e.position limit $2");
/// Before the last `$2` of them.
pub(crate) const BEFORE_LAST: &str = concat!(
    "select coalesce(min(position) - 1, $1) from (select e.position",
    sought!(),
    " order by e.position desc limit $2) last"
);
pub(crate) const HEAD: &str =
    "select position, recorded_at, leaf from log.event order by position desc limit 1";
pub(crate) const RECEIPTS: &str =
    "select key, body, stream_id, version, position, created from log.receipt where key = any($1)";
pub(crate) const INFO: &str = "select name, kind, (select max(number) from log.epoch), (select max(version) from log.migration) from log.store";
pub(crate) const SETTLE: &str = "select log.settle($1)";
pub(crate) const OPEN_MARK: &str = "select * from log.open_mark($1)";
/// Who is connected, and whether he could alter the log.
pub(crate) const LOGIN: &str = "select r.rolname::text, r.rolsuper or pg_has_role(n.nspowner, 'member')
    from pg_roles r, pg_namespace n where r.rolname = current_user and n.nspname = 'log'";

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    /// Its place in the log.
    pub position: Position,
    /// The kind of its stream.
    pub category: String,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// Its identity.
    pub id: EventId,
    /// Its type.
    pub kind: String,
    /// The version of its payload's form.
    pub schema: u16,
    /// When the log learnt it, to the microsecond.
    pub recorded_at: DateTime<Utc>,
    /// Who, about whom, why.
    pub metadata: Metadata,
    /// JSON, byte for byte as it was recorded.
    pub payload: String,
    /// The hash over all of it.
    pub leaf: Leaf,
}

impl LogEvent {
    /// The event of a module that one knows it to be of.
    pub fn decode<E: Event>(&self) -> Result<Recorded<E>, BadEvent> {
        let event = E::decode(&self.kind, self.schema, &self.payload);
        event.map(|event| self.with(event)).map_err(|error| self.bad(error))
    }

    /// The event, of whichever module.
    pub fn domain(&self) -> Result<Recorded<DomainEvent>, BadEvent> {
        match DomainEvent::decode(&self.category, &self.kind, self.schema, &self.payload) {
            Some(Ok(event)) => Ok(self.with(event)),
            Some(Err(error)) => Err(self.bad(error)),
            None => Err(self.bad("no module has this category")),
        }
    }

    /// Whether its leaf is the one its columns give.
    pub fn proves_itself(&self) -> bool {
        leaf::of(self) == self.leaf
    }

    fn with<E>(&self, event: E) -> Recorded<E> {
        Recorded {
            position: self.position,
            stream: self.stream,
            version: self.version,
            id: self.id,
            recorded_at: self.recorded_at,
            metadata: self.metadata.clone(),
            event,
        }
    }

    fn bad(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BadEvent {
        BadEvent {
            position: self.position,
            category: self.category.clone(),
            kind: self.kind.clone(),
            source: source.into(),
        }
    }
}

/// Where the log ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The last event's; 0 in an empty log.
    pub position: Position,
    /// When it was learnt.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Its leaf.
    pub leaf: Option<Leaf>,
}

pub(crate) fn event(row: &Row) -> Result<LogEvent, LogError> {
    let schema: i16 = row.try_get(6)?;
    let leaf: &[u8] = row.try_get(13)?;
    let actor: &str = row.try_get(8)?;
    Ok(LogEvent {
        position: Position(row.try_get(0)?),
        category: row.try_get(1)?,
        stream: StreamId(row.try_get(2)?),
        version: Version(row.try_get(3)?),
        id: EventId(row.try_get(4)?),
        kind: row.try_get(5)?,
        schema: schema.unsigned_abs(),
        recorded_at: row.try_get(7)?,
        metadata: Metadata {
            actor: actor.parse().map_err(|_| LogError::Unreadable("an actor"))?,
            concerns: row.try_get::<_, Vec<Uuid>>(9)?.into_iter().map(ClientId).collect(),
            correlation: row.try_get(10)?,
            causation: row.try_get::<_, Option<Uuid>>(11)?.map(EventId),
        },
        payload: row.try_get(12)?,
        leaf: Leaf(leaf.try_into().map_err(|_| LogError::Unreadable("a leaf"))?),
    })
}

pub(crate) fn head(row: &Row) -> Result<Head, LogError> {
    let leaf: &[u8] = row.try_get(2)?;
    Ok(Head {
        position: Position(row.try_get(0)?),
        recorded_at: row.try_get(1)?,
        leaf: Some(Leaf(leaf.try_into().map_err(|_| LogError::Unreadable("a leaf"))?)),
    })
}
