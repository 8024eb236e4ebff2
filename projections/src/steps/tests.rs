//! Given a history, then these rows.

use super::{Step, Steps};
use crate::engine::given;
use crate::engine::history::{CLIENT, CONTACT, EMPLOYEE, STEP, Told, changing, erased, history};
use letopis_events::{Code, Text};
use serde_json::json;

/// A step as planned, and what came then.
fn step(told: impl IntoIterator<Item = Told>) -> Step {
    let planned = STEP.golden("Planned", &json!({"client_id": CLIENT.id(), "contact_id": CONTACT.id()}));
    given::<Steps>(history([planned].into_iter().chain(told))).unwrap().step.rows().remove(0)
}

fn code(code: Option<&Code>) -> Option<&str> {
    code.map(Code::as_str)
}

#[test]
fn these_events_and_no_others_change_steps() {
    let rows = |history| format!("{:?}", given::<Steps>(history).unwrap().step.rows());
    let expected = ["steps.Done", "steps.Dropped", "steps.HandedOver", "steps.Moved", "steps.Planned"];
    assert_eq!(changing(rows), expected.map(str::to_owned).into());
}

#[test]
fn planned_it_says_for_whom_by_when_and_by_whom() {
    let step = step([]);
    assert_eq!((step.client_id.0, step.contact_id.map(|id| id.0)), (CLIENT.id(), Some(CONTACT.id())));
    assert_eq!((step.due_on.unwrap().to_string().as_str(), step.due_at), ("2026-03-05", None));
    assert_eq!((step.version, step.planned_by.to_string().as_str()), (1, "agent:test"));
    assert_eq!((step.done_on, step.dropped_at), (None, None));
}

#[test]
fn moved_it_is_due_at_a_moment_instead_of_a_day_and_back() {
    let moved = STEP.golden("Moved", &json!({}));
    let at = step([moved.clone()]);
    assert_eq!((at.due_on, at.due_at.unwrap().to_string()), (None, "2026-03-05T09:00:00Z".into()));
    assert_eq!((at.due_zone.unwrap().as_str(), at.version), ("Europe/Moscow", 2));
    let on = step([moved, STEP.says("Moved", &json!({"due": {"on": "2026-03-09"}, "reason": "x"}))]);
    assert_eq!((on.due_on.unwrap().to_string().as_str(), on.due_at, on.due_zone), ("2026-03-09", None, None));
}

#[test]
fn handed_over_it_is_somebody_else_s() {
    let handed_over = STEP.golden("HandedOver", &json!({"assignee": EMPLOYEE.id()}));
    assert_eq!(step([handed_over]).assignee.0, EMPLOYEE.id());
}

#[test]
fn done_it_says_when_and_with_what_result() {
    let done = step([STEP.golden("Done", &json!({}))]);
    assert_eq!(done.done_on.unwrap().to_string(), "2026-03-05T10:15:00Z");
    assert_eq!((code(done.result.as_ref()), done.dropped_at), (Some("agreed"), None));
    assert_eq!(done.result_text.as_ref().map(Text::as_str), Some("берут"));
    assert!(done.done_by.is_some());
    assert_eq!(step([STEP.golden("Done", &json!({"result_text": erased()}))]).result_text, None);
}

#[test]
fn dropped_it_says_why() {
    let dropped = step([STEP.golden("Dropped", &json!({}))]);
    assert_eq!((dropped.dropped_at, dropped.done_on), (Some(dropped.planned_at), None));
    assert_eq!(code(dropped.reason_code.as_ref()), Some("no_need"));
    assert_eq!(dropped.reason.as_ref().map(Text::as_str), Some("купили у других"));
}
