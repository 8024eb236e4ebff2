//! The log's time: the database's, never backwards, and a question about it has one answer for good.

use super::store::{Store, append, clock, everything, now, options, stream};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use letopis_events::{ClientId, EventId, Position, StreamId};
use letopis_eventstore::{Append, AppendError, Leaf, Log, LogOptions, NewEvent, StoreKind};
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test]
async fn a_caller_with_a_wrong_clock_is_refused() {
    let store = Store::new(StoreKind::Production).await;
    for (off, refused) in [(-90, true), (90, true), (-30, false), (30, false)] {
        let clock = Arc::new(move || clock()() + TimeDelta::seconds(off));
        let log = Log::connect(&store.service, LogOptions { clock, ..options() }).await.unwrap();
        let answer = log.append(append(stream(), 0, 1)).await;
        assert_eq!(matches!(answer, Err(AppendError::ClockSkew)), refused, "{off}: {answer:?}");
        assert_eq!(answer.is_ok(), !refused);
    }
}

fn at(time: DateTime<Utc>) -> Append {
    Append { at: Some(time), ..append(stream(), 0, 1) }
}

#[tokio::test]
async fn only_a_sample_store_takes_a_past() {
    let past: DateTime<Utc> = "2024-03-01T09:30:00.123456Z".parse().unwrap();
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    assert!(matches!(log.append(at(past)).await, Err(AppendError::BadTime)));

    let store = Store::new(StoreKind::Sample).await;
    let log = store.log().await;
    assert_eq!(log.append(at(past)).await.unwrap().recorded_at, past);
    // Before the last event's it is raised to that.
    assert_eq!(log.append(at(past - TimeDelta::days(1))).await.unwrap().recorded_at, past);
    let later = past + TimeDelta::days(1);
    assert_eq!(log.append(at(later)).await.unwrap().recorded_at, later);
    let future = now() + TimeDelta::minutes(5);
    assert!(matches!(log.append(at(future)).await, Err(AppendError::BadTime)));
    // Without a time of its own an event takes the clock's.
    assert!(now() - log.append(append(stream(), 0, 1)).await.unwrap().recorded_at < TimeDelta::minutes(1));
    assert_eq!(everything(&log).await.len(), 4);
}

#[tokio::test]
async fn a_settled_time_keeps_its_answer() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let before = now().trunc_subsecs(6);
    let first = log.append(append(stream(), 0, 2)).await.unwrap();
    assert_eq!(log.settle(before - TimeDelta::hours(1)).await.unwrap(), Position(0));
    assert_eq!(log.settle(first.recorded_at).await.unwrap(), Position(2));
    for round in 0..20 {
        let asked = now().trunc_subsecs(6);
        let answer = log.settle(asked).await.unwrap();
        assert_eq!(answer, Position(2 + round));
        let next = log.append(append(stream(), 0, 1)).await.unwrap();
        assert!(next.recorded_at > asked, "an event crept under a settled time");
        assert_eq!(log.settle(asked).await.unwrap(), answer);
    }
    assert!(log.settle(now() + TimeDelta::hours(1)).await.is_err(), "the future cannot be settled");
    everything(&log).await;
}

#[tokio::test]
async fn in_a_sample_store_a_settled_time_holds_against_callers_times() {
    let store = Store::new(StoreKind::Sample).await;
    let log = store.log().await;
    let day: DateTime<Utc> = "2024-03-01T00:00:00Z".parse().unwrap();
    log.append(at(day)).await.unwrap();
    let asked = day + TimeDelta::days(10);
    assert_eq!(log.settle(asked).await.unwrap(), Position(1));
    let raised = log.append(at(day + TimeDelta::days(5))).await.unwrap();
    assert!(raised.recorded_at > asked && raised.recorded_at < asked + TimeDelta::seconds(1));
    assert_eq!(log.settle(asked).await.unwrap(), Position(1));
}

/// Stores the events whose leaves were computed by another program (Python's hashlib) from the definition.
#[tokio::test]
async fn the_leaf_is_the_one_others_compute() {
    let store = Store::new(StoreKind::Sample).await;
    let log: Log = store.log().await;
    let id = |n: u128| Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | n);
    let golden = |stream, expected, event, kind: &str, concerns: &[u128], payload: &str| Append {
        events: vec![NewEvent {
            id: EventId(id(event)),
            kind: kind.into(),
            schema: 1,
            concerns: concerns.iter().map(|c| ClientId(id(*c))).collect(),
            payload: payload.into(),
        }],
        correlation: id(0xc1),
        ..append(StreamId(id(stream)), expected, 0)
    };
    let first = Append {
        actor: "import:loans".parse().unwrap(),
        at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        ..golden(0xa1, 0, 0xe1, "Registered", &[0xa1], r#"{"name":"ООО «Летопись»"}"#)
    };
    let second = Append {
        category: "interactions",
        actor: id(0xd1).to_string().parse().unwrap(),
        correlation: id(0xc2),
        causation: Some(EventId(id(0xe1))),
        at: Some("2026-01-01T00:00:00.000001Z".parse().unwrap()),
        ..golden(0xb1, 0, 0xe2, "Recorded", &[], "{}")
    };
    let third = Append {
        actor: "policy:match_callers".parse().unwrap(),
        causation: Some(EventId(id(0xe2))),
        at: Some("2026-01-01T00:00:01.999999Z".parse().unwrap()),
        ..golden(0xa1, 1, 0xe3, "Tagged", &[0xa1, 0xa2], " {\"a\": 1.0,\t\"a\":1e2, \"b\":\"\\u0041\"}\n")
    };
    for request in [first, second, third] {
        log.append(request).await.unwrap();
    }
    let hex = |leaf: &Leaf| leaf.to_string();
    let leaves: Vec<String> = everything(&log).await.iter().map(|e| hex(&e.leaf)).collect();
    assert_eq!(
        leaves,
        [
            "0580e2229acb609d19a0505b103186ef671e3a27d03ba2131503e9b33f4c97ae",
            "6e2e543504d1cf58b1a67eab65fad34d8f3c82e9cd67d170fadfcb9f63d1a2d4",
            "ec224dbf91980a8d877bdb606a73292042798b98b0c1cd93cf1420cb2f409d96",
        ]
    );
}
