//! A person's data, marked as such: whose it is travels with it, and it can be gone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A value that belongs to a person (or to an unknown caller: then to the interaction itself).
///
/// In JSON `{"of": subject, "is": value}`, or `{"of": subject, "sealed": text}` where only the subject's key opens
/// it. Code compares such values and nothing more; everyone who reads one copes with `None`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Personal<T> {
    /// Readable.
    Open {
        /// Whose it is.
        of: Uuid,
        /// The value.
        is: T,
    },
    /// Encrypted under the subject's key, which may have been destroyed.
    Sealed {
        /// Whose it is.
        of: Uuid,
        /// The ciphertext.
        sealed: String,
    },
}

impl<T> Personal<T> {
    /// A readable value of this subject.
    pub fn new(of: impl Into<crate::StreamId>, is: T) -> Self {
        Self::Open { of: of.into().0, is }
    }

    /// The value, `None` when it is sealed or erased.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Open { is, .. } => Some(is),
            Self::Sealed { .. } => None,
        }
    }
}

/// Personal data never reaches a log line.
impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Open { of, .. } | Self::Sealed { of, .. }) = self;
        write!(f, "Personal({of})")
    }
}
