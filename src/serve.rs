//! The service put together: log, relay, workers, HTTP; all of it in one process, or parts in several.

use crate::config::Failure;
use crate::config::{Run, window_bytes};
use crate::http::{self, Service, Standing};
use crate::{alike, ambient, seed};
use clap::{Args, ValueEnum};
use letopis::policies;
use letopis_commands::{Alike, Executor};
use letopis_events::Position;
use letopis_eventstore::{Feed, Log, LogOptions, Nats, RelayStatus};
use letopis_projections::engine::{self, Group, GroupStatus, Readers, Settings, Work};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections that read the log.
const LOG_CONNECTIONS: usize = 8;
/// Appends that may wait.
const QUEUE: usize = 8_192;
/// How long an append may take before its outcome counts as unknown.
const DEADLINE: Duration = Duration::from_secs(15);
/// Connections that answer questions, per group.
const READ_CONNECTIONS: usize = 16;

/// What `serve` can leave to other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Read models and policies: `letopis worker`.
    Workers,
    /// The copy in JetStream: `letopis relay`.
    Relay,
}

/// What a process serves.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What other processes do.
    pub without: Vec<Part>,
    /// How far policies may go for now; absent: as far as the log does.
    pub limit: Option<watch::Receiver<Position>>,
}

/// A service that answers.
pub struct Served {
    /// Where.
    pub address: SocketAddr,
    /// What carries commands out.
    pub executor: Executor,
    /// How its parts stand.
    pub standing: Standing,
}

/// Arguments of `rebuild`.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// Which group; all when none is named.
    group: Option<String>,
    /// Compares row by row instead, and changes nothing.
    #[arg(long)]
    verify: bool,
    /// The home of a running demo.
    #[arg(long)]
    home: Option<PathBuf>,
}

/// Opens the log.
pub async fn log(run: &Run) -> Result<Log, Failure> {
    let options = LogOptions {
        clock: ambient::clock(),
        connections: LOG_CONNECTIONS,
        queue: QUEUE,
        deadline: DEADLINE,
    };
    Ok(Log::connect(&run.log, options).await?)
}

/// Opens the log and what carries commands out on it, without warnings of clients that look like others.
pub async fn executor(run: &Run) -> Result<Executor, Failure> {
    executor_on(log(run).await?, None).await
}

/// What carries commands out on a log, in a store that has what every store begins with.
async fn executor_on(log: Log, alike: Option<Alike>) -> Result<Executor, Failure> {
    let executor = Executor::new(log, ambient::clock(), ambient::ids(), alike);
    seed::seed(&executor).await?;
    Ok(executor)
}

/// Connects to NATS, where there is one.
pub async fn nats(run: &Run, log: &Log) -> Result<Option<Nats>, Failure> {
    match &run.nats {
        Some(url) => Ok(Some(Nats::connect(url, log.info(), window_bytes()?).await?)),
        None => Ok(None),
    }
}

/// Serves until it is stopped; `ready` is told once it answers.
pub async fn serve(
    run: &Run,
    serving: Serving,
    stop: CancellationToken,
    ready: impl FnOnce(Served),
) -> Result<(), Failure> {
    let Serving { listen, without, limit } = serving;
    if !listen.ip().is_loopback() {
        return Err("until accounts exist the service listens on the loopback only".into());
    }
    let log = log(run).await?;
    let readers = Readers::default().with(&letopis_projections::crm(), &run.read, READ_CONNECTIONS)?.with(
        &letopis_projections::reports(),
        &run.read,
        READ_CONNECTIONS,
    )?;
    let alike = alike::look_up(readers.clone(), log.clone());
    let executor = executor_on(log.clone(), Some(alike)).await?;
    let nats = nats(run, &log).await?;
    let tasks = TaskTracker::new();
    let mut standing = Standing { begun: log.head().await?.position, ..Standing::default() };
    if let (Some(nats), false) = (&nats, without.contains(&Part::Relay)) {
        let (status, told) = watch::channel(RelayStatus::default());
        standing.relay = Some(told);
        tasks.spawn(letopis_eventstore::relay(log.clone(), nats.clone(), status, stop.clone()));
    }
    if !without.contains(&Part::Workers) {
        let feed = Feed::start(log.clone(), nats, stop.clone()).await?;
        let groups = Groups { named: &[], limit };
        work(run, &executor, &feed, groups, &tasks, &mut standing, &stop).await?;
    }
    let service = Service::new(executor.clone(), readers, standing.clone());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}");
    ready(Served { address, executor, standing });
    axum::serve(listener, http::router(service)).with_graceful_shutdown(stop.cancelled_owned()).await?;
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Which groups run, and how far.
struct Groups<'a> {
    /// Their names; none: all.
    named: &'a [String],
    /// How far policies may go for now.
    limit: Option<watch::Receiver<Position>>,
}

/// Starts groups.
async fn work(
    run: &Run,
    executor: &Executor,
    feed: &Feed,
    groups: Groups<'_>,
    tasks: &TaskTracker,
    standing: &mut Standing,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let Groups { named, limit } = groups;
    let wanted = |name: &str| named.is_empty() || named.iter().any(|named| named == name);
    let known = ["crm", "reports", "policies"];
    if let Some(unknown) = named.iter().find(|named| !known.contains(&named.as_str())) {
        return Err(format!("there is no group {unknown}: {}", known.join(", ")).into());
    }
    for group in [letopis_projections::crm(), letopis_projections::reports()] {
        if wanted(group.name()) {
            let work = Work { group, answering: None, settings: Settings::default(), limit: None };
            start(work, run, executor.log(), feed, tasks, standing, stop);
        }
    }
    if wanted("policies") {
        policies::open(executor).await?;
        let answering = Some(policies::answering(executor.clone()));
        let work = Work { group: policies::group(), answering, settings: Settings::default(), limit };
        start(work, run, executor.log(), feed, tasks, standing, stop);
    }
    Ok(())
}

fn start<C: Clone + Send + Sync + 'static>(
    work: Work<C>,
    run: &Run,
    log: &Log,
    feed: &Feed,
    tasks: &TaskTracker,
    standing: &mut Standing,
    stop: &CancellationToken,
) {
    let (status, told) = watch::channel(GroupStatus::default());
    standing.groups.insert(work.group.name(), told);
    let (read, log, feed, stop) = (run.read.clone(), log.clone(), feed.clone(), stop.clone());
    tasks.spawn(async move {
        if let Err(error) = engine::run(work, &read, &log, &feed, status, stop).await {
            tracing::error!(%error, "a group cannot be run");
        }
    });
}

/// Runs groups until it is stopped.
pub async fn worker(run: &Run, named: &[String], stop: CancellationToken) -> Result<(), Failure> {
    let executor = executor(run).await?;
    let nats = nats(run, executor.log()).await?;
    let feed = Feed::start(executor.log().clone(), nats, stop.clone()).await?;
    let (tasks, mut standing) = (TaskTracker::new(), Standing::default());
    let groups = Groups { named, limit: None };
    work(run, &executor, &feed, groups, &tasks, &mut standing, &stop).await?;
    println!("working");
    tasks.close();
    tasks.wait().await;
    let from = feed.status();
    tracing::info!(jetstream = from.jetstream, log = from.log, "events read");
    Ok(())
}

/// Relays until it is stopped.
pub async fn relay(run: &Run, stop: CancellationToken) -> Result<(), Failure> {
    let log = log(run).await?;
    let nats = nats(run, &log).await?.ok_or("set LETOPIS_NATS_URL: there is nothing to relay to")?;
    println!("relaying");
    letopis_eventstore::relay(log, nats, watch::Sender::new(RelayStatus::default()), stop).await;
    Ok(())
}

/// Builds groups anew, or compares them.
pub async fn rebuild(args: &RebuildArgs) -> Result<(), Failure> {
    let run = Run::find(args.home.as_deref())?;
    let log = log(&run).await?;
    let wanted = |name: &str| args.group.as_deref().is_none_or(|group| group == name);
    let mut equal = true;
    let mut found = false;
    for group in [letopis_projections::crm(), letopis_projections::reports()] {
        if wanted(group.name()) {
            found = true;
            equal &= anew(group, &run, &log, args.verify).await?;
        }
    }
    if wanted("policies") {
        found = true;
        equal &= anew(policies::group(), &run, &log, args.verify).await?;
    }
    match (found, equal) {
        (false, _) => Err("there is no such group: crm, reports, policies".into()),
        (true, false) => Err("the tables in use differ from a rebuild".into()),
        (true, true) => Ok(()),
    }
}

async fn anew<C: Clone + Send + Sync + 'static>(
    group: Group<C>,
    run: &Run,
    log: &Log,
    verify: bool,
) -> Result<bool, Failure> {
    let name = group.name();
    let told = |position: Position| tracing::info!(group = name, position = position.0, "building");
    if !verify {
        let position = engine::rebuild(group, &run.read, log, told).await?;
        println!("{name}: rebuilt up to position {position}");
        return Ok(true);
    }
    let (position, differences) =
        engine::verify(group, &run.read, log, engine::Check::default(), told).await?;
    for difference in &differences {
        let engine::Difference { table, only_live, only_rebuilt } = difference;
        println!("{name}.{table}: {only_live} rows only in use, {only_rebuilt} only in the rebuild");
    }
    if differences.is_empty() {
        println!("{name}: equal to a rebuild as of position {position}");
    }
    Ok(differences.is_empty())
}
