//! Employees: who works here, from when to when.
//! States: unknown, hired, dismissed; a dismissed employee stays known, for what they did and had is history.
//! Who names an employee (an actor, an assignment, an interaction) sees this stream and is guarded by it.

use crate::decider::{Context, Decider, Need, Rejection, Seen};
use letopis_events::employees::EmployeeEvent;
use letopis_events::{
    BadValue, Change, ClientId, Code, Country, Day, Email, ExternalId, PersonName, Personal, PhoneNumber,
    StreamId, Text, WorkingHours,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A command to an employee's record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EmployeeCommand {
    /// Begins to work here.
    Hire {
        /// Name.
        name: PersonName,
        /// Position held.
        position: Option<Text<200>>,
        /// Department.
        department: Option<Code>,
        /// Phone.
        phone: Option<Text<64>>,
        /// E-mail.
        email: Option<Email>,
        /// First day; absent: no lower bound.
        hired_on: Option<Day>,
        /// Key in another system.
        external: Option<ExternalId>,
    },
    /// Corrects what is recorded; absent: unchanged, null: cleared.
    Correct {
        /// Name.
        #[serde(default)]
        name: Change<PersonName>,
        /// Position held.
        #[serde(default)]
        position: Change<Text<200>>,
        /// Department.
        #[serde(default)]
        department: Change<Code>,
        /// Phone.
        #[serde(default)]
        phone: Change<Text<64>>,
        /// E-mail.
        #[serde(default)]
        email: Change<Email>,
        /// First day.
        #[serde(default)]
        hired_on: Change<Day>,
        /// Why.
        reason: Option<Text<1000>>,
    },
    /// Leaves; `on` is the first day they no longer work here.
    Dismiss {
        /// First day away.
        on: Option<Day>,
        /// Why.
        reason: Option<Text<1000>>,
    },
}

/// What is recorded of an employee.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    name: Option<Personal<PersonName>>,
    position: Option<Text<200>>,
    department: Option<Code>,
    phone: Option<Personal<PhoneNumber>>,
    email: Option<Personal<Email>>,
    hired_on: Option<Day>,
}

/// The state of an employee.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Employee {
    /// Never hired.
    #[default]
    Unknown,
    /// Works here.
    Hired(Person),
    /// Does not work here from that day on.
    Dismissed(Person, Day),
}

impl Employee {
    /// Whether they work here on that day.
    pub fn works_on(&self, day: Day) -> bool {
        match self {
            Self::Unknown => false,
            Self::Hired(person) => person.hired_on.is_none_or(|from| from <= day),
            Self::Dismissed(person, until) => person.hired_on.is_none_or(|from| from <= day) && day < *until,
        }
    }

    /// When they work, as agreed for that day.
    pub fn hours(&self, _: Day) -> WorkingHours {
        WorkingHours::default()
    }

    fn person(&self) -> Option<&Person> {
        match self {
            Self::Unknown => None,
            Self::Hired(person) | Self::Dismissed(person, _) => Some(person),
        }
    }
}

/// Why a command to an employee's record is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum EmployeeError {
    /// No phone number.
    #[error("{0}")]
    Phone(BadValue),
    /// A name is never cleared.
    #[error("this field cannot be cleared")]
    Required(&'static str),
    /// The first day away before the first day here.
    #[error("the last day lies before the first")]
    EndsBeforeStart(&'static str),
    /// Already dismissed, from another day.
    #[error("this employee is dismissed already, from {0}")]
    AlreadyDismissed(Day),
}

impl Rejection for EmployeeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone(_) => "bad_value",
            Self::Required(_) => "missing_field",
            Self::EndsBeforeStart(_) => "ends_before_start",
            Self::AlreadyDismissed(_) => "already_dismissed",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Phone(_) => Some("/phone".into()),
            Self::Required(field) | Self::EndsBeforeStart(field) => Some((*field).into()),
            Self::AlreadyDismissed(_) => None,
        }
    }
}

impl Decider for Employee {
    type Command = EmployeeCommand;
    type Event = EmployeeEvent;
    type Error = EmployeeError;
    const CREATES: &'static str = "hire";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("hire", "Somebody begins to work here."),
        ("correct", "Corrects what is recorded of an employee."),
        ("dismiss", "An employee leaves."),
    ];

    fn external(command: &EmployeeCommand) -> Option<&ExternalId> {
        match command {
            EmployeeCommand::Hire { external, .. } => external.as_ref(),
            EmployeeCommand::Correct { .. } | EmployeeCommand::Dismiss { .. } => None,
        }
    }

    fn needs(&self, _: &EmployeeCommand, _: &Context<'_>) -> Vec<Need> {
        vec![]
    }

    fn decide(
        &self,
        command: EmployeeCommand,
        _: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<EmployeeEvent>, EmployeeError> {
        let own = context.stream;
        let none = Person::default();
        let person = self.person().unwrap_or(&none);
        match command {
            EmployeeCommand::Hire { name, position, department, phone, email, hired_on, external } => {
                let phone = phone.map(known).transpose()?;
                Ok(vec![EmployeeEvent::Hired {
                    name: Personal::new(own, name),
                    position,
                    department,
                    phone: phone.map(|phone| Personal::new(own, phone)),
                    email: email.map(|email| Personal::new(own, email)),
                    hired_on,
                    external,
                }])
            }
            EmployeeCommand::Correct { name, position, department, phone, email, hired_on, reason } => {
                let name = match name {
                    Change::Clear => return Err(EmployeeError::Required("/name")),
                    Change::Keep => None,
                    Change::Set(name) => Some(Personal::new(own, name)),
                };
                let phone = match phone {
                    Change::Set(phone) => Change::Set(known(phone)?),
                    Change::Clear => Change::Clear,
                    Change::Keep => Change::Keep,
                };
                let name = name.filter(|name| Some(name) != person.name.as_ref());
                let position = position.against(person.position.as_ref());
                let department = department.against(person.department.as_ref());
                let phone = phone.map(|p| Personal::new(own, p)).against(person.phone.as_ref());
                let email = email.map(|e| Personal::new(own, e)).against(person.email.as_ref());
                let hired_on = hired_on.against(person.hired_on.as_ref());
                if let (Self::Dismissed(_, away), Change::Set(from)) = (self, &hired_on)
                    && from > away
                {
                    return Err(EmployeeError::EndsBeforeStart("/hired_on"));
                }
                let keeps = name.is_none()
                    && position.is_keep()
                    && department.is_keep()
                    && phone.is_keep()
                    && email.is_keep()
                    && hired_on.is_keep();
                let event =
                    EmployeeEvent::Corrected { name, position, department, phone, email, hired_on, reason };
                Ok(if keeps { vec![] } else { vec![event] })
            }
            EmployeeCommand::Dismiss { on, reason } => {
                let on = on.unwrap_or_else(|| context.now.day());
                if let Self::Dismissed(_, before) = self {
                    let same = *before == on;
                    return if same { Ok(vec![]) } else { Err(EmployeeError::AlreadyDismissed(*before)) };
                }
                if person.hired_on.is_some_and(|from| on < from) {
                    return Err(EmployeeError::EndsBeforeStart("/on"));
                }
                Ok(vec![EmployeeEvent::Dismissed { on, reason }])
            }
        }
    }

    fn evolve(&mut self, event: &EmployeeEvent) {
        match event {
            EmployeeEvent::Hired { name, position, department, phone, email, hired_on, external: _ } => {
                *self = Self::Hired(Person {
                    name: Some(name.clone()),
                    position: position.clone(),
                    department: department.clone(),
                    phone: phone.clone(),
                    email: email.clone(),
                    hired_on: *hired_on,
                });
            }
            EmployeeEvent::Corrected { name, position, department, phone, email, hired_on, reason: _ } => {
                let (Self::Hired(person) | Self::Dismissed(person, _)) = self else {
                    return;
                };
                person.name = name.clone().or(person.name.take());
                position.apply(&mut person.position);
                department.apply(&mut person.department);
                phone.apply(&mut person.phone);
                email.apply(&mut person.email);
                hired_on.apply(&mut person.hired_on);
            }
            EmployeeEvent::Dismissed { on, reason: _ } => {
                let person = self.person().cloned().unwrap_or_default();
                *self = Self::Dismissed(person, *on);
            }
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        vec![]
    }

    fn repeats(command: &EmployeeCommand, first: &EmployeeEvent) -> bool {
        let EmployeeCommand::Hire { name, position, department, phone, email, hired_on, external: _ } =
            command
        else {
            return false;
        };
        let mut then = Self::default();
        then.evolve(first);
        then.person().is_some_and(|then| {
            then.name.as_ref().and_then(Personal::get) == Some(name)
                && then.position == *position
                && then.department == *department
                && then.phone.as_ref().and_then(Personal::get).map(|p| &p.raw) == phone.as_ref()
                && then.email.as_ref().and_then(Personal::get) == email.as_ref()
                && then.hired_on == *hired_on
        })
    }
}

fn known(phone: Text<64>) -> Result<PhoneNumber, EmployeeError> {
    PhoneNumber::known(phone, None, &Country::default()).map_err(EmployeeError::Phone)
}

#[cfg(test)]
mod tests;
