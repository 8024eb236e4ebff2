//! The one place that reads the machine's clock, makes ids and looks into the environment.

use chrono::{DateTime, Utc};
use letopis_commands::Fresh;
use letopis_eventstore::Clock;
use std::sync::Arc;
use uuid::Uuid;

/// The machine's time.
#[expect(clippy::disallowed_methods, reason = "this file is where the clock is read")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// An id nobody has, rising with time.
#[expect(clippy::disallowed_methods, reason = "this file is where ids are made")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// A variable of the environment, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this file is where the environment is read")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The clock as others take it.
pub fn clock() -> Clock {
    Arc::new(now)
}

/// The maker of ids as others take it.
pub fn ids() -> Fresh {
    Arc::new(fresh)
}
