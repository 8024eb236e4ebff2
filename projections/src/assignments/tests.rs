//! Given a history, then these rows.

use super::{Assignment, Assignments};
use crate::engine::given;
use crate::engine::history::{CLIENT, EMPLOYEE, OTHER, Told, changing, erased, history};
use letopis_events::Text;
use serde_json::{Value, json};
use uuid::Uuid;

fn assignments(told: impl IntoIterator<Item = Told>) -> Vec<Assignment> {
    given::<Assignments>(history(told)).unwrap().assignment.rows()
}

/// An assignment of this number from the first of a month.
fn assigned(number: u128, month: u32) -> Value {
    json!({
        "assignment_id": Uuid::from_u128(number), "employee_id": EMPLOYEE.id(), "kind": "main", "reason": "x",
        "since": format!("2026-{month:02}-01T00:00:00Z"),
    })
}

fn released(number: u128, month: u32, reason: &str) -> Value {
    let on = format!("2026-{month:02}-01T00:00:00Z");
    json!({"assignment_id": Uuid::from_u128(number), "on": on, "reason": reason})
}

/// Until when, and why it ended.
fn ends(row: &Assignment) -> (Option<String>, Option<&str>) {
    (row.until.map(|until| until.to_string()), row.release_reason.as_ref().map(Text::as_str))
}

#[test]
fn these_events_and_no_others_change_assignments() {
    let rows = |history| format!("{:?}", given::<Assignments>(history).unwrap().assignment.rows());
    let expected = ["clients.ManagerAssigned", "clients.ManagerReleased"];
    assert_eq!(changing(rows), expected.map(str::to_owned).into());
}

#[test]
fn an_assignment_says_who_whom_when_and_why() {
    let row = assignments([CLIENT.golden("ManagerAssigned", &json!({}))]).remove(0);
    assert_eq!(row.client_id.0, CLIENT.id());
    assert_eq!(row.kind, letopis_events::clients::AssignmentKind::Personal);
    assert_eq!(
        (row.reason.as_str(), row.handover_note.as_ref().map(Text::as_str)),
        ("крупный", Some("звонить утром"))
    );
    assert_eq!(row.responsibility.as_ref().map(letopis_events::Code::as_str), Some("metal"));
    assert_eq!(
        (row.since.to_string().as_str(), row.assigned_by.to_string().as_str()),
        ("2026-01-01T00:00:00Z", "agent:test")
    );
    assert_eq!(ends(&row), (Some("2027-01-01T00:00:00Z".into()), None));
}

#[test]
fn a_release_ends_its_own_and_the_past_stays() {
    let rows = assignments([
        CLIENT.says("ManagerAssigned", &assigned(1, 1)),
        CLIENT.says("ManagerAssigned", &assigned(2, 5)),
        OTHER.says("ManagerAssigned", &assigned(3, 1)),
        CLIENT.says("ManagerReleased", &released(1, 5, "отпуск")),
        // Nothing to release.
        CLIENT.says("ManagerReleased", &released(9, 5, "x")),
    ]);
    let expected = [(Some("2026-05-01T00:00:00Z".to_owned()), Some("отпуск")), (None, None), (None, None)];
    assert_eq!(rows.iter().map(ends).collect::<Vec<_>>(), expected);
    assert_eq!(rows[0].since.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(rows[2].client_id.0, OTHER.id());
}

#[test]
fn a_second_release_moves_the_end() {
    let rows = assignments([
        CLIENT.says("ManagerAssigned", &assigned(1, 1)),
        CLIENT.says("ManagerReleased", &released(1, 9, "потом")),
        CLIENT.says("ManagerReleased", &released(1, 6, "раньше")),
    ]);
    assert_eq!(ends(&rows[0]), (Some("2026-06-01T00:00:00Z".into()), Some("раньше")));
}

#[test]
fn an_erased_note_is_none() {
    let rows = assignments([CLIENT.golden("ManagerAssigned", &json!({"handover_note": erased()}))]);
    assert_eq!((&rows[0].handover_note, rows[0].reason.as_str()), (&None, "крупный"));
}
