//! Given a history, then these looks, keys and pairs.

use super::*;
use crate::engine::given;
use crate::engine::history::event;
use serde_json::{Value, json};
use uuid::Uuid;

fn client(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn registered(position: i64, number: u128, phone: &str) -> Recorded<DomainEvent> {
    let own = client(number);
    let phone = json!({"id": client(9), "number": {"of": own, "is": {"raw": phone, "e164": phone}}});
    let data = json!({
        "kind": "company", "name": {"of": own, "is": "ООО"}, "status": "active", "country": "RU", "phones": [phone],
    });
    event(position, number, "clients", "Registered", &data)
}

fn of(position: i64, number: u128, kind: &str, data: &Value) -> Recorded<DomainEvent> {
    event(position, number, "clients", kind, data)
}

fn keys(rows: &DuplicateRows) -> Vec<String> {
    rows.look_key.rows().into_iter().map(|key| key.value).collect()
}

#[test]
fn keys_follow_the_look() {
    let mut history = vec![registered(1, 1, "+74951234567")];
    assert_eq!(keys(&given::<Duplicates>(history.clone()).unwrap()), ["phone:+74951234567"]);
    history.push(of(2, 1, "PhoneRemoved", &json!({"phone_id": client(9)})));
    let email = json!({"email": {"id": client(8), "address": {"of": client(1), "is": "a@example.org"}}});
    history.push(of(3, 1, "EmailAdded", &email));
    history.push(of(4, 1, "MergedInto", &json!({"into": client(2), "reason": "x"})));
    let rows = given::<Duplicates>(history.clone()).unwrap();
    assert_eq!(keys(&rows), ["email:a@example.org"]);
    let look = rows.look.rows()[0].clone();
    assert_eq!((look.position, look.merged_into), (1, Some(client(2))));
    history.push(of(5, 1, "Unmerged", &json!({"reason": "x"})));
    assert_eq!(given::<Duplicates>(history).unwrap().look.rows()[0].merged_into, None);
}

#[test]
fn a_pair_stands_once_whoever_it_is_said_of() {
    let mut history = vec![
        registered(1, 1, "+74951234567"),
        registered(2, 2, "+74951234567"),
        of(3, 2, "DuplicateSuspected", &json!({"client_id": client(1), "score": 85, "reasons": ["phone"]})),
    ];
    let pair = given::<Duplicates>(history.clone()).unwrap().pair.rows()[0].clone();
    assert_eq!((pair.client_id, pair.other_id, pair.score, pair.denied_at), (client(2), client(1), 85, None));
    history.push(of(4, 1, "DuplicateDenied", &json!({"client_id": client(2), "reason": "соседи"})));
    let rows = given::<Duplicates>(history).unwrap().pair.rows();
    assert_eq!((rows.len(), rows[0].client_id, rows[0].position), (1, client(2), 3));
    assert_eq!(rows[0].denied_reason.as_ref().map(Text::as_str), Some("соседи"));
}
