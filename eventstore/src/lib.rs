//! The log: append, read, relay to JetStream, feed.

mod append;
mod call;
mod committer;
mod leaf;
mod log;
pub mod migrate;
mod read;

pub use append::{
    Append, AppendError, Appended, Digest, Guard, MAX_PAYLOAD, Mark, NewEvent, ReceiptKey,
    StoredReceipt,
};
pub use leaf::{BadLeaf, Leaf};
pub use log::{Clock, Log, LogError, LogOptions, Search, StoreInfo, StoreKind};
pub use read::{Head, LogEvent};
