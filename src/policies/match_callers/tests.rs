//! Given a history, then these interactions are linked to these clients.

#[path = "../../../projections/src/engine/history.rs"]
mod history;

mod people;

use super::MatchCallers;
use crate::policies::Ask;
use history::{CALL, CLIENT, OTHER, Stream, Told, changing, erased, history, personal};
use letopis_projections::engine::{Asked, answered};
use serde_json::{Value, json};
use uuid::Uuid;

const NUMBER: &str = "+74951112233";
const ELSEWHERE: &str = "+74959998877";

/// What the policy asks for: after which position, which interaction, to which client.
fn links(told: impl IntoIterator<Item = Told>) -> Vec<(i64, u128, u128)> {
    let (_, asked) = answered::<MatchCallers>(history(told)).unwrap();
    let link = |asked: Asked<Ask>| {
        let Ask { module, id, command, body } = asked.command;
        assert_eq!((module, command), ("interactions", "link"));
        let client: Uuid = body["client_id"].as_str().unwrap().parse().unwrap();
        (asked.event.position.0, id.unwrap().as_u128(), client.as_u128())
    };
    asked.into_iter().map(link).collect()
}

/// Phone 1 of a client.
fn phone(number: &str, shared: bool) -> Value {
    let heard = personal(json!({"raw": number, "e164": number}));
    json!({"id": Uuid::from_u128(1), "number": heard, "shared": shared})
}

fn registered(client: Stream, phones: &[Value]) -> Told {
    client.golden("Registered", &json!({"phones": phones}))
}

fn called(interaction: Stream, number: &str) -> Told {
    let heard = personal(json!({"raw": number, "e164": number}));
    interaction.golden("Recorded", &json!({"client_id": null, "counterpart": heard}))
}

fn corrected(counterpart: &Value) -> Told {
    CALL.says("Corrected", &json!({"counterpart": counterpart, "reason": "x"}))
}

fn linked(client: Stream) -> Told {
    CALL.says("Linked", &json!({"client_id": client.id()}))
}

fn unlinked(client: Stream) -> Told {
    CALL.says("Unlinked", &json!({"client_id": client.id(), "reason": "x"}))
}

fn removed(client: Stream) -> Told {
    client.says("PhoneRemoved", &json!({"phone_id": Uuid::from_u128(1)}))
}

fn plain(stream: Stream, kind: &str) -> Told {
    stream.golden(kind, &json!({}))
}

#[test]
fn these_events_and_no_others_change_what_it_knows() {
    let changing = changing(|history| {
        let (rows, _) = answered::<MatchCallers>(history).unwrap();
        let clients = format!("{:?}{:?}", rows.number.rows(), rows.archived.rows());
        let people = format!("{:?}{:?}", rows.person.rows(), rows.person_number.rows());
        format!("{clients}{people}{:?}{:?}", rows.person_at.rows(), rows.heard.rows())
    });
    let expected = [
        "clients.Archived",
        "clients.PhoneAdded",
        "clients.PhoneRemoved",
        "clients.Registered",
        "clients.Restored",
        "contacts.Joined",
        "contacts.Left",
        "contacts.PhoneAdded",
        "contacts.PhoneMarked",
        "contacts.PhoneRemoved",
        "contacts.Registered",
        "interactions.ContactLinked",
        "interactions.ContactUnlinked",
        "interactions.Corrected",
        "interactions.Linked",
        "interactions.Recorded",
        "interactions.Unlinked",
        "interactions.Withdrawn",
    ];
    assert_eq!(changing, expected.map(str::to_owned).into());
}

#[test]
fn a_number_of_one_client_links() {
    let told = [registered(CLIENT, &[phone(NUMBER, false)]), registered(OTHER, &[]), called(CALL, NUMBER)];
    assert_eq!(links(told), [(3, CALL.1, CLIENT.1)]);
}

#[test]
fn what_has_a_client_is_left_alone() {
    let with =
        json!({"client_id": OTHER.id(), "counterpart": personal(json!({"raw": NUMBER, "e164": NUMBER}))});
    let told = [registered(CLIENT, &[phone(NUMBER, false)]), CALL.golden("Recorded", &with)];
    assert_eq!(links(told), []);
}

#[test]
fn what_identifies_nobody_does_not_link() {
    let known = || registered(CLIENT, &[phone(NUMBER, false)]);
    for told in [
        // Nobody's, erased, or no number at all.
        vec![known(), called(CALL, ELSEWHERE)],
        vec![known(), CALL.golden("Recorded", &json!({"client_id": null, "counterpart": erased()}))],
        vec![
            known(),
            CALL.golden(
                "Recorded",
                &json!({"client_id": null, "counterpart": personal(json!({"raw": NUMBER}))}),
            ),
        ],
        vec![
            CLIENT.golden("Registered", &json!({"phones": [{"id": Uuid::from_u128(1), "number": erased()}]})),
            called(CALL, NUMBER),
        ],
        // Shared, of two clients, of one put away, or no longer its.
        vec![registered(CLIENT, &[phone(NUMBER, true)]), called(CALL, NUMBER)],
        vec![known(), registered(OTHER, &[phone(NUMBER, false)]), called(CALL, NUMBER)],
        vec![known(), registered(OTHER, &[phone(NUMBER, true)]), called(CALL, NUMBER)],
        vec![known(), plain(CLIENT, "Archived"), called(CALL, NUMBER)],
        vec![known(), removed(CLIENT), called(CALL, NUMBER)],
    ] {
        let text = format!("{told:?}");
        assert_eq!(links(told), [], "{text}");
    }
}

#[test]
fn a_number_known_later_links_what_waited() {
    let second = Stream("interactions", 6);
    let added = || CLIENT.says("PhoneAdded", &json!({"phone": phone(NUMBER, false)}));
    let waiting =
        [called(CALL, NUMBER), called(second, NUMBER), called(Stream("interactions", 7), ELSEWHERE)];
    for (know, at) in [
        (vec![registered(CLIENT, &[phone(NUMBER, false)])], 4),
        (vec![registered(CLIENT, &[]), added()], 5),
        // The number is one client's again: the other lost it, or was put away.
        (
            vec![
                registered(OTHER, &[phone(NUMBER, false)]),
                registered(CLIENT, &[]),
                added(),
                removed(OTHER),
            ],
            7,
        ),
        (vec![registered(CLIENT, &[phone(NUMBER, true)]), removed(CLIENT), added()], 6),
    ] {
        let told: Vec<Told> = waiting.iter().cloned().chain(know).collect();
        let links: Vec<_> = links(told).into_iter().filter(|(position, ..)| *position == at).collect();
        assert_eq!(links, [(at, CALL.1, CLIENT.1), (at, second.1, CLIENT.1)]);
    }
}

#[test]
fn archiving_leaves_the_number_to_the_other_and_restoring_to_nobody() {
    let both = [registered(CLIENT, &[phone(NUMBER, false)]), registered(OTHER, &[phone(NUMBER, false)])];
    let told = both.into_iter().chain([
        called(CALL, NUMBER),
        plain(OTHER, "Archived"),
        linked(CLIENT),
        plain(OTHER, "Restored"),
        called(Stream("interactions", 6), NUMBER),
    ]);
    assert_eq!(links(told), [(4, CALL.1, CLIENT.1)]);
    let told = [
        registered(CLIENT, &[phone(NUMBER, false)]),
        plain(CLIENT, "Archived"),
        called(CALL, NUMBER),
        plain(CLIENT, "Restored"),
    ];
    assert_eq!(links(told), [(4, CALL.1, CLIENT.1)]);
}

#[test]
fn what_a_person_unlinked_is_not_linked_to_that_client_again() {
    let mut told = vec![
        registered(CLIENT, &[phone(NUMBER, false)]),
        called(CALL, NUMBER),
        linked(CLIENT),
        unlinked(CLIENT),
        removed(CLIENT),
        CLIENT.says("PhoneAdded", &json!({"phone": phone(NUMBER, false)})),
        corrected(&personal(json!({"raw": NUMBER, "e164": NUMBER}))),
    ];
    assert_eq!(links(told.clone()), [(2, CALL.1, CLIENT.1)]);
    // But to another whom its number turns out to belong to.
    told.extend([removed(CLIENT), registered(OTHER, &[phone(NUMBER, false)])]);
    assert_eq!(links(told), [(2, CALL.1, CLIENT.1), (9, CALL.1, OTHER.1)]);
}

#[test]
fn unlinked_from_the_wrong_one_it_goes_to_the_owner_of_its_number() {
    let with =
        json!({"client_id": OTHER.id(), "counterpart": personal(json!({"raw": NUMBER, "e164": NUMBER}))});
    let told = [
        registered(CLIENT, &[phone(NUMBER, false)]),
        registered(OTHER, &[]),
        CALL.golden("Recorded", &with),
        unlinked(OTHER),
    ];
    assert_eq!(links(told), [(4, CALL.1, CLIENT.1)]);
}

#[test]
fn a_corrected_number_links_whatever_it_was_before() {
    let number = personal(json!({"raw": NUMBER, "e164": NUMBER}));
    let hidden = personal(json!({"raw": "hidden"}));
    let known = registered(CLIENT, &[phone(NUMBER, false)]);
    let none = CALL.golden("Recorded", &json!({"client_id": null, "counterpart": null}));
    let unheard = CALL.golden("Recorded", &json!({"client_id": null, "counterpart": hidden}));
    for first in [called(CALL, ELSEWHERE), none, unheard] {
        assert_eq!(links([known.clone(), first, corrected(&number)]), [(3, CALL.1, CLIENT.1)]);
    }
    let told = [known.clone(), called(CALL, ELSEWHERE), corrected(&hidden), corrected(&number)];
    assert_eq!(links(told), [(4, CALL.1, CLIENT.1)]);
    // A number that was corrected away no longer waits.
    let told = [called(CALL, NUMBER), corrected(&Value::Null), known.clone()];
    assert_eq!(links(told), []);
    // What a person unlinked stays so through all corrections.
    let told = [known, called(CALL, NUMBER), unlinked(CLIENT), corrected(&hidden), corrected(&number)];
    assert_eq!(links(told), [(2, CALL.1, CLIENT.1)]);
}

#[test]
fn what_is_withdrawn_waits_no_more() {
    let told = [called(CALL, NUMBER), plain(CALL, "Withdrawn"), registered(CLIENT, &[phone(NUMBER, false)])];
    assert_eq!(links(told), []);
}

#[test]
fn each_interaction_is_asked_for_once_an_event() {
    let twice = [
        phone(NUMBER, false),
        json!({"id": Uuid::from_u128(2), "number": personal(json!({"raw": NUMBER, "e164": NUMBER}))}),
    ];
    assert_eq!(links([called(CALL, NUMBER), registered(CLIENT, &twice)]), [(2, CALL.1, CLIENT.1)]);
}

fn merged(from: Stream, into: Stream) -> Told {
    from.says("MergedInto", &json!({"into": into.id(), "reason": "x"}))
}

fn unmerged(client: Stream) -> Told {
    plain(client, "Unmerged")
}

#[test]
fn a_number_of_both_sides_has_one_owner() {
    let both =
        || vec![registered(CLIENT, &[phone(NUMBER, false)]), registered(OTHER, &[phone(NUMBER, false)])];
    let links = |more: &[Told]| links(both().into_iter().chain(more.iter().cloned()));
    assert_eq!(links(&[called(CALL, NUMBER)]), []);
    // What waited is linked to the one that stays; what comes is.
    assert_eq!(links(&[called(CALL, NUMBER), merged(CLIENT, OTHER)]), [(4, CALL.1, OTHER.1)]);
    assert_eq!(links(&[merged(CLIENT, OTHER), called(CALL, NUMBER)]), [(4, CALL.1, OTHER.1)]);
    assert_eq!(links(&[merged(CLIENT, OTHER), unmerged(CLIENT), called(CALL, NUMBER)]), []);
}

#[test]
fn down_a_chain_the_last_one_owns_all_numbers() {
    let last = Stream("clients", 9);
    let chain = || {
        let clients =
            [registered(CLIENT, &[phone(NUMBER, false)]), registered(OTHER, &[]), registered(last, &[])];
        clients.into_iter().chain([merged(CLIENT, OTHER), merged(OTHER, last)])
    };
    assert_eq!(links(chain().chain([called(CALL, NUMBER)])), [(6, CALL.1, last.1)]);
    assert_eq!(links(chain().chain([unmerged(OTHER), called(CALL, NUMBER)])), [(7, CALL.1, OTHER.1)]);
    // A number at the bottom of a chain and at its top has one owner.
    let ends = chain().chain([last.says("PhoneAdded", &json!({"phone": phone(NUMBER, false)}))]);
    assert_eq!(links(ends.chain([called(CALL, NUMBER)])), [(7, CALL.1, last.1)]);
}

#[test]
fn what_is_archived_or_was_parted_stays_so_for_both_sides() {
    let sides = || [registered(CLIENT, &[phone(NUMBER, false)]), registered(OTHER, &[])].into_iter();
    let archived = || sides().chain([merged(CLIENT, OTHER), plain(OTHER, "Archived"), called(CALL, NUMBER)]);
    assert_eq!(links(archived()), []);
    assert_eq!(links(archived().chain([plain(OTHER, "Restored")])), [(6, CALL.1, OTHER.1)]);
    assert_eq!(links(archived().chain([unmerged(CLIENT)])), [(6, CALL.1, CLIENT.1)]);
    // Who was parted from one side is not linked to the other.
    let parted = [called(CALL, NUMBER), linked(CLIENT), unlinked(CLIENT), merged(CLIENT, OTHER)];
    assert_eq!(links(sides().chain(parted)), [(3, CALL.1, CLIENT.1)]);
}
