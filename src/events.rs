//! `letopis events tail`: the log as lines of JSON, from any position, and on as it grows.

use crate::config::{Failure, Run};
use crate::serve;
use clap::{Args, Subcommand};
use letopis_events::{ClientId, Position};
use letopis_eventstore::Feed;
use letopis_query_api::log::{LoggedEvent, search};
use std::io::Write;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events read at once.
const PAGE: i64 = 1_000;

/// How many are printed where nobody says from where.
const LAST: i64 = 10;

/// What can be done with the events themselves.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Prints events, one JSON object a line.
    Tail(TailArgs),
}

/// Arguments of `events tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// After this position; without it the last ten of those asked for are printed first.
    #[arg(long)]
    after: Option<i64>,
    /// Only this category, such as `clients`.
    #[arg(long)]
    category: Option<String>,
    /// Only this type, such as `Recorded`.
    #[arg(long = "type")]
    kind: Option<String>,
    /// Only events that concern this client.
    #[arg(long)]
    client: Option<Uuid>,
    /// Goes on as the log grows, until it is stopped.
    #[arg(long, short)]
    follow: bool,
    /// The home of a running demo.
    #[arg(long)]
    home: Option<PathBuf>,
}

/// Carries out `letopis events`.
pub async fn run(events: Events, stop: CancellationToken) -> Result<(), Failure> {
    let Events::Tail(args) = events;
    tokio::select! {
        ended = tail(&args, &stop) => ended,
        () = stop.cancelled() => Ok(()),
    }
}

async fn tail(args: &TailArgs, stop: &CancellationToken) -> Result<(), Failure> {
    let search = search(args.category.clone(), args.kind.clone(), args.client.map(ClientId));
    let search = search.map_err(|problem| {
        let told = problem.errors.iter().map(|fault| format!("--{}: {}", fault.path, fault.message));
        told.collect::<Vec<_>>().join("\n")
    })?;
    let run = Run::find(args.home.as_deref())?;
    let log = serve::log(&run).await?;
    let nats = serve::nats(&run, &log).await?;
    let head = log.head().await?.position;
    let mut at = match args.after {
        Some(after) => Position(after),
        None => log.before_last(LAST, &search).await?,
    };
    let feed = if args.follow { Some(Feed::start(log.clone(), nats, stop.clone()).await?) } else { None };
    let mut known = head;
    loop {
        loop {
            let events = log.search(at, PAGE, &search).await?;
            let mut out = std::io::stdout().lock();
            for event in &events {
                let line = serde_json::to_string(&LoggedEvent::from(event))?;
                // Whoever reads has gone: there is nobody left to print for.
                if writeln!(out, "{line}").is_err() {
                    return Ok(());
                }
                at = event.position;
            }
            if i64::try_from(events.len()).unwrap_or(0) < PAGE {
                break;
            }
        }
        let Some(feed) = &feed else { return Ok(()) };
        // What is not asked for moves the place as well, so that nothing is read twice.
        at = at.max(known);
        let batch = feed.after(known, usize::try_from(PAGE).unwrap_or(usize::MAX)).await?;
        known = batch.events.last().map_or(known, |event| event.position);
    }
}
