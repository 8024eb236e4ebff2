//! Questions: the HTTP answers over the read models and the log.

pub mod page;
pub mod problem;
