//! Stories over HTTP, as people and programs live them: the real binary, real PostgreSQL, real NATS.

mod calls;
mod consents;
mod day;
mod duplicates;
mod merge;
mod questions;
mod refusals;
mod relations;
mod requisites;
