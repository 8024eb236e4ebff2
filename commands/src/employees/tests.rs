//! Given / when / then, and any sequence of commands.

use super::Employee;
use crate::clients::Client;
use crate::decider::Decider;
use crate::departments::Company;
use crate::given::{Given, id};
use letopis_events::departments::COMPANY;
use letopis_events::employees::EmployeeEvent;
use letopis_events::{Day, Event, WorkingHours};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A company with a few departments.
fn company() -> Company {
    let mut company = Given::<Company>::default();
    company.when("found", &json!({})).unwrap();
    for code in ["sales", "support", "a", "b"] {
        company.when("open", &json!({"code": code, "name": code})).unwrap();
    }
    company.state
}

fn hired() -> Given<Employee> {
    let mut given = Given::default().beside(COMPANY.0.as_u128(), company());
    given.when("hire", &json!({"name": {"last": "Иванова"}, "hired_on": "2024-02-01"})).unwrap();
    given
}

#[test]
fn works_from_the_first_day_to_the_last() {
    let mut given = hired();
    let day = |text: &str| text.parse().unwrap();
    assert!(!given.state.works_on(day("2024-01-31")));
    assert!(given.state.works_on(day("2024-02-01")));
    assert_eq!(given.types("dismiss", &json!({"on": "2026-03-01"})), ["Dismissed"]);
    assert!(given.state.works_on(day("2026-02-28")));
    assert!(!given.state.works_on(day("2026-03-01")));
}

#[test]
fn a_correction_says_what_changes_alone() {
    let mut given = hired();
    assert_eq!(given.types("correct", &json!({"name": {"last": "Иванова"}, "position": null})), [""; 0]);
    let told = given.when("correct", &json!({"position": "менеджер", "hired_on": null})).unwrap();
    assert_eq!(told, [json!(["Corrected", {"position": "менеджер", "hired_on": null}])]);
    assert_eq!(given.refused("correct", &json!({"name": null})), ("missing_field".into(), "/name".into()));
}

#[test]
fn a_dismissal_is_told_once_and_not_before_the_first_day() {
    let mut given = hired();
    let early = given.refused("dismiss", &json!({"on": "2024-01-01"}));
    assert_eq!(early, ("ends_before_start".into(), "/on".into()));
    assert_eq!(given.types("dismiss", &json!({})), ["Dismissed"]);
    assert_eq!(given.types("dismiss", &json!({"on": "2026-03-02"})), [""; 0]);
    assert_eq!(given.refused("dismiss", &json!({"on": "2026-04-01"})).0, "already_dismissed");
}

#[test]
fn who_is_reinstated_never_left() {
    let (mut given, reason) = (hired(), json!({"reason": "остаётся"}));
    assert_eq!(given.types("reinstate", &reason), [""; 0]);
    given.when("dismiss", &json!({"on": "2026-03-01"})).unwrap();
    assert_eq!(given.when("reinstate", &reason).unwrap(), [json!(["Reinstated", {"reason": "остаётся"}])]);
    assert!(given.state.works_on("2026-03-01".parse().unwrap()));
    assert_eq!(given.types("reinstate", &reason), [""; 0]);
    assert_eq!(given.types("dismiss", &json!({"on": "2026-05-01"})), ["Dismissed"]);
}

#[test]
fn a_phone_must_be_one() {
    let refused =
        Given::<Employee>::default().refused("hire", &json!({"name": {"last": "x"}, "phone": "hidden"}));
    assert_eq!(refused, ("bad_value".into(), "/phone".into()));
}

/// Hired on 1 February 2024; beside are an employee of number 7, one of 8 dismissed on 1 July 2026, and a client of number 3.
fn among_others() -> Given<Employee> {
    let mut client = Given::<Client>::default();
    client.when("register", &json!({"kind": "person", "name": "Анна"})).unwrap();
    let mut given = hired();
    given = given.employee(7, &json!({"name": {"last": "Петров"}}), &[]).beside(3, client.state);
    given.employee(8, &json!({"name": {"last": "Волков"}}), &[("dismiss", json!({"on": "2026-07-01"}))])
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn the_company_s_own_numbers() {
    let mut given = Given::<Employee>::default();
    let body = json!({"name": {"last": "x"}, "extension": "105", "direct_number": "8 495 765-43-25"});
    let told = given.when("hire", &body).unwrap();
    assert_eq!(told[0][1]["direct_number"], json!({"raw": "8 495 765-43-25", "e164": "+74957654325"}));
    let told = given.when("correct", &json!({"extension": "106", "direct_number": null})).unwrap();
    assert_eq!(told, [json!(["Corrected", {"extension": "106", "direct_number": null}])]);
    let refused = given.refused("correct", &json!({"direct_number": "секрет"}));
    assert_eq!(refused, ("bad_value".into(), "/direct_number".into()));
}

#[test]
fn a_transfer_holds_from_its_day_on() {
    let mut given = among_others();
    let to_sales = json!({"department": "sales", "position": "менеджер", "since": "2025-01-01"});
    assert_eq!(given.types("transfer", &to_sales), ["Transferred"]);
    assert_eq!(
        given.types("transfer", &json!({"position": "старший", "since": "2026-01-01"})),
        ["Transferred"]
    );
    // Neither the same nor what holds already is told again.
    assert_eq!(given.types("transfer", &to_sales), [""; 0]);
    assert_eq!(given.types("transfer", &json!({"department": "sales", "since": "2025-06-01"})), [""; 0]);
    let post = |given: &Given<Employee>, on: &str| {
        let post = given.state.person().unwrap().posts.on(day(on)).unwrap().clone();
        (post.department.map(|d| d.to_string()), post.position.map(|p| p.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(post(&given, "2024-12-31"), (None, None));
    assert_eq!(post(&given, "2025-12-31"), (some("sales"), some("менеджер")));
    assert_eq!(post(&given, "2026-01-01"), (some("sales"), some("старший")));
    // A correction is of the last one.
    given.when("correct", &json!({"department": "support"})).unwrap();
    assert_eq!(post(&given, "2025-12-31").0, some("sales"));
    assert_eq!(post(&given, "2026-01-01").0, some("support"));
    let nowhere = given.refused("transfer", &json!({"since": "2026-01-01"}));
    assert_eq!(nowhere, ("missing_field".into(), "/department".into()));
    let early = given.refused("transfer", &json!({"department": "hr", "since": "2024-01-31"}));
    assert_eq!(early.0, "employee_not_here");
    for command in ["transfer", "correct"] {
        let mut body = json!({"department": "suport"});
        if command == "transfer" {
            body["since"] = json!("2026-02-01");
        }
        assert_eq!(given.refused(command, &body), ("unknown_department".into(), "/department".into()));
    }
}

#[test]
fn hours_hold_from_their_day_on() {
    let mut given = hired();
    let hours = |to: &str, from: &str| json!({"weekly": [{"day": "mon", "from": "10:00", "to": to}], "time_zone": "Asia/Omsk", "valid_from": from});
    assert_eq!(given.types("set_hours", &hours("19:00", "2026-03-01")), ["HoursSet"]);
    assert_eq!(given.types("set_hours", &hours("19:00", "2026-03-01")), [""; 0]);
    assert_eq!(given.types("set_hours", &hours("17:00", "2026-02-01")), ["HoursSet"]);
    assert_eq!(given.state.hours(day("2026-01-31")), WorkingHours::default());
    let to = |on: &str| given.state.hours(day(on)).weekly.shifts()[0].to.to_string();
    assert_eq!((to("2026-02-28"), to("2026-03-01")), ("17:00".into(), "19:00".into()));
    let bad = given.refused("set_hours", &hours("09:00", "2026-03-01"));
    assert_eq!(bad, ("form".into(), "/weekly".into()));
}

#[test]
fn working_hours_ahead_are_those_agreed_for_each_day() {
    let mut given = hired();
    let hours = |from: &str, to: &str, zone: &str, since: &str| {
        let week = ["mon", "tue", "wed", "thu", "fri"].map(|day| json!({"day": day, "from": from, "to": to}));
        json!({"weekly": week, "time_zone": zone, "valid_from": since})
    };
    given.when("set_hours", &hours("10:00", "14:00", "Europe/Moscow", "2026-03-01")).unwrap();
    given.when("set_hours", &hours("09:00", "18:00", "Asia/Omsk", "2026-03-04")).unwrap();
    given.when("set_hours", &hours("12:00", "13:00", "Asia/Omsk", "2026-03-06")).unwrap();
    // From Monday at ten: four hours on Monday and on Tuesday, nine on Wednesday and on Thursday, one on Friday.
    for (minutes, then, zone) in [
        (8 * 60, "2026-03-03T14:00:00+03:00", "Europe/Moscow"),
        (8 * 60 + 1, "2026-03-04T09:01:00+06:00", "Asia/Omsk"),
        (17 * 60, "2026-03-04T18:00:00+06:00", "Asia/Omsk"),
        (26 * 60 + 30, "2026-03-06T12:30:00+06:00", "Asia/Omsk"),
    ] {
        let (moment, clocks) =
            given.state.worked("2026-03-02T10:00:00+03:00".parse().unwrap(), minutes).unwrap();
        assert_eq!((moment, clocks), (then.parse().unwrap(), zone.parse().unwrap()), "{minutes}");
    }
}

#[test]
fn an_absence_is_planned_changed_and_ended() {
    let mut given = among_others();
    let plan = json!({"from": "2026-06-01", "until": "2026-06-15", "deputies": [id(7), id(8)], "client_ids": [id(3)]});
    assert_eq!(given.types("plan_absence", &plan), ["AbsencePlanned"]);
    assert_eq!(given.types("plan_absence", &plan), [""; 0]);
    let absence = id(99);
    let change =
        json!({"absence_id": absence, "until": "2026-06-20", "client_ids": null, "kind": "vacation"});
    let told = given.when("change_absence", &change).unwrap();
    assert_eq!(
        told,
        [
            json!(["AbsenceChanged", {"absence_id": absence, "until": "2026-06-20", "client_ids": null, "kind": "vacation"}])
        ]
    );
    assert_eq!(given.types("change_absence", &change), [""; 0]);
    let back = |on: &str| json!({"absence_id": absence, "on": on});
    for on in ["2026-06-01", "2026-06-21"] {
        assert_eq!(given.refused("return_early", &back(on)), ("bad_value".into(), "/on".into()), "{on}");
    }
    assert_eq!(given.types("return_early", &back("2026-06-10")), ["ReturnedEarly"]);
    assert_eq!(given.types("return_early", &back("2026-06-10")), [""; 0]);
    assert_eq!(given.types("cancel_absence", &json!({"absence_id": absence})), ["AbsenceCancelled"]);
    assert_eq!(given.types("cancel_absence", &json!({"absence_id": absence})), [""; 0]);
    assert_eq!(given.refused("return_early", &back("2026-06-05")).0, "absence_cancelled");
    assert_eq!(given.refused("change_absence", &change).0, "absence_cancelled");
    let unknown = given.refused("cancel_absence", &json!({"absence_id": id(5)}));
    assert_eq!(unknown, ("no_such_part".into(), "/absence_id".into()));
}

#[test]
fn absences_do_not_overlap_and_deputies_work_here() {
    let mut given = among_others();
    let plan = |from: &str, until: &str| json!({"from": from, "until": until});
    given.when("plan_absence", &plan("2026-06-10", "2026-06-20")).unwrap();
    for (from, until, expected) in [
        ("2026-06-01", "2026-06-10", Ok(())),
        ("2026-06-19", "2026-06-25", Err("absence_overlaps")),
        ("2026-06-01", "2026-06-11", Err("absence_overlaps")),
        ("2026-06-20", "2026-06-20", Err("ends_before_start")),
        ("2024-01-31", "2024-02-10", Err("employee_not_here")),
    ] {
        let answer = given.when("plan_absence", &plan(from, until)).map(drop).map_err(|(code, _)| code);
        assert_eq!(answer, expected.map_err(str::to_owned), "{from} {until}");
    }
    for (field, value, code, path) in [
        ("deputies", json!([id(1)]), "oneself", "/deputies"),
        ("deputies", json!([id(7), id(7)]), "bad_value", "/deputies"),
        ("deputies", json!([id(7), id(5)]), "unknown_employee", "/deputies/1"),
        ("client_ids", json!([id(4)]), "unknown_client", "/client_ids/0"),
        ("client_ids", json!([id(3), id(3)]), "bad_value", "/client_ids"),
    ] {
        let mut body = plan("2026-08-01", "2026-08-10");
        body[field] = value;
        assert_eq!(given.refused("plan_absence", &body), (code.into(), path.into()));
    }
    let mut gone = plan("2026-07-01", "2026-07-10");
    gone["deputies"] = json!([id(8)]);
    assert_eq!(given.refused("plan_absence", &gone).0, "employee_not_here");
}

#[test]
fn who_leaves_hands_over_to_others_who_work_here() {
    for (to, code) in [
        (json!([id(1)]), "oneself"),
        (json!([id(5)]), "unknown_employee"),
        (json!([id(7), id(7)]), "bad_value"),
        (json!([id(8)]), "employee_not_here"),
    ] {
        let body = json!({"on": "2026-07-01", "hand_over_to": to});
        assert_eq!(among_others().refused("dismiss", &body).0, code);
    }
    let mut given = among_others();
    let body = json!({"on": "2026-06-01", "hand_over_to": [id(7), id(8)], "handover_note": "ключи в столе"});
    let told = given.when("dismiss", &body).unwrap();
    assert_eq!(told[0][1]["hand_over_to"], json!([id(7), id(8)]));
    assert_eq!(told[0][1]["handover_note"], json!({"of": id(1), "is": "ключи в столе"}));
    assert_eq!(given.types("dismiss", &body), [""; 0]);
    let other = json!({"on": "2026-06-01", "hand_over_to": [id(7)]});
    assert_eq!(given.refused("dismiss", &other).0, "already_dismissed");
}

fn any_command() -> impl Strategy<Value = (&'static str, Value)> {
    let days = (1..28_u32).prop_map(|day| format!("2026-06-{day:02}"));
    prop_oneof![
        (days.clone(), days.clone()).prop_map(|(from, until)| {
            ("plan_absence", json!({"from": from, "until": until, "deputies": [id(7)]}))
        }),
        days.clone().prop_map(|until| ("change_absence", json!({"absence_id": id(99), "until": until}))),
        days.clone().prop_map(|on| ("return_early", json!({"absence_id": id(99), "on": on}))),
        Just(("cancel_absence", json!({"absence_id": id(99)}))),
        (days.clone(), "[a-c]")
            .prop_map(|(since, to)| ("transfer", json!({"department": to, "since": since}))),
        "[a-c]".prop_map(|to| ("correct", json!({"department": to, "position": null}))),
        Just(("reinstate", json!({"reason": "x"}))),
        days.prop_map(|on| ("dismiss", json!({"on": on, "hand_over_to": [id(7)]}))),
    ]
}

proptest! {
    /// No sequence panics; the stored events give the live state again; a repeated command adds nothing.
    #[test]
    fn replay_equals_live_and_a_repeat_adds_nothing(commands in prop::collection::vec(any_command(), 0..20)) {
        let mut given = among_others();
        let mut stored = vec![];
        for (command, body) in commands {
            if let Ok(events) = given.when(command, &body) {
                stored.extend(events);
                prop_assert_eq!(given.when(command, &body).unwrap_or_default(), Vec::<Value>::new());
            }
        }
        let mut replayed = among_others().state;
        for event in stored {
            let kind = event[0].as_str().unwrap();
            replayed.evolve(&EmployeeEvent::decode(kind, 1, &event[1].to_string()).unwrap());
        }
        prop_assert_eq!(replayed, given.state);
    }
}
