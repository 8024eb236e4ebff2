//! Given / when / then: whose part a company can be.

use super::{MOST, next};
use crate::clients::Client;
use crate::decider::{Decider, Need};
use crate::given::{Given, OWN, id};
use letopis_events::Event;
use letopis_events::clients::ClientEvent;
use serde_json::{Value, json};

/// A company, a part of the one of this number.
fn part_of(parent: Option<u128>) -> Client {
    let mut given = Given::<Client>::default();
    given.when("register", &json!({"kind": "company", "name": "ООО"})).unwrap();
    let mut company = given.state;
    if let Some(parent) = parent {
        let belongs = json!({"parent_client_id": id(parent)}).to_string();
        company.evolve(&ClientEvent::decode("Corrected", 1, &belongs).unwrap());
    }
    company
}

/// The company of number 1, and these: `(number, whose part)`.
fn world(others: &[(u128, Option<u128>)]) -> Given<Client> {
    let mut given = Given::default();
    given.state = part_of(None);
    others.iter().fold(given, |given, (number, parent)| given.beside(*number, part_of(*parent)))
}

fn under(parent: u128) -> Value {
    json!({"parent_client_id": id(parent)})
}

#[test]
fn no_company_belongs_to_its_own_part() {
    let refused = |code: &str| (code.to_owned(), "/parent_client_id".to_owned());
    assert_eq!(world(&[]).refused("correct", &under(1)), refused("own_parent"));
    assert_eq!(world(&[]).refused("correct", &under(9)), refused("unknown_client"));
    assert_eq!(world(&[(3, Some(1))]).refused("correct", &under(3)), refused("parent_loop"));
    // Nor to a part of its part, and so on.
    let deep = [(3, Some(1)), (4, Some(3)), (5, Some(4))];
    assert_eq!(world(&deep).refused("correct", &under(5)), refused("parent_loop"));
    // A circle of others, and a long line, are no circle of its own.
    let others = [(3, Some(4)), (4, Some(5)), (5, Some(3))];
    assert_eq!(world(&others).types("correct", &under(3)), ["Corrected"]);
    let long: Vec<_> = (3..60).map(|number| (number, Some(number + 1))).collect();
    assert_eq!(world(&long).types("correct", &under(3)), ["Corrected"]);
}

#[test]
fn the_line_is_looked_up_one_by_one() {
    let next =
        |others: &[(u128, Option<u128>)]| next(letopis_events::ClientId(id(3)), &world(others).seen, OWN);
    let need = |number: u128| Some(Need::of::<Client>(letopis_events::StreamId(id(number))));
    assert_eq!(next(&[(3, Some(4))]), need(4));
    assert_eq!(next(&[(3, Some(4)), (4, Some(5))]), need(5));
    assert_eq!(next(&[(3, Some(4)), (4, None)]), None, "the top is seen");
    assert_eq!(next(&[(3, Some(4)), (4, Some(1))]), None, "it is the client itself");
    assert_eq!(next(&[(3, Some(4)), (4, Some(3))]), None, "a circle of others");
    let most = 3 + u128::try_from(MOST).unwrap();
    let long: Vec<_> = (3..most).map(|number| (number, Some(number + 1))).collect();
    assert_eq!(next(&long), None, "further than a group is shown");
}
