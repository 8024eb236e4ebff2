//! Given a history, then these commands are asked for.

use super::PlanSteps;
use crate::policies::given::{History, id};
use letopis_events::{ExternalId, StreamId};
use letopis_projections::engine::answered;
use serde_json::{Value, json};
use uuid::Uuid;

const CALL: u128 = 5;

/// A call about client 3 by employee 7, after which they are to be called on 5 March.
fn call() -> Value {
    json!({
        "kind": "call", "client_id": id(3), "employee_id": id(7), "occurred_at": "2026-03-02T09:00:00Z",
        "next_step": {"action": "call", "text": {"of": id(3), "is": "узнать"}, "due_on": "2026-03-05"},
    })
}

fn without(field: &str) -> Value {
    let mut call = call();
    call.as_object_mut().unwrap().remove(field);
    call
}

fn recorded(call: &Value) -> History {
    History::default().and("interactions", CALL, "Recorded", call)
}

/// The id of the step planned when the call's stream had this version.
fn step(version: i64) -> Uuid {
    let external = ExternalId {
        source: "interaction".parse().unwrap(),
        id: format!("{}:{version}", id(CALL)).parse().unwrap(),
    };
    StreamId::external("steps", &external).0
}

/// What is asked for: the step, the command and its fields.
fn told(history: History) -> Vec<(Option<Uuid>, &'static str, Value)> {
    let (_, asked) = answered::<PlanSteps>(history.events).unwrap();
    asked.into_iter().map(|asked| (asked.command.id, asked.command.command, asked.command.body)).collect()
}

fn corrected(call: &Value, correction: Value) -> Vec<(Option<Uuid>, &'static str, Value)> {
    let mut correction = correction;
    correction["reason"] = json!("ошибка");
    told(recorded(call).and("interactions", CALL, "Corrected", &correction)).split_off(1)
}

#[test]
fn what_was_agreed_is_planned_for_who_agreed_it() {
    let planned = told(recorded(&call()));
    let external = json!({"source": "interaction", "id": format!("{}:1", id(CALL))});
    let body = json!({
        "client_id": id(3), "contact_id": null, "action": "call", "text": "узнать", "due": {"on": "2026-03-05"},
        "assignee": id(7), "interaction_id": id(CALL), "external": external,
    });
    assert_eq!(planned, [(None, "plan", body)]);
    assert_eq!(told(recorded(&without("next_step"))), []);
}

#[test]
fn it_is_due_at_the_moment_agreed_and_done_by_whom_was_said() {
    let at = json!({"at": {"moment": "2026-03-05T15:00:00Z", "time_zone": "Europe/Moscow"}});
    let mut call = call();
    call["next_step"] = json!({"action": "call", "due_on": "2026-03-05", "due": at, "assignee": id(8)});
    let planned = told(recorded(&call));
    assert_eq!((&planned[0].2["due"], &planned[0].2["assignee"]), (&at, &json!(id(8))));
    let by_day = json!({"next_step": {"action": "call", "due_on": "2026-03-05"}});
    let reason = json!("ошибка");
    assert_eq!(
        corrected(&call, by_day),
        [
            (Some(step(1)), "move", json!({"due": {"on": "2026-03-05"}, "reason": reason})),
            (Some(step(1)), "hand_over", json!({"assignee": id(7), "reason": reason})),
        ]
    );
}

#[test]
fn it_is_planned_as_soon_as_client_and_employee_are_known() {
    let link = json!({"client_id": id(4), "how": "number"});
    let linked = told(recorded(&without("client_id")).and("interactions", CALL, "Linked", &link));
    assert_eq!((linked.len(), linked[0].1, &linked[0].2["client_id"]), (1, "plan", &json!(id(4))));
    let correction = json!({"employee_id": id(7), "reason": "x"});
    let done = told(recorded(&without("employee_id")).and("interactions", CALL, "Corrected", &correction));
    assert_eq!((done.len(), done[0].1, &done[0].2["assignee"]), (1, "plan", &json!(id(7))));
}

#[test]
fn it_is_with_the_one_who_took_part() {
    let with = |contacts: &[u128], mut call: Value| {
        call["contact_ids"] = contacts.iter().map(|contact| json!(id(*contact))).collect();
        call
    };
    let whom = |history: History| -> Vec<Value> {
        let plans = told(history).into_iter().filter(|(_, command, _)| *command == "plan");
        plans.map(|(_, _, body)| body["contact_id"].clone()).collect()
    };
    let contact = |number: u128| json!({"contact_id": id(number), "reason": "x"});
    assert_eq!(whom(recorded(&with(&[20], call()))), [json!(id(20))]);
    assert_eq!(whom(recorded(&with(&[20, 21], call()))), [Value::Null]);
    // Who is known before the client is.
    let link = json!({"client_id": id(4), "how": "number"});
    let late = recorded(&without("client_id"))
        .and("interactions", CALL, "ContactLinked", &contact(20))
        .and("interactions", CALL, "ContactLinked", &contact(21))
        .and("interactions", CALL, "ContactUnlinked", &contact(20))
        .and("interactions", CALL, "Linked", &link);
    assert_eq!(whom(late), [json!(id(21))]);
    // Who is linked later changes nothing of what is planned; the next one planned is with them.
    let other = json!({"next_step": {"action": "write", "due_on": "2026-03-05"}, "reason": "x"});
    let then = recorded(&call()).and("interactions", CALL, "ContactLinked", &contact(20));
    let then = then.and("interactions", CALL, "Corrected", &other);
    assert_eq!(whom(then), [Value::Null, json!(id(20))]);
    let corrected = recorded(&with(&[20], without("client_id")))
        .and("interactions", CALL, "Corrected", &json!({"contact_ids": [id(21)], "reason": "x"}))
        .and("interactions", CALL, "Linked", &link);
    assert_eq!(whom(corrected), [json!(id(21))]);
}

#[test]
fn a_correction_moves_hands_over_drops_or_plans_anew() {
    let next = |field: &str, value: Value| {
        let mut step = call()["next_step"].clone();
        step[field] = value;
        json!({"next_step": step})
    };
    let first = Some(step(1));
    assert_eq!(
        corrected(&call(), next("due_on", json!("2026-03-07"))),
        [(first, "move", json!({"due": {"on": "2026-03-07"}, "reason": "ошибка"}))]
    );
    assert_eq!(
        corrected(&call(), json!({"employee_id": id(8)})),
        [(first, "hand_over", json!({"assignee": id(8), "reason": "ошибка"}))]
    );
    assert_eq!(
        corrected(&call(), json!({"next_step": null})),
        [(first, "drop", json!({"reason": "ошибка"}))]
    );
    let other = corrected(&call(), next("action", json!("meet")));
    assert_eq!((other[0].1, other[1].1, &other[1].2["action"]), ("drop", "plan", &json!("meet")));
    assert_eq!(other[1].2["external"]["id"], format!("{}:2", id(CALL)));
    assert_eq!(corrected(&call(), json!({"duration_seconds": 5})), []);
}

#[test]
fn a_step_follows_its_interaction() {
    let gone = json!({"client_id": id(3), "reason": "не тот"});
    let unlinked = recorded(&call()).and("interactions", CALL, "Unlinked", &gone);
    let linked = unlinked.and("interactions", CALL, "Linked", &json!({"client_id": id(4), "how": "manual"}));
    let commands: Vec<_> = told(linked).into_iter().map(|(id, command, _)| (id, command)).collect();
    assert_eq!(commands, [(None, "plan"), (Some(step(1)), "drop"), (None, "plan")]);
    let both =
        recorded(&call()).and("interactions", CALL, "Linked", &json!({"client_id": id(4), "how": "manual"}));
    assert_eq!(told(both).len(), 1, "a second client changes nothing");
    let withdrawn = recorded(&call()).and("interactions", CALL, "Withdrawn", &json!({"reason": "дубль"}));
    assert_eq!(told(withdrawn)[1], (Some(step(1)), "drop", json!({"reason": "дубль"})));
}

#[test]
fn an_interaction_completes_the_step_it_closes() {
    let mut call = without("next_step");
    call["closes_step"] = json!(id(9));
    call["result"] = json!("agreed");
    let body = json!({
        "on": "2026-03-02T09:00:00Z", "result": "agreed", "result_text": null, "interaction_id": id(CALL),
    });
    assert_eq!(told(recorded(&call)), [(Some(id(9)), "complete", body)]);
    // Said later; and when it was, too.
    let body = json!({"on": "2026-03-01T09:00:00Z", "interaction_id": id(CALL)});
    let later = json!({"closes_step": id(8), "occurred_at": "2026-03-01T09:00:00Z", "reason": "x"});
    let history = recorded(&without("next_step")).and("interactions", CALL, "Corrected", &later);
    assert_eq!(told(history), [(Some(id(8)), "complete", body)]);
}
