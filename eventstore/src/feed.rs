//! The feed: contiguous batches of decoded events, from JetStream where it has them, from the log where it does not.
//!
//! One pump per process follows the end and keeps the last events in a ring that all its groups share; who is further behind
//! reads pages of its own.

use crate::jetstream::{Nats, PageError};
use crate::{Leaf, Log, LogError, LogEvent};
use futures::StreamExt;
use letopis_events::{BadEvent, DomainEvent, Position, Recorded};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Events the ring keeps: some seconds of the highest rate.
const RING: usize = 8_192;
/// Events read at once.
const PAGE: usize = 1_000;
/// How long a committed event may take through JetStream before it is read from the log.
const GRACE: Duration = Duration::from_secs(1);
/// The first pause between two looks into JetStream while it is waited for; it doubles.
const LOOK: Duration = Duration::from_millis(2);
/// How often JetStream is asked without anybody telling of a commit.
const POLL: Duration = Duration::from_millis(200);
/// How often the log itself is asked: the last resort.
const LOG_POLL: Duration = Duration::from_secs(1);
/// The signal by which processes of one store tell each other of commits.
const COMMITTED: &str = "committed";

/// An event as the feed gives it.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its place in the log.
    pub position: Position,
    /// Its leaf, which it has proven.
    pub leaf: Leaf,
    /// The event, or why it cannot be read.
    pub recorded: Result<Arc<Recorded<DomainEvent>>, Arc<BadEvent>>,
}

impl FeedEvent {
    fn of(event: &LogEvent) -> Self {
        let recorded = if event.proves_itself() {
            event.domain()
        } else {
            Err(BadEvent {
                position: event.position,
                category: event.category.clone(),
                kind: event.kind.clone(),
                source: "it does not match its leaf: it was altered behind the database's back".into(),
            })
        };
        Self {
            position: event.position,
            leaf: event.leaf,
            recorded: recorded.map(Arc::new).map_err(Arc::new),
        }
    }
}

/// Events in order without a gap.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<FeedEvent>,
}

impl Batch {
    /// A page of the log, decoded.
    pub fn of(events: &[LogEvent]) -> Self {
        Self { events: events.iter().map(FeedEvent::of).collect() }
    }
}

/// How many events came from where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedStatus {
    /// Through JetStream.
    pub jetstream: u64,
    /// From the log.
    pub log: u64,
}

/// Follows the log; cheap to clone.
#[derive(Clone)]
pub struct Feed {
    hub: Arc<Hub>,
}

struct Hub {
    log: Log,
    nats: Option<Nats>,
    ring: Mutex<VecDeque<FeedEvent>>,
    /// The last position in the ring; before the first event came, the one the pump began at.
    tail: watch::Sender<Position>,
    jetstream: AtomicU64,
    direct: AtomicU64,
}

impl Feed {
    /// Starts to follow the log from its end; with NATS through JetStream.
    pub async fn start(log: Log, nats: Option<Nats>, stop: CancellationToken) -> Result<Self, LogError> {
        let head = log.head().await?.position;
        let hub = Arc::new(Hub {
            log,
            nats,
            ring: Mutex::default(),
            tail: watch::Sender::new(head),
            jetstream: AtomicU64::new(0),
            direct: AtomicU64::new(0),
        });
        for task in [true, false] {
            let (hub, stop) = (Arc::clone(&hub), stop.clone());
            tokio::spawn(async move {
                let work = async {
                    if task {
                        hub.pump().await;
                    } else {
                        hub.signal().await;
                    }
                };
                tokio::select! {
                    () = work => {}
                    () = stop.cancelled() => {}
                }
            });
        }
        Ok(Self { hub })
    }

    /// The events after a position, at least one, at most `max`; waits for it.
    pub async fn after(&self, position: Position, max: usize) -> Result<Batch, LogError> {
        let mut tail = self.hub.tail.subscribe();
        loop {
            if let Some(batch) = self.hub.kept(position, max) {
                return Ok(batch);
            }
            if position < *tail.borrow_and_update() {
                let events = self.hub.page(position, max.min(PAGE)).await?;
                if !events.is_empty() {
                    return Ok(Batch::of(&events));
                }
            }
            // The hub holds the sender, so this only ends when the tail moves.
            let _ = tail.changed().await;
        }
    }

    /// Where events came from so far.
    pub fn status(&self) -> FeedStatus {
        FeedStatus {
            jetstream: self.hub.jetstream.load(Ordering::Relaxed),
            log: self.hub.direct.load(Ordering::Relaxed),
        }
    }
}

impl Hub {
    /// What the ring has after a position.
    fn kept(&self, position: Position, max: usize) -> Option<Batch> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let first = ring.front()?.position;
        let skip = usize::try_from(position.0 + 1 - first.0).ok().filter(|skip| *skip < ring.len())?;
        Some(Batch { events: ring.iter().skip(skip).take(max).cloned().collect() })
    }

    /// A page for who is behind: from JetStream if it has it whole.
    async fn page(&self, after: Position, max: usize) -> Result<Vec<LogEvent>, LogError> {
        if let Some(nats) = &self.nats
            && let Ok(events) = nats.page(after, max).await
            && !events.is_empty()
        {
            count("jetstream", &self.jetstream, events.len());
            return Ok(events);
        }
        self.direct(after, max).await
    }

    async fn direct(&self, after: Position, max: usize) -> Result<Vec<LogEvent>, LogError> {
        let events = self.log.page(after, i64::try_from(max).unwrap_or(i64::MAX)).await?;
        if !events.is_empty() {
            count("log", &self.direct, events.len());
        }
        Ok(events)
    }

    /// Follows the end for ever.
    async fn pump(&self) {
        let mut committed = self.log.committed();
        let mut asked_log = Instant::now();
        loop {
            let tail = *self.tail.borrow();
            let told = tokio::time::timeout(POLL, beyond(&mut committed, tail)).await.is_ok();
            let last_resort = asked_log.elapsed() > LOG_POLL;
            let events = match &self.nats {
                Some(nats) => self.through(nats, tail, told).await,
                None => vec![],
            };
            let events = if !events.is_empty() {
                events
            } else if told || last_resort {
                asked_log = Instant::now();
                match self.direct(tail, PAGE).await {
                    Ok(events) => events,
                    Err(error) => {
                        tracing::warn!(%error, "the feed cannot read the log");
                        tokio::time::sleep(POLL).await;
                        vec![]
                    }
                }
            } else {
                continue;
            };
            self.push(&events);
        }
    }

    /// The next events through JetStream; while somebody told of a commit, waits for it as long as grace lasts.
    async fn through(&self, nats: &Nats, tail: Position, told: bool) -> Vec<LogEvent> {
        let (start, mut pause) = (Instant::now(), LOOK);
        loop {
            match nats.page(tail, PAGE).await {
                Ok(events) if !events.is_empty() => {
                    count("jetstream", &self.jetstream, events.len());
                    return events;
                }
                Ok(_) if told && start.elapsed() < GRACE => {}
                Ok(_) | Err(PageError::Nats(_)) => return vec![],
                Err(error) => {
                    tracing::warn!(%error, "JetStream is damaged, the log is read instead");
                    return vec![];
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    fn push(&self, events: &[LogEvent]) {
        let Some(last) = events.last().map(|event| event.position) else {
            return;
        };
        {
            let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring.extend(events.iter().map(FeedEvent::of));
            let surplus = ring.len().saturating_sub(RING);
            ring.drain(..surplus);
        }
        self.tail.send_replace(last);
        self.log.heard(last);
    }

    /// Tells other processes of commits made here, and hears of theirs.
    async fn signal(&self) {
        let Some(nats) = &self.nats else { return };
        let subject = nats.signal(COMMITTED);
        let Ok(mut heard) = nats.client().subscribe(subject.clone()).await else {
            return;
        };
        let mut committed = self.log.committed();
        let mut known = *committed.borrow();
        loop {
            tokio::select! {
                Some(message) = heard.next() => {
                    let text = std::str::from_utf8(&message.payload).unwrap_or_default();
                    if let Ok(position) = text.parse() {
                        known = known.max(Position(position));
                        self.log.heard(Position(position));
                    }
                }
                position = beyond(&mut committed, known) => {
                    known = position;
                    let payload = known.to_string().into();
                    if let Err(error) = nats.client().publish(subject.clone(), payload).await {
                        tracing::debug!(%error, "nobody was told of a commit");
                    }
                }
                else => return,
            }
        }
    }
}

/// Waits until more is committed than `known`, and returns how much.
async fn beyond(committed: &mut watch::Receiver<Position>, known: Position) -> Position {
    let beyond = committed.wait_for(|position| *position > known).await.map(|position| *position).ok();
    match beyond {
        Some(position) => position,
        // The log holds the sender as long as anybody follows it.
        None => std::future::pending().await,
    }
}

fn count(source: &'static str, counter: &AtomicU64, events: usize) {
    counter.fetch_add(events as u64, Ordering::Relaxed);
    metrics::counter!("letopis_feed_batches_total", "source" => source).increment(1);
    metrics::counter!("letopis_feed_events_total", "source" => source).increment(events as u64);
}
