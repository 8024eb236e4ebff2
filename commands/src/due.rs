//! By when something is to be done, as it is told and as it is recorded.

use crate::decider::{Context, Seen};
use crate::employees::Employee;
use letopis_events::steps::Due;
use letopis_events::{Day, EmployeeId, Moment, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most working hours ahead: half a year.
pub(crate) const MOST_HOURS: u32 = 1_000;

/// By when, as it is told.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(inline)]
pub enum DueGiven {
    /// On this day, at any hour.
    On(Day),
    /// At this moment, by the clocks of this zone.
    At {
        /// The moment.
        moment: Moment,
        /// The zone it was agreed in.
        time_zone: Option<TimeZone>,
    },
    /// In so many working hours of the assignee's, 1 to 1000.
    WorkingHours(#[schemars(range(min = 1, max = 1000))] u32),
}

impl DueGiven {
    /// As it is recorded; working hours are counted from now on, and are those of who is to do it. None: they lead nowhere.
    pub(crate) fn settled(
        self,
        assignee: Option<EmployeeId>,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Option<Due> {
        match self {
            Self::On(day) => Some(Due::On(day)),
            Self::At { moment, time_zone } => Some(Due::At { moment, time_zone }),
            Self::WorkingHours(hours) if (1..=MOST_HOURS).contains(&hours) => {
                let employee = assignee.and_then(|assignee| seen.state::<Employee>(assignee));
                let (moment, zone) =
                    employee.unwrap_or(&Employee::Unknown).worked(context.now, hours * 60)?;
                Some(Due::At { moment, time_zone: Some(zone) })
            }
            Self::WorkingHours(_) => None,
        }
    }

    /// Whether this is what was sent when that was recorded.
    pub(crate) fn repeats(&self, then: &Due) -> bool {
        match (self, then) {
            (Self::On(day), Due::On(then)) => day == then,
            (Self::At { moment, time_zone }, Due::At { moment: then, time_zone: zone }) => {
                (moment, time_zone) == (then, zone)
            }
            // Working hours were counted from that moment on: what they came to is not what the caller sent.
            (Self::WorkingHours(_), Due::At { .. }) => true,
            (Self::On(_), Due::At { .. }) | (Self::At { .. } | Self::WorkingHours(_), Due::On(_)) => false,
        }
    }
}
