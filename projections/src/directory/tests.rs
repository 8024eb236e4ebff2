//! Given a history, then these rows.

use super::{Directory, DirectoryRows};
use crate::engine::given;
use crate::engine::history::{CLIENT, EMPLOYEE, OTHER, Stream, Told, changing, erased, history, personal};
use serde_json::json;

fn rows(told: impl IntoIterator<Item = Told>) -> DirectoryRows {
    given::<Directory>(history(told)).unwrap()
}

/// The keys of a client: kind, value, whether it is shared.
fn keys(rows: &DirectoryRows, client: Stream) -> Vec<(String, String, bool)> {
    let keys = rows.client_key.rows().into_iter().filter(|key| key.client_id.0 == client.id());
    keys.map(|key| (key.kind, key.value, key.shared)).collect()
}

fn key(kind: &str, value: &str) -> (String, String, bool) {
    (kind.to_owned(), value.to_owned(), false)
}

#[test]
fn these_events_and_no_others_change_who_is_who() {
    let changing = changing(|history| {
        let rows = given::<Directory>(history).unwrap();
        format!("{:?}{:?}", rows.employee.rows(), rows.client_key.rows())
    });
    let expected = [
        "clients.EmailAdded",
        "clients.EmailRemoved",
        "clients.PhoneAdded",
        "clients.PhoneRemoved",
        "clients.Registered",
        "clients.RequisitesRemoved",
        "clients.RequisitesSet",
        "employees.AbsenceCancelled",
        "employees.AbsenceChanged",
        "employees.AbsencePlanned",
        "employees.Corrected",
        "employees.Dismissed",
        "employees.Hired",
        "employees.HoursSet",
        "employees.Reinstated",
        "employees.ReturnedEarly",
        "employees.Transferred",
    ];
    assert_eq!(changing, expected.map(str::to_owned).into());
}

#[test]
fn an_employee_is_hired_corrected_dismissed_and_reinstated() {
    let mut history = vec![EMPLOYEE.golden("Hired", &json!({}))];
    let hired = rows(history.clone()).employee.rows().remove(0);
    assert_eq!((hired.employee_id.0, hired.version), (EMPLOYEE.id(), 1));
    assert_eq!(hired.name.as_deref(), Some("Иванова Мария Сергеевна"));
    assert_eq!(hired.phone.as_deref(), Some("+74957654321"));
    assert_eq!(hired.external_id.as_deref(), Some("hr:7"));
    history.push(EMPLOYEE.golden("Corrected", &json!({})));
    let corrected = rows(history.clone()).employee.rows().remove(0);
    assert_eq!((corrected.name.as_deref(), corrected.version), (Some("Петрова"), 2));
    assert_eq!((&corrected.title, &corrected.email), (&None, &None));
    assert_eq!(corrected.department.as_ref().map(letopis_events::Code::as_str), Some("support"));
    assert_eq!(corrected.external_id, hired.external_id);
    history.push(EMPLOYEE.golden("Dismissed", &json!({})));
    let dismissed = rows(history.clone()).employee.rows().remove(0);
    assert_eq!(dismissed.dismissed_on.map(|day| day.to_string()).as_deref(), Some("2026-11-01"));
    assert_eq!((dismissed.name, dismissed.version), (corrected.name, 3));
    history.push(EMPLOYEE.golden("Reinstated", &json!({})));
    let reinstated = rows(history).employee.rows().remove(0);
    assert_eq!((reinstated.dismissed_on, reinstated.version), (None, 4));
}

#[test]
fn what_a_correction_does_not_name_stays() {
    let rows =
        rows([EMPLOYEE.golden("Hired", &json!({})), EMPLOYEE.says("Corrected", &json!({"reason": "x"}))]);
    let row = rows.employee.rows().remove(0);
    assert_eq!(row.name.as_deref(), Some("Иванова Мария Сергеевна"));
    assert!(row.title.is_some() && row.phone.is_some() && row.email.is_some() && row.hired_on.is_some());
}

#[test]
fn a_phone_that_is_no_number_stands_as_it_was_told() {
    let phone = personal(json!({"raw": "внутр. 12"}));
    let rows = rows([EMPLOYEE.golden("Hired", &json!({"phone": phone}))]);
    assert_eq!(rows.employee.rows()[0].phone.as_deref(), Some("внутр. 12"));
}

#[test]
fn a_client_is_found_by_every_key() {
    let rows = rows([CLIENT.golden("Registered", &json!({}))]);
    let (email, inn) = (key("email", "a@example.org"), key("inn", "7707083893"));
    let phone = ("phone".to_owned(), "+74951234567".to_owned(), true);
    assert_eq!(keys(&rows, CLIENT), [email, key("external_id", "crm1:1"), inn, phone]);
}

#[test]
fn keys_come_and_go_and_each_client_has_its_own() {
    let email = json!({"email": {"id": uuid::Uuid::from_u128(8), "address": personal("Anna@example.org")}});
    let bare = json!({"phones": [], "emails": [], "requisites": null, "external": null});
    let mut history = vec![
        CLIENT.golden("Registered", &json!({})),
        OTHER.golden("Registered", &bare),
        OTHER.golden("PhoneAdded", &json!({})),
        OTHER.says("EmailAdded", &email),
        OTHER.golden("RequisitesSet", &json!({})),
    ];
    let before = rows(history.clone());
    // An address is one in whatever case.
    let added = [key("email", "anna@example.org"), key("inn", "7736050003"), key("phone", "+74951112233")];
    assert_eq!(keys(&before, OTHER), added);
    for _ in 0..2 {
        history.push(OTHER.says("EmailRemoved", &json!({"email_id": uuid::Uuid::from_u128(8)})));
        history
            .push(OTHER.says("PhoneRemoved", &json!({"phone_id": "01a20e22-b366-74bd-afec-95a4427229af"})));
        history.push(OTHER.golden("RequisitesRemoved", &json!({})));
        let after = rows(history.clone());
        assert_eq!(keys(&after, OTHER), []);
        assert_eq!(keys(&after, CLIENT), keys(&before, CLIENT));
    }
}

#[test]
fn what_is_erased_is_no_key_and_no_name() {
    let id = uuid::Uuid::from_u128(8);
    let client = json!({
        "phones": [{"id": id, "number": erased()}],
        "emails": [{"id": id, "address": erased()}],
        "requisites": {"id": id, "inn": erased()},
        "external": null,
    });
    let employee = json!({"name": erased(), "phone": erased(), "email": erased()});
    let rows = rows([CLIENT.golden("Registered", &client), EMPLOYEE.golden("Hired", &employee)]);
    assert_eq!(keys(&rows, CLIENT), []);
    let row = rows.employee.rows().remove(0);
    assert_eq!((row.name, row.phone, row.email), (None, None, None));
}
