//! The relay: copies the log into JetStream, in order, sequence = position. PostgreSQL stays the truth; what is wrong with the
//! copy is made anew from it.

use crate::jetstream::{Nats, NatsError, Standing};
use crate::message;
use crate::{Log, LogError, LogEvent};
use deadpool_postgres::Object;
use letopis_events::Position;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Publishes in flight; a hundred thousand events a second need no more.
const IN_FLIGHT: i64 = 1_000;
/// The pause after a failure, and between two looks whether the other relay is gone.
const PAUSE: Duration = Duration::from_millis(500);
/// The last resort: how long a commit that nobody told of can go unseen.
const POLL: Duration = Duration::from_secs(1);
/// Events by which the size of an average one is judged.
const SAMPLE: i64 = 200;
/// The session lock of the one relay of a store.
pub(crate) const LOCK: &str = "select pg_try_advisory_lock(hashtext('letopis relay'))";

/// Where the copy stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayStatus {
    /// The last position JetStream has.
    pub position: Position,
    /// Whether another process relays at the moment.
    pub standing_by: bool,
    /// Why it does not go on, if it does not.
    pub error: Option<String>,
    /// The stream holds what the log does not: the log was restored to its past. The relay stays away until somebody decides.
    pub log_restored: bool,
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Nats(#[from] NatsError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the stream took an event at {0} instead of its position")]
    Misplaced(u64),
    #[error(
        "the stream holds position {0} that the log does not, or otherwise: the log was restored to its past"
    )]
    LogRestored(Position),
}

/// Relays until it is stopped; only one process of a store does at a time, the others stand by.
pub async fn relay(log: Log, nats: Nats, status: watch::Sender<RelayStatus>, stop: CancellationToken) {
    let work = async {
        loop {
            let error = match attend(&log, &nats, &status).await {
                Ok(never) => match never {},
                Err(error) => error,
            };
            let log_restored = matches!(error, RelayError::LogRestored(_));
            tracing::warn!(%error, "the relay stopped and looks again");
            status.send_modify(|status| {
                status.error = Some(error.to_string());
                status.log_restored = log_restored;
            });
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

/// Takes the lock, sees to the stream and goes with the log, until something is in doubt.
async fn attend(
    log: &Log,
    nats: &Nats,
    status: &watch::Sender<RelayStatus>,
) -> Result<std::convert::Infallible, RelayError> {
    // Closed when it is dropped, and the lock with it.
    let keeper = loop {
        let client = Object::take(log.reader().get().await.map_err(LogError::Unreachable)?);
        if client.query_one(LOCK, &[]).await.map_err(LogError::Sql)?.get(0) {
            break client;
        }
        drop(client);
        status.send_modify(|status| status.standing_by = true);
        tokio::time::sleep(PAUSE).await;
    };
    let mut committed = log.committed();
    let mut last = settle(log, nats).await?;
    loop {
        status.send_replace(RelayStatus { position: last, ..RelayStatus::default() });
        metrics::gauge!("letopis_relay_position").set(approximate(last));
        let events = log.page(last, IN_FLIGHT).await?;
        if let Some(end) = events.last() {
            let position = end.position;
            publish(nats, &events).await?;
            last = position;
            log.heard(last);
            continue;
        }
        let waited = tokio::time::timeout(POLL, committed.wait_for(|position| *position > last)).await;
        if waited.is_err() && keeper.is_closed() {
            return Err(RelayError::Nats(NatsError::Disconnected));
        }
    }
}

/// Makes the stream whole and returns its last position.
async fn settle(log: &Log, nats: &Nats) -> Result<Position, RelayError> {
    nats.able()?;
    let head = log.head().await?.position;
    match nats.inspect().await? {
        Standing::Absent => make(log, nats, head).await,
        Standing::Holed => renew(log, nats, head, "messages are missing in the middle").await,
        Standing::Whole { first, last } if last < first && last <= head => Ok(last),
        Standing::Whole { first, last } if last < first => {
            renew(log, nats, head, "it begins after the log's end").await
        }
        Standing::Whole { last, .. } => {
            let kept = nats.message(last).await?;
            let Ok(kept) = message::decode(last, &kept.headers, &kept.payload) else {
                return renew(log, nats, head, "its last message is no event").await;
            };
            let there = log.page(Position(last.0 - 1), 1).await?;
            match there.first() {
                Some(event) if event.position == last && event.leaf == kept.leaf => Ok(last),
                Some(_) | None => Err(RelayError::LogRestored(last)),
            }
        }
    }
}

async fn renew(log: &Log, nats: &Nats, head: Position, why: &str) -> Result<Position, RelayError> {
    tracing::warn!(stream = nats.stream(), why, "the stream is damaged and made anew from the log");
    metrics::counter!("letopis_relay_renewals_total").increment(1);
    nats.delete().await?;
    make(log, nats, head).await
}

/// Makes a stream that begins as far back as it has room for.
async fn make(log: &Log, nats: &Nats, head: Position) -> Result<Position, RelayError> {
    let sample = log.page(Position((head.0 - SAMPLE).max(0)), SAMPLE).await?;
    let first = Position((head.0 - nats.fits(&sample) + 1).max(1));
    let first = if sample.is_empty() { Position(1) } else { first };
    nats.create(first).await?;
    Ok(Position(first.0 - 1))
}

/// Publishes in order; one refusal fails all behind it, so that no hole can arise.
async fn publish(nats: &Nats, events: &[LogEvent]) -> Result<(), RelayError> {
    let mut acknowledgements = Vec::with_capacity(events.len());
    for event in events {
        acknowledgements.push((event.position, nats.publish(event).await?));
    }
    for (position, acknowledgement) in acknowledgements {
        let sequence = nats.acknowledged(acknowledgement).await?;
        if i64::try_from(sequence) != Ok(position.0) {
            return Err(RelayError::Misplaced(sequence));
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; positions stay far below 2^52")]
pub(crate) fn approximate(position: Position) -> f64 {
    position.0 as f64
}
