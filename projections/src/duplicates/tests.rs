//! Given a history, then these looks, keys and pairs.

use super::*;
use crate::engine::given;
use crate::engine::history::{CLIENT, OTHER, Stream, Told, history};
use serde_json::{Value, json};
use uuid::Uuid;

const PHONE: Uuid = Uuid::from_u128(9);

fn registered(client: Stream, phone: &str) -> Told {
    let of = client.id();
    let phone = json!({"id": PHONE, "number": {"of": of, "is": {"raw": phone, "e164": phone}}});
    let data = json!({
        "kind": "company", "name": {"of": of, "is": "ООО"}, "status": "active", "country": "RU", "phones": [phone],
    });
    client.says("Registered", &data)
}

fn rows(told: &[Told]) -> DuplicateRows {
    given::<Duplicates>(history(told.to_vec())).unwrap()
}

fn keys(rows: &DuplicateRows) -> Vec<String> {
    rows.look_key.rows().into_iter().map(|key| key.value).collect()
}

#[test]
fn keys_follow_the_look() {
    let mut told = vec![registered(CLIENT, "+74951234567")];
    assert_eq!(keys(&rows(&told)), ["phone:+74951234567"]);
    told.push(CLIENT.says("PhoneRemoved", &json!({"phone_id": PHONE})));
    let address: Value = json!({"of": CLIENT.id(), "is": "a@example.org"});
    told.push(CLIENT.says("EmailAdded", &json!({"email": {"id": PHONE, "address": address}})));
    told.push(CLIENT.says("MergedInto", &json!({"into": OTHER.id(), "reason": "x"})));
    let then = rows(&told);
    assert_eq!(keys(&then), ["email:a@example.org"]);
    let look = then.look.rows()[0].clone();
    assert_eq!((look.position, look.merged_into), (1, Some(ClientId(OTHER.id()))));
    told.push(CLIENT.says("Unmerged", &json!({"reason": "x"})));
    assert_eq!(rows(&told).look.rows()[0].merged_into, None);
}

#[test]
fn a_pair_stands_once_whoever_it_is_said_of() {
    let suspicion = json!({"client_id": CLIENT.id(), "score": 85, "reasons": ["phone"]});
    let mut told = vec![
        registered(CLIENT, "+74951234567"),
        registered(OTHER, "+74951234567"),
        OTHER.says("DuplicateSuspected", &suspicion),
    ];
    let pair = rows(&told).pair.rows()[0].clone();
    let (one, other) = (ClientId(CLIENT.id()), ClientId(OTHER.id()));
    assert_eq!((pair.client_id, pair.other_id, pair.score, pair.denied_at), (other, one, 85, None));
    told.push(CLIENT.says("DuplicateDenied", &json!({"client_id": OTHER.id(), "reason": "соседи"})));
    let pairs = rows(&told).pair.rows();
    assert_eq!((pairs.len(), pairs[0].client_id, pairs[0].position), (1, other, 3));
    assert_eq!(pairs[0].denied_reason.as_ref().map(Text::as_str), Some("соседи"));
}
