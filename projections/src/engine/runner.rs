//! Runs one group: batches from the feed through its folds into its tables, for as long as the process lives.

use super::fold::Pass;
use super::group::{Answering, Group};
use super::store::{self, Checkpoint};
use super::{CACHE_ROWS, EngineError};
use chrono::{DateTime, Utc};
use deadpool_postgres::Pool;
use letopis_events::{DomainEvent, Position, Recorded};
use letopis_eventstore::{Batch, Feed, Log};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The pause after a failure before the next attempt.
const PAUSE: Duration = Duration::from_millis(500);
/// A plan made on an empty table costs a factor of five: tables are analysed when this many events went in, and ten times so many.
const FIRST_ANALYSIS: i64 = 2_000;

/// How a group is run; no choice changes a row.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The most events in one transaction.
    pub batch: usize,
    /// Above this many rows in memory a table's rows are dropped after a batch.
    pub cache_rows: usize,
}

impl Default for Settings {
    fn default() -> Self {
        // Measured: larger batches gain nothing; a live batch is as large as what has come meanwhile.
        Self { batch: 5_000, cache_rows: CACHE_ROWS }
    }
}

/// Where a group stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupStatus {
    /// The last event in its rows.
    pub position: Position,
    /// When the log learnt that event.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Why it does not go on, if it does not.
    pub error: Option<String>,
}

/// Everything a group needs to run.
pub(super) struct Runner<C> {
    pub(super) group: Group<C>,
    pub(super) pool: Pool,
    pub(super) schema: String,
    pub(super) settings: Settings,
    pub(super) checkpoint: Checkpoint,
    pub(super) analyse_at: i64,
}

/// A group, how it is run, and who carries out what its policies ask for.
pub struct Work<C = std::convert::Infallible> {
    /// The group.
    pub group: Group<C>,
    /// Absent where there are no policies.
    pub answering: Option<Answering<C>>,
    /// How.
    pub settings: Settings,
    /// The last position it may go to for now; absent, or once nobody holds the sender: the log's end.
    pub limit: Option<watch::Receiver<Position>>,
}

/// Runs a group until it is stopped; its state is told through `status`.
pub async fn run<C: Clone + Send + Sync + 'static>(
    work: Work<C>,
    read_url: &str,
    log: &Log,
    feed: &Feed,
    status: watch::Sender<GroupStatus>,
    stop: CancellationToken,
) -> Result<(), EngineError> {
    let Work { group, answering, settings, mut limit } = work;
    let schema = group.schema();
    let pool = store::pool(read_url, &schema, 2)?;
    let name = group.name();
    let checkpoint = Checkpoint::default();
    let mut runner = Runner { group, pool, schema, settings, checkpoint, analyse_at: FIRST_ANALYSIS };
    while !stop.is_cancelled() {
        let going = runner.follow(log, feed, answering.as_ref(), &status, &mut limit);
        let ended = tokio::select! {
            ended = going => ended,
            () = stop.cancelled() => return Ok(()),
        };
        let Err(error) = ended else { continue };
        let text = super::chain(&error);
        tracing::warn!(group = name, error = text, "the group stopped and tries again");
        metrics::counter!("letopis_group_failures_total", "group" => name).increment(1);
        if !matches!(error, EngineError::Overtaken(_)) {
            status.send_modify(|status| status.error = Some(text));
        }
        runner.group.clear();
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

impl<C: Clone + Send + Sync + 'static> Runner<C> {
    /// Opens the schema and goes with the feed; returns when something fails.
    async fn follow(
        &mut self,
        log: &Log,
        feed: &Feed,
        answering: Option<&Answering<C>>,
        status: &watch::Sender<GroupStatus>,
        limit: &mut Option<watch::Receiver<Position>>,
    ) -> Result<(), EngineError> {
        self.open().await?;
        if !self.continues(log).await? {
            tracing::warn!(
                group = self.group.name(),
                "the log was restored to its past: the group is built anew"
            );
            store::discard(&**self.pool.get().await?, &self.schema).await?;
            self.open().await?;
        }
        self.tell(status);
        loop {
            let most = self.allowed(limit.as_mut()).await;
            let batch = feed.after(self.checkpoint.position, most).await?;
            self.take(&batch, answering).await?;
            self.tell(status);
        }
    }

    /// How many events it may take next; waits until it is one at least.
    async fn allowed(&self, limit: Option<&mut watch::Receiver<Position>>) -> usize {
        let (at, most) = (self.checkpoint.position, self.settings.batch);
        let Some(limit) = limit else { return most };
        let limit = limit.wait_for(|limit| *limit > at).await;
        limit.map_or(most, |limit| usize::try_from(limit.0 - at.0).map_or(most, |left| left.min(most)))
    }

    pub(super) async fn open(&mut self) -> Result<(), EngineError> {
        let shapes = self.group.shapes();
        let mut client = self.pool.get().await?;
        store::create(&mut client, &self.schema, &shapes).await?;
        self.checkpoint = store::checkpoint(&client).await?;
        Ok(())
    }

    /// Whether the log still holds the event the checkpoint names.
    async fn continues(&self, log: &Log) -> Result<bool, EngineError> {
        let Checkpoint { position, leaf, .. } = self.checkpoint;
        if position.0 == 0 {
            return Ok(true);
        }
        let there = log.page(Position(position.0 - 1), 1).await?;
        Ok(there.first().map(|event| event.leaf) == leaf)
    }

    /// Takes a batch in: folds it, carries out what policies ask for, and writes it with the checkpoint.
    pub(super) async fn take(
        &mut self,
        batch: &Batch,
        answering: Option<&Answering<C>>,
    ) -> Result<(), EngineError> {
        let mut events: Vec<Arc<Recorded<DomainEvent>>> = Vec::with_capacity(batch.events.len());
        let (mut to, mut bad) = (self.checkpoint, None);
        for event in &batch.events {
            match &event.recorded {
                Ok(recorded) => {
                    events.push(Arc::clone(recorded));
                    to = Checkpoint {
                        position: event.position,
                        leaf: Some(event.leaf),
                        recorded_at: Some(recorded.recorded_at),
                    };
                }
                Err(error) => {
                    bad = Some(Arc::clone(error));
                    break;
                }
            }
        }
        if !events.is_empty() {
            self.write(&events, to, answering).await?;
        }
        bad.map_or(Ok(()), |bad| Err(EngineError::Unreadable(bad)))
    }

    async fn write(
        &mut self,
        events: &[Arc<Recorded<DomainEvent>>],
        to: Checkpoint,
        answering: Option<&Answering<C>>,
    ) -> Result<(), EngineError> {
        let mut client = self.pool.get().await?;
        let mut asked = vec![];
        for fold in &mut self.group.folds {
            let mut pass = Pass::default();
            while !pass.go_on(fold.as_mut(), events)? {
                for set in fold.sets().into_iter().filter(|set| set.missed()) {
                    store::load(&client, set).await?;
                }
            }
            asked.append(&mut pass.asked);
        }
        if let Some(answering) = answering
            && !asked.is_empty()
        {
            asked.sort_by_key(|asked| (asked.event.position, asked.number));
            answering(asked).await.map_err(EngineError::Answer)?;
        }
        let transaction = client.transaction().await?;
        store::advance(&transaction, &self.checkpoint, &to).await?;
        for set in self.group.folds.iter_mut().flat_map(|fold| fold.sets()) {
            store::write(&transaction, &set.shape(), &set.changes()).await?;
        }
        transaction.commit().await?;
        let before = std::mem::replace(&mut self.checkpoint, to);
        for set in self.group.folds.iter_mut().flat_map(|fold| fold.sets()) {
            set.written(self.settings.cache_rows);
        }
        if before.position.0 < self.analyse_at && to.position.0 >= self.analyse_at {
            self.analyse_at = to.position.0 * 10;
            client.batch_execute(&analysis(&self.group.shapes())).await?;
        }
        Ok(())
    }

    fn tell(&self, status: &watch::Sender<GroupStatus>) {
        let Checkpoint { position, recorded_at, .. } = self.checkpoint;
        let name = self.group.name();
        #[expect(clippy::cast_precision_loss, reason = "a gauge; positions stay far below 2^52")]
        metrics::gauge!("letopis_group_position", "group" => name).set(position.0 as f64);
        status.send_replace(GroupStatus { position, recorded_at, error: None });
    }
}

fn analysis(shapes: &[super::Shape]) -> String {
    let tables: Vec<String> =
        shapes.iter().flat_map(|s| [s.name.to_owned(), format!("{}_history", s.name)]).collect();
    format!("analyze {}", tables.join(", "))
}
