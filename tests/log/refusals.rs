//! What is refused harms only itself; keys and marks are taken once.

use super::store::{Gate, Store, append, event, everything, options, stream};
use letopis_events::{ClientId, Position, StreamId, Version};
use letopis_eventstore::{Append, AppendError, Guard, Log, LogOptions, Mark, ReceiptKey, StoreKind};

/// Sends all at once, so that they stand in one call, and returns the answers in order.
async fn together(store: &Store, log: &Log, requests: Vec<Append>) -> Vec<Result<Position, AppendError>> {
    let gate = Gate::close(store).await;
    let waits = log.append(append(stream(), 0, 1));
    let all = futures::future::join_all(requests.into_iter().map(|request| log.append(request)));
    let opened = async {
        gate.waiter(store).await;
        gate.open().await;
    };
    let (first, answers, ()) = tokio::join!(waits, all, opened);
    first.unwrap();
    answers.into_iter().map(|answer| answer.map(|appended| appended.position)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_harms_only_itself() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let (taken, good) = (stream(), stream());
    log.append(append(taken, 0, 1)).await.unwrap();
    let holding = |payload: &str| Append { events: vec![event(payload)], ..append(stream(), 0, 0) };
    let mut named = append(stream(), 0, 1);
    named.events[0].kind = "nul\0".into();
    let large = format!("\"{}\"", "x".repeat(256 * 1024));
    let answers = together(
        &store,
        &log,
        vec![
            append(good, 0, 3),
            append(taken, 0, 1),
            holding("{not json"),
            named,
            holding(&large),
            append(taken, 1, 1),
            append(good, 3, 1),
        ],
    )
    .await;
    assert!(
        matches!(
            answers.as_slice(),
            [
                Ok(_),
                Err(AppendError::Conflict),
                Err(AppendError::Sql(_)),
                Err(AppendError::Sql(_)),
                Err(AppendError::TooLarge),
                Ok(_),
                Ok(_)
            ]
        ),
        "{answers:?}"
    );
    assert_eq!(everything(&log).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_many_share_refuses_those_alone_that_saw_it_otherwise() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let (shared, other) = (stream(), stream());
    log.append(append(shared, 0, 2)).await.unwrap();
    log.append(append(other, 0, 1)).await.unwrap();
    let guard = |stream, version| Guard { category: "clients", stream, version: Version(version) };
    let guarded = |guards: Vec<Guard>| Append { guards, ..append(stream(), 0, 1) };
    let requests: Vec<Append> = (0..60)
        .map(|number| match number % 4 {
            0 => guarded(vec![guard(shared, 2)]),
            1 => guarded(vec![guard(shared, 2), guard(other, 1)]),
            2 => guarded(vec![guard(other, 1), guard(shared, 1)]),
            _ => guarded(vec![]),
        })
        .collect();
    for (number, answer) in together(&store, &log, requests).await.into_iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(number % 4, 2),
            Err(AppendError::Conflict) => assert_eq!(number % 4, 2),
            Err(error) => panic!("{number}: {error:?}"),
        }
    }
    assert_eq!(everything(&log).await.len(), 3 + 1 + 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once() {
    let store = Store::new(StoreKind::Production).await;
    let log = Log::connect(&store.service, LogOptions { queue: 2, ..options() }).await.unwrap();
    let requests = (0..50).map(|_| append(stream(), 0, 1)).collect();
    let answers = together(&store, &log, requests).await;
    let full = answers.iter().filter(|a| matches!(a, Err(AppendError::QueueFull))).count();
    let accepted = answers.iter().filter(|a| a.is_ok()).count();
    assert!(full > 0 && accepted > 0 && full + accepted == 50, "{answers:?}");
    assert_eq!(everything(&log).await.len(), accepted + 1);
}

fn keyed(stream: StreamId, expected: i64, events: usize, key: u8, body: u8) -> Append {
    Append { key: Some(ReceiptKey { key: [key; 32], body: [body; 32] }), ..append(stream, expected, events) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_effect() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let stream = stream();
    let first = log.append(keyed(stream, 0, 2, 7, 1)).await.unwrap();
    // The same key, whatever it comes with, gives the first receipt.
    for again in [keyed(stream, 2, 1, 7, 1), keyed(stream, 0, 1, 7, 2)] {
        let Err(AppendError::Repeated(receipt)) = log.append(again).await else {
            panic!("the key was taken twice");
        };
        assert_eq!((receipt.stream, receipt.version), (stream, first.version));
        assert_eq!((receipt.position, receipt.created), (first.position, true));
        assert_eq!(receipt.body, [1; 32]);
    }
    // "Already so" leaves a receipt too, and no event.
    let unchanged = log.append(keyed(stream, 2, 0, 8, 1)).await.unwrap();
    assert_eq!((unchanged.version, unchanged.position), (first.version, first.position));
    assert_eq!(unchanged.recorded_at, first.recorded_at);
    // A refusal leaves none.
    assert!(matches!(log.append(keyed(stream, 9, 0, 9, 1)).await, Err(AppendError::Conflict)));
    let receipts = log.receipts(&[[7; 32], [8; 32], [9; 32]]).await.unwrap();
    assert_eq!(receipts.len(), 2);
    assert!(receipts[&[7; 32]].created && !receipts[&[8; 32]].created);
    assert_eq!(everything(&log).await.len(), 2);

    // Two at once with one key: one event.
    let other = store.log().await;
    let (a, b) = (super::store::stream(), super::store::stream());
    let answers = tokio::join!(log.append(keyed(a, 0, 1, 5, 1)), other.append(keyed(b, 0, 1, 5, 1)));
    assert!(matches!(
        answers,
        (Ok(_), Err(AppendError::Repeated(_))) | (Err(AppendError::Repeated(_)), Ok(_))
    ));
    assert_eq!(everything(&log).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_moves_once() {
    let store = Store::new(StoreKind::Production).await;
    let (log, other) = (store.log().await, store.log().await);
    let marked = |position, number, events| Append {
        mark: Some(Mark { policy: "match_callers".into(), position: Position(position), number }),
        ..append(stream(), 0, events)
    };
    log.append(append(stream(), 0, 3)).await.unwrap();
    // New to the store, a policy opens at the head: it does not answer the past.
    let mark = log.mark("match_callers").await.unwrap();
    assert_eq!((mark.position, mark.number), (Position(3), 0));
    assert!(matches!(log.append(marked(2, 9, 1)).await, Err(AppendError::MarkPassed)));
    log.append(append(stream(), 0, 1)).await.unwrap();
    assert_eq!(log.mark("match_callers").await.unwrap().position, Position(3));

    // Two workers do the same: one of them is told so.
    let answers = tokio::join!(log.append(marked(4, 1, 1)), other.append(marked(4, 1, 1)));
    assert!(
        matches!(answers, (Ok(_), Err(AppendError::MarkPassed)) | (Err(AppendError::MarkPassed), Ok(_))),
        "{answers:?}"
    );
    log.append(marked(4, 2, 0)).await.unwrap();
    assert!(matches!(log.append(marked(4, 2, 1)).await, Err(AppendError::MarkPassed)));
    assert!(matches!(log.append(marked(4, 1, 1)).await, Err(AppendError::MarkPassed)));
    let mark = log.mark("match_callers").await.unwrap();
    assert_eq!((mark.position, mark.number), (Position(4), 2));
    assert_eq!(everything(&log).await.len(), 5);
}

#[tokio::test]
async fn an_append_without_events_still_checks_its_version() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let stream = stream();
    log.append(append(stream, 0, 1)).await.unwrap();
    assert!(matches!(log.append(append(stream, 0, 0)).await, Err(AppendError::Conflict)));
    assert_eq!(log.append(append(stream, 1, 0)).await.unwrap().version, Version(1));
}

#[tokio::test]
async fn what_goes_in_comes_back_byte_for_byte() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let payloads = [
        " {\"a\": 1.0,\t\"a\":1e2, \"b\":\"\\u0041\\n\\/\"}\n",
        r#"{"тел":"+7 (800) «Ё» 🦀","n":12345678901234567890.000,"x":{},"y":[],"z":null}"#,
        "\"'; drop table log.event; --\\\\ $1 {,} NULL\"",
        "{}",
    ];
    let client = |n: u128| ClientId(uuid::Uuid::from_u128(n));
    let concerns = [vec![], vec![client(1)], vec![client(2), client(3), client(u128::MAX)], vec![]];
    let mut request = append(stream(), 0, 0);
    for (payload, concerns) in payloads.iter().zip(&concerns) {
        let mut event = event(payload);
        event.concerns.clone_from(concerns);
        request.events.push(event);
    }
    request.causation = Some(request.events[0].id);
    log.append(request.clone()).await.unwrap();
    for (read, sent) in everything(&log).await.iter().zip(&request.events) {
        assert_eq!((read.id, &read.kind, read.schema), (sent.id, &sent.kind, sent.schema));
        assert_eq!(read.payload, sent.payload);
        assert_eq!(read.metadata.concerns, sent.concerns);
        assert_eq!(read.metadata.actor, request.actor);
        assert_eq!(read.metadata.correlation, request.correlation);
        assert_eq!(read.metadata.causation, request.causation);
    }
}
