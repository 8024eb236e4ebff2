//! Given merges, then these aliases.

use super::*;
use crate::engine::given;
use crate::engine::history::{Stream, Told, changing, history};
use serde_json::json;

const fn client(number: u128) -> Stream {
    Stream("clients", number)
}

fn id(number: u128) -> ClientId {
    ClientId(client(number).id())
}

fn merged(from: u128, into: u128) -> Told {
    client(from).says("MergedInto", &json!({"into": id(into), "reason": "x"}))
}

fn rows(told: &[Told]) -> Vec<(ClientId, ClientId)> {
    let rows = given::<Aliases>(history(told.to_vec())).unwrap();
    rows.alias.rows().into_iter().map(|alias| (alias.client_id, alias.survivor_id)).collect()
}

#[test]
fn a_merge_makes_one_row_and_its_end_takes_it_away() {
    let mut told = vec![merged(1, 2), merged(2, 3)];
    assert_eq!(rows(&told), [(id(1), id(2)), (id(2), id(3))]);
    // The middle goes its own way, with what is under it.
    told.push(client(2).says("Unmerged", &json!({"reason": "x"})));
    assert_eq!(rows(&told), [(id(1), id(2))]);
}

#[test]
fn these_events_and_no_others_change_who_is_shown_under_whom() {
    let changing = changing(|history| format!("{:?}", given::<Aliases>(history).unwrap().alias.rows()));
    assert_eq!(changing, ["clients.MergedInto", "clients.Unmerged"].map(str::to_owned).into());
}

#[test]
fn chains_are_followed_to_the_end() {
    let told = [merged(1, 2), merged(2, 3), merged(4, 2)];
    let mut rows = given::<Aliases>(history(told)).unwrap();
    for number in 1..=4 {
        assert_eq!(survivor(id(number), &mut rows.alias), id(3), "{number}");
    }
}
