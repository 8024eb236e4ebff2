//! Given a history, then these relations.

use super::*;
use crate::engine::given;
use crate::engine::history::{CLIENT, OTHER, changing, history};
use serde_json::json;

#[test]
fn a_relation_begins_and_ends_and_begins_again() {
    let begin = json!({"client_id": OTHER.id(), "kind": "payer", "since": "2026-01-01"});
    let end = json!({"client_id": OTHER.id(), "kind": "payer", "until": "2026-02-01", "reason": "x"});
    let dealer = json!({"client_id": OTHER.id(), "kind": "dealer_of"});
    let mut told =
        vec![CLIENT.says("Related", &begin), CLIENT.says("Related", &dealer), CLIENT.says("Unrelated", &end)];
    let mut rows = given::<Relations>(history(told.clone())).unwrap().relation.rows();
    rows.sort_by_key(|row| row.kind);
    let until: Vec<_> = rows.iter().map(|row| (row.kind, row.until.map(|day| day.to_string()))).collect();
    let ended = Some("2026-02-01".to_owned());
    assert_eq!(until, [(RelationKind::Payer, ended), (RelationKind::DealerOf, None)]);
    told.push(CLIENT.says("Related", &begin));
    let rows = given::<Relations>(history(told)).unwrap().relation.rows();
    assert!(rows.iter().all(|row| row.until.is_none() && row.reason.is_none()));
}

#[test]
fn these_events_and_no_others_change_relations() {
    let changing = changing(|history| format!("{:?}", given::<Relations>(history).unwrap().relation.rows()));
    assert_eq!(changing, ["clients.Related", "clients.Unrelated"].map(str::to_owned).into());
}
