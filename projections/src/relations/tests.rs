//! Given a history, then these relations.

use super::*;
use crate::engine::given;
use crate::engine::history::event;
use serde_json::json;
use uuid::Uuid;

#[test]
fn a_relation_begins_and_ends_and_begins_again() {
    let other = Uuid::from_u128(2);
    let begin = json!({"client_id": other, "kind": "payer", "since": "2026-01-01"});
    let end = json!({"client_id": other, "kind": "payer", "until": "2026-02-01", "reason": "x"});
    let mut history = vec![event(1, 1, "clients", "Related", &begin)];
    history.push(event(2, 1, "clients", "Related", &json!({"client_id": other, "kind": "dealer_of"})));
    history.push(event(3, 1, "clients", "Unrelated", &end));
    let rows = given::<Relations>(history.clone()).unwrap().relation.rows();
    let told: Vec<_> = rows.iter().map(|row| (row.kind, row.until.map(|day| day.to_string()))).collect();
    let until = Some("2026-02-01".to_owned());
    assert_eq!(told, [(RelationKind::Payer, until), (RelationKind::DealerOf, None)]);
    history.push(event(4, 1, "clients", "Related", &begin));
    let rows = given::<Relations>(history).unwrap().relation.rows();
    assert_eq!((rows[0].until, &rows[0].reason), (None, &None));
}
