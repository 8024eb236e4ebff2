//! Stories over HTTP, as people and programs live them: the real binary, real PostgreSQL, real NATS.

mod calls;
mod day;
mod questions;
mod refusals;
mod requisites;
