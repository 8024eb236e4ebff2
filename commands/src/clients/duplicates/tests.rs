//! Given / when / then: clients that look like others.

use super::*;
use crate::clients::Registration;
use crate::decider::Decider;
use crate::given::{Given, OWN, id};
use letopis_events::Actor;
use letopis_events::likeness::Candidate;
use serde_json::{Value, json};

/// A client like another one of number 3, and one of number 4.
fn registered() -> Given<Client> {
    let mut other = Given::<Client>::default();
    other.when("register", &json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    let mut given = Given::default().beside(3, other.state.clone()).beside(4, other.state);
    given.when("register", &json!({"kind": "company", "name": "ЗАО «Лес»"})).unwrap();
    given
}

fn candidate() -> Candidate {
    let score = Score::try_from(85).unwrap();
    let (client_id, name) = (ClientId(id(3)), Some("ООО «Лес»".into()));
    Candidate { client_id, name, managers: vec![], score, reasons: vec![Sign::Phone] }
}

#[test]
fn who_looks_like_others_is_refused_unless_that_is_accepted() {
    let mut given = registered();
    given.seen.alike = vec![candidate()];
    for (command, body) in [
        ("add_phone", json!({"number": "8 495 123-45-67"})),
        ("add_email", json!({"address": "a@example.org"})),
        ("set_requisites", json!({"inn": "7707083893"})),
        ("correct", json!({"name": "Лес"})),
    ] {
        assert_eq!(given.refused(command, &body).0, "possible_duplicate", "{command}");
    }
    let error = ClientError::PossibleDuplicate(vec![candidate()]);
    assert_eq!(crate::decider::Rejection::candidates(&error), [candidate()]);
}

/// What would be asked before the events of this command are recorded.
fn asked(given: &Given<Client>, command: &str, body: &Value) -> Option<Resemblance> {
    let command = crate::form::read::<Client>(command, body.clone()).unwrap();
    let fresh = || id(77);
    let context = Context { stream: OWN, now: crate::given::now(), actor: &given.actor, fresh: &fresh };
    let events = given.state.decide(command, &given.seen, &context).unwrap();
    given.state.resembles(OWN, &events)
}

#[test]
fn only_a_new_look_that_nobody_accepted_is_asked_about() {
    let mut given = registered();
    let phone = json!({"number": "8 495 123-45-67"});
    let resemblance = asked(&given, "add_phone", &phone).unwrap();
    assert_eq!(resemblance.client_id, ClientId(OWN.0));
    assert_eq!(resemblance.after.keys().into_iter().collect::<Vec<_>>(), ["phone:+74951234567"]);
    assert_eq!(resemblance.before.map(|sketch| sketch.keys().len()), Some(0));
    let mut accepted = phone.clone();
    accepted["accept_duplicates"] = json!({"reason": "сосед"});
    for (command, body) in [
        ("add_phone", accepted.clone()),
        ("correct", json!({"name": "Лес"})),
        ("correct", json!({"industry": "retail", "region": "msk"})),
        ("add_address", json!({"kind": "office", "text": "Москва, Тверская, 1"})),
        ("tag", json!({"tag": "vip"})),
    ] {
        assert_eq!(asked(&given, command, &body), None, "{command} {body}");
    }
    // Why it was accepted is kept.
    let told = given.when("add_phone", &accepted).unwrap();
    assert_eq!(told[0][1]["accept_duplicates"]["reason"], "сосед");
    let new = Given::<Client>::default();
    let bare = json!({"kind": "company", "name": "ООО «Лес»"});
    assert_eq!(asked(&new, "register", &bare), None);
    let full = json!({"kind": "company", "name": "ООО «Лес»", "region": "msk"});
    assert_eq!(asked(&new, "register", &full).unwrap().before, None);
}

#[test]
fn an_import_accepts_likeness() {
    let mut given = Given::<Client>::default();
    given.actor = Actor::Import("old".into());
    let told = given.when("register", &json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    assert_eq!(told[0][1]["accept_duplicates"], json!({"reason": "import"}));
    // That it was accepted is not what was sent.
    let event = serde_json::from_value(json!({"type": "Registered", "data": told[0][1]})).unwrap();
    let sent: Registration = serde_json::from_value(json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    assert!(Client::repeats(&crate::clients::ClientCommand::Register(Box::new(sent)), &event));
}

#[test]
fn a_pair_is_suspected_once_and_never_after_it_was_told_apart() {
    let mut given = registered();
    let suspect = |other: u128| json!({"client_id": id(other), "score": 85, "reasons": ["phone", "name"]});
    let told = given.when("suspect", &suspect(3)).unwrap();
    assert_eq!(told, [json!(["DuplicateSuspected", suspect(3)])]);
    assert_eq!(given.types("suspect", &suspect(3)), [""; 0]);
    let apart = json!({"client_id": id(4), "reason": "соседи по зданию"});
    assert_eq!(given.types("not_a_duplicate", &apart), ["DuplicateDenied"]);
    assert_eq!(given.types("not_a_duplicate", &apart), [""; 0]);
    assert_eq!(given.types("suspect", &suspect(4)), [""; 0]);
    assert_eq!(given.refused("suspect", &suspect(1)), ("the_client_itself".into(), "/client_id".into()));
    assert_eq!(given.refused("suspect", &suspect(5)), ("unknown_client".into(), "/client_id".into()));
    let much = json!({"client_id": id(4), "score": 101, "reasons": []});
    assert_eq!(given.refused("suspect", &much), ("form".into(), "/score".into()));
    given.when("archive", &json!({"reason": "закрылись"})).unwrap();
    assert_eq!(given.refused("suspect", &suspect(3)).0, "client_archived");
    given.actor = Actor::Policy("find_duplicates".into());
    assert_eq!(given.types("suspect", &suspect(3)), [""; 0]);
}

#[test]
fn what_was_said_of_the_pair_in_the_other_stream_counts() {
    let mut other = Given::<Client>::default();
    other.when("register", &json!({"kind": "company", "name": "ООО «Лес»"})).unwrap();
    other.state.evolve(&denied(OWN));
    let mut given = Given::<Client>::default().beside(3, other.state);
    given.when("register", &json!({"kind": "company", "name": "ЗАО «Лес»"})).unwrap();
    assert_eq!(given.types("suspect", &json!({"client_id": id(3), "score": 85, "reasons": []})), [""; 0]);
    assert_eq!(given.types("not_a_duplicate", &json!({"client_id": id(3), "reason": "x"})), [""; 0]);
}

fn denied(whom: StreamId) -> ClientEvent {
    ClientEvent::DuplicateDenied { client_id: whom.into(), reason: "x".parse().unwrap() }
}
