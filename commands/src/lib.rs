//! Decisions: one file per write module, and how they are carried out.
//!
//! A module is a [`decider::Decider`]: a state, its commands, and the pure function between them. [`Executor`] gathers what a
//! decision may know and appends what it decides.

mod cache;
pub mod clients;
pub mod codes;
pub mod contacts;
pub mod decider;
pub mod departments;
pub mod dictionaries;
pub mod due;
pub mod employees;
mod execute;
pub mod form;
#[cfg(test)]
mod given;
pub mod interactions;
mod modules;
mod order;
pub mod steps;

pub use execute::{Alike, Executor};
pub use form::FieldFault;
pub use modules::{CommandInfo, commands, knows};
pub use order::{Done, Fresh, Order, Receipt, Refused};
