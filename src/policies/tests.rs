//! Given a history, then a policy asks for these commands.

use super::Ask;
use super::find_duplicates::FindDuplicates;
use super::match_callers::MatchCallers;
use letopis_events::{Actor, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version};
use letopis_projections::engine::answers;
use serde_json::{Value, json};
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A history, in which each event stands behind the one before.
#[derive(Default)]
struct History(Vec<Recorded<DomainEvent>>);

impl History {
    fn and(mut self, category: &str, stream: u128, kind: &str, data: &Value) -> Self {
        let place = i64::try_from(self.0.len()).unwrap() + 1;
        self.0.push(Recorded {
            position: Position(place),
            stream: StreamId(id(stream)),
            version: Version(place),
            id: EventId(id(1_000 + u128::try_from(place).unwrap())),
            recorded_at: "2026-03-02T10:00:00Z".parse().unwrap(),
            metadata: Metadata {
                actor: Actor::Agent("test".into()),
                concerns: vec![],
                correlation: Uuid::nil(),
                causation: None,
            },
            event: DomainEvent::decode(category, kind, 1, &data.to_string()).unwrap().unwrap(),
        });
        self
    }

    /// A client with a phone, whose id is the client's.
    fn client(self, number: u128, phone: &str) -> Self {
        let of = id(number);
        let data = json!({
            "kind": "company", "name": {"of": of, "is": format!("ООО «{number}»")}, "status": "active", "country": "RU",
            "phones": [{"id": of, "number": {"of": of, "is": {"raw": phone, "e164": phone}}}],
        });
        self.and("clients", number, "Registered", &data)
    }

    fn of(self, number: u128, kind: &str, data: &Value) -> Self {
        self.and("clients", number, kind, data)
    }

    fn merge(self, from: u128, into: u128) -> Self {
        self.of(from, "MergedInto", &json!({"into": id(into), "reason": "x"}))
    }

    fn unmerge(self, number: u128) -> Self {
        self.of(number, "Unmerged", &json!({"reason": "x"}))
    }

    fn phone(self, number: u128, phone: &str) -> Self {
        let of = id(number);
        let phone =
            json!({"id": id(number + 100), "number": {"of": of, "is": {"raw": phone, "e164": phone}}});
        self.of(number, "PhoneAdded", &json!({"phone": phone}))
    }

    /// A call from a number.
    fn heard(self, call: u128, phone: &str) -> Self {
        let data = json!({
            "kind": "call", "direction": "in", "occurred_at": "2026-03-01T10:00:00Z", "precision": "exact",
            "counterpart": {"of": id(call), "is": {"raw": phone, "e164": phone}}, "origin": "typed",
        });
        self.and("interactions", call, "Recorded", &data)
    }

    /// Which calls are to be linked to whom.
    fn links(self) -> Vec<(Uuid, Uuid)> {
        let asked = answers::<MatchCallers>(self.0).unwrap();
        asked.into_iter().map(|ask| (ask.id.unwrap(), named(&ask))).collect()
    }

    /// Who is suspected to be whom, and by what.
    fn suspicions(self) -> Vec<(Uuid, Uuid, Value)> {
        let asked = answers::<FindDuplicates>(self.0).unwrap();
        asked.into_iter().map(|ask| (ask.id.unwrap(), named(&ask), ask.body["reasons"].clone())).collect()
    }
}

fn named(ask: &Ask) -> Uuid {
    ask.body["client_id"].as_str().unwrap().parse().unwrap()
}

const ONE: &str = "+74951111111";
const TWO: &str = "+74952222222";

#[test]
fn the_younger_is_suspected_once() {
    let raced = || History::default().client(1, ONE).client(2, ONE);
    assert_eq!(raced().suspicions(), [(id(2), id(1), json!(["phone"]))]);
    // Another sign is told again, though the command will find it said; nothing new is not.
    let email =
        |number: u128| json!({"email": {"id": id(9), "address": {"of": id(number), "is": "a@example.org"}}});
    let more = raced().of(1, "EmailAdded", &email(1)).of(2, "Tagged", &json!({"tag": "vip"}));
    assert_eq!(more.suspicions().len(), 1);
    let more = raced().of(1, "EmailAdded", &email(1)).of(2, "EmailAdded", &email(2)).suspicions();
    assert_eq!(more[1], (id(2), id(1), json!(["phone", "email"])));
    // The older one changes: the younger is suspected all the same.
    let later = History::default().client(1, ONE).client(2, TWO).phone(1, TWO);
    assert_eq!(later.suspicions(), [(id(2), id(1), json!(["phone"]))]);
    let gone =
        History::default().client(1, ONE).of(1, "PhoneRemoved", &json!({"phone_id": id(1)})).client(2, ONE);
    assert_eq!(gone.suspicions(), []);
}

#[test]
fn who_is_merged_stands_for_nobody() {
    let merged = || History::default().client(1, ONE).client(2, TWO).merge(1, 2);
    // The one it is shown under is named, once.
    assert_eq!(merged().client(3, ONE).suspicions(), [(id(3), id(2), json!(["phone"]))]);
    assert_eq!(merged().phone(2, ONE).suspicions(), []);
    let both = History::default().client(1, ONE).client(2, ONE).merge(1, 2).client(3, ONE).suspicions();
    assert_eq!(both[1..], [(id(3), id(2), json!(["phone"]))]);
    assert_eq!(merged().unmerge(1).client(3, ONE).suspicions(), [(id(3), id(1), json!(["phone"]))]);
}

#[test]
fn a_crowd_tells_nothing() {
    let crowd = (1..=202).fold(History::default(), |history, number| history.client(number, ONE));
    let suspicions = crowd.suspicions();
    // Nobody is suspected to be more than twenty others, and beyond two hundred nobody at all.
    assert!(suspicions.iter().all(|(younger, ..)| *younger <= id(200)));
    assert_eq!(suspicions.iter().filter(|(younger, ..)| *younger == id(200)).count(), 20);
}

#[test]
fn a_number_of_both_sides_has_one_owner() {
    let both = || History::default().client(1, ONE).client(2, ONE);
    assert_eq!(both().heard(7, ONE).links(), []);
    // What waited is linked to the one that stays; what comes is.
    assert_eq!(both().heard(7, ONE).merge(1, 2).links(), [(id(7), id(2))]);
    assert_eq!(both().merge(1, 2).heard(7, ONE).links(), [(id(7), id(2))]);
    assert_eq!(both().merge(1, 2).unmerge(1).heard(7, ONE).links(), []);
    // The number of the one that went is the other's, down a chain.
    let chain =
        || History::default().client(1, ONE).client(2, TWO).client(3, "+74953333333").merge(1, 2).merge(2, 3);
    assert_eq!(chain().heard(7, ONE).links(), [(id(7), id(3))]);
    assert_eq!(chain().unmerge(2).heard(7, ONE).links(), [(id(7), id(2))]);
    // A number at the bottom of a chain and at its top has one owner.
    let ends =
        History::default().client(1, ONE).client(2, TWO).client(3, ONE).heard(7, ONE).merge(1, 2).merge(2, 3);
    assert_eq!(ends.links(), [(id(7), id(3))]);
}

#[test]
fn what_is_archived_or_was_parted_stays_so_for_both_sides() {
    let merged = || History::default().client(1, ONE).client(2, TWO).merge(1, 2);
    let archived = || merged().of(2, "Archived", &json!({"reason": "x"})).heard(7, ONE);
    assert_eq!(archived().links(), []);
    assert_eq!(archived().of(2, "Restored", &json!({"reason": "x"})).links(), [(id(7), id(2))]);
    assert_eq!(archived().unmerge(1).links(), [(id(7), id(1))]);
    // Who was parted from one side is not linked to the other.
    let linked = json!({"client_id": id(1), "how": "number"});
    let parted = json!({"client_id": id(1), "reason": "не он"});
    let history = History::default().client(1, ONE).client(2, TWO).heard(7, ONE);
    let history =
        history.and("interactions", 7, "Linked", &linked).and("interactions", 7, "Unlinked", &parted);
    assert_eq!(history.merge(1, 2).links(), [(id(7), id(1))]);
}
