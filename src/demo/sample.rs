//! Records the made-up company through the ordinary commands, with the times they would have had.
//!
//! What is to be recorded and what was planted in it stand in the home's `truth.json` from the beginning on. Each command is known by
//! its key: recording that was cut off is begun again, and what is recorded already is answered and not done twice (for the 30 days
//! that the log remembers keys).

use super::company::{Company, Order, Truth, Wish, keyed};
use crate::config::Failure;
use chrono::{DateTime, TimeDelta, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use letopis_commands::Executor;
use letopis_events::Position;
use letopis_eventstore::Search;
use letopis_projections::engine::GroupStatus;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::sync::watch;
use uuid::Uuid;

/// Half a day ends at one o'clock in Moscow: so many times two hours before UTC's twelve.
const MORNING: i64 = 1;

/// What `truth.json` says.
#[derive(Debug, Serialize)]
struct Told<'a> {
    /// Whether all of it is recorded.
    whole: bool,
    #[serde(flatten)]
    truth: &'a Truth,
}

/// What of `truth.json` a later start needs.
#[derive(Debug, Deserialize)]
struct Begun {
    whole: bool,
    #[serde(flatten)]
    wish: Wish,
}

/// Where the home keeps what was planted.
pub fn path(home: &Path) -> PathBuf {
    home.join("truth.json")
}

/// What `truth.json` says; none where there is none.
fn begun(home: &Path) -> Result<Option<Begun>, Failure> {
    match std::fs::read(path(home)) {
        Ok(begun) => Ok(Some(serde_json::from_slice(&begun)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What was recorded; none where the log is somebody's own.
pub fn recorded(home: &Path) -> Result<Option<Wish>, Failure> {
    Ok(begun(home)?.map(|begun| begun.wish))
}

/// What is still to be recorded: the wish, or what was begun and cut off. None: all is there, or the log is somebody's own.
pub async fn wanted(executor: &Executor, home: &Path, wish: Wish) -> Result<Option<Wish>, Failure> {
    if let Some(begun) = begun(home)? {
        return Ok((!begun.whole).then_some(begun.wish));
    }
    let hired = Search { category: Some("employees".into()), ..Search::default() };
    let empty = executor.log().search(Position(0), 1, &hired).await?.is_empty();
    Ok(empty.then_some(wish))
}

/// The policies of the service: they answer what is recorded when they are told to, so that their answers stand in the past, too.
pub struct Policies {
    /// How far they may go.
    pub limit: watch::Sender<Position>,
    /// How far they have come.
    pub status: watch::Receiver<GroupStatus>,
}

impl Policies {
    /// Has them answer everything up to there.
    async fn answer(&mut self, to: Position) -> Result<(), Failure> {
        self.limit.send_replace(to);
        self.status.wait_for(|status| status.position >= to).await?;
        Ok(())
    }
}

/// Records the company.
pub async fn record(
    executor: &Executor,
    home: &Path,
    wish: Wish,
    mut policies: Policies,
) -> Result<(), Failure> {
    let Company { orders, truth } = Company::new(wish);
    write(home, &Told { whole: false, truth: &truth })?;
    let progress = ProgressBar::new(orders.len() as u64);
    progress.set_style(ProgressStyle::with_template(
        "{wide_bar} {percent}% {pos} of {len} commands, {eta} left",
    )?);
    let (mut at, mut head) = (DateTime::UNIX_EPOCH, Position(0));
    let mut numbered = orders.into_iter().enumerate().peekable();
    while let Some((_, first)) = numbered.peek() {
        let (span, alone) = (first.span(), first.of_the_company());
        let mut together: Vec<_> = numbered.next().into_iter().collect();
        let goes = |order: &Order| !alone && !order.of_the_company() && order.span() == span;
        while let Some(next) = numbered.next_if(|(_, order)| goes(order)) {
            together.push(next);
        }
        for wave in waves(together) {
            let count = wave.len() as u64;
            // What comes of another is recorded after it.
            at = wave.iter().map(|(_, order)| order.at).fold(at + TimeDelta::milliseconds(1), DateTime::max);
            head = head.max(carry_out(executor, wave, at).await?);
            progress.inc(count);
        }
        // Policies are asked twice a day, and whenever the company itself has changed.
        let half = |span: i64| (span + MORNING).div_euclid(6);
        if alone || numbered.peek().is_none_or(|(_, next)| half(next.span()) != half(span)) {
            policies.answer(head).await?;
        }
    }
    // What they answer may ask for an answer, too.
    let mut answered = Position(0);
    while answered < executor.log().head().await?.position {
        answered = executor.log().head().await?.position;
        policies.answer(answered).await?;
    }
    progress.finish_and_clear();
    write(home, &Told { whole: true, truth: &truth })
}

/// Commands to different things that speak of nothing made beside them go together.
fn waves(orders: Vec<(usize, Order)>) -> Vec<Vec<(usize, Order)>> {
    let mut waves: Vec<Vec<(usize, Order)>> = vec![];
    // In which wave a thing is made, and in which there was a command to it last.
    let (mut made, mut last) = (HashMap::<Uuid, usize>::new(), HashMap::<Uuid, usize>::new());
    for (number, order) in orders {
        let after = order.mentions().iter().filter_map(|thing| made.get(thing)).map(|wave| wave + 1).max();
        let own = order.thing();
        let wave = after.max(own.and_then(|own| last.get(&own)).map(|wave| wave + 1)).unwrap_or(0);
        if let Some(own) = own {
            last.insert(own, wave);
            if order.id.is_none() {
                made.insert(own, wave);
            }
        }
        if waves.len() <= wave {
            waves.resize_with(wave + 1, Vec::new);
        }
        waves[wave].push((number, order));
    }
    waves
}

/// Carries out what goes together, all at one moment, whatever comes first; answers how far the log has come with it.
async fn carry_out(
    executor: &Executor,
    wave: Vec<(usize, Order)>,
    at: DateTime<Utc>,
) -> Result<Position, Failure> {
    let what: Vec<_> = wave.iter().map(|(_, order)| (order.module, order.command)).collect();
    let orders = wave.into_iter().map(|(number, order)| ready(number, order, at)).collect();
    let mut head = Position(0);
    for (done, (module, command)) in executor.execute_many(orders).await.into_iter().zip(what) {
        let done = done.map_err(|refused| format!("{module}/{command}: {refused}"))?;
        head = head.max(done.receipt.position);
    }
    Ok(head)
}

/// With its key; its ids follow from the key.
fn ready(number: usize, order: Order, at: DateTime<Utc>) -> letopis_commands::Order {
    let Order { at: _, actor, module, id, command, body } = order;
    let key = format!("sample-{number}");
    let ids = keyed("orders", &key);
    letopis_commands::Order {
        module: module.into(),
        id,
        command: command.into(),
        body,
        key: Some(key),
        if_match: None,
        at: Some(at),
        actor,
        correlation: ids,
        causation: None,
        mark: None,
        ids: Some(ids),
    }
}

/// A kill leaves the file before or the file after.
fn write(home: &Path, told: &Told<'_>) -> Result<(), Failure> {
    let beside = home.join("truth.json.new");
    std::fs::write(&beside, serde_json::to_vec_pretty(told)?)?;
    Ok(std::fs::rename(beside, path(home))?)
}
