//! Several writers at once: dense positions, contiguous streams, nothing acknowledged is missing, no reader misses an event.

use super::store::{Store, append, everything, stream};
use letopis_events::{Position, StreamId, Version};
use letopis_eventstore::{Append, AppendError, Appended, Guard, Log, StoreKind};
use std::collections::HashMap;

const WRITERS: usize = 8;
const EACH: usize = 40;

/// Writes to one stream against all others, so that each step is won by one of them.
async fn fight(log: Log, stream: StreamId) -> Vec<(StreamId, Appended)> {
    let (mut won, mut expected) = (Vec::new(), 0);
    while won.len() < EACH {
        match log.append(append(stream, expected, 1 + won.len() % 3)).await {
            Ok(appended) => {
                expected = appended.version.0;
                won.push((stream, appended));
            }
            Err(AppendError::Conflict) => {
                let events = log.stream("clients", stream, Version(0)).await.unwrap();
                expected = events.last().map_or(0, |last| last.version.0);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    won
}

/// Follows the log from its beginning until it has seen position `until`.
async fn tail(log: Log, until: tokio::sync::watch::Receiver<i64>) -> Vec<i64> {
    let mut seen = vec![];
    let missing = |seen: &[i64]| *until.borrow() == 0 || seen.last() != Some(&*until.borrow());
    while missing(&seen) {
        let page = log.page(Position(seen.last().copied().unwrap_or(0)), 100).await.unwrap();
        seen.extend(page.iter().map(|e| e.position.0));
        tokio::task::yield_now().await;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_logs_make_one_dense_chronicle() {
    let store = Store::new(StoreKind::Production).await;
    let logs = [store.log().await, store.log().await];
    let (end, until) = tokio::sync::watch::channel(0);
    let reader = tokio::spawn(tail(store.log().await, until));
    let shared = stream();
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| tokio::spawn(fight(logs[n % 2].clone(), if n < 4 { shared } else { stream() })))
        .collect();
    let mut acknowledged = vec![];
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }

    let events = everything(&logs[0]).await;
    let mut last: HashMap<StreamId, i64> = HashMap::new();
    for event in &events {
        let version = last.entry(event.stream).or_default();
        *version += 1;
        assert_eq!(event.version.0, *version);
    }
    for (stream, appended) in &acknowledged {
        let event = &events[usize::try_from(appended.position.0).unwrap() - 1];
        assert_eq!((event.stream, event.version), (*stream, appended.version));
        assert_eq!(event.recorded_at, appended.recorded_at);
    }
    assert_eq!(acknowledged.len(), WRITERS * EACH);
    end.send(i64::try_from(events.len()).unwrap()).unwrap();
    assert_eq!(reader.await.unwrap(), events.iter().map(|e| e.position.0).collect::<Vec<_>>());
}

/// A request to write `a` as long as `b` does not exist.
fn unless(a: StreamId, b: StreamId) -> Append {
    let guards = vec![Guard { category: "clients", stream: b, version: Version(0) }];
    Append { guards, ..append(a, 0, 1) }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_guard_each_other_one_is_accepted() {
    let store = Store::new(StoreKind::Production).await;
    let logs = [store.log().await, store.log().await];
    for round in 0..40 {
        let (a, b) = (stream(), stream());
        // Every other round both stand in one process's queue.
        let other = &logs[round % 2];
        let answers = tokio::join!(logs[0].append(unless(a, b)), other.append(unless(b, a)));
        match answers {
            (Ok(_), Err(AppendError::Conflict)) | (Err(AppendError::Conflict), Ok(_)) => {}
            both => panic!("{both:?}"),
        }
    }
    assert_eq!(everything(&logs[0]).await.len(), 40);
}

#[tokio::test]
async fn a_guard_holds_at_the_version_it_names() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let (guarded, written) = (stream(), stream());
    log.append(append(guarded, 0, 2)).await.unwrap();
    let with = |version| Append {
        guards: vec![Guard { category: "clients", stream: guarded, version: Version(version) }],
        ..append(written, 0, 1)
    };
    for wrong in [0, 1, 3] {
        assert!(matches!(log.append(with(wrong)).await, Err(AppendError::Conflict)));
    }
    // The same id in another category is another stream.
    let mut other = with(2);
    other.guards[0].category = "employees";
    assert!(matches!(log.append(other).await, Err(AppendError::Conflict)));
    log.append(with(2)).await.unwrap();
}

#[tokio::test]
async fn readers_agree_with_each_other() {
    let store = Store::new(StoreKind::Production).await;
    let log = store.log().await;
    let (a, b, none) = (stream(), stream(), stream());
    assert_eq!(log.head().await.unwrap().position, Position(0));
    log.append(append(a, 0, 2)).await.unwrap();
    log.append(append(b, 0, 1)).await.unwrap();
    let last = log.append(append(a, 2, 1)).await.unwrap();
    assert_eq!((last.version, last.position), (Version(3), Position(4)));
    assert_eq!(*log.committed().borrow(), Position(4));

    let all = everything(&log).await;
    let head = log.head().await.unwrap();
    assert_eq!((head.position, head.recorded_at), (Position(4), Some(last.recorded_at)));
    assert_eq!(head.leaf.as_ref(), Some(&all[3].leaf));
    let positions = |events: Vec<letopis_eventstore::LogEvent>| -> Vec<i64> {
        events.iter().map(|e| e.position.0).collect()
    };
    assert_eq!(positions(log.stream("clients", a, Version(1)).await.unwrap()), [2, 4]);
    assert_eq!(positions(log.stream("employees", a, Version(0)).await.unwrap()), [0; 0]);
    let keys = [("clients", b), ("clients", a), ("clients", none), ("employees", a)];
    assert_eq!(positions(log.streams(&keys).await.unwrap()), [1, 2, 3, 4]);
    assert_eq!(positions(log.page(Position(1), 2).await.unwrap()), [2, 3]);
}
