//! Next steps: what is to be done for a client, by whom and by when; each gets done or dropped.
//! States: unknown, open, done, dropped; what is done or dropped takes no further command.
//! The policy `plan_steps` plans and completes them from interactions; `hand_over` passes on those of who leaves.

mod command;

pub use command::{Planning, StepCommand};

use crate::clients::Client;
use crate::codes::Codes;
use crate::contacts::Contact;
use crate::decider::{BadReference, Context, Decider, Need, Rejection, Seen};
use crate::due::{DueGiven, MOST_HOURS};
use crate::employees::Employee;
use crate::interactions::Interaction;
use letopis_events::dictionaries::DictionaryName::{Actions, Reasons, Results};
use letopis_events::steps::{Due, StepEvent};
use letopis_events::{
    ClientId, Code, EmployeeId, ExternalId, InteractionId, Moment, Personal, StepId, StreamId, Text,
};

/// What is to be done, as far as decisions need it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    client_id: ClientId,
    due: Due,
    assignee: EmployeeId,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    on: Moment,
    result: Option<Code>,
    result_text: Option<Personal<Text<4000>>>,
    interaction_id: Option<InteractionId>,
}

/// The state of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Step {
    /// Never planned.
    #[default]
    Unknown,
    /// To be done.
    Open(Plan),
    /// Done.
    Done(Plan, Outcome),
    /// Not to be done any more.
    Dropped(Plan),
}

/// Why a command to a step is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum StepError {
    /// Nobody to do it.
    #[error("say by whom: assignee, or command as an employee")]
    Nobody,
    /// Working hours that lead nowhere.
    #[error("must be 1 to {MOST_HOURS} working hours that end in the years 1900 to 2200")]
    Hours,
    /// A reference to nothing.
    #[error(transparent)]
    Reference(#[from] BadReference),
    /// The client is put away.
    #[error("this client is archived: restore it first")]
    ClientArchived,
    /// Done already.
    #[error("this step is done")]
    Done,
    /// Dropped already.
    #[error("this step is dropped")]
    Dropped,
}

impl Rejection for StepError {
    fn code(&self) -> &'static str {
        match self {
            Self::Nobody => "missing_field",
            Self::Hours => "bad_value",
            Self::Reference(reference) => reference.code(),
            Self::ClientArchived => "client_archived",
            Self::Done => "step_done",
            Self::Dropped => "step_dropped",
        }
    }
    fn field(&self) -> Option<String> {
        match self {
            Self::Nobody => Some("/assignee".into()),
            Self::Hours => Some("/due/working_hours".into()),
            Self::Reference(reference) => reference.field(),
            Self::ClientArchived | Self::Done | Self::Dropped => None,
        }
    }
}

impl Decider for Step {
    type Command = StepCommand;
    type Event = StepEvent;
    type Error = StepError;
    const CREATES: &'static str = "plan";
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("plan", "Something is to be done for a client."),
        ("move", "The step is to be done at another time."),
        ("hand_over", "The step is to be done by somebody else."),
        ("complete", "The step was done."),
        ("drop", "The step will not be done."),
    ];

    fn external(command: &StepCommand) -> Option<&ExternalId> {
        command.external()
    }

    fn codes<'c>(&self, command: &'c StepCommand) -> Codes<'c> {
        let codes = Codes::default();
        match (self, command) {
            (_, StepCommand::Plan(planning)) => codes.field(Actions, Some(&planning.action), "/action"),
            (Self::Open(_), StepCommand::Complete { result, .. }) => {
                codes.field(Results, result.as_ref(), "/result")
            }
            (Self::Open(_), StepCommand::Drop { reason_code, .. }) => {
                codes.field(Reasons, reason_code.as_ref(), "/reason_code")
            }
            // What is done or dropped takes no command.
            (
                Self::Unknown | Self::Done(..) | Self::Dropped(_),
                StepCommand::Complete { .. } | StepCommand::Drop { .. },
            )
            | (_, StepCommand::Move { .. } | StepCommand::HandOver { .. }) => codes,
        }
    }

    fn needs(&self, command: &StepCommand, context: &Context<'_>) -> Vec<Need> {
        match command {
            StepCommand::Plan(planning) => {
                let assignee = planning.assignee.or(context.actor.employee()).map(Need::of::<Employee>);
                let interaction = planning.interaction_id.map(Need::of::<Interaction>);
                let contact = planning.contact_id.map(Need::of::<Contact>);
                let client = Need::of::<Client>(planning.client_id);
                std::iter::once(client).chain(contact).chain(assignee).chain(interaction).collect()
            }
            StepCommand::Move { due: DueGiven::WorkingHours(_), .. } => {
                self.plan().map(|plan| Need::of::<Employee>(plan.assignee)).into_iter().collect()
            }
            StepCommand::HandOver { assignee, .. } => vec![Need::of::<Employee>(*assignee)],
            StepCommand::Complete { interaction_id, .. } => {
                interaction_id.map(Need::of::<Interaction>).into_iter().collect()
            }
            StepCommand::Move { .. } | StepCommand::Drop { .. } => vec![],
        }
    }

    fn further(&self, command: &StepCommand, seen: &Seen, _: &Context<'_>) -> Option<Need> {
        let (interaction, client) = match command {
            StepCommand::Plan(planning) => (planning.interaction_id?, planning.client_id),
            StepCommand::Complete { interaction_id, .. } => ((*interaction_id)?, self.client()?),
            StepCommand::Move { .. } | StepCommand::HandOver { .. } | StepCommand::Drop { .. } => {
                return None;
            }
        };
        let clients = seen.state::<Interaction>(interaction)?.clients();
        clients.chain([client]).find_map(|client| seen.survivor(client).err())
    }

    fn decide(
        &self,
        command: StepCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<StepEvent>, StepError> {
        match (self, command) {
            (_, StepCommand::Plan(planning)) => plan(planning, seen, context).map(|event| vec![event]),
            (Self::Unknown, _) | (Self::Dropped(_), StepCommand::Drop { .. }) => Ok(vec![]),
            (Self::Open(plan), command) => plan.decide(command, seen, context),
            (Self::Done(_, then), StepCommand::Complete { on, result, result_text, interaction_id }) => {
                let same = on.is_none_or(|on| on == then.on)
                    && result == then.result
                    && result_text.as_ref() == then.result_text.as_ref().and_then(Personal::get)
                    && interaction_id == then.interaction_id;
                if same { Ok(vec![]) } else { Err(StepError::Done) }
            }
            (Self::Done(..), _) => Err(StepError::Done),
            (Self::Dropped(_), _) => Err(StepError::Dropped),
        }
    }

    fn evolve(&mut self, event: &StepEvent) {
        if let StepEvent::Planned { client_id, due, assignee, .. } = event {
            *self = Self::Open(Plan { client_id: *client_id, due: due.clone(), assignee: *assignee });
            return;
        }
        let (Self::Open(mut plan) | Self::Done(mut plan, _) | Self::Dropped(mut plan)) = std::mem::take(self)
        else {
            return;
        };
        *self = match event {
            StepEvent::Planned { .. } => Self::Open(plan),
            StepEvent::Moved { due, reason: _ } => {
                plan.due = due.clone();
                Self::Open(plan)
            }
            StepEvent::HandedOver { assignee, reason: _ } => {
                plan.assignee = *assignee;
                Self::Open(plan)
            }
            StepEvent::Done { on, result, result_text, interaction_id } => {
                let (result, result_text) = (result.clone(), result_text.clone());
                Self::Done(plan, Outcome { on: *on, result, result_text, interaction_id: *interaction_id })
            }
            StepEvent::Dropped { reason_code: _, reason: _ } => Self::Dropped(plan),
        };
    }

    fn concerns(&self, _: StreamId) -> Vec<ClientId> {
        self.client().into_iter().collect()
    }

    fn repeats(command: &StepCommand, first: &StepEvent) -> bool {
        let StepCommand::Plan(told) = command else { return false };
        let StepEvent::Planned { client_id, contact_id, action, text, due, assignee, interaction_id, .. } =
            first
        else {
            return false;
        };
        told.due.repeats(due)
            && told.client_id == *client_id
            && told.contact_id == *contact_id
            && told.action == *action
            && told.text.as_ref() == text.as_ref().and_then(Personal::get)
            && told.assignee.is_none_or(|told| told == *assignee)
            && told.interaction_id == *interaction_id
    }
}

impl Step {
    /// For whom it is.
    pub(crate) fn client(&self) -> Option<ClientId> {
        self.plan().map(|plan| plan.client_id)
    }

    fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Unknown => None,
            Self::Open(plan) | Self::Done(plan, _) | Self::Dropped(plan) => Some(plan),
        }
    }
}

fn plan(told: Planning, seen: &Seen, context: &Context<'_>) -> Result<StepEvent, StepError> {
    if matches!(seen.client(told.client_id, "/client_id")?, Client::Archived(_)) {
        return Err(StepError::ClientArchived);
    }
    if let Some(contact) = told.contact_id {
        seen.contact(contact, "/contact_id")?;
    }
    let assignee = told.assignee.or(context.actor.employee()).ok_or(StepError::Nobody)?;
    seen.works_here(assignee, context.now.day(), "/assignee")?;
    if let Some(interaction) = told.interaction_id {
        seen.interaction(interaction, told.client_id, "/interaction_id")?;
    }
    Ok(StepEvent::Planned {
        client_id: told.client_id,
        contact_id: told.contact_id,
        action: told.action,
        text: told.text.map(|text| Personal::new(told.client_id, text)),
        due: told.due.settled(Some(assignee), seen, context).ok_or(StepError::Hours)?,
        assignee,
        interaction_id: told.interaction_id,
        external: told.external,
    })
}

impl Plan {
    /// What follows from a command to an open step.
    fn decide(
        &self,
        command: StepCommand,
        seen: &Seen,
        context: &Context<'_>,
    ) -> Result<Vec<StepEvent>, StepError> {
        match command {
            StepCommand::Plan(_) => Ok(vec![]),
            StepCommand::Move { due: given, reason } => {
                let due = given.settled(Some(self.assignee), seen, context).ok_or(StepError::Hours)?;
                Ok(if due == self.due { vec![] } else { vec![StepEvent::Moved { due, reason }] })
            }
            StepCommand::HandOver { assignee, reason } => {
                seen.works_here(assignee, context.now.day(), "/assignee")?;
                let so = assignee == self.assignee;
                Ok(if so { vec![] } else { vec![StepEvent::HandedOver { assignee, reason }] })
            }
            StepCommand::Complete { on, result, result_text, interaction_id } => {
                if let Some(interaction) = interaction_id {
                    seen.interaction(interaction, self.client_id, "/interaction_id")?;
                }
                let on = on.unwrap_or(context.now);
                let result_text = result_text.map(|text| Personal::new(self.client_id, text));
                Ok(vec![StepEvent::Done { on, result, result_text, interaction_id }])
            }
            StepCommand::Drop { reason, reason_code } => Ok(vec![StepEvent::Dropped { reason_code, reason }]),
        }
    }
}

impl Seen {
    /// The step must exist, and be for one of those clients where any is known.
    pub fn step(
        &self,
        id: StepId,
        clients: impl Iterator<Item = ClientId>,
        field: &'static str,
    ) -> Result<(), BadReference> {
        let own = self.state::<Step>(id).and_then(Step::client);
        let own = own.ok_or_else(|| BadReference::UnknownStep(field.into()))?;
        let mut clients = clients.peekable();
        let unknown = clients.peek().is_none();
        let so = unknown || clients.any(|client| self.survivor(client) == self.survivor(own));
        if so { Ok(()) } else { Err(BadReference::OtherClient(field.into())) }
    }
}

#[cfg(test)]
mod tests;
