//! The log: append, read, relay to JetStream, feed.

mod append;
mod call;
mod committer;
mod feed;
mod jetstream;
mod leaf;
mod log;
mod message;
pub mod migrate;
mod read;
mod refusal;
mod relay;

pub use append::{
    Append, AppendError, Appended, Digest, Guard, MAX_PAYLOAD, Mark, NewEvent, ReceiptKey, StoredReceipt,
};
pub use feed::{Batch, Feed, FeedEvent, FeedStatus};
pub use jetstream::{Nats, NatsError, Standing, WINDOW_BYTES};
pub use leaf::{BadLeaf, Leaf};
pub use log::{Clock, Log, LogError, LogOptions, Search, StoreInfo, StoreKind};
pub use read::{Head, LogEvent};
pub use refusal::{NotedRefusal, Refusal};
pub use relay::{RelayStatus, relay};

/// Every statement on the log, for the test that prepares them all.
#[doc(hidden)]
pub const STATEMENTS: &[&str] = &[
    call::APPEND,
    call::FORGET,
    read::PAGE,
    read::STREAM,
    read::STREAMS,
    read::SEARCH,
    read::BEFORE_LAST,
    read::HEAD,
    read::RECEIPTS,
    read::INFO,
    read::SETTLE,
    read::OPEN_MARK,
    read::LOGIN,
    refusal::NOTE,
    refusal::LIST,
    relay::LOCK,
];
