//! Given a history, then these clients are suspected to be others.

use super::FindDuplicates;
use crate::policies::given::{History, id};
use letopis_projections::engine::{Asked, answered};
use serde_json::{Value, json};

const ONE: &str = "+74951111111";
const TWO: &str = "+74952222222";

impl History {
    fn of(self, client: u128, kind: &str, data: &Value) -> Self {
        self.and("clients", client, kind, data)
    }

    /// A client with a phone, whose id is the client's.
    fn client(self, number: u128, phone: &str) -> Self {
        let of = id(number);
        let data = json!({
            "kind": "company", "name": {"of": of, "is": format!("ООО «{number}»")}, "status": "active", "country": "RU",
            "phones": [{"id": of, "number": {"of": of, "is": {"raw": phone, "e164": phone}}}],
        });
        self.of(number, "Registered", &data)
    }

    fn phone(self, number: u128, phone: &str) -> Self {
        let heard = json!({"of": id(number), "is": {"raw": phone, "e164": phone}});
        self.of(number, "PhoneAdded", &json!({"phone": {"id": id(number + 100), "number": heard}}))
    }

    fn email(self, number: u128) -> Self {
        let address = json!({"of": id(number), "is": "a@example.org"});
        self.of(number, "EmailAdded", &json!({"email": {"id": id(9), "address": address}}))
    }

    fn merge(self, from: u128, into: u128) -> Self {
        self.of(from, "MergedInto", &json!({"into": id(into), "reason": "x"}))
    }

    /// Who is suspected to be whom, and by what.
    fn suspicions(self) -> Vec<(u128, u128, Value)> {
        let (_, asked) = answered::<FindDuplicates>(self.events).unwrap();
        let suspicion = |asked: Asked<_>| {
            let super::Ask { module, id, command, body } = asked.command;
            assert_eq!((module, command), ("clients", "suspect"));
            let other: uuid::Uuid = body["client_id"].as_str().unwrap().parse().unwrap();
            (id.unwrap().as_u128(), other.as_u128(), body["reasons"].clone())
        };
        asked.into_iter().map(suspicion).collect()
    }
}

#[test]
fn the_younger_is_suspected_once() {
    let raced = || History::default().client(1, ONE).client(2, ONE);
    assert_eq!(raced().suspicions(), [(2, 1, json!(["phone"]))]);
    // Another sign is told again, though the command will find it said; nothing new is not.
    let more = raced().email(1).of(2, "Tagged", &json!({"tag": "vip"})).suspicions();
    assert_eq!(more.len(), 1);
    assert_eq!(raced().email(1).email(2).suspicions()[1], (2, 1, json!(["phone", "email"])));
    // The older one changes: the younger is suspected all the same.
    let later = History::default().client(1, ONE).client(2, TWO).phone(1, TWO);
    assert_eq!(later.suspicions(), [(2, 1, json!(["phone"]))]);
    let gone = History::default().client(1, ONE).of(1, "PhoneRemoved", &json!({"phone_id": id(1)}));
    assert_eq!(gone.client(2, ONE).suspicions(), []);
}

#[test]
fn who_is_merged_stands_for_nobody() {
    let merged = || History::default().client(1, ONE).client(2, TWO).merge(1, 2);
    // The one it is shown under is named, once.
    assert_eq!(merged().client(3, ONE).suspicions(), [(3, 2, json!(["phone"]))]);
    assert_eq!(merged().phone(2, ONE).suspicions(), []);
    let both = History::default().client(1, ONE).client(2, ONE).merge(1, 2).client(3, ONE).suspicions();
    assert_eq!(both[1..], [(3, 2, json!(["phone"]))]);
    let parted = merged().of(1, "Unmerged", &json!({"reason": "x"})).client(3, ONE);
    assert_eq!(parted.suspicions(), [(3, 1, json!(["phone"]))]);
}

#[test]
fn who_is_put_away_is_suspected_once_it_is_back() {
    let reason = json!({"reason": "x"});
    let put_away = |number: u128| {
        let both = History::default().client(1, ONE).client(2, TWO);
        both.of(number, "Archived", &reason).phone(1, TWO)
    };
    assert_eq!(put_away(2).suspicions(), []);
    assert_eq!(put_away(2).of(2, "Restored", &reason).suspicions(), [(2, 1, json!(["phone"]))]);
    // The older one is not commanded.
    let older = History::default().client(1, ONE).of(1, "Archived", &reason).client(2, ONE);
    assert_eq!(older.suspicions(), [(2, 1, json!(["phone"]))]);
}

#[test]
fn a_crowd_tells_nothing() {
    let crowd = (1..=202).fold(History::default(), |history, number| history.client(number, ONE));
    let suspicions = crowd.suspicions();
    // Nobody is suspected to be more than twenty others, and beyond two hundred nobody at all.
    assert!(suspicions.iter().all(|(younger, ..)| *younger <= 200));
    assert_eq!(suspicions.iter().filter(|(younger, ..)| *younger == 200).count(), 20);
}
