//! The lines of a next step, in the history of the client it is for.

use super::{Entry, Task, TimelineRows, correct, plain};
use crate::client_cards::recorded_at;
use crate::engine::Json;
use letopis_events::steps::StepEvent;
use letopis_events::{BadEvent, DomainEvent, Recorded, StepId};
use serde_json::{Value, json};

pub(super) fn apply(
    recorded: &Recorded<DomainEvent>,
    event: &StepEvent,
    rows: &mut TimelineRows,
) -> Result<(), BadEvent> {
    let id = StepId::from(recorded.stream);
    let (name, mut data) = plain(event);
    let mut at = recorded_at(recorded)?;
    if let StepEvent::Planned { client_id, .. } = event {
        rows.task.insert(Task { step_id: id, client_id: *client_id, fields: Json(data.clone()) });
    }
    let Some(mut task) = rows.task.get(&(id,)).cloned() else { return Ok(()) };
    match event {
        StepEvent::Planned { .. } | StepEvent::Dropped { .. } => {}
        StepEvent::Done { on, .. } => at = *on,
        StepEvent::Moved { .. } | StepEvent::HandedOver { .. } => {
            let changes = correct(&mut task.fields.0, &data);
            data.retain(|name, _| name == "reason");
            data.insert("changes".into(), changes);
        }
    }
    data.insert("step_id".into(), json!(id));
    data.insert("action".into(), task.fields.0.get("action").cloned().unwrap_or_default());
    rows.entry.insert(Entry {
        client_id: task.client_id,
        entry_id: recorded.id.0,
        at,
        kind: "step".into(),
        event: name,
        position: recorded.position.0,
        author: recorded.metadata.actor.clone(),
        interaction_id: None,
        whole: false,
        data: Json(Value::Object(data)),
    });
    rows.task.set(task);
    Ok(())
}
