//! Carries commands out: gathers what a decision may know, lets the module decide, and appends.

use crate::decider::{Context, Decider, Folded, Need, Rejection, Seen};
use crate::employees::Employee;
use crate::form::FieldFault;
use crate::modules::{Caches, Module, Task};
use crate::order::{Done, Fresh, Order, Receipt, Refused};
use futures::StreamExt;
use futures::future::BoxFuture;
use letopis_events::likeness::{Candidate, Resemblance};
use letopis_events::{Actor, ClientId, Event, EventId, Moment, Position, StreamId, Version};
use letopis_eventstore::{Append, AppendError, Clock, Guard, Log, NewEvent};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use uuid::Uuid;

/// Folded states kept per module; about a kilobyte each.
const CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(30_000);
/// How often a command is decided again after others changed its streams.
const ATTEMPTS: usize = 4;
/// Commands of one batch under way at once: enough to fill the log's calls, far below its queue.
const UNDER_WAY: usize = 512;
/// Streams read with one statement.
const STREAMS: usize = 2_000;

/// Asks a read model for the clients that look like one; no answer in time is none. Only the root package can.
pub type Alike = Arc<dyn Fn(Resemblance) -> BoxFuture<'static, Vec<Candidate>> + Send + Sync>;

/// Carries commands out; cheap to clone.
#[derive(Clone)]
pub struct Executor {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    log: Log,
    clock: Clock,
    fresh: Fresh,
    alike: Option<Alike>,
    pub(crate) caches: Caches,
}

/// A command of a module, its form read.
pub(crate) struct Prepared<D: Decider> {
    pub(crate) order: Order,
    pub(crate) stream: StreamId,
    pub(crate) command: D::Command,
    pub(crate) creates: bool,
}

/// Why an attempt did not end.
enum Retry {
    /// What was decided on may be old.
    Stale,
    /// Others changed a stream.
    Conflict,
    /// It is refused for good.
    Final(Refused),
}

impl<E: Into<Refused>> From<E> for Retry {
    fn from(error: E) -> Self {
        Self::Final(error.into())
    }
}

impl Executor {
    /// Carries out on this log; without `alike` nobody is warned of clients that look like others.
    pub fn new(log: Log, clock: Clock, fresh: Fresh, alike: Option<Alike>) -> Self {
        let shared = Shared { log, clock, fresh, alike, caches: Caches::new(CACHED) };
        Self { shared: Arc::new(shared) }
    }

    /// The log it writes to.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// An id nobody has.
    pub fn fresh(&self) -> Uuid {
        (self.shared.fresh)()
    }

    /// Carries out one command.
    pub async fn execute(&self, order: Order) -> Result<Done, Refused> {
        let mut answers = self.execute_many(vec![order]).await;
        answers.pop().unwrap_or_else(|| Err(Refused::History("no answer".into())))
    }

    /// Carries out many commands, each with its own answer, in their order. Those of one thing run in their order, others in any.
    pub async fn execute_many(&self, orders: Vec<Order>) -> Vec<Result<Done, Refused>> {
        let mut answers: Vec<Option<Result<Done, Refused>>> = Vec::new();
        // One list of tasks for each thing, in the order the things come up.
        let mut lines: Vec<Vec<(usize, Task)>> = vec![];
        let mut line_of: HashMap<StreamId, usize> = HashMap::new();
        let mut wanted = HashSet::new();
        for (index, order) in orders.into_iter().enumerate() {
            match Task::prepare(order, &self.shared.fresh) {
                Ok(task) => {
                    task.wants(&self.shared, &mut wanted);
                    let line = *line_of.entry(task.stream()).or_insert(lines.len());
                    if line == lines.len() {
                        lines.push(vec![]);
                    }
                    lines[line].push((index, task));
                    answers.push(None);
                }
                Err(refused) => answers.push(Some(Err(refused))),
            }
        }
        // What cannot be read now is read, or refused, by each command for itself.
        if let Err(error) = self.shared.read(wanted.into_iter().collect()).await {
            tracing::warn!(%error, "the streams of a batch could not be read at once");
        }
        let lines = lines.into_iter().map(|tasks| async move {
            let mut done = Vec::with_capacity(tasks.len());
            for (index, task) in tasks {
                done.push((index, task.run(&self.shared).await));
            }
            done
        });
        let mut under_way = futures::stream::iter(lines).buffer_unordered(UNDER_WAY);
        while let Some(done) = under_way.next().await {
            for (index, answer) in done {
                answers[index] = Some(answer);
            }
        }
        let lost = || Err(Refused::History("no answer".into()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect()
    }
}

/// All streams a decision must see: those its module names, the dictionaries of its codes, the employee who acts.
pub(crate) fn needs<D: Decider>(state: &D, command: &D::Command, context: &Context<'_>) -> Vec<Need> {
    let mut needs = state.needs(command, context);
    needs.extend(state.codes(command).needs());
    needs.extend(context.actor.employee().map(Need::of::<Employee>));
    needs
}

impl Shared {
    /// Reads streams that are not cached into the caches, many with one statement.
    pub(crate) async fn read(&self, needs: Vec<Need>) -> Result<(), Refused> {
        for needs in needs.chunks(STREAMS) {
            let keys: Vec<_> = needs.iter().map(|need| (need.category, need.stream)).collect();
            let events = self.log.streams(&keys).await?;
            let mut of: HashMap<(&str, StreamId), Vec<&letopis_eventstore::LogEvent>> = HashMap::new();
            for event in &events {
                of.entry((event.category.as_str(), event.stream)).or_default().push(event);
            }
            for need in needs {
                let events = of.remove(&(need.category, need.stream)).unwrap_or_default();
                let folded = self.caches.fold(*need, &events);
                folded.map_err(|error| Refused::History(error.to_string()))?;
            }
        }
        Ok(())
    }

    async fn state<D: Module>(&self, stream: StreamId) -> Result<Arc<Folded<D>>, Refused> {
        if let Some(folded) = D::cache(self).get(stream) {
            return Ok(folded);
        }
        self.read(vec![Need::of::<D>(stream)]).await?;
        D::cache(self).get(stream).ok_or_else(|| Refused::History("the cache is too small".into()))
    }

    /// Decides and appends, again after a conflict.
    pub(crate) async fn run<D: Module>(&self, prepared: Prepared<D>) -> Result<Done, Refused> {
        let mut fresh = false;
        let mut conflicts = 0;
        loop {
            match self.attempt(&prepared, fresh).await {
                Ok(done) => return Ok(done),
                Err(Retry::Final(refused)) => return self.refuse(&prepared, refused).await,
                Err(Retry::Stale) => fresh = true,
                Err(Retry::Conflict) => {
                    fresh = true;
                    conflicts += 1;
                    if conflicts == ATTEMPTS {
                        return Err(Refused::ConcurrentChange);
                    }
                }
            }
        }
    }

    /// A refusal under a key that was used before gives the first answer.
    async fn refuse<D: Module>(&self, prepared: &Prepared<D>, refused: Refused) -> Result<Done, Refused> {
        let refusal = matches!(
            refused,
            Refused::Rule { .. }
                | Refused::AlreadyRecorded(_)
                | Refused::Invalid(_)
                | Refused::PossibleDuplicate(_)
                | Refused::VersionMismatch(_)
        );
        if let (Some(key), true) = (prepared.order.receipt_key(), refusal) {
            let receipts = self.log.receipts(&[key.key]).await?;
            if let Some(receipt) = receipts.get(&key.key) {
                return replayed(receipt, &key.body);
            }
        }
        Err(refused)
    }

    async fn attempt<D: Module>(&self, prepared: &Prepared<D>, fresh: bool) -> Result<Done, Retry> {
        let Prepared { order, stream, command, creates } = prepared;
        let now = order.at.unwrap_or_else(|| (self.clock)());
        let now = Moment::try_from(now).map_err(|_| Refused::Append(AppendError::BadTime))?;
        let maker = order.maker(&self.fresh);
        let context = Context { stream: *stream, now, actor: &order.actor, fresh: &maker };
        if fresh {
            let own = self.state::<D>(*stream).await?;
            let mut needs: HashSet<_> = needs(&own.state, command, &context).into_iter().collect();
            needs.insert(Need::of::<D>(*stream));
            self.read(needs.into_iter().collect()).await?;
        }
        let own = self.state::<D>(*stream).await?;
        let (mut seen, guards) = self.see(&own, command, &context).await?;
        let stale = |refused: Refused| {
            if fresh { Retry::Final(refused) } else { Retry::Stale }
        };
        if let Some(id) = order.actor.employee()
            && seen.works_here(id, now.day(), "").is_err()
        {
            return Err(stale(Refused::UnknownActor));
        }
        if own.version == Version(0) && !creates {
            return Err(stale(Refused::NotFound(D::Event::CATEGORY, stream.0)));
        }
        if *creates && let Some((first, position)) = &own.first {
            if !D::repeats(command, first) {
                return Err(Refused::AlreadyRecorded(*stream).into());
            }
            let receipt = Receipt { id: *stream, version: Version(1), position: *position };
            let repeated = Done { receipt, created: false, replayed: false, repeated: true };
            if order.key.is_none() {
                return Ok(repeated);
            }
            // The key means this command from now on, if it does not mean another one.
            let kept = self.append(prepared, &own, vec![], guards, &maker).await?;
            return Ok(if kept.replayed { kept } else { repeated });
        }
        if order.if_match.is_some_and(|version| version != own.version) {
            return Err(stale(Refused::VersionMismatch(own.version)));
        }
        let faults = own.state.codes(command).faults(&seen, &order.actor);
        if !faults.is_empty() {
            return Err(stale(Refused::Invalid(faults)));
        }
        let mut decided = own.state.decide(command.clone(), &seen, &context);
        if let (Ok(events), Some(alike)) = (&decided, self.warner(&order.actor))
            && let Some(resemblance) = own.state.resembles(*stream, events)
        {
            seen.alike = alike(resemblance).await;
            if !seen.alike.is_empty() {
                decided = own.state.decide(command.clone(), &seen, &context);
            }
        }
        let events = decided.map_err(|error| stale(refused(&error)))?;
        if events.is_empty() && !fresh {
            return Err(Retry::Stale);
        }
        self.append(prepared, &own, events, guards, &maker).await
    }

    /// Who is asked for clients that look like others: for people and programs outside; imports and policies go on.
    fn warner(&self, actor: &Actor) -> Option<&Alike> {
        match actor {
            Actor::Employee(_) | Actor::Agent(_) => self.alike.as_ref(),
            Actor::Policy(_) | Actor::Import(_) => None,
        }
    }

    /// The streams a decision must see, and the guards that keep them.
    async fn see<D: Module>(
        &self,
        own: &Folded<D>,
        command: &D::Command,
        context: &Context<'_>,
    ) -> Result<(Seen, Vec<Guard>), Refused> {
        let needs = needs(&own.state, command, context);
        let missing = needs.iter().filter(|need| self.caches.get(**need).is_none());
        let missing: HashSet<Need> = missing.copied().collect();
        if !missing.is_empty() {
            self.read(missing.into_iter().collect()).await?;
        }
        let (mut seen, mut guards) = (Seen::default(), Vec::with_capacity(needs.len()));
        let mut take = |need: Need, seen: &mut Seen| {
            let folded = self.caches.get(need);
            let (version, folded) =
                folded.ok_or_else(|| Refused::History("the cache is too small".into()))?;
            seen.put(need, folded);
            let guard = Guard { category: need.category, stream: need.stream, version };
            let itself = need == Need::of::<D>(context.stream);
            if !itself && !guards.contains(&guard) {
                guards.push(guard);
            }
            Ok::<(), Refused>(())
        };
        for need in needs {
            take(need, &mut seen)?;
        }
        // What is seen by way of others is read each time: an attempt after a conflict does not know it beforehand.
        while let Some(need) = own.state.further(command, &seen, context) {
            self.read(vec![need]).await?;
            take(need, &mut seen)?;
        }
        Ok((seen, guards))
    }

    async fn append<D: Module>(
        &self,
        prepared: &Prepared<D>,
        own: &Folded<D>,
        events: Vec<D::Event>,
        guards: Vec<Guard>,
        maker: &(dyn Fn() -> Uuid + Send + Sync),
    ) -> Result<Done, Retry> {
        let Prepared { order, stream, .. } = prepared;
        let mut after = own.clone();
        let mut new = Vec::with_capacity(events.len());
        for event in &events {
            let mut concerns: BTreeSet<ClientId> = after.state.concerns(*stream).into_iter().collect();
            after.state.evolve(event);
            concerns.extend(after.state.concerns(*stream));
            let (kind, payload) = event.encode().map_err(|error| Refused::History(error.to_string()))?;
            new.push(NewEvent {
                id: EventId(maker()),
                kind,
                schema: D::Event::SCHEMA,
                concerns: concerns.into_iter().collect(),
                payload,
            });
        }
        let quiet = new.is_empty() && order.key.is_none() && order.mark.is_none();
        if quiet {
            let receipt = Receipt { id: *stream, version: own.version, position: own.position };
            return Ok(Done { receipt, created: false, replayed: false, repeated: false });
        }
        let created = own.version == Version(0) && !new.is_empty();
        let request = Self::request(prepared, own.version, new, guards);
        let appended = match self.log.append(request).await {
            Ok(appended) => appended,
            Err(AppendError::Conflict) => return Err(Retry::Conflict),
            Err(AppendError::Repeated(receipt)) => {
                let body = order.receipt_key().map(|key| key.body).unwrap_or_default();
                return Ok(replayed(&receipt, &body)?);
            }
            Err(error) => return Err(Refused::Append(error).into()),
        };
        let first = appended.position.0 - i64::try_from(events.len()).unwrap_or(0);
        let mut stored = own.clone();
        for (number, event) in (1..).zip(&events) {
            stored.put(event, Version(own.version.0 + number), Position(first + number));
        }
        if !events.is_empty() {
            D::cache(self).keep(*stream, Arc::new(stored));
        }
        let receipt = Receipt { id: *stream, version: appended.version, position: appended.position };
        Ok(Done { receipt, created, replayed: false, repeated: false })
    }

    fn request<D: Module>(
        prepared: &Prepared<D>,
        expected: Version,
        events: Vec<NewEvent>,
        guards: Vec<Guard>,
    ) -> Append {
        let order = &prepared.order;
        Append {
            category: D::Event::CATEGORY,
            stream: prepared.stream,
            expected,
            guards,
            events,
            actor: order.actor.clone(),
            correlation: order.correlation,
            causation: order.causation,
            key: order.receipt_key(),
            mark: order.mark.clone(),
            at: order.at,
        }
    }
}

fn refused<E: std::error::Error + Rejection>(error: &E) -> Refused {
    if !error.candidates().is_empty() {
        return Refused::PossibleDuplicate(error.candidates().to_vec());
    }
    match error.field() {
        Some(_) => Refused::Invalid(vec![FieldFault::of(error)]),
        None => Refused::Rule { code: error.code(), message: error.to_string() },
    }
}

fn replayed(receipt: &letopis_eventstore::StoredReceipt, body: &[u8; 32]) -> Result<Done, Refused> {
    if receipt.body != *body {
        return Err(Refused::KeyReused);
    }
    let (version, position) = (receipt.version, receipt.position);
    let receipt_ = Receipt { id: receipt.stream, version, position };
    Ok(Done { receipt: receipt_, created: receipt.created, replayed: true, repeated: false })
}
