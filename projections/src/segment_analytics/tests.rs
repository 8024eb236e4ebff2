//! Given a history, then these rows.

use super::{Member, SegmentAnalytics, SegmentRows};
use crate::engine::given;
use crate::engine::history::{CALL, CLIENT, OTHER, Told, changing, history};
use letopis_events::Code;
use letopis_events::clients::{ClientKind, ClientStatus};
use serde_json::json;

fn rows(told: impl IntoIterator<Item = Told>) -> SegmentRows {
    given::<SegmentAnalytics>(history(told)).unwrap()
}

/// A client as registered, and what came then.
fn member(told: impl IntoIterator<Item = Told>) -> Member {
    let registered = CLIENT.golden("Registered", &json!({}));
    rows([registered].into_iter().chain(told)).member.rows().remove(0)
}

fn recorded() -> Told {
    CALL.golden("Recorded", &json!({"client_id": CLIENT.id()}))
}

/// Which clients were touched, and when.
fn touches(told: impl IntoIterator<Item = Told>) -> Vec<(u128, String)> {
    let mut touches = vec![];
    for row in rows(told).occasion.rows() {
        touches.extend(row.client_ids.iter().map(|id| (id.0.as_u128(), row.occurred_at.to_string())));
    }
    touches
}

fn at(client: crate::engine::history::Stream, moment: &str) -> (u128, String) {
    (client.1, moment.to_owned())
}

const THEN: &str = "2026-03-02T07:15:00.500Z";
const LATER: &str = "2026-03-03T12:00:00Z";

#[test]
fn these_events_and_no_others_change_segments() {
    let changing = changing(|history| {
        let rows = given::<SegmentAnalytics>(history).unwrap();
        format!("{:?}{:?}", rows.member.rows(), rows.occasion.rows())
    });
    let expected = [
        "clients.Archived",
        "clients.Corrected",
        "clients.Registered",
        "clients.Restored",
        "clients.StatusChanged",
        "clients.Tagged",
        "clients.Untagged",
        "interactions.Corrected",
        "interactions.Linked",
        "interactions.Recorded",
        "interactions.Unlinked",
        "interactions.Withdrawn",
    ];
    assert_eq!(changing, expected.map(str::to_owned).into());
}

#[test]
fn a_client_moves_between_segments() {
    let codes = |member: &Member| {
        [&member.industry, &member.size, &member.region, &member.channel]
            .map(|code| code.as_ref().map(Code::to_string).unwrap_or_default())
    };
    let before = member([]);
    assert_eq!(
        (before.kind, before.status, before.archived),
        (ClientKind::Company, ClientStatus::Active, false)
    );
    assert_eq!(codes(&before), ["retail", "small", "msk", "site"]);
    let after = member([CLIENT.golden("Corrected", &json!({})), CLIENT.golden("StatusChanged", &json!({}))]);
    assert_eq!((after.kind, after.status), (ClientKind::SoleTrader, ClientStatus::Former));
    assert_eq!(codes(&after), ["", "large", "spb", ""]);
    assert_eq!(member([CLIENT.says("Corrected", &json!({"reason": "x"}))]), before);
}

#[test]
fn tags_are_sorted_and_stand_once() {
    let tagged = ["zz", "aa", "zz"].map(|tag| CLIENT.says("Tagged", &json!({"tag": tag})));
    let untagged = ["vip", "vip", "none"].map(|tag| CLIENT.says("Untagged", &json!({"tag": tag})));
    let member = member(tagged.into_iter().chain(untagged));
    assert_eq!(member.tags.iter().map(Code::as_str).collect::<Vec<_>>(), ["aa", "b2b", "zz"]);
}

#[test]
fn put_away_and_taken_out_again() {
    let archived = CLIENT.golden("Archived", &json!({}));
    assert!(member([archived.clone()]).archived);
    assert!(!member([archived, CLIENT.golden("Restored", &json!({}))]).archived);
}

#[test]
fn an_interaction_touches_each_client_it_is_linked_to() {
    let mut told = vec![recorded()];
    assert_eq!(touches(told.clone()), [at(CLIENT, THEN)]);
    for _ in 0..2 {
        told.push(CALL.says("Linked", &json!({"client_id": OTHER.id()})));
        assert_eq!(touches(told.clone()), [at(CLIENT, THEN), at(OTHER, THEN)]);
    }
    for _ in 0..2 {
        told.push(CALL.says("Unlinked", &json!({"client_id": CLIENT.id(), "reason": "x"})));
        assert_eq!(touches(told.clone()), [at(OTHER, THEN)]);
    }
}

#[test]
fn an_unknown_caller_touches_nobody_until_linked() {
    let mut told = vec![CALL.golden("Recorded", &json!({"client_id": null}))];
    assert_eq!(touches(told.clone()), []);
    // A client linked after the correction is touched at the corrected moment.
    told.push(CALL.golden("Corrected", &json!({})));
    told.push(CALL.says("Linked", &json!({"client_id": OTHER.id()})));
    assert_eq!(touches(told), [at(OTHER, LATER)]);
}

#[test]
fn a_correction_moves_the_touches_of_all_its_clients() {
    let mut told = vec![recorded(), CALL.says("Linked", &json!({"client_id": OTHER.id()}))];
    told.push(CALL.says("Corrected", &json!({"duration_seconds": 1, "reason": "x"})));
    assert_eq!(touches(told.clone()), [at(CLIENT, THEN), at(OTHER, THEN)]);
    told.push(CALL.golden("Corrected", &json!({})));
    assert_eq!(touches(told), [at(CLIENT, LATER), at(OTHER, LATER)]);
}

#[test]
fn what_is_withdrawn_touches_nobody() {
    let mut told = vec![recorded(), CALL.says("Linked", &json!({"client_id": OTHER.id()}))];
    told.push(CALL.golden("Withdrawn", &json!({})));
    assert_eq!(rows(told).occasion.rows(), vec![]);
}
