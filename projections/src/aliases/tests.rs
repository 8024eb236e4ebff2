//! Given merges, then these aliases.

use super::*;
use crate::engine::given;
use crate::engine::history::event;
use serde_json::json;
use uuid::Uuid;

fn client(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn merged(position: i64, from: u128, into: u128) -> Recorded<DomainEvent> {
    event(position, from, "clients", "MergedInto", &json!({"into": client(into), "reason": "x"}))
}

fn rows(history: Vec<Recorded<DomainEvent>>) -> Vec<(ClientId, ClientId)> {
    let rows = given::<Aliases>(history).unwrap();
    rows.alias.rows().into_iter().map(|alias| (alias.client_id, alias.survivor_id)).collect()
}

#[test]
fn a_merge_makes_one_row_and_its_end_takes_it_away() {
    let mut history = vec![merged(1, 1, 2), merged(2, 2, 3)];
    assert_eq!(rows(history.clone()), [(client(1), client(2)), (client(2), client(3))]);
    // The middle goes its own way, with what is under it.
    history.push(event(3, 2, "clients", "Unmerged", &json!({"reason": "x"})));
    assert_eq!(rows(history.clone()), [(client(1), client(2))]);
    history.push(event(4, 9, "clients", "Tagged", &json!({"tag": "vip"})));
    assert_eq!(rows(history).len(), 1);
}

#[test]
fn chains_are_followed_to_the_end() {
    let mut rows = given::<Aliases>([merged(1, 1, 2), merged(2, 2, 3), merged(3, 4, 2)]).unwrap();
    for number in 1..=4 {
        assert_eq!(survivor(client(number), &mut rows.alias), client(3), "{number}");
    }
}
