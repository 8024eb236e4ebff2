//! An event as a NATS message: CloudEvents 1.0 in binary mode, and headers of ours for the rest of what the leaf hashes.
//!
//! | header | holds |
//! |---|---|
//! | `ce-specversion`, `Content-Type` | `1.0`, `application/json` |
//! | `ce-id` | the event's id |
//! | `ce-source` | `/letopis/<store>/<epoch>` |
//! | `ce-type` | `letopis.<category>.<type>` |
//! | `ce-subject` | the id of the stream it stands in |
//! | `ce-time` | when the log learnt it, RFC 3339 in UTC with six decimals |
//! | `Letopis-Position`, `-Version`, `-Schema` | integers |
//! | `Letopis-Actor` | an employee's id or `kind:name` |
//! | `Letopis-Concerns` | the clients' ids, separated by commas; may be empty |
//! | `Letopis-Correlation`, `-Causation` | ids; no causation, no header |
//! | `Letopis-Leaf` | SHA-256 over all of it, in hex |
//!
//! The body is the payload, byte for byte as it was hashed. So a subscriber in any language can compute the leaf again.

use crate::{LogEvent, StoreInfo};
use async_nats::HeaderMap;
use async_nats::header::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use letopis_events::{Metadata, Position, Version};
use std::fmt::Write;
use std::str::FromStr;

const SPEC_VERSION: &str = "ce-specversion";
const CONTENT_TYPE: &str = "Content-Type";
const ID: &str = "ce-id";
const SOURCE: &str = "ce-source";
const TYPE: &str = "ce-type";
const SUBJECT: &str = "ce-subject";
const TIME: &str = "ce-time";
const POSITION: &str = "Letopis-Position";
const VERSION: &str = "Letopis-Version";
const SCHEMA: &str = "Letopis-Schema";
const ACTOR: &str = "Letopis-Actor";
const CONCERNS: &str = "Letopis-Concerns";
const CORRELATION: &str = "Letopis-Correlation";
const CAUSATION: &str = "Letopis-Causation";
const LEAF: &str = "Letopis-Leaf";

/// What headers and framing add to a payload, roughly, in bytes; each client concerned adds [`CONCERN`].
const OVERHEAD: usize = 640;
const CONCERN: usize = 37;

/// A message that is no event of the log, and why.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadMessage {
    #[error("the header {0} is missing or cannot be read")]
    Header(&'static str),
    #[error("the body is not UTF-8")]
    Body,
    #[error("it stands at {0} and claims another position")]
    Misplaced(Position),
    #[error("it does not match its own leaf")]
    Leaf,
}

/// The bytes a message of this event takes in a stream, roughly.
pub(crate) fn size(event: &LogEvent) -> usize {
    OVERHEAD + CONCERN * event.metadata.concerns.len() + event.payload.len()
}

/// Where the event is published: the stream's subjects, then category and type. `None` when they are no subject tokens.
pub(crate) fn subject(prefix: &str, event: &LogEvent) -> Option<String> {
    let token = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        !text.is_empty() && text.bytes().all(plain)
    };
    (token(&event.category) && token(&event.kind))
        .then(|| format!("{prefix}.{}.{}", event.category, event.kind))
}

/// The event as headers and body. Every value is ASCII without line breaks by construction of its type; category and
/// type are those that [`subject`] let through.
pub(crate) fn encode(store: &StoreInfo, event: &LogEvent) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    headers.insert(SPEC_VERSION, "1.0");
    headers.insert(CONTENT_TYPE, "application/json");
    headers.insert(ID, event.id.to_string());
    headers.insert(SOURCE, format!("/letopis/{}/{}", store.store, store.epoch));
    headers.insert(TYPE, format!("letopis.{}.{}", event.category, event.kind));
    headers.insert(SUBJECT, event.stream.to_string());
    headers.insert(TIME, event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true));
    headers.insert(POSITION, event.position.0.to_string());
    headers.insert(VERSION, event.version.0.to_string());
    headers.insert(SCHEMA, event.schema.to_string());
    headers.insert(ACTOR, event.metadata.actor.to_string());
    headers.insert(CONCERNS, list(&event.metadata));
    headers.insert(CORRELATION, event.metadata.correlation.to_string());
    if let Some(causation) = event.metadata.causation {
        headers.insert(CAUSATION, causation.to_string());
    }
    headers.insert(LEAF, event.leaf.to_string());
    (headers, Bytes::copy_from_slice(event.payload.as_bytes()))
}

/// The event that the message at `position` of the stream holds, if it proves itself.
pub(crate) fn decode(position: Position, headers: &HeaderMap, body: &[u8]) -> Result<LogEvent, BadMessage> {
    let (category, kind) = text(headers, TYPE)?
        .strip_prefix("letopis.")
        .and_then(|rest| rest.split_once('.'))
        .ok_or(BadMessage::Header(TYPE))?;
    let recorded_at =
        DateTime::parse_from_rfc3339(text(headers, TIME)?).map_err(|_| BadMessage::Header(TIME))?.to_utc();
    let metadata = Metadata {
        actor: parsed(headers, ACTOR)?,
        concerns: unlist(text(headers, CONCERNS)?)?,
        correlation: parsed(headers, CORRELATION)?,
        causation: headers.get(CAUSATION).map(|_| parsed(headers, CAUSATION)).transpose()?,
    };
    let event = LogEvent {
        position: Position(parsed(headers, POSITION)?),
        category: category.to_owned(),
        stream: letopis_events::StreamId(parsed(headers, SUBJECT)?),
        version: Version(parsed(headers, VERSION)?),
        id: parsed(headers, ID)?,
        kind: kind.to_owned(),
        schema: parsed(headers, SCHEMA)?,
        recorded_at,
        metadata,
        payload: std::str::from_utf8(body).map_err(|_| BadMessage::Body)?.to_owned(),
        leaf: parsed(headers, LEAF)?,
    };
    if event.position != position {
        return Err(BadMessage::Misplaced(position));
    }
    if !event.proves_itself() {
        return Err(BadMessage::Leaf);
    }
    Ok(event)
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, BadMessage> {
    headers.get(name).map(HeaderValue::as_str).ok_or(BadMessage::Header(name))
}

fn parsed<T: FromStr>(headers: &HeaderMap, name: &'static str) -> Result<T, BadMessage> {
    text(headers, name)?.parse().map_err(|_| BadMessage::Header(name))
}

fn list(metadata: &Metadata) -> String {
    let mut text = String::with_capacity(CONCERN * metadata.concerns.len());
    for (index, client) in metadata.concerns.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{client}");
    }
    text
}

fn unlist(text: &str) -> Result<Vec<letopis_events::ClientId>, BadMessage> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|id| id.parse().map_err(|_| BadMessage::Header(CONCERNS))).collect()
}
