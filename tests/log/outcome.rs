//! Whatever is cut while an append is under way, the caller gets a true answer and the log one event.

use super::proxy::{Wire, through};
use super::store::{Gate, Store, append, everything, options, stream};
use crate::support::until;
use letopis_events::{Position, Version};
use letopis_eventstore::{AppendError, Log, LogOptions, StoreKind};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_while_it_waits_for_the_lock_costs_nothing() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let gate = Gate::close(&store).await;
    let stream = stream();
    let answer = tokio::spawn({
        let log = log.clone();
        async move { log.append(append(stream, 0, 2)).await }
    });
    for _ in 0..3 {
        let waiter = gate.waiter(&store).await;
        let owner = store.owner().await;
        owner.execute("select pg_terminate_backend($1)", &[&waiter]).await.unwrap();
        let gone = "select 1 from pg_stat_activity where pid = $1";
        while owner.query_opt(gone, &[&waiter]).await.unwrap().is_some() {}
    }
    gate.open().await;
    assert_eq!(answer.await.unwrap().unwrap().version, Version(2));
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_on_the_way_is_asked_for_again() {
    let store = Store::new(StoreKind::Production).await;
    let (url, wire) = through(&store.service).await;
    let log = Log::connect(&url, options()).await.unwrap();
    let stream = stream();
    log.append(append(stream, 0, 1)).await.unwrap();

    wire.send(Wire::Deaf).unwrap();
    let answer = tokio::spawn({
        let log = log.clone();
        async move { log.append(append(stream, 1, 2)).await }
    });
    // The events are stored, and the caller does not know it.
    let direct = store.log().await;
    while direct.head().await.unwrap().position < Position(3) {}
    assert!(!answer.is_finished());
    wire.send(Wire::Whole).unwrap();
    let appended = answer.await.unwrap().unwrap();
    let events = everything(&direct).await;
    assert_eq!(events.len(), 3);
    assert_eq!((appended.version, appended.position), (Version(3), Position(3)));
    assert_eq!(appended.recorded_at, events[2].recorded_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_wrote_behind_a_lost_answer_does_not_hide_it() {
    let store = Store::new(StoreKind::Production).await;
    let (url, wire) = through(&store.service).await;
    let log = Log::connect(&url, options()).await.unwrap();
    let stream = stream();
    log.append(append(stream, 0, 1)).await.unwrap();
    wire.send(Wire::Deaf).unwrap();
    let answer = tokio::spawn({
        let log = log.clone();
        async move { log.append(append(stream, 1, 1)).await }
    });
    let direct = store.log().await;
    while direct.head().await.unwrap().position < Position(2) {}
    direct.append(append(stream, 2, 1)).await.unwrap();
    wire.send(Wire::Whole).unwrap();
    assert_eq!(answer.await.unwrap().unwrap().version, Version(2));
    assert_eq!(everything(&direct).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_deadline_the_outcome_is_unknown_and_the_repeat_finds_it() {
    let store = Store::new(StoreKind::Production).await;
    let short = LogOptions { deadline: Duration::from_secs(2), ..options() };
    let log = Log::connect(&store.service, short).await.unwrap();
    // From here on the writer is connected.
    until("the writer has its connection", || async { log.append(append(stream(), 0, 1)).await.ok() }).await;
    let written = everything(&log).await.len();
    let request = append(stream(), 0, 1);
    let gate = Gate::close(&store).await;
    let answer = log.append(request.clone()).await;
    assert!(matches!(answer, Err(AppendError::OutcomeUnknown)), "{answer:?}");
    gate.open().await;
    // Whether the first attempt was still carried out or not: the repeat says yes, and there is one event.
    let repeated = store.log().await.append(request).await.unwrap();
    let events = everything(&log).await;
    assert_eq!(events.len(), written + 1);
    assert_eq!(Some(repeated.position), events.last().map(|event| event.position));
}

#[test]
fn a_client_killed_while_it_waits_for_the_lock_leaves_one_event() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::new(StoreKind::Production).await;
        let gate = Gate::close(&store).await;
        let request = append(stream(), 0, 1);
        // A runtime of its own stands for the process: when it is shut down, its sockets are closed.
        let doomed = tokio::runtime::Runtime::new().unwrap();
        let (url, first) = (store.service.clone(), request.clone());
        doomed.spawn(async move { Log::connect(&url, options()).await.unwrap().append(first).await });
        gate.waiter(&store).await;
        doomed.shutdown_background();
        let log = store.log().await;
        let again = tokio::spawn({
            let log = log.clone();
            async move { log.append(request).await }
        });
        gate.open().await;
        assert_eq!(again.await.unwrap().unwrap().position, Position(1));
        assert_eq!(everything(&log).await.len(), 1);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_out_of_reach_says_so_and_is_found_again() {
    let store = Store::new(StoreKind::Production).await;
    let (url, wire) = through(&store.service).await;
    let short = LogOptions { deadline: Duration::from_millis(500), ..options() };
    let log = Log::connect(&url, short).await.unwrap();
    wire.send(Wire::Dead).unwrap();
    let request = append(stream(), 0, 1);
    // The first call may have gone into a wire already cut; from then on nothing was ever sent.
    let first = log.append(request.clone()).await;
    assert!(matches!(first, Err(AppendError::OutcomeUnknown | AppendError::Unavailable)));
    let second = log.append(request.clone()).await;
    assert!(matches!(second, Err(AppendError::Unavailable)), "{second:?}");
    wire.send(Wire::Whole).unwrap();
    until("the server is found again", || async { log.append(request.clone()).await.ok() }).await;
    assert_eq!(everything(&log).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_takes_nobody_with_him() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let gate = Gate::close(&store).await;
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let log = log.clone();
            tokio::spawn(async move { log.append(append(stream(), 0, 1)).await })
        })
        .collect();
    gate.waiter(&store).await;
    for caller in callers.iter().step_by(2) {
        caller.abort();
    }
    gate.open().await;
    for caller in callers.into_iter().skip(1).step_by(2) {
        caller.await.unwrap().unwrap();
    }
    assert!(everything(&log).await.len() >= 10);
}
