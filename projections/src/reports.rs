//! Interactions and steps to be counted by whatever traits they, their clients and who did them have.

use crate::directory::{HoursFrom, set_hours};
use crate::engine::{Json, Projection};
use crate::steps::due_parts;
use crate::{row_set, table};
use letopis_events::client_events;
use letopis_events::clients::{ClientEvent, ClientStatus};
use letopis_events::employees::{EmployeeEvent, Posts};
use letopis_events::interactions::{
    Direction, InteractionEvent, InteractionKind, Precision, TelephonyStatus,
};
use letopis_events::steps::StepEvent;
use letopis_events::{
    BadEvent, ClientId, Code, Day, DomainEvent, EmployeeId, InteractionId, Moment, Recorded, StepId,
};

table! {
    /// An interaction to be counted; a withdrawn one is gone.
    pub struct Call: "interaction" key (interaction_id: InteractionId) {
        /// What passed.
        kind: InteractionKind,
        /// Whose move it was.
        direction: Option<Direction>,
        /// The clients it is about.
        clients: Vec<ClientId>,
        /// Who of us did it.
        employee_id: Option<EmployeeId>,
        /// When.
        occurred_at: Moment,
        /// How exactly that is known.
        precision: Precision,
        /// How long.
        duration_seconds: Option<u32>,
        /// What the telephone network said.
        telephony_status: Option<TelephonyStatus>,
        /// What came of it.
        result: Option<Code>,
    }
}

table! {
    /// A client's traits that reports group by.
    pub struct Trait: "client" key (client_id: ClientId) {
        /// How far the relationship has come.
        status: ClientStatus,
        /// Line of business.
        industry: Option<Code>,
        /// Region.
        region: Option<Code>,
    }
}

table! {
    /// An employee's traits that reports group by, and their clocks.
    pub struct Staff: "employee" key (employee_id: EmployeeId) {
        /// Position and department over time: `{since, department, position}`.
        posts: Json<Posts>,
        /// Working hours over time, in order: `{valid_from, weekly, time_zone}`.
        hours: Json<Vec<HoursFrom>>,
    }
}

table! {
    /// A step to be counted.
    pub struct Task: "step" key (step_id: StepId) {
        /// For whom.
        client_id: ClientId,
        /// What.
        action: Code,
        /// By whom.
        assignee: EmployeeId,
        /// By when, where only the day was agreed.
        due_on: Option<Day>,
        /// By when, where the moment was agreed.
        due_at: Option<Moment>,
        /// When it was done.
        done_on: Option<Moment>,
        /// What came of it.
        result: Option<Code>,
        /// Whether it was dropped.
        dropped: bool,
    }
}

row_set! {
    /// The tables of reports.
    pub struct ReportRows { interaction: Set<Call>, client: Set<Trait>, employee: Set<Staff>, step: Set<Task> }
}

/// The read model of reports.
#[derive(Debug)]
pub struct Reports;

impl Projection for Reports {
    const NAME: &'static str = "reports";
    type Rows = ReportRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut ReportRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Clients(client) => clients(ClientId::from(event.stream), client, rows),
            DomainEvent::Interactions(interaction) => {
                interactions(InteractionId::from(event.stream), interaction, rows);
            }
            DomainEvent::Employees(employee) => employees(EmployeeId::from(event.stream), employee, rows),
            DomainEvent::Steps(step) => steps(StepId::from(event.stream), step, rows),
            DomainEvent::Contacts(_) | DomainEvent::Departments(_) | DomainEvent::Dictionaries(_) => {}
        }
        Ok(())
    }
}

fn employees(employee_id: EmployeeId, event: &EmployeeEvent, rows: &mut ReportRows) {
    match event {
        EmployeeEvent::Hired { .. } => {
            let mut posts = Posts::default();
            posts.take(event);
            rows.employee.insert(Staff { employee_id, posts: Json(posts), hours: Json(vec![]) });
        }
        EmployeeEvent::Corrected { .. } | EmployeeEvent::Transferred { .. } => {
            rows.employee.edit(&(employee_id,), |row| row.posts.0.take(event));
        }
        EmployeeEvent::HoursSet { hours, valid_from } => {
            rows.employee.edit(&(employee_id,), |row| set_hours(&mut row.hours.0, hours, *valid_from));
        }
        EmployeeEvent::AbsencePlanned { .. }
        | EmployeeEvent::AbsenceChanged { .. }
        | EmployeeEvent::AbsenceCancelled { .. }
        | EmployeeEvent::ReturnedEarly { .. }
        | EmployeeEvent::Dismissed { .. }
        | EmployeeEvent::Reinstated { .. } => {}
    }
}

fn steps(step_id: StepId, event: &StepEvent, rows: &mut ReportRows) {
    match event {
        StepEvent::Planned { client_id, action, due, assignee, .. } => {
            let (due_on, due_at, _) = due_parts(due);
            rows.step.insert(Task {
                step_id,
                client_id: *client_id,
                action: action.clone(),
                assignee: *assignee,
                due_on,
                due_at,
                done_on: None,
                result: None,
                dropped: false,
            });
        }
        StepEvent::Moved { due, reason: _ } => rows.step.edit(&(step_id,), |row| {
            (row.due_on, row.due_at, _) = due_parts(due);
        }),
        StepEvent::HandedOver { assignee, reason: _ } => {
            rows.step.edit(&(step_id,), |row| row.assignee = *assignee);
        }
        StepEvent::Done { on, result, .. } => rows.step.edit(&(step_id,), |row| {
            row.done_on = Some(*on);
            row.result.clone_from(result);
        }),
        StepEvent::Dropped { .. } => rows.step.edit(&(step_id,), |row| row.dropped = true),
    }
}

fn clients(client_id: ClientId, event: &ClientEvent, rows: &mut ReportRows) {
    match event {
        ClientEvent::Registered { status, industry, region, .. } => {
            let (status, industry, region) = (*status, industry.clone(), region.clone());
            rows.client.insert(Trait { client_id, status, industry, region });
        }
        ClientEvent::Corrected { industry, region, .. } => rows.client.edit(&(client_id,), |row| {
            industry.apply(&mut row.industry);
            region.apply(&mut row.region);
        }),
        ClientEvent::StatusChanged { status, reason: _ } => {
            rows.client.edit(&(client_id,), |row| row.status = *status);
        }
        client_events!(
            reach, requisites, tags, managers, relations, consents, duplicates, merging, archive
        ) => {}
    }
}

fn interactions(id: InteractionId, event: &InteractionEvent, rows: &mut ReportRows) {
    match event {
        InteractionEvent::Recorded {
            kind,
            direction,
            client_id,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            telephony_status,
            result,
            ..
        } => rows.interaction.insert(Call {
            interaction_id: id,
            kind: *kind,
            direction: *direction,
            clients: client_id.iter().copied().collect(),
            employee_id: *employee_id,
            occurred_at: *occurred_at,
            precision: *precision,
            duration_seconds: *duration_seconds,
            telephony_status: *telephony_status,
            result: result.clone(),
        }),
        InteractionEvent::Linked { client_id, how: _ } => rows.interaction.edit(&(id,), |row| {
            row.clients.push(*client_id);
            row.clients.sort_unstable();
            row.clients.dedup();
        }),
        InteractionEvent::Unlinked { client_id, reason: _ } => {
            rows.interaction.edit(&(id,), |row| row.clients.retain(|client| client != client_id));
        }
        InteractionEvent::ResultSet { result, result_text: _ } => {
            rows.interaction.edit(&(id,), |row| row.result = Some(result.clone()));
        }
        InteractionEvent::Corrected {
            kind,
            direction,
            employee_id,
            occurred_at,
            precision,
            duration_seconds,
            telephony_status,
            result,
            ..
        } => rows.interaction.edit(&(id,), |row| {
            row.kind = kind.unwrap_or(row.kind);
            direction.apply(&mut row.direction);
            employee_id.apply(&mut row.employee_id);
            row.occurred_at = occurred_at.unwrap_or(row.occurred_at);
            row.precision = precision.unwrap_or(row.precision);
            duration_seconds.apply(&mut row.duration_seconds);
            telephony_status.apply(&mut row.telephony_status);
            result.apply(&mut row.result);
        }),
        InteractionEvent::Withdrawn { reason: _ } => rows.interaction.remove(&(id,)),
        InteractionEvent::ContactLinked { .. } | InteractionEvent::ContactUnlinked { .. } => {}
    }
}

#[cfg(test)]
mod tests;
