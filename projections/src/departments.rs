//! The company's tree of departments, closed ones among them.

use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::departments::DepartmentEvent;
use letopis_events::{BadEvent, Code, DomainEvent, EmployeeId, Recorded, StreamId, Text};

table! {
    /// The company.
    pub struct Company: "company" key (company_id: StreamId) {
        /// The version of its tree's stream.
        version: i64,
    }
}

table! {
    /// A department.
    pub struct Department: "department" key (code: Code) {
        /// What it is called.
        name: Text<200>,
        /// The department above it.
        parent: Option<Code>,
        /// Who heads it.
        head: Option<EmployeeId>,
        /// Whether it takes people.
        open: bool,
    }
}

row_set! {
    /// The tables of departments.
    pub struct DepartmentRows { company: Set<Company>, department: Set<Department> }
}

/// The read model of departments.
#[derive(Debug)]
pub struct Departments;

impl Projection for Departments {
    const NAME: &'static str = "departments";
    type Rows = DepartmentRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut DepartmentRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Departments(department) => departments(event, department, rows),
            DomainEvent::Employees(_)
            | DomainEvent::Clients(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn departments(recorded: &Recorded<DomainEvent>, event: &DepartmentEvent, rows: &mut DepartmentRows) {
    let department = &mut rows.department;
    let key = |code: &Code| (code.clone(),);
    match event {
        DepartmentEvent::Founded {} => {}
        DepartmentEvent::Opened { code, name, parent } => {
            let (code, name, parent) = (code.clone(), name.clone(), parent.clone());
            department.set(Department { code, name, parent, head: None, open: true });
        }
        DepartmentEvent::Renamed { code, name } => department.edit(&key(code), |row| row.name = name.clone()),
        DepartmentEvent::Moved { code, parent } => {
            department.edit(&key(code), |row| row.parent.clone_from(parent));
        }
        DepartmentEvent::HeadAppointed { code, employee_id } => {
            department.edit(&key(code), |row| row.head = *employee_id);
        }
        DepartmentEvent::Closed { code, reason: _ } => department.edit(&key(code), |row| row.open = false),
    }
    rows.company.set(Company { company_id: recorded.stream, version: recorded.version.0 });
}

#[cfg(test)]
mod tests;
