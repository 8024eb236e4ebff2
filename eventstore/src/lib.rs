//! The log: append, read, relay to JetStream, feed.
