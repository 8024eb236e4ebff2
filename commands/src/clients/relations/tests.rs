//! Given / when / then: what clients are to each other.

use crate::clients::Client;
use crate::given::{Given, id};
use serde_json::json;

/// A client beside another one of number 3.
fn registered() -> Given<Client> {
    let mut given = Given::<Client>::default();
    given.when("register", &json!({"kind": "company", "name": "ООО"})).unwrap();
    let other = given.state.clone();
    given.beside(3, other)
}

#[test]
fn a_relation_is_told_once_and_ends() {
    let mut given = registered();
    let payer = json!({"client_id": id(3), "kind": "payer", "since": "2026-01-01", "note": "за филиал"});
    let told = given.when("relate", &payer).unwrap();
    assert_eq!((&told[0][0], &told[0][1]["note"]["is"]), (&json!("Related"), &json!("за филиал")));
    assert_eq!(given.types("relate", &payer), [""; 0]);
    assert_eq!(given.types("relate", &json!({"client_id": id(3), "kind": "payer"})), [""; 0]);
    assert_eq!(given.types("relate", &json!({"client_id": id(3), "kind": "recommends"})), ["Related"]);
    let later = json!({"client_id": id(3), "kind": "payer", "since": "2026-02-01"});
    assert_eq!(given.types("relate", &later), ["Related"]);
    let end = |until: &str| json!({"client_id": id(3), "kind": "payer", "until": until});
    let early = given.refused("unrelate", &end("2026-01-15"));
    assert_eq!(early, ("ends_before_start".into(), "/until".into()));
    assert_eq!(given.types("unrelate", &end("2026-03-01")), ["Unrelated"]);
    assert_eq!(given.refused("unrelate", &end("2026-03-01")), ("no_such_part".into(), "/client_id".into()));
    // Today, where no day is told.
    let told = given.when("unrelate", &json!({"client_id": id(3), "kind": "recommends"})).unwrap();
    assert_eq!(told[0][1]["until"], "2026-03-02");
}

#[test]
fn relations_are_between_two_clients_who_are_there() {
    let mut given = registered();
    let relate = |other: u128| json!({"client_id": id(other), "kind": "payer"});
    assert_eq!(given.refused("relate", &relate(1)), ("the_client_itself".into(), "/client_id".into()));
    assert_eq!(given.refused("relate", &relate(9)), ("unknown_client".into(), "/client_id".into()));
}
