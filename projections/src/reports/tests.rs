//! Given a history, then these rows.

use super::{Call, ReportRows, Reports, Trait};
use crate::engine::given;
use crate::engine::history::{CALL, CLIENT, EMPLOYEE, OTHER, Told, changing, erased, history};
use letopis_events::clients::ClientStatus;
use letopis_events::interactions::{Direction, InteractionKind, Precision, TelephonyStatus};
use letopis_events::{ClientId, Code};
use serde_json::json;

fn rows(told: impl IntoIterator<Item = Told>) -> ReportRows {
    given::<Reports>(history(told)).unwrap()
}

/// A call with a client, and what came then.
fn call(told: impl IntoIterator<Item = Told>) -> Call {
    let recorded = json!({"client_id": CLIENT.id(), "employee_id": EMPLOYEE.id()});
    let recorded = CALL.golden("Recorded", &recorded);
    rows([recorded].into_iter().chain(told)).interaction.rows().remove(0)
}

fn client(told: impl IntoIterator<Item = Told>) -> Trait {
    let registered = CLIENT.golden("Registered", &json!({}));
    rows([registered].into_iter().chain(told)).client.rows().remove(0)
}

#[test]
fn these_events_and_no_others_change_reports() {
    let changing = changing(|history| {
        let rows = given::<Reports>(history).unwrap();
        format!("{:?}{:?}", rows.interaction.rows(), rows.client.rows())
    });
    let expected = [
        "clients.Corrected",
        "clients.Registered",
        "clients.StatusChanged",
        "interactions.Corrected",
        "interactions.Linked",
        "interactions.Recorded",
        "interactions.ResultSet",
        "interactions.Unlinked",
        "interactions.Withdrawn",
    ];
    assert_eq!(changing, expected.map(str::to_owned).into());
}

#[test]
fn an_interaction_is_counted_with_its_traits() {
    let row = call([]);
    assert_eq!((row.kind, row.direction), (InteractionKind::Call, Some(Direction::In)));
    assert_eq!(
        (row.clients.as_slice(), row.employee_id.map(|id| id.0)),
        ([ClientId(CLIENT.id())].as_slice(), Some(EMPLOYEE.id()))
    );
    assert_eq!(
        (row.occurred_at.to_string().as_str(), row.precision),
        ("2026-03-02T07:15:00.500Z", Precision::Minute)
    );
    assert_eq!((row.duration_seconds, row.telephony_status), (Some(75), Some(TelephonyStatus::Answered)));
    assert_eq!(row.result.as_ref().map(Code::as_str), Some("interested"));
}

#[test]
fn a_correction_sets_clears_and_keeps() {
    let row = call([CALL.golden("Corrected", &json!({}))]);
    assert_eq!((row.kind, row.precision), (InteractionKind::Meeting, Precision::Day));
    assert_eq!(row.occurred_at.to_string(), "2026-03-03T12:00:00Z");
    assert_eq!((row.direction, row.employee_id, row.duration_seconds), (None, None, None));
    assert_eq!((row.telephony_status, &row.result), (None, &None));
    assert_eq!(row.clients, call([]).clients);
    assert_eq!(call([CALL.says("Corrected", &json!({"reason": "x"}))]), call([]));
}

#[test]
fn the_last_result_counts() {
    let results = ["agreed", "refused"].map(|result| CALL.says("ResultSet", &json!({"result": result})));
    assert_eq!(call(results).result.as_ref().map(Code::as_str), Some("refused"));
}

#[test]
fn clients_are_sorted_and_stand_once() {
    let linked = [OTHER, CLIENT, OTHER].map(|client| CALL.says("Linked", &json!({"client_id": client.id()})));
    let both = call(linked.clone());
    assert_eq!(both.clients, [ClientId(CLIENT.id()), ClientId(OTHER.id())]);
    let unlinked = json!({"client_id": CLIENT.id(), "reason": "x"});
    let unlinked = [CALL.says("Unlinked", &unlinked), CALL.says("Unlinked", &unlinked)];
    assert_eq!(call(linked.into_iter().chain(unlinked)).clients, [ClientId(OTHER.id())]);
}

#[test]
fn what_is_withdrawn_is_not_counted() {
    let told = [CALL.golden("Recorded", &json!({})), CALL.golden("Withdrawn", &json!({}))];
    assert_eq!(rows(told).interaction.rows(), []);
}

#[test]
fn a_client_s_traits_are_the_latest() {
    let codes = |row: &Trait| [&row.industry, &row.region].map(|code| code.as_ref().map(Code::to_string));
    let before = client([]);
    assert_eq!(
        (before.status, codes(&before)),
        (ClientStatus::Active, [Some("retail".into()), Some("msk".into())])
    );
    let after = client([CLIENT.golden("Corrected", &json!({})), CLIENT.golden("StatusChanged", &json!({}))]);
    assert_eq!((after.status, codes(&after)), (ClientStatus::Former, [None, Some("spb".into())]));
    assert_eq!(client([CLIENT.says("Corrected", &json!({"reason": "x"}))]), before);
}

#[test]
fn no_report_needs_what_can_be_erased() {
    let mut but = json!({"client_id": CLIENT.id(), "employee_id": EMPLOYEE.id()});
    for field in
        ["text", "subject", "counterpart", "participants", "result_text", "recording_url", "attributes"]
    {
        but[field] = erased();
    }
    assert_eq!(rows([CALL.golden("Recorded", &but)]).interaction.rows(), [call([])]);
}
