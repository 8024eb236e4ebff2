//! Stories over HTTP, as people and programs live them: the real binary, real PostgreSQL, real NATS.

mod absences;
mod calls;
mod consents;
mod contacts;
mod day;
mod departments;
mod dictionaries;
mod duplicates;
mod hostile;
mod lists;
mod merge;
mod pages;
mod questions;
mod refusals;
mod relations;
mod requisites;
mod steps;
