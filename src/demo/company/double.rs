//! A client who is registered twice: by another manager, otherwise written, with the same number. Some pairs are merged, some turn out
//! to be two, some wait for somebody to look.

use super::client::Client;
use super::order::{Order, keyed};
use super::truth::{Duplicate, Outcome};
use super::{calendar, names};
use serde_json::json;

/// Every so many clients one is registered twice.
const ONE_IN: usize = 40;

impl Client<'_> {
    /// Registers some clients once more, days later.
    pub(super) fn double(&mut self, name: &str, kind: &str, region: &str) {
        let day = calendar::after(self.came, self.dice.between(20, 200));
        if self.number % ONE_IN != 5 || calendar::after(day, 40) >= self.until {
            return;
        }
        let other = self.staff.manager(&mut self.dice, region, false, day);
        if self.staff.left(other).is_some() {
            return;
        }
        let key = format!("{}-again", self.number);
        let again = keyed("clients", &key);
        let by = self.staff.id(other);
        let at = calendar::moment(&mut self.dice, day);
        let body = json!({
            "kind": kind, "name": other_spelling(name), "status": "prospective", "region": region, "channel": "cold_call",
            "phones": [{"number": names::written(&mut self.dice, self.code, self.line), "kind": self.kind_of_line()}],
            "accept_duplicates": {"reason": "Просят отдельный договор, сверю с коллегами"},
            "external": {"source": "sample", "id": key},
        });
        self.orders.push(Order::of(by, at, "clients", None, "register", body));
        let body = json!({"employee_id": by, "kind": "main", "reason": "Новый клиент"});
        let head = self.staff.head();
        self.orders.push(Order::of(
            head,
            at + chrono::TimeDelta::minutes(2),
            "clients",
            Some(again),
            "assign",
            body,
        ));
        let day = calendar::after(day, 1);
        let at = calendar::moment(&mut self.dice, day);
        let acting = self.staff.id(self.staff.acting(other, day));
        let body = json!({
            "kind": "call", "direction": "out", "client_id": again, "occurred_at": at, "telephony_status": "answered",
            "origin": "telephony", "duration_seconds": self.dice.between(60, 300), "result": "informed",
            "text": "Оказалось, уже работают с нами через другого менеджера.",
            "external": {"source": "sample", "id": format!("{key}-1")},
        });
        self.orders.push(Order::of(acting, at, "interactions", None, "record", body));
        let day = calendar::after(day, self.dice.between(3, 30));
        let at = calendar::moment(&mut self.dice, day);
        let outcome = match self.number / ONE_IN % 3 {
            0 => Outcome::Merged,
            1 => Outcome::Different,
            _ => Outcome::Open,
        };
        match outcome {
            Outcome::Merged => {
                let body = json!({"into": self.id, "reason": "Один и тот же клиент, телефон общий"});
                self.orders.push(Order::of(head, at, "clients", Some(again), "merge", body));
            }
            Outcome::Different => {
                let body = json!({"client_id": self.id, "reason": "Арендаторы в одном офисе, разные фирмы"});
                self.orders.push(Order::of(head, at, "clients", Some(again), "not_a_duplicate", body));
            }
            Outcome::Open => {}
        }
        self.duplicates.push(Duplicate { client_id: again, of: self.id, outcome });
    }
}

/// As somebody writes it who has heard it on the telephone: «ООО «Волга-Строй»» becomes «Волга Строй ООО».
fn other_spelling(name: &str) -> String {
    match name.split_once(" «") {
        Some((form, rest)) => format!("{} {form}", rest.trim_end_matches('»').replace('-', " ")),
        None => name.to_uppercase(),
    }
}
