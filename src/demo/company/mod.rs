//! A made-up company: about forty people who sell, two years of history, the same every time for the same seed and end.
//!
//! What everybody does is planned first, client by client, from chance that falls the same way every time; then the commands of all
//! are put in order of time.

mod beats;
mod calendar;
mod client;
mod dice;
mod double;
mod life;
mod names;
mod order;
mod staff;
mod strangers;
mod truth;

pub use order::{Order, id, keyed};
pub use truth::Truth;

use chrono::{NaiveDate, TimeDelta};
use client::{Client, Pace};
use dice::Dice;
use serde::{Deserialize, Serialize};
use staff::Staff;
use uuid::Uuid;

/// How long the history is.
const DAYS: i64 = 730;

/// What is to be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What chance falls by.
    pub seed: u64,
    /// First day on which nothing happens any more, in Moscow.
    pub until: NaiveDate,
    /// How many clients there are.
    pub clients: usize,
}

/// What happens, and what was planted in it.
#[derive(Debug)]
pub struct Company {
    /// All commands, in order of time.
    pub orders: Vec<Order>,
    /// What an answer can be compared with.
    pub truth: Truth,
}

/// A client to look at: the first one who buys and is talked to all the time.
pub fn lively(wish: &Wish) -> Uuid {
    let first = calendar::working(wish.until - TimeDelta::days(DAYS));
    let staff = Staff::new(&mut Dice::new(wish.seed, 0), first, wish.until, &mut vec![]);
    let lively = |number: &usize| {
        let client = Client::new(wish, &staff, first, *number);
        client.active && client.pace == Pace::Busy
    };
    id("clients", (1..=wish.clients).find(lively).unwrap_or(1))
}

impl Company {
    /// Makes it up.
    pub fn new(wish: Wish) -> Self {
        let first = calendar::working(wish.until - TimeDelta::days(DAYS));
        let mut orders = vec![];
        let staff = Staff::new(&mut Dice::new(wish.seed, 0), first, wish.until, &mut orders);
        let mut truth = Truth::new(&wish, &staff);
        for number in 1..=wish.clients {
            let mut client = Client::new(&wish, &staff, first, number);
            client.live();
            orders.append(&mut client.orders);
            truth.late_links.append(&mut client.late_links);
            truth.handovers.append(&mut client.handovers);
            truth.duplicates.append(&mut client.duplicates);
        }
        truth.unknown_callers = strangers::call(&wish, &staff, first, &mut orders);
        let end = calendar::at(wish.until, 0);
        orders.retain(|order| order.at < end);
        orders.sort_by_key(|order| order.at);
        Self { orders, truth }
    }
}

#[cfg(test)]
mod tests;
