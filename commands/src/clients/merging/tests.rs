//! Given / when / then: clients that turn out to be one, and any sequence of it over several clients.

use super::*;
use crate::decider::Decider;
use crate::given::{Given, OWN, id};
use letopis_events::Event;
use proptest::prelude::*;
use serde_json::{Value, json};

fn client() -> Client {
    let mut given = Given::<Client>::default();
    given.when("register", &json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    given.state
}

fn after(mut client: Client, kind: &str, data: &Value) -> Client {
    client.evolve(&ClientEvent::decode(kind, 1, &data.to_string()).unwrap());
    client
}

/// A client beside one of number 3, one archived of number 4, and one of number 5 that is merged into 6.
fn world() -> Given<Client> {
    let archived = after(client(), "Archived", &json!({"reason": "x"}));
    let merged = after(client(), "MergedInto", &json!({"into": id(6), "reason": "x"}));
    let mut given = Given::default();
    given.state = client();
    given.beside(3, client()).beside(4, archived).beside(5, merged)
}

fn merge(into: u128) -> Value {
    json!({"into": id(into), "reason": "один и тот же"})
}

#[test]
fn a_client_is_merged_into_one_that_stays() {
    let mut given = world();
    for (into, code, field) in [
        (1, "the_client_itself", "/into"),
        (4, "survivor_archived", ""),
        (5, "client_merged", ""),
        (9, "unknown_client", "/into"),
    ] {
        assert_eq!(given.refused("merge", &merge(into)), (code.into(), field.into()), "{into}");
    }
    assert_eq!(
        ClientError::SurvivorMerged(ClientId(id(6))).to_string().matches(&id(6).to_string()).count(),
        1
    );
    let told = given.when("merge", &merge(3)).unwrap();
    assert_eq!(told, [json!(["MergedInto", merge(3)])]);
    assert_eq!(given.state.survivor(), Some(ClientId(id(3))));
    // The event is about both.
    assert_eq!(given.state.concerns(OWN), [ClientId(OWN.0), ClientId(id(3))]);
}

#[test]
fn a_merged_client_is_only_unmerged() {
    let mut given = world();
    given.when("merge", &merge(3)).unwrap();
    for (command, body) in [
        ("tag", json!({"tag": "vip"})),
        ("assign", json!({"employee_id": id(7), "kind": "main", "reason": "x"})),
        ("archive", json!({"reason": "x"})),
        ("restore", json!({"reason": "x"})),
        ("suspect", json!({"client_id": id(3), "score": 1, "reasons": []})),
        ("merge", merge(4)),
    ] {
        assert_eq!(given.refused(command, &body).0, "client_merged", "{command}");
    }
    assert!(ClientError::Merged(ClientId(id(3))).to_string().contains(&id(3).to_string()));
    assert_eq!(given.types("merge", &merge(3)), [""; 0]);
    assert_eq!(given.types("unmerge", &json!({"reason": "ошибка"})), ["Unmerged"]);
    assert_eq!(given.types("unmerge", &json!({"reason": "ошибка"})), [""; 0]);
    assert_eq!(given.state, client());
    assert_eq!(given.types("tag", &json!({"tag": "vip"})), ["Tagged"]);
}

#[test]
fn an_archived_client_is_not_merged() {
    let mut given = world();
    given.when("archive", &json!({"reason": "x"})).unwrap();
    assert_eq!(given.refused("merge", &merge(3)).0, "client_archived");
    assert_eq!(given.types("unmerge", &json!({"reason": "x"})), [""; 0]);
}

#[derive(Clone, Debug)]
enum Step {
    Merge(usize, usize),
    Unmerge(usize),
    Archive(usize),
    Restore(usize),
}

const CLIENTS: usize = 5;

fn any_step() -> impl Strategy<Value = Step> {
    let one = 0..CLIENTS;
    prop_oneof![
        4 => (one.clone(), one.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        2 => one.clone().prop_map(Step::Unmerge),
        1 => one.clone().prop_map(Step::Archive),
        1 => one.prop_map(Step::Restore),
    ]
}

/// Lets one of several clients decide, seeing the others; its stream has the number 1 meanwhile.
fn decide(clients: &mut [Client], one: usize, command: &str, body: &Value) -> bool {
    let mut given = Given::<Client>::default();
    given.state = clients[one].clone();
    for (number, other) in clients.iter().enumerate() {
        given = given.beside(number as u128 + 10, other.clone());
    }
    let done = given.when(command, body).is_ok();
    clients[one] = given.state;
    done
}

proptest! {
    /// Whatever is merged and unmerged, everybody has one survivor, who is not merged: there is no circle. A refusal changes
    /// nothing, and a repetition adds nothing.
    #[test]
    fn no_circle_arises(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut clients = vec![client(); CLIENTS];
        for step in steps {
            let (one, command, body) = match step {
                Step::Merge(one, into) if one == into => continue,
                Step::Merge(one, into) => (one, "merge", json!({"into": id(into as u128 + 10), "reason": "x"})),
                Step::Unmerge(one) => (one, "unmerge", json!({"reason": "x"})),
                Step::Archive(one) => (one, "archive", json!({"reason": "x"})),
                Step::Restore(one) => (one, "restore", json!({"reason": "x"})),
            };
            let before = clients.clone();
            let done = decide(&mut clients, one, command, &body);
            prop_assert!(done || clients == before);
            let once = clients.clone();
            decide(&mut clients, one, command, &body);
            prop_assert_eq!(&clients, &once);
            for number in 0..CLIENTS {
                let mut at = number;
                for _ in 0..CLIENTS {
                    if let Some(into) = clients[at].survivor() {
                        at = usize::try_from(into.0.as_u128() - 10).unwrap();
                    }
                }
                prop_assert_eq!(clients[at].survivor(), None);
            }
        }
    }
}
