//! Stories over HTTP, as people and programs live them: the real binary, real PostgreSQL, real NATS.

mod calls;
mod contacts;
mod day;
mod questions;
mod refusals;
