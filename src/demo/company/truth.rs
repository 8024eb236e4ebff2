//! What was planted in the made-up company: an answer of the service is right if it says the same.

use super::Wish;
use super::staff::{Absence, Staff};
use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

/// What was planted.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    /// What was made up.
    #[serde(flatten)]
    pub wish: Wish,
    /// Calls of strangers who became clients later.
    pub late_links: Vec<LateLink>,
    /// Calls of strangers of whom nothing was ever heard again.
    pub unknown_callers: Vec<Uuid>,
    /// Clients who got another main manager.
    pub handovers: Vec<Handover>,
    /// Clients who were registered twice.
    pub duplicates: Vec<Duplicate>,
    /// Who was away when, and who stood in.
    pub absences: Vec<Absence>,
}

/// A stranger called and became a client later.
#[derive(Clone, Debug, Serialize)]
pub struct LateLink {
    /// The call.
    pub interaction_id: Uuid,
    /// Who it was.
    pub client_id: Uuid,
    /// On which day they became a client.
    pub on: NaiveDate,
}

/// A client got another main manager.
#[derive(Clone, Debug, Serialize)]
pub struct Handover {
    /// Who.
    pub client_id: Uuid,
    /// From whom; none: they were nobody's.
    pub from: Option<Uuid>,
    /// To whom; none: nobody yet.
    pub to: Option<Uuid>,
    /// On which day.
    pub on: NaiveDate,
}

/// A client was registered twice.
#[derive(Clone, Debug, Serialize)]
pub struct Duplicate {
    /// The second one.
    pub client_id: Uuid,
    /// The first one.
    pub of: Uuid,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of two clients who look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They are one, shown under the first.
    Merged,
    /// They are two.
    Different,
    /// Nobody has looked yet.
    Open,
}

impl Truth {
    /// What is known before anything happens to clients.
    pub fn new(wish: &Wish, staff: &Staff) -> Self {
        Self {
            wish: *wish,
            late_links: vec![],
            unknown_callers: vec![],
            handovers: vec![],
            duplicates: vec![],
            absences: staff.absences().cloned().collect(),
        }
    }
}
