//! The company is the same every time, and what it says of itself holds.

use super::{Company, Wish};
use std::collections::HashSet;

fn wish(clients: usize) -> Wish {
    Wish { seed: 1_703, until: "2026-11-01".parse().unwrap(), clients }
}

#[test]
fn the_same_wish_gives_the_same_company_and_another_seed_another() {
    let orders = |wish| Company::new(wish).orders;
    assert_eq!(orders(wish(50)), orders(wish(50)));
    assert_ne!(orders(wish(50)), orders(Wish { seed: 1, ..wish(50) }));
}

#[test]
fn of_fewer_clients_each_lives_as_among_many() {
    let of = |clients: usize, client: usize| {
        let id = super::id("clients", client);
        let orders = Company::new(wish(clients)).orders.into_iter();
        orders.filter(|order| order.thing() == Some(id)).collect::<Vec<_>>()
    };
    assert_eq!(of(20, 7), of(40, 7));
}

#[test]
fn the_whole_company_is_as_large_as_it_says() {
    let company = Company::new(wish(2_000));
    let count = |command: &str| company.orders.iter().filter(|order| order.command == command).count();
    assert_eq!((count("hire"), count("register") > 4_000), (40, true));
    assert!((43_000..60_000).contains(&company.orders.len()), "{}", company.orders.len());
    assert!(company.truth.handovers.len() > 50 && company.truth.late_links.len() > 150);
}

#[test]
fn nothing_is_spoken_of_before_it_is_made() {
    let company = Company::new(wish(200));
    let mut unknown: HashSet<_> =
        company.orders.iter().filter(|order| order.id.is_none()).filter_map(super::Order::thing).collect();
    for order in &company.orders {
        let thing = order.thing();
        if order.id.is_none() {
            thing.map(|thing| unknown.remove(&thing));
        }
        assert!(order.mentions().iter().all(|thing| !unknown.contains(thing)), "{order:?}");
        assert!(thing.is_none_or(|thing| !unknown.contains(&thing)), "{order:?}");
    }
}
