//! Given / when / then, and any sequence of commands.

use super::Step;
use crate::clients::Client;
use crate::contacts::Contact;
use crate::decider::Decider;
use crate::given::{Given, OWN, id};
use crate::interactions::Interaction;
use letopis_events::steps::StepEvent;
use letopis_events::{Actor, ClientId, EmployeeId, Event};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A client of number 3, an archived one of 4, an interaction of 5, employees of 7 and 9, and 8 who left, a contact person of 10.
/// Monday, one in Moscow.
fn world() -> Given<Step> {
    let client = |archived: bool| {
        let mut client = Given::<Client>::default();
        client.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
        if archived {
            client.when("archive", &json!({"reason": "x"})).unwrap();
        }
        client.state
    };
    let mut call = Given::<Interaction>::default();
    let heard = json!({"kind": "call", "occurred_at": "2026-03-02T09:00:00Z", "counterpart": {"raw": "x"}});
    call.when("record", &heard).unwrap();
    let mut contact = Given::<Contact>::default();
    contact.when("register", &json!({"name": {"last": "Смирнова"}})).unwrap();
    let hired = |name: &str| json!({"name": {"last": name}});
    Given::default()
        .beside(3, client(false))
        .beside(4, client(true))
        .beside(5, call.state)
        .beside(10, contact.state)
        .employee(7, &hired("Иванова"), &[])
        .employee(8, &hired("Петров"), &[("dismiss", json!({"on": "2026-03-01"}))])
        .employee(9, &hired("Волков"), &[])
}

fn planning() -> Value {
    json!({"client_id": id(3), "action": "call", "text": "узнать", "due": {"on": "2026-03-05"}, "assignee": id(7)})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn planned() -> Given<Step> {
    let mut given = world();
    given.when("plan", &planning()).unwrap();
    given
}

#[test]
fn a_step_is_planned_for_a_client_who_is_here_by_one_who_works_here() {
    let with_whom = with(planning(), "contact_id", json!(id(10)));
    let told = world().when("plan", &with(with_whom, "interaction_id", json!(id(5)))).unwrap();
    assert_eq!(
        told,
        [json!(["Planned", {
            "client_id": id(3), "contact_id": id(10), "action": "call", "text": {"of": id(3), "is": "узнать"},
            "due": {"on": "2026-03-05"}, "assignee": id(7), "interaction_id": id(5),
        }])]
    );
    for (field, value, code, at) in [
        ("client_id", json!(id(6)), "unknown_client", "/client_id"),
        ("client_id", json!(id(4)), "client_archived", ""),
        ("contact_id", json!(id(6)), "unknown_contact", "/contact_id"),
        ("assignee", json!(id(6)), "unknown_employee", "/assignee"),
        ("assignee", json!(id(8)), "employee_not_here", ""),
        ("assignee", json!(null), "missing_field", "/assignee"),
        ("interaction_id", json!(id(6)), "unknown_interaction", "/interaction_id"),
        ("due", json!({"working_hours": 0}), "bad_value", "/due/working_hours"),
        ("due", json!({"working_hours": 1001}), "bad_value", "/due/working_hours"),
        ("due", json!({"on": "soon"}), "form", "/due/on"),
        ("due", json!({"never": true}), "form", "/due/never"),
    ] {
        let refused = world().refused("plan", &with(planning(), field, value));
        assert_eq!(refused, (code.into(), at.into()), "{field}");
    }
}

#[test]
fn the_actor_does_it_where_nobody_else_is_named() {
    let mut given = world();
    given.actor = Actor::Employee(EmployeeId(id(9)));
    let told = given.when("plan", &with(planning(), "assignee", Value::Null)).unwrap();
    assert_eq!(told[0][1]["assignee"], json!(id(9)));
}

#[test]
fn working_hours_become_the_moment_they_come_to() {
    let told = world().when("plan", &with(planning(), "due", json!({"working_hours": 6}))).unwrap();
    // From one to two is a pause, at six the day ends.
    let due = json!({"at": {"moment": "2026-03-03T08:00:00Z", "time_zone": "Europe/Moscow"}});
    assert_eq!(told[0][1]["due"], due);
    let told = planned().when("move", &json!({"due": {"working_hours": 1}, "reason": "x"})).unwrap();
    assert_eq!(told[0][1]["due"]["at"]["moment"], "2026-03-02T12:00:00Z");
}

#[test]
fn an_open_step_is_moved_handed_over_done_or_dropped_once_each() {
    for (command, body, event) in [
        (
            "move",
            json!({"due": {"at": {"moment": "2026-03-06T09:00:00Z"}}, "reason": "просили позже"}),
            "Moved",
        ),
        ("hand_over", json!({"assignee": id(9), "reason": "отпуск"}), "HandedOver"),
        ("complete", json!({"result": "agreed", "result_text": "берут", "interaction_id": id(5)}), "Done"),
        ("drop", json!({"reason": "купили у других", "reason_code": "no_need"}), "Dropped"),
    ] {
        let mut given = planned();
        assert_eq!(given.types(command, &body), [event]);
        assert_eq!(given.types(command, &body), [""; 0], "{command} again");
        assert_eq!(given.state.concerns(OWN), [ClientId(id(3))]);
    }
    let to = planned().refused("hand_over", &json!({"assignee": id(8), "reason": "x"}));
    assert_eq!(to.0, "employee_not_here");
    let by = planned().refused("complete", &json!({"interaction_id": id(6)}));
    assert_eq!(by, ("unknown_interaction".into(), "/interaction_id".into()));
}

#[test]
fn what_is_done_or_dropped_takes_no_further_command() {
    for (end, body, code) in [
        ("complete", json!({"result": "agreed"}), "step_done"),
        ("drop", json!({"reason": "x"}), "step_dropped"),
    ] {
        let mut given = planned();
        given.when(end, &body).unwrap();
        for (command, body) in [
            ("move", json!({"due": {"on": "2026-03-06"}, "reason": "x"})),
            ("hand_over", json!({"assignee": id(9), "reason": "x"})),
            ("complete", json!({"result": "refused"})),
            ("drop", json!({"reason": "x"})),
        ] {
            if command != end || command == "complete" {
                assert_eq!(given.refused(command, &body), (code.into(), String::new()), "{end} {command}");
            }
        }
    }
}

#[test]
fn the_same_plan_is_known_by_what_was_sent() {
    let first = world().when("plan", &planning()).unwrap();
    let first = StepEvent::decode("Planned", 1, &first[0][1].to_string()).unwrap();
    let repeats =
        |body: &Value| Step::repeats(&crate::form::read::<Step>("plan", body.clone()).unwrap(), &first);
    assert!(repeats(&planning()));
    assert!(repeats(&with(planning(), "assignee", Value::Null)));
    for (field, value) in [
        ("text", json!("другое")),
        ("due", json!({"on": "2026-03-06"})),
        ("due", json!({"working_hours": 4})),
        ("assignee", json!(id(9))),
        ("client_id", json!(id(4))),
    ] {
        assert!(!repeats(&with(planning(), field, value)), "{field}");
    }
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (1..28_u32)
            .prop_map(|day| ("move", json!({"due": {"on": format!("2026-04-{day:02}")}, "reason": "x"}))),
        prop::sample::select(vec![7, 9])
            .prop_map(|to: u128| ("hand_over", json!({"assignee": id(to), "reason": "x"}))),
        Just(("complete", json!({"result": "agreed"}))),
        Just(("drop", json!({"reason": "x"}))),
    ]
}

proptest! {
    /// No sequence panics; the stored events give the live state again; a repeated command adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..12)) {
        let mut given = planned();
        let mut stored = vec![];
        for (command, body) in commands {
            if let Ok(events) = given.when(command, &body) {
                stored.extend(events);
                prop_assert_eq!(given.when(command, &body).unwrap(), Vec::<Value>::new());
            }
        }
        let mut replayed = planned().state;
        for event in stored {
            replayed.evolve(&StepEvent::decode(event[0].as_str().unwrap(), 1, &event[1].to_string()).unwrap());
        }
        prop_assert_eq!(replayed, given.state);
    }
}

#[test]
fn a_step_is_done_only_by_an_interaction_about_its_client() {
    let mut talk = Given::<Interaction>::default()
        .beside(4, world().seen.state::<Client>(ClientId(id(4))).unwrap().clone());
    talk.when("record", &json!({"kind": "note", "client_id": id(4), "occurred_at": "2026-03-02"})).unwrap();
    let mut given = planned().beside(6, talk.state.clone());
    let other = ("other_client".to_owned(), "/interaction_id".to_owned());
    assert_eq!(given.refused("complete", &json!({"interaction_id": id(6)})), other);
    let plan = with(planning(), "interaction_id", json!(id(6)));
    assert_eq!(world().beside(6, talk.state).refused("plan", &plan), other);
    assert_eq!(given.types("complete", &json!({"interaction_id": id(5)})), ["Done"]);
}
