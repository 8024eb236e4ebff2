//! What is to be done, by whom and by when; what was done and what was dropped. One row per step.
//!
//! Whether a step is overdue depends on the moment of the question: it is not stored. Its story stands in `timeline`.

use crate::client_cards::{open, recorded_at};
use crate::engine::Projection;
use crate::{row_set, table};
use letopis_events::steps::{Due, StepEvent};
use letopis_events::{
    Actor, BadEvent, ClientId, Code, ContactId, Day, DomainEvent, EmployeeId, InteractionId, Moment,
    Recorded, StepId, Text, TimeZone,
};

table! {
    /// A next step as it stands.
    pub struct Step: "step" key (step_id: StepId)
        by StepsOf(client_id: ClientId) by StepsFor(assignee: EmployeeId) {
        /// The version of its stream.
        version: i64 => "Версия" / "Version",
        /// For whom.
        client_id: ClientId => "Клиент" / "Client",
        /// With whom there.
        contact_id: Option<ContactId> => "Контактное лицо" / "Contact person",
        /// What.
        action: Code => "Действие" / "Action" of Actions,
        /// In words; none when erased.
        text: Option<Text<1000>> => "Что сделать" / "Text",
        /// By when, where only the day was agreed.
        due_on: Option<Day> => "День срока" / "Due day",
        /// By when, where the moment was agreed.
        due_at: Option<Moment> => "Момент срока" / "Due moment",
        /// The zone it was agreed in.
        due_zone: Option<TimeZone>,
        /// By whom.
        assignee: EmployeeId => "Исполнитель" / "Assignee",
        /// In which interaction it was agreed.
        interaction_id: Option<InteractionId> => "Из какого взаимодействия" / "Agreed in interaction",
        /// When it was done.
        done_on: Option<Moment> => "Выполнен" / "Done",
        /// When it was dropped.
        dropped_at: Option<Moment> => "Отменён" / "Dropped",
        /// What came of it.
        result: Option<Code> => "Результат" / "Result" of Results,
        /// In words; none when erased.
        result_text: Option<Text<4000>> => "Результат словами" / "Result in words",
        /// By which interaction it was done.
        done_by: Option<InteractionId> => "Каким взаимодействием выполнен" / "Done by interaction",
        /// Why it was dropped.
        reason: Option<Text<1000>> => "Причина отмены" / "Reason for dropping",
        /// The same as a code.
        reason_code: Option<Code> => "Код причины" / "Reason code" of Reasons,
        /// Who planned it.
        planned_by: Actor => "Кто запланировал" / "Planned by",
        /// When.
        planned_at: Moment => "Запланирован" / "Planned",
        /// Key in another system, `source:id`.
        external_id: Option<String> => "Внешний ключ" / "External key",
    }
}

row_set! {
    /// The tables of steps.
    pub struct StepRows { step: Set<Step> }
}

/// The read model of next steps.
#[derive(Debug)]
pub struct Steps;

impl Projection for Steps {
    const NAME: &'static str = "steps";
    type Rows = StepRows;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut StepRows) -> Result<(), BadEvent> {
        match &event.event {
            DomainEvent::Steps(step) => steps(event, step, rows),
            DomainEvent::Clients(_)
            | DomainEvent::Employees(_)
            | DomainEvent::Interactions(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => Ok(()),
        }
    }
}

/// A due day, or a due moment and its zone.
pub(crate) fn due_parts(due: &Due) -> (Option<Day>, Option<Moment>, Option<TimeZone>) {
    match due {
        Due::On(day) => (Some(*day), None, None),
        Due::At { moment, time_zone } => (None, Some(*moment), time_zone.clone()),
    }
}

fn steps(recorded: &Recorded<DomainEvent>, event: &StepEvent, rows: &mut StepRows) -> Result<(), BadEvent> {
    let step_id = StepId::from(recorded.stream);
    let at = recorded_at(recorded)?;
    if let StepEvent::Planned {
        client_id,
        contact_id,
        action,
        text,
        due,
        assignee,
        interaction_id,
        external,
    } = event
    {
        let (due_on, due_at, due_zone) = due_parts(due);
        rows.step.insert(Step {
            step_id,
            version: recorded.version.0,
            client_id: *client_id,
            contact_id: *contact_id,
            action: action.clone(),
            text: open(text.as_ref()),
            due_on,
            due_at,
            due_zone,
            assignee: *assignee,
            interaction_id: *interaction_id,
            done_on: None,
            dropped_at: None,
            result: None,
            result_text: None,
            done_by: None,
            reason: None,
            reason_code: None,
            planned_by: recorded.metadata.actor.clone(),
            planned_at: at,
            external_id: external.as_ref().map(|e| format!("{}:{}", e.source, e.id)),
        });
        return Ok(());
    }
    rows.step.edit(&(step_id,), |row| {
        row.version = recorded.version.0;
        change(row, event, at);
    });
    Ok(())
}

/// Does to a step what an event after the first does.
fn change(row: &mut Step, event: &StepEvent, at: Moment) {
    match event {
        StepEvent::Planned { .. } => {}
        StepEvent::Moved { due, reason: _ } => (row.due_on, row.due_at, row.due_zone) = due_parts(due),
        StepEvent::HandedOver { assignee, reason: _ } => row.assignee = *assignee,
        StepEvent::Done { on, result, result_text, interaction_id } => {
            row.done_on = Some(*on);
            row.result.clone_from(result);
            row.result_text = open(result_text.as_ref());
            row.done_by = *interaction_id;
        }
        StepEvent::Dropped { reason_code, reason } => {
            row.dropped_at = Some(at);
            row.reason = Some(reason.clone());
            row.reason_code.clone_from(reason_code);
        }
    }
}

#[cfg(test)]
mod tests;
