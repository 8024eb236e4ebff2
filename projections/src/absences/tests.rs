//! Given a history, then these rows.

use super::{Absence, Absences};
use crate::engine::given;
use crate::engine::history::{EMPLOYEE, Told, changing, erased, history};
use letopis_events::Text;
use serde_json::json;

fn absences(told: impl IntoIterator<Item = Told>) -> Vec<Absence> {
    given::<Absences>(history(told)).unwrap().absence.rows()
}

fn planned() -> Told {
    EMPLOYEE.golden("AbsencePlanned", &json!({}))
}

/// First day away, first day back.
fn days(absence: &Absence) -> (String, String) {
    (absence.from_day.to_string(), absence.until_day.to_string())
}

#[test]
fn these_events_and_no_others_change_absences() {
    // What happens to an absence happens to the one planned before.
    let rows = |mut told: Vec<letopis_events::Recorded<_>>| {
        let mut before = history([planned()]);
        for event in &mut told {
            event.position.0 += 1;
        }
        before.append(&mut told);
        format!("{:?}", given::<Absences>(before).unwrap().absence.rows())
    };
    let expected =
        ["AbsenceCancelled", "AbsenceChanged", "ReturnedEarly"].map(|kind| format!("employees.{kind}"));
    // The golden one is the one planned before.
    assert_eq!(changing(rows), expected.into());
}

#[test]
fn planned_it_says_who_is_away_and_who_stands_in_for_whom() {
    let absence = absences([planned()]).remove(0);
    assert_eq!(absence.employee_id.0, EMPLOYEE.id());
    assert_eq!(days(&absence), ("2026-07-01".into(), "2026-07-15".into()));
    assert_eq!((absence.deputies.len(), absence.client_ids.as_ref().map(Vec::len)), (1, Some(1)));
    assert_eq!(absence.note.as_ref().map(Text::as_str), Some("на связи по вечерам"));
    assert_eq!(absences([EMPLOYEE.golden("AbsencePlanned", &json!({"note": erased()}))])[0].note, None);
}

#[test]
fn changed_it_says_so_of_what_was_named_alone() {
    let changed = absences([planned(), EMPLOYEE.golden("AbsenceChanged", &json!({}))]).remove(0);
    assert_eq!(days(&changed), ("2026-07-02".into(), "2026-07-16".into()));
    assert_eq!((changed.deputies.len(), changed.client_ids, changed.kind), (0, None, None));
    assert_eq!(changed.note.as_ref().map(Text::as_str), Some("без связи"));
    let before = absences([planned()]);
    let nothing = json!({"absence_id": before[0].absence_id, "reason": "x"});
    assert_eq!(absences([planned(), EMPLOYEE.says("AbsenceChanged", &nothing)]), before);
}

#[test]
fn back_early_the_rest_of_it_is_gone_and_cancelled_all_of_it() {
    let early = absences([planned(), EMPLOYEE.golden("ReturnedEarly", &json!({}))]).remove(0);
    assert_eq!(days(&early), ("2026-07-01".into(), "2026-07-10".into()));
    assert_eq!(absences([planned(), EMPLOYEE.golden("AbsenceCancelled", &json!({}))]), []);
}
