//! Given / when / then.

use super::Interaction;
use crate::clients::Client;
use crate::contacts::Contact;
use crate::decider::Decider as _;
use crate::given::{Given, id};
use crate::steps::Step;
use letopis_events::Event as _;
use letopis_events::interactions::InteractionEvent;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A client who is a person.
fn person() -> Client {
    let mut client = Given::<Client>::default();
    client.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
    client.state
}

/// A world with a client of number 3 and an employee of number 7 dismissed on 1 February 2026.
fn world() -> Given<Interaction> {
    let dismiss = ("dismiss", json!({"on": "2026-02-01"}));
    Given::default().employee(7, &json!({"name": {"last": "Иванова"}}), &[dismiss]).beside(3, person())
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
        (with(call(), "occurred_at", json!("2026-03-03T10:00:01Z")), "in_future", "/occurred_at"),
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
fn a_number_is_read_in_the_client_s_country_each_time() {
    let mut client = Given::<Client>::default();
    client.when("register", &json!({"kind": "person", "name": "Ewa", "country": "PL"})).unwrap();
    let mut given = Given::<Interaction>::default()
        .employee(7, &json!({"name": {"last": "Иванова"}}), &[])
        .beside(3, client.state);
    let heard = json!({"raw": "22 123 45 67", "extension": "7"});
    let body = with(call(), "counterpart", heard.clone());
    let told = given.when("record", &body).unwrap();
    assert_eq!(told[0][1]["counterpart"]["is"]["e164"], "+48221234567");
    let again = json!({"counterpart": heard, "reason": "x"});
    assert_eq!(given.types("correct", &again), [""; 0]);
}

#[test]
fn what_is_recorded_again_otherwise_is_no_repetition() {
    let body = with(call(), "counterpart", json!({"raw": "22 123 45 67", "extension": "7"}));
    let told = world().when("record", &body).unwrap();
    let first = InteractionEvent::decode("Recorded", 1, &told[0][1].to_string()).unwrap();
    let repeats = |body: &Value| {
        let command = serde_json::from_value(json!({"record": body})).unwrap();
        Interaction::repeats(&command, &first)
    };
    assert!(repeats(&body));
    for (field, value) in [
        ("kind", json!("meeting")),
        ("direction", json!("in")),
        ("client_id", json!(id(4))),
        ("contact_ids", json!([id(5)])),
        ("employee_id", json!(id(8))),
        ("occurred_at", json!("2026-01-31T10:00:01+03:00")),
        ("duration_seconds", json!(5)),
        ("counterpart", json!({"raw": "22 123 45 67"})),
        ("our_line", json!("101")),
        ("telephony_status", json!("busy")),
        ("result", json!("agreed")),
        ("result_text", json!("да")),
        ("subject", json!("x")),
        ("text", json!("x")),
        ("next_step", json!({"action": "call", "due_on": "2026-02-02"})),
        ("closes_step", json!(id(6))),
        ("participants", json!(["x"])),
        ("recording_url", json!("https://example.org/1")),
        ("origin", json!("mail")),
        ("attributes", json!({"a": 1})),
    ] {
        assert!(!repeats(&with(body.clone(), field, value)), "{field}");
    }
}

#[test]
fn what_comes_next_is_due_on_a_day_or_at_a_moment_or_in_working_hours() {
    let given = || world().employee(8, &json!({"name": {"last": "Волков"}}), &[]);
    let next = |step: Value| with(call(), "next_step", with(step, "action", json!("call")));
    let recorded = |step: Value| given().when("record", &next(step)).unwrap()[0][1]["next_step"].clone();
    assert_eq!(recorded(json!({"due_on": "2026-03-05"})), json!({"action": "call", "due_on": "2026-03-05"}));
    assert_eq!(
        recorded(json!({"due": {"on": "2026-03-05"}})),
        json!({"action": "call", "due_on": "2026-03-05"})
    );
    let at = json!({"at": {"moment": "2026-03-05T22:00:00Z", "time_zone": "Asia/Omsk"}});
    let then = json!({"action": "call", "due_on": "2026-03-05", "due": at, "assignee": id(8)});
    assert_eq!(recorded(json!({"due": at, "assignee": id(8)})), then);
    // Monday, one in Moscow: an hour's pause, then four hours.
    let soon = json!({"at": {"moment": "2026-03-02T15:00:00Z", "time_zone": "Europe/Moscow"}});
    assert_eq!(recorded(json!({"due": {"working_hours": 4}}))["due"], soon);
    for (step, code, field) in [
        (json!({}), "missing_field", "/next_step/due_on"),
        (json!({"due_on": "2026-03-05", "due": at}), "missing_field", "/next_step/due_on"),
        (json!({"due": {"working_hours": 1001}}), "bad_value", "/next_step/due/working_hours"),
        (json!({"due_on": "2026-03-05", "assignee": id(4)}), "unknown_employee", "/next_step/assignee"),
        (json!({"due_on": "2026-03-05", "assignee": id(7)}), "employee_not_here", ""),
    ] {
        assert_eq!(given().refused("record", &next(step.clone())), (code.into(), field.into()), "{step}");
    }
    let mut given = given();
    given.when("record", &call()).unwrap();
    let correct = json!({"next_step": {"action": "call", "due": at, "assignee": id(8)}, "reason": "x"});
    assert_eq!(given.when("correct", &correct).unwrap()[0][1]["next_step"], then);
    assert_eq!(given.types("correct", &correct), [""; 0]);
}

#[test]
fn a_step_is_closed_only_by_an_interaction_with_its_client() {
    let step = |client: u128| {
        let plan = json!({"client_id": id(client), "action": "call", "due": {"on": "2026-03-05"}, "assignee": id(8)});
        let mut step = Given::<Step>::default().beside(client, person()).employee(
            8,
            &json!({"name": {"last": "Волков"}}),
            &[],
        );
        step.when("plan", &plan).unwrap();
        step.state
    };
    let merged = |into: u128| {
        let mut client = Given::<Client>::default().beside(into, person());
        client.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
        client.when("merge", &json!({"into": id(into), "reason": "x"})).unwrap();
        client.state
    };
    let given = || world().beside(20, step(3)).beside(21, step(4)).beside(22, step(5)).beside(4, person());
    let closes = |number: u128| with(call(), "closes_step", json!(id(number)));
    assert_eq!(given().types("record", &closes(20)), ["Recorded"]);
    let other = ("other_client".to_owned(), "/closes_step".to_owned());
    assert_eq!(given().refused("record", &closes(21)), other);
    let mut later = given();
    later.when("record", &call()).unwrap();
    let correct = |number: u128| json!({"closes_step": id(number), "reason": "x"});
    assert_eq!(later.refused("correct", &correct(21)), other);
    assert_eq!(later.types("correct", &correct(20)), ["Corrected"]);
    assert_eq!(later.types("correct", &correct(20)), [""; 0]);
    // Who was merged into the client, by way of another, is the client.
    let given = given().beside(5, merged(6)).beside(6, merged(3));
    assert_eq!(given.beside(3, person()).types("record", &closes(22)), ["Recorded"]);
    // Of an unknown caller it is not known yet.
    let heard = json!({"kind": "call", "occurred_at": "2026-01-31", "counterpart": {"raw": "x"}, "closes_step": id(21)});
    assert_eq!(world().beside(21, step(4)).types("record", &heard), ["Recorded"]);
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

/// The same world with contact persons: 10 stands at client 3 and since 2026 at client 4 too, 11 at client 3 alone, 12 nowhere.
fn peopled() -> Given<Interaction> {
    let client = |name: &str| {
        let mut client = Given::<Client>::default();
        client.when("register", &json!({"kind": "company", "name": name})).unwrap();
        client.state
    };
    let person = |joins: Value| {
        let mut person = Given::<Contact>::default().beside(3, client("А")).beside(4, client("Б"));
        person.when("register", &json!({"name": {"last": "x"}, "country": "PL", "joins": joins})).unwrap();
        person.state
    };
    world()
        .beside(4, client("Б"))
        .beside(10, person(json!([{"client_id": id(3)}, {"client_id": id(4), "since": "2026-01-01"}])))
        .beside(11, person(json!([{"client_id": id(3)}])))
        .beside(12, person(json!([])))
}

#[test]
fn a_contact_person_says_which_client_it_is_with() {
    for (people, day, client) in [
        (vec![10], "2025-12-31", Some(3)),
        (vec![10], "2026-01-01", None),
        (vec![11, 12], "2026-01-01", Some(3)),
        (vec![10, 11], "2026-01-01", None),
        (vec![12], "2026-01-01", None),
    ] {
        let people: Vec<_> = people.into_iter().map(id).collect();
        let body = json!({
            "kind": "call", "occurred_at": day, "contact_ids": people, "counterpart": {"raw": "22 123 45 67"},
        });
        let told = peopled().when("record", &body).unwrap();
        assert_eq!(told[0][1]["contact_ids"], json!(people));
        assert_eq!(told[0][1].get("client_id"), client.map(id).map(|id| json!(id)).as_ref(), "{body}");
        assert_eq!(told[0][1]["counterpart"]["is"]["e164"], "+48221234567");
        let owner = client.map_or(id(1), id);
        assert_eq!(told[0][1]["counterpart"]["of"], json!(owner));
    }
    let unknown = json!({"kind": "call", "occurred_at": "2026-01-31", "contact_ids": [id(10), id(13)]});
    let refused = peopled().refused("record", &unknown);
    assert_eq!(refused, ("unknown_contact".into(), "/contact_ids/1".into()));
}

#[test]
fn a_repeat_is_recognised_though_the_contact_person_named_the_client() {
    let mut body = json!({"kind": "call", "occurred_at": "2025-12-31", "contact_ids": [id(10)]});
    let told = peopled().when("record", &body).unwrap();
    let first = letopis_events::Event::decode("Recorded", 1, &told[0][1].to_string()).unwrap();
    let repeats = |body: &Value| {
        let command = crate::form::read::<Interaction>("record", body.clone()).unwrap();
        <Interaction as crate::decider::Decider>::repeats(&command, &first)
    };
    assert!(repeats(&body));
    body["contact_ids"] = json!([id(11)]);
    assert!(!repeats(&body));
}

#[test]
fn who_took_part_is_linked_corrected_and_unlinked_once_each() {
    let mut given = peopled();
    given.when("record", &call()).unwrap();
    for (command, body, event) in [
        ("link_contact", json!({"contact_id": id(10), "how": "number"}), "ContactLinked"),
        ("correct", json!({"contact_ids": [id(11), id(11)], "reason": "x"}), "Corrected"),
        ("unlink_contact", json!({"contact_id": id(11), "reason": "x"}), "ContactUnlinked"),
        ("link_contact", json!({"contact_id": id(11)}), "ContactLinked"),
        ("correct", json!({"contact_ids": null, "reason": "x"}), "Corrected"),
    ] {
        assert_eq!(given.types(command, &body), [event], "{command} {body}");
        assert_eq!(given.types(command, &body), [""; 0], "{command} again");
    }
    let refused = given.refused("link_contact", &json!({"contact_id": id(13)}));
    assert_eq!(refused, ("unknown_contact".into(), "/contact_id".into()));
    let refused = given.refused("correct", &json!({"contact_ids": [id(13)], "reason": "x"}));
    assert_eq!(refused, ("unknown_contact".into(), "/contact_ids/0".into()));
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let contact = || prop::sample::select(vec![10, 11]).prop_map(id);
    let number = prop::sample::select(vec!["8 921 555-12-34", "22 123 45 67", "hidden"]);
    prop_oneof![
        Just(("link", json!({"client_id": id(3)}))),
        Just(("unlink", json!({"client_id": id(3), "reason": "x"}))),
        contact().prop_map(|id| ("link_contact", json!({"contact_id": id}))),
        contact().prop_map(|id| ("unlink_contact", json!({"contact_id": id, "reason": "x"}))),
        "agreed|refused".prop_map(|result| ("set_result", json!({"result": result, "result_text": "да"}))),
        (number, "call|meeting").prop_map(|(raw, kind)| {
            ("correct", json!({"counterpart": {"raw": raw}, "kind": kind, "reason": "x"}))
        }),
        (0..9_u32).prop_map(|seconds| {
            let attributes = json!({"a": seconds, "b": null});
            ("correct", json!({"duration_seconds": seconds, "attributes": attributes, "reason": "x"}))
        }),
        (1..28_u32).prop_map(|day| {
            ("correct", json!({"occurred_at": format!("2026-01-{day:02}"), "subject": null, "reason": "x"}))
        }),
        contact().prop_map(|id| ("correct", json!({"contact_ids": [id], "text": "x", "reason": "x"}))),
        Just(("withdraw", json!({"reason": "x"}))),
    ]
}

proptest! {
    /// No sequence panics; the stored events give the live state again; a repeated command adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..20)) {
        let mut given = peopled();
        let mut stored = given.when("record", &call()).unwrap();
        for (command, body) in commands {
            if let Ok(events) = given.when(command, &body) {
                stored.extend(events);
                prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new());
            }
        }
        let mut replayed = Interaction::default();
        for event in stored {
            let kind = event[0].as_str().unwrap();
            replayed.evolve(&InteractionEvent::decode(kind, 1, &event[1].to_string()).unwrap());
        }
        prop_assert_eq!(replayed, given.state);
    }
}
