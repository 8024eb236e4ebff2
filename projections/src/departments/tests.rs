//! Given a history, then these rows.

use super::{Department, Departments};
use crate::engine::given;
use crate::engine::history::{DEPARTMENTS, Told, changing, history};
use letopis_events::Code;
use serde_json::json;

/// The department opened, and what came then.
fn department(told: impl IntoIterator<Item = Told>) -> Department {
    let opened = DEPARTMENTS.golden("Opened", &json!({}));
    given::<Departments>(history([opened].into_iter().chain(told))).unwrap().department.rows().remove(0)
}

#[test]
fn these_events_and_no_others_change_departments() {
    let rows = |history| {
        let rows = given::<Departments>(history).unwrap();
        format!("{:?}{:?}", rows.company.rows(), rows.department.rows())
    };
    // The golden ones are about a department that is not there: the tree's version rises all the same.
    let expected = ["Closed", "Founded", "HeadAppointed", "Moved", "Opened", "Renamed"];
    assert_eq!(changing(rows), expected.map(|kind| format!("departments.{kind}")).into());
}

#[test]
fn a_department_from_its_opening_to_its_end() {
    let opened = department([]);
    assert_eq!((opened.name.as_str(), opened.head, opened.open), ("Север", None, true));
    assert_eq!(opened.parent.as_ref().map(Code::as_str), Some("sales"));
    let says = |kind: &str| DEPARTMENTS.golden(kind, &json!({}));
    assert_eq!(department([says("Renamed")]).name.as_str(), "Северо-Запад");
    assert_eq!(department([says("Moved")]).parent.as_ref().map(Code::as_str), Some("regions"));
    assert!(department([says("HeadAppointed")]).head.is_some());
    let nobody = DEPARTMENTS.golden("HeadAppointed", &json!({"employee_id": null}));
    assert_eq!(department([says("HeadAppointed"), nobody]).head, None);
    assert!(!department([says("Closed")]).open);
    // Opened again it has no head.
    let again = department([says("HeadAppointed"), says("Closed"), says("Opened")]);
    assert_eq!((again.head, again.open), (None, true));
}
