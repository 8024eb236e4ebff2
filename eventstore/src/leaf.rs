//! The leaf: the hash over every other column of an event, by which anybody can see that it is as it was recorded.
//!
//! SHA-256 of `0x00`, the format `0x01` and every column in the table's order, each as its length in four bytes, big
//! endian, and its bytes: integers in eight bytes big endian, time in microseconds since 1970 UTC, a uuid in sixteen bytes,
//! an array as its elements one after another, text in UTF-8, null as the length `0xFFFFFFFF`.

use crate::LogEvent;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What precedes the columns: 0x00 marks a leaf of a Merkle tree (RFC 6962), 0x01 this format.
const PREFIX: [u8; 2] = [0x00, 0x01];

/// SHA-256 over the columns of an event. As text: 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leaf(pub [u8; 32]);

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a leaf is 64 hexadecimal digits")]
pub struct BadLeaf;

impl std::str::FromStr for Leaf {
    type Err = BadLeaf;

    fn from_str(text: &str) -> Result<Self, BadLeaf> {
        let mut leaf = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(BadLeaf);
        }
        for (byte, digits) in leaf.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| BadLeaf)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| BadLeaf)?;
        }
        Ok(Self(leaf))
    }
}

/// The leaf this event should have.
pub(crate) fn of(event: &LogEvent) -> Leaf {
    let mut hash = Sha256::new();
    hash.update(PREFIX);
    let concerns: Vec<u8> = event.metadata.concerns.iter().flat_map(|client| *client.0.as_bytes()).collect();
    let actor = event.metadata.actor.to_string();
    let columns: [Option<&[u8]>; 13] = [
        Some(&event.position.0.to_be_bytes()),
        Some(event.category.as_bytes()),
        Some(event.stream.0.as_bytes()),
        Some(&event.version.0.to_be_bytes()),
        Some(event.id.0.as_bytes()),
        Some(event.kind.as_bytes()),
        Some(&i64::from(event.schema).to_be_bytes()),
        Some(&event.recorded_at.timestamp_micros().to_be_bytes()),
        Some(actor.as_bytes()),
        Some(&concerns),
        Some(event.metadata.correlation.as_bytes()),
        event.metadata.causation.as_ref().map(|id| id.0.as_bytes().as_slice()),
        Some(event.payload.as_bytes()),
    ];
    for column in columns {
        // A column is far below 4 GiB: an event is refused above 256 KiB.
        let length = column.map_or(u32::MAX, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        hash.update(length.to_be_bytes());
        hash.update(column.unwrap_or_default());
    }
    Leaf(hash.finalize().into())
}
