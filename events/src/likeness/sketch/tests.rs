//! Given what happened to two clients, then these signs.

use super::*;
use crate::Event;
use serde_json::{Value, json};
use uuid::Uuid;

fn of(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// What a client that was registered with these fields looks like.
fn sketch(mut fields: Value) -> Sketch {
    for (field, value) in [("kind", json!("company")), ("status", json!("active")), ("country", json!("RU"))]
    {
        fields.as_object_mut().unwrap().entry(field).or_insert(value);
    }
    fields["name"] = json!({"of": of(1), "is": fields["name"].as_str().unwrap_or("ООО")});
    let mut sketch = Sketch::default();
    sketch.change(&ClientEvent::decode("Registered", 1, &fields.to_string()).unwrap());
    sketch
}

fn change(sketch: &mut Sketch, kind: &str, data: &Value) {
    sketch.change(&ClientEvent::decode(kind, 1, &data.to_string()).unwrap());
}

fn inn(inn: &str, kpp: Option<&str>) -> Value {
    let mut set = json!({"id": of(2), "inn": {"of": of(1), "is": inn}});
    if let Some(kpp) = kpp {
        set["kpp"] = json!(kpp);
    }
    json!({"requisites": set})
}

fn phone(e164: &str, shared: bool) -> Value {
    json!({"id": of(3), "number": {"of": of(1), "is": {"raw": e164, "e164": e164}}, "shared": shared})
}

fn address(text: &str) -> Value {
    json!([{"id": of(5), "kind": "office", "text": {"of": of(1), "is": text}}])
}

/// The score and the signs; the rule is the same both ways, and who is alike shares a key.
fn likeness(one: &Sketch, other: &Sketch) -> Option<(u8, Vec<Sign>)> {
    let found = one.likeness(other);
    assert_eq!(found, other.likeness(one));
    assert!(found.is_none() || one.keys().intersection(&other.keys()).next().is_some(), "{one:?} {other:?}");
    found.map(|likeness| (likeness.score.get(), likeness.reasons))
}

#[test]
fn an_inn_tells_unless_the_kpps_differ() {
    let organisation = |kpp| sketch(inn("7707083893", kpp));
    assert_eq!(likeness(&organisation(None), &organisation(None)), Some((100, vec![Sign::Inn])));
    let with = organisation(Some("770701001"));
    assert_eq!(likeness(&with, &with), Some((100, vec![Sign::Inn])));
    assert_eq!(likeness(&with, &organisation(None)), Some((90, vec![Sign::Inn])));
    assert_eq!(likeness(&with, &organisation(Some("784243001"))), None);
    let person = |kpp| sketch(inn("500100732259", kpp));
    assert_eq!(
        likeness(&person(Some("770701001")), &person(Some("784243001"))),
        Some((100, vec![Sign::Inn]))
    );
}

#[test]
fn a_phone_and_an_address_tell_unless_others_use_them() {
    let called = |shared| sketch(json!({"phones": [phone("+74951234567", shared)]}));
    assert_eq!(likeness(&called(false), &called(false)), Some((85, vec![Sign::Phone])));
    assert_eq!(likeness(&called(false), &called(true)), None);
    let written =
        |address: &str| sketch(json!({"emails": [{"id": of(4), "address": {"of": of(1), "is": address}}]}));
    assert_eq!(likeness(&written("A@example.org"), &written("a@example.org")), Some((85, vec![Sign::Email])));
}

#[test]
fn a_name_tells_only_beside_another_sign() {
    let named = |name: &str, more: Value| {
        let mut fields = more;
        fields["name"] = json!(name);
        sketch(fields)
    };
    let (one, other) = ("ООО «Ромашка»", "ЗАО \"РОМАШКА\"");
    let both = |more: Value| likeness(&named(one, more.clone()), &named(other, more));
    assert_eq!(both(json!({})), None);
    assert_eq!(both(json!({"region": "msk"})), Some((75, vec![Sign::Name, Sign::Region])));
    assert_eq!(
        both(json!({"website": "https://www.romashka.example/ru"})),
        Some((75, vec![Sign::Name, Sign::Site]))
    );
    assert_eq!(
        both(json!({"phones": [phone("+74951234567", true)]})),
        Some((75, vec![Sign::Name, Sign::SharedPhone]))
    );
    let moscow = address("г. Москва, ул. Тверская, д. 1");
    assert_eq!(both(json!({"addresses": moscow})), Some((75, vec![Sign::Name, Sign::Address])));
    assert_eq!(both(json!({"addresses": address("г. Москва")})), None);
    let all = json!({"region": "msk", "phones": [phone("+74951234567", false)], "addresses": moscow});
    assert_eq!(both(all), Some((100, vec![Sign::Phone, Sign::Name, Sign::Region, Sign::Address])));
    let region = |region: &str, name: &str| named(name, json!({"region": region}));
    assert_eq!(likeness(&region("msk", one), &region("spb", one)), None);
    assert_eq!(likeness(&region("msk", one), &region("msk", "Василёк")), None);
    assert_eq!(
        likeness(&region("msk", one), &region("msk", "Рамашка")),
        Some((65, vec![Sign::Name, Sign::Region]))
    );
    // People have namesakes.
    let person = |more: Value| {
        let mut fields = more;
        fields["kind"] = json!("person");
        named("Иванов Иван", fields)
    };
    assert_eq!(likeness(&person(json!({"region": "msk"})), &person(json!({"region": "msk"}))), None);
    let (here, there) = (person(json!({"addresses": moscow})), person(json!({"addresses": moscow})));
    assert_eq!(likeness(&here, &there), Some((75, vec![Sign::Name, Sign::Address])));
}

#[test]
fn only_a_new_sign_is_new() {
    let other = sketch(json!({"name": "Ромашка", "region": "msk", "phones": [phone("+74951234567", false)]}));
    let before = sketch(json!({"name": "Ромашка", "region": "msk"}));
    assert!(before.newly_like(None, &other).is_some());
    assert_eq!(before.newly_like(Some(&before), &other), None);
    let mut after = before.clone();
    change(&mut after, "PhoneAdded", &json!({"phone": phone("+74957654321", false)}));
    assert_eq!(after.newly_like(Some(&before), &other), None);
    change(&mut after, "PhoneAdded", &json!({"phone": phone("+74951234567", false)}));
    assert!(after.newly_like(Some(&before), &other).is_some());
    // What is removed leaves no trace.
    change(&mut after, "PhoneRemoved", &json!({"phone_id": of(3)}));
    assert_eq!(after, before);
}

#[test]
fn events_change_the_look_and_what_is_erased_is_not_compared() {
    let mut look = sketch(json!({"name": "Ромашка", "region": "msk", "website": "https://romashka.example"}));
    let erased = json!({"of": of(1), "sealed": "x"});
    change(
        &mut look,
        "Corrected",
        &json!({"name": erased, "region": null, "website": null, "kind": "person"}),
    );
    change(&mut look, "EmailAdded", &json!({"email": {"id": of(4), "address": erased}}));
    change(&mut look, "AddressAdded", &json!({"address": {"id": of(5), "kind": "office", "text": erased}}));
    assert_eq!(look, Sketch { person: true, ..Sketch::default() });
    change(&mut look, "RequisitesSet", &inn("500100732259", None));
    assert_eq!(look.keys().into_iter().collect::<Vec<_>>(), ["inn:500100732259"]);
    change(&mut look, "RequisitesRemoved", &json!({"requisites_id": of(2)}));
    assert_eq!(look.keys(), BTreeSet::new());
}

#[test]
fn keys_are_short_whatever_is_legal() {
    let site = format!("https://{}", "я".repeat(1_900));
    let look = sketch(json!({"website": site, "addresses": address(&"ж 1 ".repeat(120))}));
    assert!(look.keys().iter().all(|key| key.chars().count() <= KEY));
}
