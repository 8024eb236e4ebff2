//! The one writer of a process: whatever waits when the last call returned goes into the next one (group commit).

use crate::append::MAX_PAYLOAD;
use crate::{Append, AppendError, Appended, Clock, call};
use letopis_events::{Position, StreamId};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls, Statement};

/// One call holds the log's lock for a few tens of milliseconds at most.
const CALL_EVENTS: usize = 2_000;
/// So that one call stays far below the protocol's limit and the memory of a small machine.
const CALL_BYTES: usize = 8 * 1024 * 1024;
/// Longer than the server's own timeouts: after it the connection counts as lost.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between two attempts to reach the log.
const RECONNECT: Duration = Duration::from_millis(50);
/// How often old receipts are looked for.
const FORGET: Duration = Duration::from_mins(10);

/// A request on its way.
pub(crate) struct Waiting {
    request: Append,
    answer: oneshot::Sender<Result<Appended, AppendError>>,
    /// Whether it may have reached the database.
    sent: Arc<AtomicBool>,
}

/// The door to the writer.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    queue: mpsc::Sender<Waiting>,
    deadline: Duration,
}

impl Door {
    /// Hands the request in and waits for its answer, until the deadline.
    pub(crate) async fn append(&self, request: Append) -> Result<Appended, AppendError> {
        if request.events.iter().any(|event| event.payload.len() > MAX_PAYLOAD) {
            return Err(AppendError::TooLarge);
        }
        let (answer, answered) = oneshot::channel();
        let sent = Arc::new(AtomicBool::new(false));
        self.queue
            .try_send(Waiting { request, answer, sent: Arc::clone(&sent) })
            .map_err(|_| AppendError::QueueFull)?;
        match tokio::time::timeout(self.deadline, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) if sent.load(Ordering::Acquire) => Err(AppendError::OutcomeUnknown),
            Ok(Err(_)) | Err(_) => Err(AppendError::Unavailable),
        }
    }
}

/// What the writer works with.
pub(crate) struct Committer {
    config: Config,
    clock: Clock,
    queue: mpsc::Receiver<Waiting>,
    committed: Arc<watch::Sender<Position>>,
    connection: Option<(Client, Statement)>,
    forgot: Instant,
}

/// Starts the writer; it ends when the last door is gone and everything is answered.
pub(crate) fn start(
    config: Config,
    clock: Clock,
    queue: usize,
    deadline: Duration,
    committed: Arc<watch::Sender<Position>>,
) -> Door {
    let (sender, receiver) = mpsc::channel(queue.max(1));
    let writer =
        Committer { config, clock, queue: receiver, committed, connection: None, forgot: Instant::now() };
    tokio::spawn(writer.run());
    Door { queue: sender, deadline }
}

impl Committer {
    async fn run(mut self) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let Some(first) = self.queue.recv().await else {
                    return;
                };
                waiting.push_back(first);
                // Lets callers that were woken together stand in one call.
                tokio::task::yield_now().await;
            }
            while waiting.len() < CALL_EVENTS
                && let Ok(next) = self.queue.try_recv()
            {
                waiting.push_back(next);
            }
            let batch = independent(&mut waiting);
            self.commit(batch).await;
            self.forget().await;
        }
    }

    /// Sends the batch until it is answered or nobody waits for it any more.
    async fn commit(&mut self, mut batch: Vec<Waiting>) {
        loop {
            batch.retain(|waiting| !waiting.answer.is_closed());
            if batch.is_empty() {
                return;
            }
            match self.call(&batch).await {
                Some(Ok(answers)) => return self.answer(batch, answers),
                Some(Err(error)) if batch.len() == 1 => {
                    let error = AppendError::Sql(Arc::new(error));
                    return self.answer(batch, vec![Err(error)]);
                }
                Some(Err(_)) => {
                    for waiting in batch {
                        Box::pin(self.commit(vec![waiting])).await;
                    }
                    return;
                }
                None => tokio::time::sleep(RECONNECT).await,
            }
        }
    }

    /// One attempt: the answers, an error that is the requests' own, or `None` when the connection is at fault.
    async fn call(
        &mut self,
        batch: &[Waiting],
    ) -> Option<Result<Vec<Result<Appended, AppendError>>, tokio_postgres::Error>> {
        if self.connection.is_none() {
            self.connection = connect(&self.config).await;
        }
        let (client, statement) = self.connection.as_ref()?;
        let requests: Vec<&Append> = batch.iter().map(|waiting| &waiting.request).collect();
        for waiting in batch {
            waiting.sent.store(true, Ordering::Release);
        }
        let start = Instant::now();
        let sent = call::send(client, statement, (self.clock)(), &requests);
        match tokio::time::timeout(CALL_TIMEOUT, sent).await {
            Ok(Err(error)) if error.as_db_error().is_some_and(|e| is_the_requests_fault(e.code())) => {
                Some(Err(error))
            }
            Ok(Ok(answers)) => {
                let events: usize = requests.iter().map(|request| request.events.len()).sum();
                metrics::histogram!("letopis_append_batch_events").record(count(events));
                metrics::histogram!("letopis_append_seconds").record(start.elapsed().as_secs_f64());
                Some(Ok(answers))
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the answer of an append was lost, it is asked for again");
                self.connection = None;
                None
            }
            Err(_) => {
                tracing::warn!("an append took longer than {CALL_TIMEOUT:?}, it is asked for again");
                self.connection = None;
                None
            }
        }
    }

    fn answer(&self, batch: Vec<Waiting>, answers: Vec<Result<Appended, AppendError>>) {
        let last = answers.iter().flatten().map(|appended| appended.position).max();
        if let Some(last) = last {
            self.committed.send_if_modified(|known| {
                last > *known && {
                    *known = last;
                    true
                }
            });
        }
        let conflicts = answers.iter().filter(|a| matches!(a, Err(AppendError::Conflict))).count();
        metrics::counter!("letopis_append_conflicts_total").increment(conflicts as u64);
        for (waiting, answer) in batch.into_iter().zip(answers) {
            // Who does not wait any more needs no answer.
            let _ = waiting.answer.send(answer);
        }
    }

    async fn forget(&mut self) {
        if self.forgot.elapsed() < FORGET {
            return;
        }
        self.forgot = Instant::now();
        if let Some((client, _)) = &self.connection
            && let Err(error) = client.execute(call::FORGET, &[]).await
        {
            tracing::warn!(%error, "old receipts could not be dropped");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of events in one call is small")]
fn count(events: usize) -> f64 {
    events as f64
}

/// Whether the values sent are at fault; everything else (a lost connection, a shutdown, a timeout, no memory) is not.
fn is_the_requests_fault(code: &SqlState) -> bool {
    // Class 22: data; 23: constraints; 42: a name or a right; 54: a limit of the program; 25 and P0: raised by the function.
    ["22", "23", "25", "42", "54", "P0"].iter().any(|class| code.code().starts_with(class))
}

async fn connect(config: &Config) -> Option<(Client, Statement)> {
    let attempt = async {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        let statement = call::prepare(&client).await?;
        Ok::<_, tokio_postgres::Error>((client, statement))
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, attempt).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the log cannot be reached");
            None
        }
        Err(_) => {
            tracing::warn!("the log cannot be reached within {CONNECT_TIMEOUT:?}");
            None
        }
    }
}

/// Takes from the front what may go into one call: no two write one stream, none guards a stream another writes, no two carry
/// one key or one policy's mark. What must wait keeps its order.
fn independent(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut batch, mut later) = (Vec::new(), VecDeque::new());
    let (mut events, mut bytes) = (0, 0);
    let mut written: HashSet<(&str, StreamId)> = HashSet::new();
    let mut guarded: HashSet<(&str, StreamId)> = HashSet::new();
    let (mut keys, mut policies) = (HashSet::new(), HashSet::new());
    while let Some(next) = waiting.pop_front() {
        let request = &next.request;
        let own = (request.category, request.stream);
        let size: usize = request.events.iter().map(|event| event.payload.len()).sum();
        let full = events + request.events.len() > CALL_EVENTS || bytes + size > CALL_BYTES;
        if full && !batch.is_empty() {
            later.push_back(next);
            break;
        }
        let mut guards = request.guards.iter().map(|guard| (guard.category, guard.stream));
        let free = !written.contains(&own)
            && !guarded.contains(&own)
            && guards.all(|guard| !written.contains(&guard))
            && request.key.is_none_or(|key| !keys.contains(&key.key))
            && request.mark.as_ref().is_none_or(|mark| !policies.contains(&mark.policy));
        if !free {
            later.push_back(next);
            continue;
        }
        written.insert(own);
        guarded.extend(request.guards.iter().map(|guard| (guard.category, guard.stream)));
        keys.extend(request.key.map(|key| key.key));
        policies.extend(request.mark.as_ref().map(|mark| mark.policy.clone()));
        events += request.events.len();
        bytes += size;
        batch.push(next);
    }
    later.append(waiting);
    *waiting = later;
    batch
}
