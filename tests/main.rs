//! Black-box tests.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends with its first surprise")]
#![expect(clippy::too_many_lines, reason = "a story is told in one piece")]

mod architecture;
mod compose;
mod contract;
mod demo;
mod documents;
mod engine;
mod extremes;
mod feed;
mod import;
mod log;
mod operating;
mod processes;
mod statements;
mod stories;
mod support;
mod worker;
mod working_day;
