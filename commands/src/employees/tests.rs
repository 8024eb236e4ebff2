//! Given / when / then.

use super::Employee;
use crate::given::Given;
use serde_json::json;

fn hired() -> Given<Employee> {
    let mut given = Given::default();
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
fn a_phone_must_be_one() {
    let refused =
        Given::<Employee>::default().refused("hire", &json!({"name": {"last": "x"}, "phone": "hidden"}));
    assert_eq!(refused, ("bad_value".into(), "/phone".into()));
}
