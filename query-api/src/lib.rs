//! Questions: the HTTP answers over the read models and the log.

pub mod answer;
pub mod openapi;
pub mod page;
pub mod params;
pub mod problem;
