//! Given / when / then: sets of registration data.

use crate::clients::Client;
use crate::given::{Given, id};
use serde_json::{Value, json};

const BANK: &str = "044525225";
const ACCOUNT: &str = "40702810938000000001";

/// A client without registration data. Every id made in these tests is 99.
fn registered() -> Given<Client> {
    let mut given = Given::default();
    given.when("register", &json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    given
}

fn set(told: &Value) -> &Value {
    &told[1]["requisites"]
}

#[test]
fn the_main_set_is_set_changed_and_removed() {
    let mut given = registered();
    let told = given.when("set_requisites", &json!({"inn": "7707083893", "kpp": "770701001"})).unwrap();
    assert_eq!((told.len(), &set(&told[0])["id"]), (1, &json!(id(99))));
    assert_eq!(given.types("set_requisites", &json!({"inn": "7707083893", "kpp": "770701001"})), [""; 0]);
    // All of it is replaced.
    let told = given.when("set_requisites", &json!({"inn": "7736050003"})).unwrap();
    assert_eq!((&set(&told[0])["inn"]["is"], set(&told[0]).get("kpp")), (&json!("7736050003"), None));
    assert_eq!(given.types("set_requisites", &json!({})), ["RequisitesRemoved"]);
    assert_eq!(given.types("set_requisites", &json!({})), [""; 0]);
}

#[test]
fn a_set_is_added_changed_field_by_field_and_removed() {
    let mut given = registered();
    let branch = json!({
        "inn": "7707083893", "kpp": "770743001", "bank_account": {"account": ACCOUNT, "bik": BANK},
        "signatory": {"name": "Лесков Пётр", "position": "директор филиала", "basis": "доверенность 7"},
    });
    let told = given.when("add_requisites", &branch).unwrap();
    assert_eq!(set(&told[0])["bank_account"]["is"], json!({"account": ACCOUNT, "bik": BANK}));
    assert_eq!(set(&told[0])["signatory"]["is"]["basis"], "доверенность 7");
    assert_eq!(given.types("add_requisites", &branch), [""; 0]);
    let change = json!({"requisites_id": id(99), "kpp": null, "full_name": "ООО «Лес», филиал"});
    let told = given.when("change_requisites", &change).unwrap();
    let now = set(&told[0]);
    assert_eq!((now.get("kpp"), &now["full_name"]["is"]), (None, &json!("ООО «Лес», филиал")));
    assert_eq!(now["bank_account"]["is"]["bik"], BANK);
    assert_eq!(given.types("change_requisites", &change), [""; 0]);
    let remove = json!({"requisites_id": id(99), "reason": "филиал закрыт"});
    assert_eq!(given.types("remove_requisites", &remove), ["RequisitesRemoved"]);
    let gone = ("no_such_part".to_owned(), "/requisites_id".to_owned());
    assert_eq!(given.refused("remove_requisites", &remove), gone);
    assert_eq!(given.refused("change_requisites", &change), gone);
}

#[test]
fn what_says_nothing_or_does_not_fit_is_refused() {
    let mut given = registered();
    assert_eq!(given.refused("add_requisites", &json!({})), ("missing_field".into(), String::new()));
    let wrong = json!({"bank_account": {"account": "40702810938000000002", "bik": BANK}});
    assert_eq!(given.refused("add_requisites", &wrong), ("form".into(), "/bank_account".into()));
    let wrong = json!({"bank_account": {"account": "4070", "bik": "x"}});
    assert_eq!(given.refused("set_requisites", &wrong), ("form".into(), "/bank_account/account".into()));
    // A sole trader's number has 15 digits.
    assert_eq!(given.types("set_requisites", &json!({"ogrn": "304500116000157"})), ["RequisitesSet"]);
}
