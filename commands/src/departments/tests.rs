//! Given / when / then, and any sequence of commands.

use super::{Company, MAX_DEPTH};
use crate::decider::Decider;
use crate::employees::Employee;
use crate::given::{Given, id};
use letopis_events::Event;
use letopis_events::departments::{COMPANY, DepartmentEvent};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Sales with two departments below it, and support; employees of numbers 7 and 8, the second dismissed.
fn company() -> Given<Company> {
    let dismissed = ("dismiss", json!({"on": "2026-02-01"}));
    let mut given = Given::default().employee(7, &json!({"name": {"last": "Иванова"}}), &[]).employee(
        8,
        &json!({"name": {"last": "Петров"}}),
        &[dismissed],
    );
    given.when("found", &json!({})).unwrap();
    for (code, parent) in
        [("sales", None), ("north", Some("sales")), ("far_north", Some("north")), ("support", None)]
    {
        given.when("open", &json!({"code": code, "name": code, "parent": parent})).unwrap();
    }
    given
}

#[test]
fn the_same_again_changes_nothing() {
    for (command, body) in [
        ("open", json!({"code": "north", "name": "north", "parent": "sales"})),
        ("rename", json!({"code": "north", "name": "north"})),
        ("move", json!({"code": "north", "parent": "sales"})),
        ("move", json!({"code": "sales"})),
        ("appoint_head", json!({"code": "north"})),
    ] {
        assert_eq!(company().types(command, &body), [""; 0], "{command} {body}");
    }
}

#[test]
fn what_cannot_stand_in_a_tree_is_refused() {
    let body = |code: &str, parent: &str| json!({"code": code, "parent": parent});
    let open = |code: &str, parent: &str| json!({"code": code, "name": "x", "parent": parent});
    for (command, body, code, field) in [
        ("open", open("x", "norht"), "unknown_department", "/parent"),
        ("open", open("north", "sales"), "code_taken", ""),
        ("rename", json!({"code": "x", "name": "x"}), "unknown_department", "/code"),
        ("move", body("x", "sales"), "unknown_department", "/code"),
        ("move", body("sales", "x"), "unknown_department", "/parent"),
        ("move", body("sales", "sales"), "department_cycle", "/parent"),
        ("move", body("sales", "far_north"), "department_cycle", "/parent"),
        ("close", json!({"code": "x"}), "unknown_department", "/code"),
        ("close", json!({"code": "sales"}), "departments_open_below", ""),
        ("appoint_head", json!({"code": "sales", "employee_id": id(5)}), "unknown_employee", "/employee_id"),
        ("appoint_head", json!({"code": "sales", "employee_id": id(8)}), "employee_not_here", ""),
    ] {
        assert_eq!(company().refused(command, &body), (code.into(), field.into()), "{command} {body}");
    }
}

#[test]
fn a_closed_department_takes_nothing_but_to_be_opened_again() {
    let mut given = company();
    given.when("appoint_head", &json!({"code": "support", "employee_id": id(7)})).unwrap();
    assert_eq!(given.types("close", &json!({"code": "support", "reason": "x"})), ["Closed"]);
    assert_eq!(given.types("close", &json!({"code": "support"})), [""; 0]);
    for (command, body, field) in [
        ("rename", json!({"code": "support", "name": "x"}), "/code"),
        ("move", json!({"code": "support", "parent": "sales"}), "/code"),
        ("move", json!({"code": "north", "parent": "support"}), "/parent"),
        ("open", json!({"code": "x", "name": "x", "parent": "support"}), "/parent"),
        ("appoint_head", json!({"code": "support"}), "/code"),
    ] {
        assert_eq!(given.refused(command, &body), ("closed_department".into(), field.into()), "{command}");
    }
    let again = json!({"code": "support", "name": "Служба", "parent": "sales"});
    assert_eq!(given.types("open", &again), ["Opened"]);
    assert_eq!(given.types("appoint_head", &json!({"code": "support"})), [""; 0]);
}

#[test]
fn a_tree_has_a_depth() {
    let mut given = company();
    let name = |number: usize| format!("d{number}");
    for number in 1..=MAX_DEPTH {
        let parent = (number > 1).then(|| name(number - 1));
        given.when("open", &json!({"code": name(number), "name": "x", "parent": parent})).unwrap();
    }
    let deeper = json!({"code": "deeper", "name": "x", "parent": name(MAX_DEPTH)});
    assert_eq!(given.refused("open", &deeper), ("department_too_deep".into(), "/parent".into()));
    // With what stands below it a department is no higher than it is: sales has three storeys.
    let below = |number| json!({"code": "sales", "parent": name(number)});
    assert_eq!(given.refused("move", &below(MAX_DEPTH - 2)).0, "department_too_deep");
    assert_eq!(given.types("move", &below(MAX_DEPTH - 3)), ["Moved"]);
}

#[test]
fn an_employee_works_in_a_department_that_is_open() {
    let mut tree = company();
    tree.when("close", &json!({"code": "support"})).unwrap();
    let mut given = Given::<Employee>::default().beside(COMPANY.0.as_u128(), tree.state);
    let hire = |department: &str| json!({"name": {"last": "x"}, "department": department});
    let refused = given.refused("hire", &hire("slaes"));
    assert_eq!(refused, ("unknown_department".into(), "/department".into()));
    let refused = given.refused("hire", &hire("support"));
    assert_eq!(refused, ("closed_department".into(), "/department".into()));
    assert_eq!(given.types("hire", &hire("sales")), ["Hired"]);
    let refused = given.refused("correct", &json!({"department": "support"}));
    assert_eq!(refused, ("closed_department".into(), "/department".into()));
    assert_eq!(given.types("correct", &json!({"department": "north"})), ["Corrected"]);
    assert_eq!(given.types("correct", &json!({"department": null})), ["Corrected"]);
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let code = || prop::sample::select(vec!["a", "b", "c", "d"]);
    let parent = || prop::option::of(code());
    prop_oneof![
        3 => (code(), parent()).prop_map(|(code, parent)| ("open", json!({"code": code, "name": "x", "parent": parent}))),
        2 => (code(), parent()).prop_map(|(code, parent)| ("move", json!({"code": code, "parent": parent}))),
        1 => code().prop_map(|code| ("close", json!({"code": code}))),
        1 => code().prop_map(|code| ("rename", json!({"code": code, "name": "y"}))),
    ]
}

proptest! {
    /// Whatever happens it stays a tree: every open department stands below open ones, up to the top.
    #[test]
    fn it_stays_a_tree(commands in prop::collection::vec(any_command(), 0..40)) {
        let mut given = Given::<Company>::default();
        let mut replayed = Company::default();
        for (command, body) in commands {
            for event in given.when(command, &body).unwrap_or_default() {
                let kind = event[0].as_str().unwrap();
                replayed.evolve(&DepartmentEvent::decode(kind, 1, &event[1].to_string()).unwrap());
            }
            prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new());
            for (code, department) in given.state.0.iter().filter(|(_, department)| department.open) {
                prop_assert!(given.state.path(code).all(|above| given.state.0[above].open), "{}", code);
                prop_assert!(given.state.path(code).count() <= 4, "{} {:?}", code, department);
            }
        }
        prop_assert_eq!(replayed, given.state);
    }
}
