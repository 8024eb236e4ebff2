//! Given / when / then.

use super::Interaction;
use crate::clients::Client;
use crate::given::{Given, id};
use serde_json::{Value, json};

/// A world with a client of number 3 and an employee of number 7 dismissed on 1 February 2026.
fn world() -> Given<Interaction> {
    let mut client = Given::<Client>::default();
    client.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
    let dismiss = ("dismiss", json!({"on": "2026-02-01"}));
    Given::default().employee(7, &json!({"name": {"last": "Иванова"}}), &[dismiss]).beside(3, client.state)
}

fn call() -> Value {
    json!({"kind": "call", "client_id": id(3), "occurred_at": "2026-01-31T10:00:00+03:00", "employee_id": id(7)})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[test]
fn a_past_call_by_someone_since_dismissed_is_legal() {
    assert_eq!(world().types("record", &call()), ["Recorded"]);
    let late = with(call(), "occurred_at", json!("2026-02-01T10:00:00Z"));
    assert_eq!(world().refused("record", &late).0, "employee_not_here");
}

#[test]
fn what_is_told_is_checked() {
    for (body, code, field) in [
        (json!({"kind": "note", "occurred_at": "2026-01-01"}), "missing_field", "/client_id"),
        (with(call(), "client_id", json!(id(4))), "unknown_client", "/client_id"),
        (with(call(), "employee_id", json!(id(4))), "unknown_employee", "/employee_id"),
        (with(call(), "precision", json!("day")), "bad_value", "/occurred_at"),
        (with(call(), "duration_seconds", json!(2_592_001)), "bad_value", "/duration_seconds"),
        (with(call(), "result", json!("agred")), "unknown_code", "/result"),
        (
            with(call(), "next_step", json!({"action": "x", "due_on": "2026-02-01"})),
            "unknown_code",
            "/next_step/action",
        ),
        (with(call(), "participants", json!(vec!["x"; 101])), "form", "/participants"),
    ] {
        assert_eq!(world().refused("record", &body), (code.into(), field.into()), "{body}");
    }
}

#[test]
fn a_bare_day_is_noon_of_it() {
    let told = world().when("record", &with(call(), "occurred_at", json!("2026-01-31"))).unwrap();
    assert_eq!(told[0][1]["occurred_at"], "2026-01-31T12:00:00Z");
    assert_eq!(told[0][1]["precision"], "day");
}

#[test]
fn an_unknown_caller_is_kept_as_heard_and_owns_his_words() {
    let body =
        json!({"kind": "call", "occurred_at": "2026-01-31", "counterpart": {"raw": "hidden"}, "text": "x"});
    let told = world().when("record", &body).unwrap();
    assert_eq!(told[0][1]["counterpart"], json!({"of": id(1), "is": {"raw": "hidden"}}));
    assert_eq!(told[0][1]["text"]["of"], json!(id(1)));
}

#[test]
fn links_results_and_corrections_once_each() {
    let mut given = world();
    given
        .when("record", &json!({"kind": "call", "occurred_at": "2026-01-31", "counterpart": {"raw": "x"}}))
        .unwrap();
    for (command, body, event) in [
        ("link", json!({"client_id": id(3)}), "Linked"),
        ("set_result", json!({"result": "agreed"}), "ResultSet"),
        ("correct", json!({"subject": "заказ", "reason": "x"}), "Corrected"),
        ("unlink", json!({"client_id": id(3), "reason": "x"}), "Unlinked"),
        ("withdraw", json!({"reason": "x"}), "Withdrawn"),
    ] {
        assert_eq!(given.types(command, &body), [event]);
        if command != "withdraw" {
            assert_eq!(given.types(command, &body), [""; 0], "{command} again");
        }
    }
    assert_eq!(given.types("withdraw", &json!({"reason": "x"})), [""; 0]);
    assert_eq!(given.refused("set_result", &json!({"result": "x"})).0, "withdrawn");
}

#[test]
fn results_and_actions_are_those_of_the_dictionaries() {
    let mut given = world();
    given.when("record", &with(call(), "result", json!("agreed"))).unwrap();
    let step = |action: &str| json!({"next_step": {"action": action, "due_on": "2026-02-01"}, "reason": "x"});
    for (command, body, field) in [
        ("set_result", json!({"result": "x"}), "/result"),
        ("correct", json!({"result": "x", "reason": "x"}), "/result"),
        ("correct", step("x"), "/next_step/action"),
    ] {
        assert_eq!(given.refused(command, &body), ("unknown_code".into(), field.into()));
    }
    assert_eq!(given.types("correct", &step("call")), ["Corrected"]);
}
