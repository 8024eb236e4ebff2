//! Given a history, then these links are asked for.

use super::MatchCallers;
use letopis_events::{Actor, DomainEvent, EventId, Metadata, Position, Recorded, StreamId, Version};
use letopis_projections::engine::asked;
use serde_json::{Value, json};
use uuid::Uuid;

const NUMBER: &str = "+79215551234";
const CALL: u128 = 50;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// What happened, one after the other: module, thing, event.
#[derive(Clone, Default)]
struct History(Vec<Recorded<DomainEvent>>);

impl History {
    fn and(mut self, module: &str, thing: u128, kind: &str, data: &Value) -> Self {
        let position = i64::try_from(self.0.len()).unwrap() + 1;
        self.0.push(Recorded {
            position: Position(position),
            stream: StreamId(id(thing)),
            version: Version(1),
            id: EventId(Uuid::new_v5(&Uuid::nil(), &position.to_be_bytes())),
            recorded_at: "2026-03-02T10:00:00Z".parse().unwrap(),
            metadata: Metadata {
                actor: Actor::Agent("test".into()),
                concerns: vec![],
                correlation: Uuid::nil(),
                causation: None,
            },
            event: DomainEvent::decode(module, kind, 1, &data.to_string()).unwrap().unwrap(),
        });
        self
    }

    /// A client with or without the number.
    fn client(self, client: u128, phones: &[Value]) -> Self {
        let name = json!({"of": id(client), "is": "x"});
        let data = json!({"kind": "company", "name": name, "status": "active", "country": "RU", "requisites": {}, "phones": phones});
        self.and("clients", client, "Registered", &data)
    }

    /// A person with these phones, who stands at these clients.
    fn person(self, person: u128, phones: &[Value], at: &[u128]) -> Self {
        let name = json!({"of": id(person), "is": {"last": "x"}});
        let joins: Vec<Value> = at.iter().map(|client| json!({"client_id": id(*client)})).collect();
        let data = json!({"name": name, "country": "RU", "phones": phones, "joins": joins});
        self.and("contacts", person, "Registered", &data)
    }

    /// A call on 1 March 2026.
    fn call(self, more: &Value) -> Self {
        let mut data =
            json!({"kind": "call", "occurred_at": "2026-03-01T10:00:00Z", "counterpart": number()});
        for (field, value) in more.as_object().into_iter().flatten() {
            data[field] = value.clone();
        }
        self.and("interactions", CALL, "Recorded", &data)
    }

    /// What the last event leads to: `client 3`, `person 10`.
    fn links(&self) -> Vec<String> {
        let last = self.0.last().unwrap().position;
        let asked = asked::<MatchCallers>(self.0.clone()).unwrap();
        let told = asked.iter().filter(|asked| asked.event.position == last).map(|asked| {
            let (name, field) = match asked.command.command {
                "link" => ("client", "client_id"),
                _ => ("person", "contact_id"),
            };
            let to: Uuid = serde_json::from_value(asked.command.body[field].clone()).unwrap();
            format!("{name} {}", to.as_u128())
        });
        told.collect()
    }
}

fn number() -> Value {
    json!({"of": id(0), "is": {"raw": NUMBER, "e164": NUMBER}})
}

fn phone(phone: u128) -> Value {
    json!({"id": id(phone), "number": number()})
}

fn shared(of: u128) -> Value {
    let mut phone = phone(of);
    phone["shared"] = json!(true);
    phone
}

fn base() -> History {
    History::default().client(3, &[]).client(4, &[])
}

#[test]
fn a_number_names_as_much_as_it_makes_clear() {
    let none: [&str; 0] = [];
    for (who, history, links) in [
        ("nobody's", base(), &none[..]),
        ("a client's", base().client(5, &[phone(20)]), &["client 5"]),
        ("two clients'", base().client(5, &[phone(20)]).client(6, &[phone(21)]), &none),
        ("a person's at one client", base().person(10, &[phone(20)], &[3]), &["client 3", "person 10"]),
        ("a person's at two clients", base().person(10, &[phone(20)], &[3, 4]), &["person 10"]),
        ("a person's nowhere", base().person(10, &[phone(20)], &[]), &["person 10"]),
        ("a shared one at one client", base().person(10, &[shared(20)], &[3]), &["client 3"]),
        ("a shared one at two clients", base().person(10, &[shared(20)], &[3, 4]), &none),
        (
            "two persons' of one client",
            base().person(10, &[phone(20)], &[3]).person(11, &[phone(21)], &[3]),
            &["client 3"],
        ),
        (
            "two persons' of two clients",
            base().person(10, &[phone(20)], &[3]).person(11, &[phone(21)], &[4]),
            &none,
        ),
        (
            "a client's and their person's",
            base().client(5, &[phone(20)]).person(10, &[phone(21)], &[5]),
            &["client 5", "person 10"],
        ),
        (
            "a client's and another's person's",
            base().client(5, &[phone(20)]).person(10, &[phone(21)], &[3]),
            &none,
        ),
        (
            "a client's and of a person who left",
            base().client(5, &[phone(20)]).person(10, &[phone(21)], &[]),
            &["client 5"],
        ),
        (
            "a shared one of a client and their person's",
            base().client(5, &[shared(20)]).person(10, &[phone(21)], &[5]),
            &none,
        ),
    ] {
        assert_eq!(history.call(&json!({})).links(), links, "{who}");
    }
}

#[test]
fn a_mark_that_misleads_takes_a_number_away_and_back() {
    let mark = |mark: Value| json!({"phone_id": id(20), "mark": mark});
    let person = base().person(10, &[phone(20)], &[3]);
    for (of, links) in [("invalid", 0), ("not_theirs", 0), ("do_not_use", 2)] {
        let marked = person.clone().and("contacts", 10, "PhoneMarked", &mark(json!(of)));
        assert_eq!(marked.clone().call(&json!({})).links().len(), links, "{of}");
        let again = marked.call(&json!({})).and("contacts", 10, "PhoneMarked", &mark(Value::Null));
        assert_eq!(again.links(), ["client 3", "person 10"], "{of}");
    }
    let unshared = json!({"phone_id": id(20), "shared": false});
    let was = base().person(10, &[shared(20)], &[3]).call(&json!({"client_id": id(3)}));
    assert_eq!(was.and("contacts", 10, "PhoneMarked", &unshared).links(), ["person 10"]);
}

#[test]
fn what_is_known_later_links_what_waited() {
    let waits = base().call(&json!({}));
    assert_eq!(waits.clone().person(10, &[phone(20)], &[3]).links(), ["client 3", "person 10"]);
    let known = waits.person(10, &[], &[]);
    let added = known.clone().and("contacts", 10, "PhoneAdded", &json!({"phone": phone(20)}));
    assert_eq!(added.links(), ["person 10"]);
    let joined = |since: &str| json!({"client_id": id(3), "since": since});
    // Where they stood on the day of the call counts, not where they stand today.
    assert_eq!(
        added.clone().and("contacts", 10, "Joined", &joined("2026-03-01")).links(),
        ["client 3", "person 10"]
    );
    assert_eq!(added.and("contacts", 10, "Joined", &joined("2026-03-02")).links(), ["person 10"]);
    let two = known.person(11, &[phone(20)], &[3, 4]);
    let left = two.and("contacts", 11, "Left", &json!({"client_id": id(3), "until": "2026-02-01"}));
    assert_eq!(left.links(), ["client 4", "person 11"]);
}

#[test]
fn a_person_is_added_to_what_is_with_their_client_alone() {
    let known = base().person(10, &[phone(20)], &[3]);
    assert_eq!(known.clone().call(&json!({"client_id": id(3)})).links(), ["person 10"]);
    assert_eq!(known.clone().call(&json!({"client_id": id(4)})).links(), [""; 0]);
    assert_eq!(known.call(&json!({"client_id": id(3), "contact_ids": [id(11)]})).links(), [""; 0]);
}

#[test]
fn what_a_person_unlinked_is_not_linked_again() {
    let linked = base()
        .person(10, &[phone(20)], &[3])
        .call(&json!({}))
        .and("interactions", CALL, "Linked", &json!({"client_id": id(3), "how": "number"}))
        .and("interactions", CALL, "ContactLinked", &json!({"contact_id": id(10), "how": "number"}));
    let unlink_client = json!({"client_id": id(3), "reason": "x"});
    let unlink_person = json!({"contact_id": id(10), "reason": "x"});
    let none = json!({"contact_ids": [], "reason": "x"});
    let move_day = json!({"occurred_at": "2026-02-01T10:00:00Z", "reason": "x"});
    for events in [
        vec![("Unlinked", &unlink_client)],
        vec![("ContactUnlinked", &unlink_person)],
        vec![("Corrected", &none)],
        vec![("Unlinked", &unlink_client), ("ContactUnlinked", &unlink_person), ("Corrected", &move_day)],
    ] {
        let mut history = linked.clone();
        for (kind, data) in events {
            history = history.and("interactions", CALL, kind, data);
        }
        assert_eq!(history.links(), [""; 0]);
    }
}

#[test]
fn a_correction_is_matched_anew() {
    let heard = base()
        .person(10, &[phone(20)], &[3])
        .call(&json!({"counterpart": {"of": id(0), "is": {"raw": "директор"}}}));
    assert_eq!(heard.links(), [""; 0]);
    let number = json!({"counterpart": number(), "reason": "x"});
    assert_eq!(heard.and("interactions", CALL, "Corrected", &number).links(), ["client 3", "person 10"]);
    let joined = json!({"client_id": id(3), "since": "2026-03-02"});
    let early = base().person(10, &[shared(20)], &[]).and("contacts", 10, "Joined", &joined).call(&json!({}));
    assert_eq!(early.links(), [""; 0]);
    let day = json!({"occurred_at": "2026-03-02T10:00:00Z", "reason": "x"});
    assert_eq!(early.and("interactions", CALL, "Corrected", &day).links(), ["client 3"]);
}

#[test]
fn archived_clients_take_no_part() {
    let two = base().person(10, &[phone(20)], &[3, 4]).call(&json!({}));
    assert_eq!(two.links(), ["person 10"]);
    let archived = two.and("interactions", CALL, "ContactLinked", &json!({"contact_id": id(10)})).and(
        "clients",
        4,
        "Archived",
        &json!({"reason": "x"}),
    );
    assert_eq!(archived.links(), ["client 3"]);
    let own = base()
        .client(5, &[phone(20)])
        .and("clients", 5, "Archived", &json!({"reason": "x"}))
        .call(&json!({}));
    assert_eq!(own.links(), [""; 0]);
    assert_eq!(own.and("clients", 5, "Restored", &json!({"reason": "x"})).links(), ["client 5"]);
}
