//! A client of the made-up company: who they are, who belongs to them, who looks after them.

use super::beats::Audience;
use super::dice::Dice;
use super::names::{self, Named};
use super::order::{Order, id, id_within};
use super::staff::Staff;
use super::truth::{Duplicate, Handover, LateLink};
use super::{Wish, calendar};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Where they work at a company, and what they decide.
const POSITIONS: [(&str, &str); 6] = [
    ("директор", "decides"),
    ("начальник отдела закупок", "buys"),
    ("главный бухгалтер", "pays"),
    ("коммерческий директор", "approves"),
    ("главный инженер", "advises"),
    ("офис-менеджер", "guards"),
];
/// The same at a hospital, a school or an office.
const PUBLIC_POSITIONS: [(&str, &str); 4] = [
    ("контрактный управляющий", "buys"),
    ("заместитель по хозяйственной части", "approves"),
    ("главный бухгалтер", "pays"),
    ("руководитель учреждения", "decides"),
];
/// How they found us.
const CHANNELS: [&str; 7] =
    ["site", "exhibition", "referral", "cold_call", "advertising", "tender", "partner"];

/// How often somebody is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All the time.
    Busy,
    /// Now and then.
    Steady,
    /// A few times, then no more.
    Fading,
}

/// Somebody at a client's.
#[derive(Debug)]
pub struct Person {
    /// Their id.
    pub id: Uuid,
    /// Their mobile: operator, and the last seven digits.
    pub mobile: (&'static str, usize),
}

/// A client, and what is planned with them.
#[derive(Debug)]
pub struct Client<'a> {
    pub(super) staff: &'a Staff,
    pub(super) dice: Dice,
    pub(super) number: usize,
    pub(super) id: Uuid,
    pub(super) until: NaiveDate,
    pub(super) pace: Pace,
    pub(super) people: Vec<Person>,
    pub(super) active: bool,
    /// The day they came.
    pub(super) came: NaiveDate,
    /// Whether they were in the card box before.
    pub(super) known_before: bool,
    pub(super) audience: Audience,
    /// What their number begins with, of the town or of a mobile operator.
    pub(super) code: &'static str,
    /// Its last seven digits.
    pub(super) line: usize,
    /// Who looks after them from when on; none: nobody.
    managers: Vec<(NaiveDate, Option<usize>)>,
    /// What is to be done.
    pub orders: Vec<Order>,
    /// Calls before they were a client.
    pub late_links: Vec<LateLink>,
    /// Who got them from whom.
    pub handovers: Vec<Handover>,
    /// Where they were registered once more; their number then tells no longer who calls.
    pub duplicates: Vec<Duplicate>,
}

impl<'a> Client<'a> {
    /// Registers a client, with people and a manager.
    pub fn new(wish: &Wish, staff: &'a Staff, first: NaiveDate, number: usize) -> Self {
        let mut dice = Dice::new(wish.seed, number);
        let days = (wish.until - first).num_days();
        let known_before = dice.percent(55);
        let came = if known_before {
            calendar::after(first, 1 + dice.between(0, 18))
        } else {
            calendar::after(first, 20 + dice.between(0, days - 40))
        };
        let pace = match dice.below(100) {
            0..5 => Pace::Busy,
            5..22 => Pace::Steady,
            _ => Pace::Fading,
        };
        let town = names::PLACES[[0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9][dice.below(13)]];
        let named = names::client(&mut dice, number);
        let (audience, code) = match named.kind {
            "person" | "sole_trader" => (Audience::Alone, names::operator(number * 5)),
            "public_body" => (Audience::Public, town.1),
            _ => (Audience::Company, town.1),
        };
        let mut client = Self {
            staff,
            number,
            id: id("clients", number),
            until: wish.until,
            pace,
            people: vec![],
            active: known_before && dice.percent(45),
            came,
            known_before,
            audience,
            code,
            line: 2_200_000 + number * 331,
            managers: vec![],
            orders: vec![],
            late_links: vec![],
            handovers: vec![],
            duplicates: vec![],
            dice,
        };
        client.register(town, named);
        client
    }

    fn register(&mut self, (region, _, tax_office, town): (&'static str, &str, &str, &str), named: Named) {
        let Named { kind, name, industry, english } = named;
        let size = match (kind, self.pace) {
            ("person", _) => None,
            ("company" | "public_body", Pace::Busy) => Some(*self.dice.of(&["medium", "large"])),
            ("sole_trader", _) => Some("micro"),
            _ => Some(*self.dice.of(&["micro", "small", "small", "medium"])),
        };
        let manager = self.staff.manager(&mut self.dice, region, size == Some("large"), self.came);
        self.managers.push((self.came, Some(manager)));
        let at = calendar::moment(&mut self.dice, self.came);
        let stranger = !self.known_before && self.dice.percent(30);
        let channel = if stranger { "incoming_call" } else { *self.dice.of(&CHANNELS) };
        if stranger {
            self.call_of_a_stranger();
        }
        let mut body = json!({
            "kind": kind, "name": &name, "status": if self.active { "active" } else { "prospective" },
            "industry": industry, "size": size, "region": region, "channel": channel,
            "phones": [{"number": names::written(&mut self.dice, self.code, self.line), "kind": self.kind_of_line()}],
            "external": {"source": "sample", "id": self.number.to_string()},
            "accept_duplicates": {"reason": if self.known_before { "перенос из прежней базы" } else { "похожих проверил, это новый клиент" }},
        });
        if let Some(requisites) = names::requisites(kind, self.number, tax_office) {
            body["requisites"] = requisites;
        }
        let domain = format!("client{}.example", self.number);
        if kind != "person" && self.dice.percent(60) {
            body["website"] = json!(format!("https://{domain}"));
            body["emails"] = json!([{"address": format!("info@{domain}")}]);
        }
        if self.dice.percent(55) {
            body["addresses"] =
                json!([{"kind": "actual", "text": names::address(&mut self.dice, town, self.audience)}]);
        }
        if english {
            body["language"] = json!("en");
        }
        if self.pace == Pace::Busy {
            body["tags"] = json!(["key"]);
        } else if self.dice.percent(20) {
            body["tags"] = json!([*self.dice.of(&["newsletter", "promising", "b2b", "dealer"])]);
        }
        let by = self.staff.id(manager);
        self.orders.push(if self.known_before {
            Order::of_the_firm(at, "clients", None, "register", body)
        } else {
            Order::of(by, at, "clients", None, "register", body)
        });
        let reason = if self.known_before {
            "Перенос из прежней базы"
        } else {
            "Новый клиент"
        };
        let body = json!({"employee_id": by, "kind": "main", "reason": reason});
        let at = at + TimeDelta::minutes(1);
        self.orders.push(Order::of(self.staff.head(), at, "clients", Some(self.id), "assign", body));
        if kind != "person" {
            self.people_of(at, kind, english, &domain);
        }
        self.hand_over(region, size == Some("large"));
        self.double(&name, kind, region);
    }

    /// Who called before they were known: found by their number once they are.
    fn call_of_a_stranger(&mut self) {
        let day = calendar::working(self.came - TimeDelta::days(self.dice.between(1, 4)));
        if day >= self.came {
            return;
        }
        let at = calendar::moment(&mut self.dice, day);
        let by = self.staff.id(self.staff.operator(&mut self.dice, day));
        let body = json!({
            "kind": "call", "direction": "in", "occurred_at": at, "telephony_status": "answered", "origin": "telephony",
            "counterpart": {"raw": names::written(&mut self.dice, self.code, self.line)},
            "duration_seconds": self.dice.between(40, 280), "result": "offer_requested",
            "text": "Звонок с сайта, интересуются ассортиментом, передать менеджеру.",
            "external": {"source": "sample", "id": format!("{}-0", self.number)},
        });
        let interaction_id = id_within("interactions", self.number, 0);
        self.late_links.push(LateLink { interaction_id, client_id: self.id, on: self.came });
        self.orders.push(Order::of(by, at, "interactions", None, "record", body));
    }

    /// What their number is.
    pub(super) const fn kind_of_line(&self) -> &'static str {
        if matches!(self.audience, Audience::Alone) { "mobile" } else { "office" }
    }

    /// Whom one talks to there; who trades alone answers themselves.
    fn people_of(&mut self, at: DateTime<Utc>, kind: &str, english: bool, domain: &str) {
        let trader = kind == "sole_trader";
        let count = match self.pace {
            _ if trader => 1,
            Pace::Busy => 2 + self.dice.below(2),
            Pace::Steady => 1 + self.dice.below(2),
            Pace::Fading => 1,
        };
        for place in 0..count {
            let key = self.number * 3 + place;
            let name = match kind {
                "sole_trader" => names::trader(self.number),
                _ if english => names::foreigner(key),
                _ => names::person(key * 7 + 11),
            };
            let (position, role) = match self.audience {
                Audience::Alone => ("владелец", "decides"),
                Audience::Public => PUBLIC_POSITIONS[(key + place) % PUBLIC_POSITIONS.len()],
                Audience::Company => POSITIONS[(key + place) % POSITIONS.len()],
            };
            let mobile =
                if trader { (self.code, self.line) } else { (names::operator(key), 3_200_000 + key * 701) };
            let mail = names::latin(name["last"].as_str().unwrap_or_default());
            let body = json!({
                "name": name,
                "phones": [{"number": names::written(&mut self.dice, mobile.0, mobile.1), "kind": "mobile", "primary": true}],
                "emails": [{"address": format!("{mail}@{domain}")}],
                "joins": [{"client_id": self.id, "position": position, "role": role}],
                "external": {"source": "sample", "id": format!("{}-{place}", self.number)},
            });
            let by = self.staff.id(self.managers[0].1.unwrap_or_default());
            let at = at + TimeDelta::minutes(3 + i64::try_from(place).unwrap_or(0));
            self.orders.push(Order::of(by, at, "contacts", None, "register", body));
            self.people.push(Person { id: id_within("contacts", self.number, place), mobile });
        }
    }

    /// Who gets the client when their manager leaves, or when the head of sales gives them to somebody else.
    fn hand_over(&mut self, region: &'static str, large: bool) {
        let (_, Some(from)) = self.managers[0] else { return };
        if let Some((_, takes_over)) = self.staff.leavers.iter().find(|(leaver, _)| *leaver == from).copied()
        {
            let Some(on) = self.staff.left(from).filter(|on| *on > self.came) else { return };
            self.change_manager(Some(from), takes_over, on);
            // Some stay without anybody: the list of the unassigned is there for them.
            if takes_over.is_none() && self.dice.percent(90) {
                let day = calendar::after(on, self.dice.between(1, 9));
                let to = self.staff.manager(&mut self.dice, region, large, day);
                self.give(None, to, day, "Распределение клиентов ушедшего менеджера");
            }
        } else if self.dice.percent(6) {
            let day = calendar::after(self.came, self.dice.between(60, 400));
            let to = self.staff.manager(&mut self.dice, region, large, day);
            let leaver = self.staff.left(to).is_some();
            if to != from && !leaver {
                self.give(Some(from), to, day, "Перераспределение портфеля");
            }
        }
    }

    fn give(&mut self, from: Option<usize>, to: usize, day: NaiveDate, reason: &str) {
        let at = calendar::at(day, 9 * 3_600 + self.dice.between(60, 1_500));
        let body = json!({
            "employee_id": self.staff.id(to), "kind": "main", "reason": reason,
            "handover_note": "История и договорённости в карточке, первым делом представиться.",
        });
        self.orders.push(Order::of(self.staff.head(), at, "clients", Some(self.id), "assign", body));
        self.change_manager(from, Some(to), day);
    }

    fn change_manager(&mut self, from: Option<usize>, to: Option<usize>, on: NaiveDate) {
        self.managers.push((on, to));
        if on < self.until {
            let [from, to] = [from, to].map(|who| who.map(|who| self.staff.id(who)));
            let client_id = self.id;
            self.handovers.push(Handover { client_id, from, to, on });
        }
    }

    /// Who looks after them on that day, or stands in; none: nobody.
    pub(super) fn manager(&self, day: NaiveDate) -> Option<usize> {
        let (_, manager) = self.managers.iter().rev().find(|(from, _)| *from <= day)?;
        manager.map(|manager| self.staff.acting(manager, day))
    }

    /// What somebody of the company tells of the client.
    pub(super) fn tell(&mut self, by: usize, at: DateTime<Utc>, command: &'static str, body: Value) {
        self.orders.push(Order::of(self.staff.id(by), at, "clients", Some(self.id), command, body));
    }
}
