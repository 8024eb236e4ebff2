//! What was agreed in an interaction to happen next becomes a step of who did it, for the client it is about, as soon as both are
//! known, with the one contact person who took part by then; a correction moves it, hands it over or plans another, and what no longer
//! holds is dropped. Whom a step is with no command changes: who is linked later is named by a step planned after that. A step that an
//! interaction closes is completed by it.

use super::Ask;
use letopis_events::interactions::{InteractionEvent, NextStep};
use letopis_events::steps::StepEvent;
use letopis_events::{
    BadEvent, ClientId, Code, ContactId, DomainEvent, EmployeeId, Event, ExternalId, InteractionId, Moment,
    Personal, Recorded, StepId, StreamId, Text,
};
use letopis_projections::engine::{Json, Policy};
use letopis_projections::{row_set, table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A step that follows from an interaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreed {
    client_id: ClientId,
    assignee: EmployeeId,
    step: NextStep,
}

table! {
    /// An interaction from which a step may follow.
    pub struct Talk: "talk" key (interaction_id: InteractionId) {
        /// The clients it is about, in the order they were linked.
        clients: Vec<ClientId>,
        /// The contact persons who took part.
        contacts: Vec<ContactId>,
        /// Who of us did it.
        employee_id: Option<EmployeeId>,
        /// When it was.
        occurred_at: Moment,
        /// What was agreed.
        next_step: Json<Option<NextStep>>,
        /// The step planned, and from what.
        planned: Json<Option<(StepId, Agreed)>>,
    }
}

row_set! {
    /// The tables of the policy.
    pub struct TalkRows { talk: Set<Talk> }
}

/// The policy.
#[derive(Debug)]
pub struct PlanSteps;

impl Policy for PlanSteps {
    const NAME: &'static str = "plan_steps";
    type Rows = TalkRows;
    type Command = Ask;

    fn apply(event: &Recorded<DomainEvent>, rows: &mut TalkRows) -> Result<Vec<Ask>, BadEvent> {
        Ok(match &event.event {
            DomainEvent::Interactions(interaction) => interactions(event, interaction, rows),
            DomainEvent::Clients(_)
            | DomainEvent::Employees(_)
            | DomainEvent::Contacts(_)
            | DomainEvent::Steps(_)
            | DomainEvent::Departments(_)
            | DomainEvent::Dictionaries(_) => vec![],
        })
    }
}

fn interactions(recorded: &Recorded<DomainEvent>, event: &InteractionEvent, rows: &mut TalkRows) -> Vec<Ask> {
    let id = InteractionId::from(recorded.stream);
    if let InteractionEvent::Recorded {
        client_id,
        contact_ids,
        employee_id,
        occurred_at,
        result,
        result_text,
        next_step,
        closes_step,
        ..
    } = event
    {
        let mut talk = Talk {
            interaction_id: id,
            clients: client_id.iter().copied().collect(),
            contacts: contact_ids.iter().copied().collect(),
            employee_id: *employee_id,
            occurred_at: *occurred_at,
            next_step: Json(next_step.clone()),
            planned: Json(None),
        };
        let text = result_text.as_ref().and_then(Personal::get);
        let of = json!({"on": occurred_at, "result": result, "result_text": text, "interaction_id": id});
        let mut asks: Vec<Ask> = closes_step.map(|step| complete(step, of)).into_iter().collect();
        asks.extend(settle(&mut talk, recorded, None));
        rows.talk.insert(talk);
        return asks;
    }
    let Some(mut talk) = rows.talk.get(&(id,)).cloned() else { return vec![] };
    let mut asks = vec![];
    let reason = match event {
        InteractionEvent::Recorded { .. } | InteractionEvent::ResultSet { .. } => None,
        InteractionEvent::ContactLinked { contact_id, how: _ } => {
            talk.contacts.push(*contact_id);
            None
        }
        InteractionEvent::ContactUnlinked { contact_id, reason } => {
            talk.contacts.retain(|contact| contact != contact_id);
            Some(reason)
        }
        InteractionEvent::Linked { client_id, how: _ } => {
            talk.clients.push(*client_id);
            None
        }
        InteractionEvent::Unlinked { client_id, reason } => {
            talk.clients.retain(|client| client != client_id);
            Some(reason)
        }
        InteractionEvent::Corrected {
            contact_ids,
            employee_id,
            occurred_at,
            next_step,
            closes_step,
            reason,
            ..
        } => {
            if let Some(now) = contact_ids {
                talk.contacts = now.iter().copied().collect();
            }
            employee_id.apply(&mut talk.employee_id);
            talk.occurred_at = occurred_at.unwrap_or(talk.occurred_at);
            next_step.apply(&mut talk.next_step.0);
            let of = json!({"on": talk.occurred_at, "interaction_id": id});
            asks.extend(closes_step.value().map(|step| complete(*step, of)));
            Some(reason)
        }
        InteractionEvent::Withdrawn { reason } => {
            talk.next_step = Json(None);
            Some(reason)
        }
    };
    asks.extend(settle(&mut talk, recorded, reason));
    rows.talk.set(talk);
    asks
}

/// Asks that the step an interaction closes be completed by it.
fn complete(step: StepId, by: Value) -> Ask {
    Ask { module: StepEvent::CATEGORY, id: Some(step.0), command: "complete", body: by }
}

/// Asks for what leads from the step planned to the one that follows now.
fn settle(talk: &mut Talk, recorded: &Recorded<DomainEvent>, reason: Option<&Text<1000>>) -> Vec<Ask> {
    let before = talk.planned.0.take();
    let planned_for = before.as_ref().map(|(_, agreed)| agreed.client_id);
    let client = planned_for.filter(|client| talk.clients.contains(client));
    let now = talk.next_step.0.clone().and_then(|step| {
        let client_id = client.or(talk.clients.first().copied())?;
        Some(Agreed { client_id, assignee: step.assignee.or(talk.employee_id)?, step })
    });
    let mut asks = vec![];
    let mut to = |step: StepId, command, body| {
        asks.push(Ask { module: StepEvent::CATEGORY, id: Some(step.0), command, body });
    };
    let what = |agreed: &Agreed| {
        // Whose the text is can change with the client; what it says is what counts.
        let text = agreed.step.text.as_ref().and_then(Personal::get).cloned();
        (agreed.client_id, agreed.step.action.clone(), text)
    };
    talk.planned = Json(match (before, now) {
        (None, None) => None,
        (Some((step, before)), Some(now)) if what(&before) == what(&now) => {
            if before.step.due() != now.step.due() {
                to(step, "move", json!({"due": now.step.due(), "reason": reason}));
            }
            if before.assignee != now.assignee {
                to(step, "hand_over", json!({"assignee": now.assignee, "reason": reason}));
            }
            Some((step, now))
        }
        (before, now) => {
            if let Some((step, _)) = before {
                to(step, "drop", json!({"reason": reason}));
            }
            now.and_then(|now| {
                let (step, ask) = plan(talk, &now, recorded)?;
                asks.push(ask);
                Some((step, now))
            })
        }
    });
    asks
}

/// Asks for a step under a key of the interaction and its event, so that no event plans twice.
fn plan(talk: &Talk, agreed: &Agreed, recorded: &Recorded<DomainEvent>) -> Option<(StepId, Ask)> {
    let id = talk.interaction_id;
    let contact = talk.contacts.first().filter(|_| talk.contacts.len() == 1);
    let source: Code = "interaction".parse().ok()?;
    let external = ExternalId { source, id: format!("{id}:{}", recorded.version).parse().ok()? };
    let Agreed { client_id, assignee, step } = agreed;
    let body = json!({
        "client_id": client_id, "contact_id": contact, "action": step.action, "text": step.text.as_ref().and_then(Personal::get),
        "due": step.due(), "assignee": assignee, "interaction_id": id, "external": external,
    });
    let step = StreamId::external(StepEvent::CATEGORY, &external).into();
    Some((step, Ask { module: StepEvent::CATEGORY, id: None, command: "plan", body }))
}

#[cfg(test)]
mod tests;
