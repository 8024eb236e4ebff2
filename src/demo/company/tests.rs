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

#[test]
fn as_much_happens_in_the_last_months_as_in_the_first() {
    let company = Company::new(wish(2_000));
    let mut months = std::collections::BTreeMap::<String, usize>::new();
    let happened = company.orders.iter().filter(|order| order.command == "record");
    happened.for_each(|order| *months.entry(order.at.format("%Y-%m").to_string()).or_default() += 1);
    let months: Vec<usize> = months.into_values().collect();
    let half = |months: &[usize]| months.iter().sum::<usize>();
    // Not the first month and the last, which are not whole.
    let (early, late) = (half(&months[1..12]), half(&months[12..23]));
    assert!(early.abs_diff(late) * 5 < early, "{months:?}");
}

#[test]
fn nobody_has_the_number_of_another() {
    let company = Company::new(wish(3_000));
    let mut of = std::collections::HashMap::new();
    let made = company.orders.iter().filter(|order| order.command == "register");
    for order in made.filter(|order| !order.body["external"]["id"].to_string().contains("again")) {
        for phone in order.body["phones"].as_array().into_iter().flatten() {
            let raw = phone["number"].as_str().unwrap();
            let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
            let number = digits[digits.len() - 10..].to_owned();
            let before = of.insert(number, order.thing());
            // Who trades alone answers at the number of the firm.
            let firm = serde_json::json!(before.flatten());
            assert!(before.is_none() || order.body["joins"][0]["client_id"] == firm, "{order:?}");
        }
    }
}
