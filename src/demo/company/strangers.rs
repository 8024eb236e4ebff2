//! Who calls once and is never heard of again: their calls stay without a client.

use super::dice::Dice;
use super::order::{Order, id_within};
use super::staff::Staff;
use super::{Wish, calendar, names};
use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use uuid::Uuid;

/// For so many clients there is one such call.
const CLIENTS: usize = 40;
/// What they say.
const SAID: [&str; 4] = [
    "Ошиблись номером.",
    "Предлагают рекламу на радио, не интересно.",
    "Спрашивают адрес соседней фирмы.",
    "Соискатель, предложил написать на почту.",
];

/// Their calls; answers which ones.
pub fn call(wish: &Wish, staff: &Staff, first: NaiveDate, orders: &mut Vec<Order>) -> Vec<Uuid> {
    let days = (wish.until - first).num_days();
    let call = |number: usize| {
        let mut dice = Dice::new(wish.seed, usize::MAX - number);
        let day = calendar::working(first + TimeDelta::days(dice.between(5, days - 10)));
        let at = calendar::moment(&mut dice, day);
        let by = staff.id(staff.operator(&mut dice, day));
        let number_of_theirs = names::written(&mut dice, names::operator(number), 9_600_000 + number * 37);
        let body = json!({
            "kind": "call", "direction": "in", "occurred_at": at, "telephony_status": "answered", "origin": "telephony",
            "counterpart": {"raw": number_of_theirs}, "duration_seconds": dice.between(8, 60), "text": dice.of(&SAID),
            "external": {"source": "sample", "id": format!("0-{number}")},
        });
        (Order::of(by, at, "interactions", None, "record", body), id_within("interactions", 0, number))
    };
    let (calls, ids): (Vec<Order>, Vec<Uuid>) = (1..=wish.clients.div_ceil(CLIENTS)).map(call).unzip();
    orders.extend(calls);
    ids
}
