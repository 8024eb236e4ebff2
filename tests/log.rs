//! The log keeps its promises on a real PostgreSQL: nothing lost, nothing doubled, nothing altered.

mod density;
mod outcome;
mod proxy;
mod refusals;
mod rights;
mod store;
mod time;
