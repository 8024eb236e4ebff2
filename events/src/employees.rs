//! What happens to employees: hired, corrected, transferred, away for a while, dismissed.

use crate::{
    AbsenceId, Change, ClientId, Code, Day, Email, EmployeeId, Event, ExternalId, PersonName, Personal,
    PhoneNumber, Text, WorkingHours,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an employee is here from a day on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// From this day on; absent: from the beginning.
    pub since: Option<Day>,
    /// Department.
    pub department: Option<Code>,
    /// Position held.
    pub position: Option<Text<200>>,
}

/// What an employee was, is and will be here, in order; folded from what was told, wherever it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Posts(Vec<Post>);

impl Default for Posts {
    fn default() -> Self {
        Self(vec![Post::default()])
    }
}

impl Posts {
    /// What they are on this day.
    pub fn on(&self, day: Day) -> Option<&Post> {
        self.0.iter().rev().find(|post| post.since.is_none_or(|since| since <= day))
    }

    /// The last of them.
    pub fn last(&self) -> Option<&Post> {
        self.0.last()
    }

    /// Takes in what an event tells of it.
    pub fn take(&mut self, event: &EmployeeEvent) {
        match event {
            EmployeeEvent::Hired { position, department, .. } => {
                self.0 =
                    vec![Post { since: None, department: department.clone(), position: position.clone() }];
            }
            EmployeeEvent::Corrected { position, department, .. } => {
                if let Some(last) = self.0.last_mut() {
                    position.apply(&mut last.position);
                    department.apply(&mut last.department);
                }
            }
            EmployeeEvent::Transferred { department, position, since, reason: _ } => {
                let before = self.on(*since).cloned().unwrap_or_default();
                let department = department.clone().or(before.department);
                let post =
                    Post { since: Some(*since), department, position: position.clone().or(before.position) };
                self.0.retain(|post| post.since != Some(*since));
                self.0.push(post);
                self.0.sort_by_key(|post| post.since);
            }
            EmployeeEvent::HoursSet { .. }
            | EmployeeEvent::AbsencePlanned { .. }
            | EmployeeEvent::AbsenceChanged { .. }
            | EmployeeEvent::AbsenceCancelled { .. }
            | EmployeeEvent::ReturnedEarly { .. }
            | EmployeeEvent::Dismissed { .. }
            | EmployeeEvent::Reinstated { .. } => {}
        }
    }
}

/// What kind of absence: what colleagues may know of it, and nothing of anybody's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AbsenceKind {
    /// Holidays.
    Vacation,
    /// Away for the company.
    BusinessTrip,
    /// At a course.
    Training,
    /// Some days off.
    DayOff,
    /// On leave, whatever for.
    Leave,
    /// Anything else.
    Other,
}

/// An event of an employee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum EmployeeEvent {
    /// Began to work here.
    Hired {
        /// Name.
        name: Personal<PersonName>,
        /// Position held.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<Text<200>>,
        /// Department.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<Code>,
        /// Phone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<Personal<PhoneNumber>>,
        /// E-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<Personal<Email>>,
        /// Number within the company.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<Text<16>>,
        /// The company's number that rings at their desk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direct_number: Option<PhoneNumber>,
        /// First day here; absent: has always been here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hired_on: Option<Day>,
        /// Key in another system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalId>,
    },
    /// What was recorded about them was wrong or has become so.
    Corrected {
        /// Name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Personal<PersonName>>,
        /// Position held.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        position: Change<Text<200>>,
        /// Department.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        department: Change<Code>,
        /// Phone.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        phone: Change<Personal<PhoneNumber>>,
        /// E-mail.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        email: Change<Personal<Email>>,
        /// Number within the company.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        extension: Change<Text<16>>,
        /// The company's number that rings at their desk.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        direct_number: Change<PhoneNumber>,
        /// First day here.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        hired_on: Change<Day>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Works in another department, or as something else.
    Transferred {
        /// Department; absent: the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<Code>,
        /// Position held; absent: the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<Text<200>>,
        /// From this day on.
        since: Day,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Works at these hours.
    HoursSet {
        /// Which hours.
        hours: WorkingHours,
        /// From this day on.
        valid_from: Day,
    },
    /// Will be away, or is.
    AbsencePlanned {
        /// Its id.
        absence_id: AbsenceId,
        /// First day away.
        from: Day,
        /// First day back.
        until: Day,
        /// Who stands in: the first of them who works here and is not away.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deputies: Vec<EmployeeId>,
        /// For these clients alone; absent: for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_ids: Option<Vec<ClientId>>,
        /// What kind of absence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<AbsenceKind>,
        /// What else is worth knowing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Personal<Text<1000>>>,
    },
    /// Will be away otherwise than planned.
    AbsenceChanged {
        /// Which absence.
        absence_id: AbsenceId,
        /// First day away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Day>,
        /// First day back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
        /// Who stands in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deputies: Option<Vec<EmployeeId>>,
        /// For these clients alone.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        client_ids: Change<Vec<ClientId>>,
        /// What kind of absence.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        kind: Change<AbsenceKind>,
        /// What else is worth knowing.
        #[serde(default, skip_serializing_if = "Change::is_keep")]
        note: Change<Personal<Text<1000>>>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Will not be away after all.
    AbsenceCancelled {
        /// Which absence.
        absence_id: AbsenceId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
    },
    /// Came back before the end.
    ReturnedEarly {
        /// From which absence.
        absence_id: AbsenceId,
        /// First day back.
        on: Day,
    },
    /// Left; `on` is the first day they no longer work here.
    Dismissed {
        /// First day away.
        on: Day,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Text<1000>>,
        /// Who takes over: one takes all, several take turns; nobody: the clients stand without.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hand_over_to: Vec<EmployeeId>,
        /// What they should know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handover_note: Option<Personal<Text<4000>>>,
    },
    /// Did not leave after all, whatever day that was to be; what was handed over meanwhile stays where it is.
    Reinstated {
        /// Why.
        reason: Text<1000>,
    },
}

impl Event for EmployeeEvent {
    const CATEGORY: &'static str = "employees";
}
