//! Departments: the company's tree, in one stream that every store has once.
//! States: unknown, founded; a department is open or closed, and may be opened again; a closed one takes no command else.
//! Whoever names a department (an employee's record) sees the tree and is guarded by it.

use crate::decider::{BadReference, Context, Decider, Need, Rejection, Seen};
use crate::employees::Employee;
use letopis_events::departments::{COMPANY, DepartmentEvent};
use letopis_events::{ClientId, Code, EmployeeId, ExternalId, Near, StreamId, Text};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most departments, closed ones among them: the tree is kept in memory and answered in one piece.
const MAX_DEPARTMENTS: usize = 1_000;
/// The most departments one below the other.
const MAX_DEPTH: usize = 10;

/// A command to the company's tree.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DepartmentCommand {
    /// The company begins, without departments.
    Found {},
    /// A department opens, or opens again.
    Open {
        /// Its code.
        code: Code,
        /// What it is called.
        name: Text<200>,
        /// The department above it; absent: it stands at the top.
        parent: Option<Code>,
    },
    /// It is called otherwise.
    Rename {
        /// Which one.
        code: Code,
        /// The new name.
        name: Text<200>,
    },
    /// It stands elsewhere, with all below it.
    Move {
        /// Which one.
        code: Code,
        /// The department above it; absent: it stands at the top.
        parent: Option<Code>,
    },
    /// It has this head.
    AppointHead {
        /// Which one.
        code: Code,
        /// Who; absent: nobody.
        employee_id: Option<EmployeeId>,
    },
    /// It takes nobody any more.
    Close {
        /// Which one.
        code: Code,
        /// Why.
        reason: Option<Text<1000>>,
    },
}

/// One department.
#[derive(Clone, Debug, PartialEq)]
struct Department {
    name: Text<200>,
    parent: Option<Code>,
    head: Option<EmployeeId>,
    open: bool,
}

/// The state of the company's tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Company(BTreeMap<Code, Department>);

/// Why a department cannot be named.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadDepartment {
    /// There is none such.
    #[error("there is no department {0}{1}")]
    Unknown(Code, Near, &'static str),
    /// It takes nobody any more.
    #[error("the department {0} is closed")]
    Closed(Code, &'static str),
}

impl Rejection for BadDepartment {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(..) => "unknown_department",
            Self::Closed(..) => "closed_department",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Unknown(_, _, field) | Self::Closed(_, field) => Some((*field).into()),
        }
    }
}

impl Seen {
    /// The department, which must be open; who asks names the tree among its needs.
    pub fn department(&self, code: &Code, field: &'static str) -> Result<(), BadDepartment> {
        let none = Company::default();
        self.state::<Company>(COMPANY).unwrap_or(&none).open(code, field).map(drop)
    }
}

impl Need {
    /// The company's tree, for a command that names a department.
    pub fn department(code: Option<&Code>) -> Option<Self> {
        code.map(|_| Self::of::<Company>(COMPANY))
    }
}

impl Company {
    fn open(&self, code: &Code, field: &'static str) -> Result<&Department, BadDepartment> {
        match self.0.get(code) {
            Some(department) if department.open => Ok(department),
            Some(_) => Err(BadDepartment::Closed(code.clone(), field)),
            None => {
                let open = self.0.iter().filter(|(_, department)| department.open);
                let near = Near::to(
                    code.as_str(),
                    open.map(|(code, department)| (code.as_str(), [department.name.as_str()])),
                );
                Err(BadDepartment::Unknown(code.clone(), near, field))
            }
        }
    }

    /// The departments from this one up to the top.
    fn path<'a>(&'a self, code: &'a Code) -> impl Iterator<Item = &'a Code> {
        std::iter::successors(Some(code), |code| self.0.get(code)?.parent.as_ref()).take(MAX_DEPTH + 1)
    }

    /// How many departments stand one below the other from this one down; 0 where nothing is open.
    fn height(&self, code: &Code) -> usize {
        self.open_below(code).map(|below| self.height(below)).max().unwrap_or(0) + 1
    }

    fn open_below<'a>(&'a self, code: &'a Code) -> impl Iterator<Item = &'a Code> {
        let below = |department: &Department| department.open && department.parent.as_ref() == Some(code);
        self.0.iter().filter(move |(_, department)| below(department)).map(|(code, _)| code)
    }

    /// Whether a department may stand below this one.
    fn check_parent(&self, code: &Code, parent: Option<&Code>) -> Result<(), DepartmentError> {
        let Some(parent) = parent else { return Ok(()) };
        self.open(parent, "/parent")?;
        if self.path(parent).any(|above| above == code) {
            return Err(DepartmentError::Cycle);
        }
        if self.path(parent).count() + self.height(code) > MAX_DEPTH {
            return Err(DepartmentError::TooDeep);
        }
        Ok(())
    }
}

/// Why a command to the company's tree is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum DepartmentError {
    /// A department that is not there, or is closed.
    #[error(transparent)]
    Department(#[from] BadDepartment),
    /// An employee who is not here.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// The code stands for another department.
    #[error("the department {0} is here already, with another name or place: rename it or move it")]
    Taken(Code),
    /// Below itself.
    #[error("a department cannot stand below itself")]
    Cycle,
    /// Too many one below the other.
    #[error("at most {MAX_DEPTH} departments stand one below the other")]
    TooDeep,
    /// No room for a further one.
    #[error("a company has at most {MAX_DEPARTMENTS} departments")]
    Full,
    /// Others below it are open.
    #[error("departments below it are open: {0}; close or move them first")]
    OpenBelow(String),
}

impl Rejection for DepartmentError {
    fn code(&self) -> &'static str {
        match self {
            Self::Department(department) => department.code(),
            Self::Reference(reference) => reference.code(),
            Self::Taken(_) => "code_taken",
            Self::Cycle => "department_cycle",
            Self::TooDeep => "department_too_deep",
            Self::Full => "departments_full",
            Self::OpenBelow(_) => "departments_open_below",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Department(department) => department.field(),
            Self::Reference(reference) => reference.field(),
            Self::Cycle | Self::TooDeep => Some("/parent".into()),
            Self::Taken(_) | Self::Full | Self::OpenBelow(_) => None,
        }
    }
}

impl Decider for Company {
    type Command = DepartmentCommand;
    type Event = DepartmentEvent;
    type Error = DepartmentError;
    const CREATES: &'static str = "found";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("found", "The company's tree begins, without departments; done when a store is first served."),
        ("open", "A department opens, or a closed one opens again."),
        ("rename", "A department is called otherwise."),
        ("move", "A department stands elsewhere, with all below it."),
        ("appoint_head", "A department has another head, or none."),
        ("close", "A department takes nobody any more; who is in it stays readable."),
    ];

    fn external(_: &DepartmentCommand) -> Option<&ExternalId> {
        None
    }

    fn fixed(_: &DepartmentCommand) -> Option<StreamId> {
        Some(COMPANY)
    }

    fn needs(&self, command: &DepartmentCommand, _: &Context<'_>) -> Vec<Need> {
        match command {
            DepartmentCommand::AppointHead { employee_id: Some(employee), .. } => {
                vec![Need::of::<Employee>(*employee)]
            }
            DepartmentCommand::AppointHead { employee_id: None, .. }
            | DepartmentCommand::Found {}
            | DepartmentCommand::Open { .. }
            | DepartmentCommand::Rename { .. }
            | DepartmentCommand::Move { .. }
            | DepartmentCommand::Close { .. } => vec![],
        }
    }

    fn decide(
        &self,
        command: DepartmentCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<DepartmentEvent>, DepartmentError> {
        let unless = |so: bool, event: DepartmentEvent| Ok(if so { vec![] } else { vec![event] });
        match command {
            DepartmentCommand::Found {} => Ok(vec![DepartmentEvent::Founded {}]),
            DepartmentCommand::Open { code, name, parent } => match self.0.get(&code) {
                Some(there) if there.open && (&there.name, &there.parent) == (&name, &parent) => Ok(vec![]),
                Some(there) if there.open => Err(DepartmentError::Taken(code)),
                None if self.0.len() >= MAX_DEPARTMENTS => Err(DepartmentError::Full),
                Some(_) | None => {
                    self.check_parent(&code, parent.as_ref())?;
                    Ok(vec![DepartmentEvent::Opened { code, name, parent }])
                }
            },
            DepartmentCommand::Rename { code, name } => {
                let so = self.open(&code, "/code")?.name == name;
                unless(so, DepartmentEvent::Renamed { code, name })
            }
            DepartmentCommand::Move { code, parent } => {
                let so = self.open(&code, "/code")?.parent == parent;
                self.check_parent(&code, parent.as_ref())?;
                unless(so, DepartmentEvent::Moved { code, parent })
            }
            DepartmentCommand::AppointHead { code, employee_id } => {
                let so = self.open(&code, "/code")?.head == employee_id;
                if let Some(employee) = employee_id {
                    seen.works_here(employee, context.now.day(), "/employee_id")?;
                }
                unless(so, DepartmentEvent::HeadAppointed { code, employee_id })
            }
            DepartmentCommand::Close { code, reason } => {
                if self.0.get(&code).is_some_and(|department| !department.open) {
                    return Ok(vec![]);
                }
                self.open(&code, "/code")?;
                let below: Vec<&str> = self.open_below(&code).map(Code::as_str).collect();
                if below.is_empty() {
                    return Ok(vec![DepartmentEvent::Closed { code, reason }]);
                }
                Err(DepartmentError::OpenBelow(below.join(", ")))
            }
        }
    }

    fn evolve(&mut self, event: &DepartmentEvent) {
        let mut edit = |code: &Code, change: &dyn Fn(&mut Department)| {
            if let Some(department) = self.0.get_mut(code) {
                change(department);
            }
        };
        match event {
            DepartmentEvent::Founded {} => {}
            DepartmentEvent::Opened { code, name, parent } => {
                let (name, parent) = (name.clone(), parent.clone());
                self.0.insert(code.clone(), Department { name, parent, head: None, open: true });
            }
            DepartmentEvent::Renamed { code, name } => edit(code, &|it| it.name = name.clone()),
            DepartmentEvent::Moved { code, parent } => edit(code, &|it| it.parent.clone_from(parent)),
            DepartmentEvent::HeadAppointed { code, employee_id } => edit(code, &|it| it.head = *employee_id),
            DepartmentEvent::Closed { code, reason: _ } => edit(code, &|it| it.open = false),
        }
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        vec![]
    }

    fn repeats(command: &DepartmentCommand, first: &DepartmentEvent) -> bool {
        matches!((command, first), (DepartmentCommand::Found {}, DepartmentEvent::Founded {}))
    }
}

#[cfg(test)]
mod tests;
