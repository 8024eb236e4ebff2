//! Given a history, then these commands are asked for.

use super::HandOver;
use crate::policies::given::{History, id};
use letopis_projections::engine::answered;
use serde_json::{Value, json};
use uuid::Uuid;

const LEAVER: u128 = 7;

fn assigned(history: History, client: u128, assignment: u128, more: &Value) -> History {
    let mut data = json!({
        "assignment_id": id(assignment), "employee_id": id(LEAVER), "kind": "main", "since": "2026-01-01T00:00:00Z",
        "reason": "x",
    });
    for (field, value) in more.as_object().unwrap() {
        data[field] = value.clone();
    }
    history.and("clients", client, "ManagerAssigned", &data)
}

fn planned(history: History, step: u128, client: u128, due: &str) -> History {
    let data = json!({"client_id": id(client), "action": "call", "due": {"on": due}, "assignee": id(LEAVER)});
    history.and("steps", step, "Planned", &data)
}

fn dismissed(history: History, to: &[u128]) -> History {
    let to: Vec<Uuid> = to.iter().map(|number| id(*number)).collect();
    let data = json!({
        "on": "2026-04-01", "reason": "переезд", "hand_over_to": to, "handover_note": {"of": id(LEAVER), "is": "папка"},
    });
    history.and("employees", LEAVER, "Dismissed", &data)
}

fn told(history: History) -> Vec<(Uuid, &'static str, Value)> {
    let (_, asked) = answered::<HandOver>(history.events).unwrap();
    asked
        .into_iter()
        .map(|asked| (asked.command.id.unwrap(), asked.command.command, asked.command.body))
        .collect()
}

/// What goes to whom.
fn told_to(history: History) -> Vec<(u128, &'static str, Value)> {
    let to = |body: &Value| body.get("employee_id").or(body.get("assignee")).cloned().unwrap_or_default();
    told(history).into_iter().map(|(thing, command, body)| (thing.as_u128(), command, to(&body))).collect()
}

#[test]
fn a_main_manager_s_clients_go_on_as_they_were() {
    let history = assigned(
        History::default(),
        3,
        31,
        &json!({"responsibility": "metal", "until": "2027-01-01T00:00:00Z"}),
    );
    let body = json!({
        "employee_id": id(8), "kind": "main", "responsibility": "metal", "since": "2026-04-01T00:00:00Z",
        "until": "2027-01-01T00:00:00Z", "reason": "переезд", "handover_note": "папка",
    });
    assert_eq!(told(dismissed(history, &[8])), [(id(3), "assign", body)]);
}

#[test]
fn several_take_turns_and_a_client_stays_together() {
    let mut history = History::default();
    for (client, assignment, more) in [
        (1, 11, json!({})),
        (2, 12, json!({})),
        (3, 13, json!({})),
        (1, 14, json!({"kind": "co"})),
        // Ended before, begins later, somebody else's.
        (4, 15, json!({"until": "2026-04-01T00:00:00Z"})),
        (5, 16, json!({"since": "2026-06-01T00:00:00Z"})),
        (6, 17, json!({"employee_id": id(9)})),
    ] {
        history = assigned(history, client, assignment, &more);
    }
    history = planned(planned(history, 21, 2, "2026-04-01"), 22, 99, "2026-04-20");
    let told: Vec<_> = told(dismissed(history, &[8, 9]))
        .into_iter()
        .map(|(thing, command, body)| {
            let to = body.get("employee_id").or(body.get("assignee")).cloned().unwrap_or_default();
            (thing.as_u128(), command, to, body["since"].clone())
        })
        .collect();
    let (eight, nine, april) = (json!(id(8)), json!(id(9)), json!("2026-04-01T00:00:00Z"));
    assert_eq!(
        told,
        [
            (1, "assign", eight.clone(), april.clone()),
            (2, "assign", nine.clone(), april.clone()),
            (3, "assign", eight.clone(), april.clone()),
            (1, "release", Value::Null, Value::Null),
            (1, "assign", eight.clone(), april),
            (5, "assign", nine.clone(), json!("2026-06-01T00:00:00Z")),
            (21, "hand_over", nine, Value::Null),
            (22, "hand_over", eight, Value::Null),
        ]
    );
}

#[test]
fn without_successors_nothing_is_asked_for() {
    assert_eq!(told(dismissed(assigned(History::default(), 3, 31, &json!({})), &[])), []);
}

#[test]
fn what_is_due_before_they_leave_stays_theirs() {
    // All of it is recorded on 2 March.
    let steps = || {
        let day = ["2026-02-20", "2026-03-31", "2026-04-01"];
        (21..).zip(day).fold(History::default(), |history, (step, due)| planned(history, step, 3, due))
    };
    let passed = |history: History| -> Vec<u128> {
        told(history).into_iter().map(|(thing, _, _)| thing.as_u128()).collect()
    };
    assert_eq!(passed(dismissed(steps(), &[8])), [23]);
    // Who is gone by the day on which that is told can do none of it, nor what is moved later.
    let gone = |on: &str| {
        let data = json!({"on": on, "hand_over_to": [id(8)]});
        steps().and("employees", LEAVER, "Dismissed", &data)
    };
    assert_eq!(passed(gone("2026-03-03")), [22, 23]);
    assert_eq!(passed(gone("2026-03-02")), [21, 22, 23]);
    let moved = json!({"due": {"on": "2026-02-28"}, "reason": "x"});
    assert_eq!(passed(gone("2026-03-02").and("steps", 22, "Moved", &moved)), [21, 22, 23, 22]);
}

#[test]
fn what_comes_later_goes_the_same_way() {
    let history = dismissed(assigned(History::default(), 3, 31, &json!({})), &[8, 9]);
    let history = assigned(history, 4, 32, &json!({}));
    // Due before the day away it can still be done; moved past it, it goes to who took the client.
    let history = planned(history, 21, 3, "2026-03-31");
    let moved = json!({"due": {"at": {"moment": "2026-04-01T09:00:00Z"}}, "reason": "x"});
    let history = history.and("steps", 21, "Moved", &moved);
    let told: Vec<_> =
        told(history).into_iter().map(|(thing, command, _)| (thing.as_u128(), command)).collect();
    assert_eq!(told, [(3, "assign"), (4, "assign"), (21, "hand_over")]);
}

#[test]
fn what_is_done_or_released_is_left_alone() {
    let history = assigned(planned(History::default(), 21, 3, "2026-04-20"), 3, 31, &json!({}));
    let history = history.and("steps", 21, "Done", &json!({"on": "2026-03-02T09:00:00Z"}));
    let release = json!({"assignment_id": id(31), "on": "2026-03-05T00:00:00Z", "reason": "x"});
    assert_eq!(told(dismissed(history.and("clients", 3, "ManagerReleased", &release), &[8])), []);
}

#[test]
fn who_is_merged_waits_until_it_is_parted_again() {
    let history = assigned(assigned(History::default(), 3, 31, &json!({})), 4, 41, &json!({}));
    let merged = history.and("clients", 4, "MergedInto", &json!({"into": id(3), "reason": "x"}));
    let history = dismissed(planned(merged, 21, 4, "2026-04-20"), &[8, 9]);
    let history = history.and("clients", 4, "Unmerged", &json!({"reason": "x"}));
    // While they are one, the same employee takes both over.
    let (eight, nine) = (json!(id(8)), json!(id(9)));
    assert_eq!(
        told_to(history),
        [(3, "assign", eight.clone()), (21, "hand_over", eight), (4, "assign", nine)]
    );
}

#[test]
fn who_is_reinstated_hands_over_no_more_until_they_leave_again() {
    let history = dismissed(assigned(History::default(), 3, 31, &json!({})), &[8]);
    let history = history.and("employees", LEAVER, "Reinstated", &json!({"reason": "x"}));
    let history = planned(assigned(history, 3, 32, &json!({})), 21, 3, "2026-04-20");
    let (eight, nine) = (json!(id(8)), json!(id(9)));
    let again = [(3, "assign", nine.clone()), (3, "assign", nine.clone()), (21, "hand_over", nine)];
    assert_eq!(told_to(dismissed(history, &[9])), [vec![(3, "assign", eight)], again.to_vec()].concat());
}
