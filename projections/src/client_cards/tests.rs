//! Given a history, then these rows.

use super::{Card, ClientCards};
use crate::engine::given;
use crate::engine::history::{CLIENT, OTHER, Told, changing, erased, history, personal};
use letopis_events::Code;
use serde_json::{Value, json};
use uuid::Uuid;

fn card(told: impl IntoIterator<Item = Told>) -> Card {
    given::<ClientCards>(history(told)).unwrap().card.rows().remove(0)
}

/// The card of a registered client after more happened.
fn after(told: impl IntoIterator<Item = Told>) -> Card {
    card([CLIENT.golden("Registered", &json!({}))].into_iter().chain(told))
}

fn tags(card: &Card) -> Vec<&str> {
    card.tags.iter().map(Code::as_str).collect()
}

#[test]
fn what_is_registered_stands_on_the_card() {
    let card = after([]);
    assert_eq!((card.client_id.0, card.version, card.archived), (CLIENT.id(), 1, false));
    assert_eq!(card.name.as_ref().map(letopis_events::Text::as_str), Some("ООО «Ромашка»"));
    let number = json!({
        "id": "01a20e22-b2d2-760b-9753-9c568a4cae73", "raw": "8 495 123-45-67", "e164": "+74951234567",
        "extension": "12", "kind": "office", "shared": true,
    });
    assert_eq!(card.phones.0, [number]);
    assert_eq!(card.emails.0[0]["address"], "a@example.org");
    assert_eq!(card.addresses.0[0]["text"], "Москва, Тверская, 1");
    assert_eq!(card.requisites.0[0]["ogrn"], "1027700132195");
    assert_eq!((tags(&card), card.external_id.as_deref()), (vec!["b2b", "vip"], Some("crm1:1")));
    assert_eq!(json!(card.attributes.0), json!({"floor": 3, "note": "да", "vat": true}));
    assert_eq!(card.registered_at.to_string(), "2026-03-02T10:00:00Z");
}

#[test]
fn every_event_of_a_client_and_no_other_is_on_its_card() {
    let cards = |history| format!("{:?}", given::<ClientCards>(history).unwrap().card.rows());
    let changing = changing(cards);
    for (module, kind) in letopis_events::kinds() {
        // At least the version that a command names.
        assert_eq!(changing.contains(&format!("{module}.{kind}")), module == "clients", "{module}.{kind}");
    }
}

#[test]
fn a_correction_sets_clears_and_keeps() {
    let before = after([]);
    let card = after([CLIENT.golden("Corrected", &json!({}))]);
    assert_eq!(card.version, 2);
    assert_eq!(card.name.as_ref().map(letopis_events::Text::as_str), Some("ООО «Ромашка+»"));
    assert_eq!((card.country.as_str(), card.region.as_ref().map(Code::as_str)), ("KZ", Some("spb")));
    assert_eq!((&card.industry, &card.channel, &card.website, &card.time_zone), (&None, &None, &None, &None));
    assert_eq!(card.about.as_ref().map(letopis_events::Text::as_str), Some("новое"));
    assert!(card.parent_client_id.is_some());
    assert_eq!(json!(card.attributes.0), json!({"new": 1.5, "note": "да", "vat": true}));
    assert_eq!((card.status, &card.phones), (before.status, &before.phones));
    let same = after([CLIENT.says("Corrected", &json!({"reason": "x"}))]);
    assert_eq!(same, Card { version: 2, ..before });
}

#[test]
fn what_is_cleared_is_gone() {
    let card = after([CLIENT.says("Corrected", &json!({"about": null, "size": null, "language": null}))]);
    assert_eq!((card.about, card.size, card.language), (None, None, None));
}

#[test]
fn ways_to_reach_a_client_come_and_go() {
    let [phone, email, address] =
        ["PhoneAdded", "EmailAdded", "AddressAdded"].map(|kind| CLIENT.golden(kind, &json!({})));
    let card = after([phone, email, address]);
    assert_eq!([card.phones.0.len(), card.emails.0.len(), card.addresses.0.len()], [2; 3]);
    let gone = ["PhoneRemoved", "EmailRemoved", "AddressRemoved"];
    let gone = gone.iter().chain(&gone).map(|kind| CLIENT.golden(kind, &json!({})));
    let card = after(gone);
    let none: [Value; 0] = [];
    assert_eq!((card.phones.0.as_slice(), card.emails.0.as_slice()), (none.as_slice(), none.as_slice()));
    assert_eq!((card.addresses.0.as_slice(), card.version), (none.as_slice(), 7));
}

#[test]
fn requisites_are_replaced_as_a_whole() {
    let card = after([CLIENT.golden("RequisitesSet", &json!({}))]);
    let id = "01a20e22-b2d2-760b-9753-9c5a3c1d7e10";
    let set = json!({
        "id": id, "inn": "7736050003", "kpp": null, "ogrn": null, "full_name": "ИП", "legal_address": null,
        "bank_account": null, "signatory": null,
    });
    assert_eq!(card.requisites.0, [set]);
}

#[test]
fn sets_of_requisites_come_and_go_and_the_first_one_is_the_main() {
    let branch = json!({"requisites": {"id": Uuid::from_u128(8), "kpp": "784243001"}});
    let card = after([CLIENT.says("RequisitesSet", &branch), CLIENT.golden("RequisitesSet", &json!({}))]);
    let kpp: Vec<&Value> = card.requisites.0.iter().map(|set| &set["kpp"]).collect();
    assert_eq!(kpp, [&Value::Null, &json!("784243001")]);
    let card = after([CLIENT.says("RequisitesSet", &branch), CLIENT.golden("RequisitesRemoved", &json!({}))]);
    assert_eq!((card.requisites.0.len(), &card.requisites.0[0]["kpp"]), (1, &json!("784243001")));
}

#[test]
fn tags_are_sorted_and_stand_once() {
    let card = after(["zz", "aa", "zz", "b2b"].map(|tag| CLIENT.says("Tagged", &json!({"tag": tag}))));
    assert_eq!(tags(&card), ["aa", "b2b", "vip", "zz"]);
    let card = after(["vip", "vip", "none"].map(|tag| CLIENT.says("Untagged", &json!({"tag": tag}))));
    assert_eq!(tags(&card), ["b2b"]);
}

#[test]
fn status_and_archive() {
    let mut history = vec![CLIENT.golden("StatusChanged", &json!({})), CLIENT.golden("Archived", &json!({}))];
    let card = after(history.clone());
    assert_eq!((card.status, card.archived), (letopis_events::clients::ClientStatus::Former, true));
    history.push(CLIENT.golden("Restored", &json!({})));
    assert!(!after(history).archived);
}

#[test]
fn who_is_merged_keeps_its_card() {
    let mut history = vec![CLIENT.says("MergedInto", &json!({"into": OTHER.id(), "reason": "x"}))];
    let card = after(history.clone());
    assert_eq!((card.merged_into.map(|id| id.0), card.tags.len()), (Some(OTHER.id()), 2));
    history.push(CLIENT.golden("Unmerged", &json!({})));
    assert_eq!(after(history).merged_into, None);
}

#[test]
fn each_client_has_a_card_of_its_own() {
    let told = [
        CLIENT.golden("Registered", &json!({})),
        OTHER.golden("Registered", &json!({"name": personal("Другие")})),
        OTHER.says("Tagged", &json!({"tag": "new"})),
    ];
    let cards = given::<ClientCards>(history(told)).unwrap().card.rows();
    assert_eq!(cards.iter().map(|card| card.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(cards[0].tags.len() + 1, cards[1].tags.len());
}

#[test]
fn what_is_erased_is_empty_and_the_rest_stays() {
    let id = Uuid::from_u128(8);
    let erased = json!({
        "name": erased(), "about": erased(), "attributes": erased(),
        "requisites": {"id": id, "inn": erased(), "kpp": "770701001", "full_name": erased()},
        "phones": [{"id": id, "number": erased(), "kind": "office"}],
        "emails": [{"id": id, "address": erased()}],
        "addresses": [{"id": id, "kind": "legal", "text": erased()}],
    });
    let card = card([CLIENT.golden("Registered", &erased)]);
    assert_eq!((&card.name, &card.about, card.attributes.0.len()), (&None, &None, 0));
    assert_eq!(
        (&card.requisites.0[0]["inn"], &card.requisites.0[0]["kpp"]),
        (&Value::Null, &json!("770701001"))
    );
    let phone = json!({
        "id": id, "raw": null, "e164": null, "extension": null, "kind": "office", "shared": false,
    });
    assert_eq!(card.phones.0, [phone]);
    assert_eq!(card.emails.0, [json!({"id": id, "address": null, "kind": null})]);
    assert_eq!(card.addresses.0, [json!({"id": id, "kind": "legal", "text": null})]);
    assert_eq!(card.industry.as_ref().map(Code::as_str), Some("retail"));
}
