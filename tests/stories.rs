//! Stories over HTTP, as people and programs live them: the real binary, real PostgreSQL, real NATS.

mod absences;
mod calls;
mod day;
mod departments;
mod dictionaries;
mod lists;
mod pages;
mod questions;
mod refusals;
mod requisites;
mod steps;
