//! Records the made-up company through the ordinary commands, with the times they would have had.
//!
//! What is to be recorded and what was planted in it stand in the home's `truth.json` from the beginning on. Each command is known by
//! its key: recording that was cut off is begun again, and what is recorded already is answered and not done twice (for the 30 days
//! that the log remembers keys).

use super::company::{Company, Order, Truth, Wish};
use crate::cli::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use letopis_commands::Executor;
use letopis_events::Position;
use letopis_eventstore::Search;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// So many commands at most are under way together.
const TOGETHER: usize = 500;

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

/// What is still to be recorded: the wish, or what was begun and cut off. None: all is there, or the log is somebody's own.
pub async fn wanted(executor: &Executor, home: &Path, wish: Wish) -> Result<Option<Wish>, Failure> {
    match std::fs::read(path(home)) {
        Ok(begun) => {
            let begun: Begun = serde_json::from_slice(&begun)?;
            Ok((!begun.whole).then_some(begun.wish))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let hired = Search { category: Some("employees".into()), ..Search::default() };
            let empty = executor.log().search(Position(0), 1, &hired).await?.is_empty();
            Ok(empty.then_some(wish))
        }
        Err(error) => Err(error.into()),
    }
}

/// Records the company.
pub async fn record(executor: &Executor, home: &Path, wish: Wish) -> Result<(), Failure> {
    let Company { orders, truth } = Company::new(wish);
    write(home, &Told { whole: false, truth: &truth })?;
    let progress = ProgressBar::new(orders.len() as u64);
    progress.set_style(ProgressStyle::with_template(
        "{wide_bar} {percent}% {pos} of {len} commands, {eta} left",
    )?);
    let mut numbered = orders.into_iter().enumerate().peekable();
    while numbered.peek().is_some() {
        // Commands that speak of nothing made beside them go together; what changes the company itself goes alone.
        let (mut together, mut made, mut alone) = (vec![], HashSet::new(), false);
        while let Some((number, order)) = numbered.next_if(|(_, order)| {
            let fits = !alone && together.len() < TOGETHER;
            together.is_empty() || (fits && !order.of_the_company() && !order.speaks_of(&made))
        }) {
            alone = order.of_the_company();
            if order.id.is_none() {
                made.extend(order.thing());
            }
            together.push(ready(executor, number, order));
        }
        let count = together.len() as u64;
        let what: Vec<_> =
            together.iter().map(|order| format!("{}/{}", order.module, order.command)).collect();
        for (done, what) in executor.execute_many(together).await.into_iter().zip(what) {
            done.map_err(|refused| format!("{what}: {refused}"))?;
        }
        progress.inc(count);
    }
    progress.finish_and_clear();
    write(home, &Told { whole: true, truth: &truth })
}

fn ready(executor: &Executor, number: usize, order: Order) -> letopis_commands::Order {
    let Order { at, actor, module, id, command, body } = order;
    letopis_commands::Order {
        module: module.into(),
        id,
        command: command.into(),
        body,
        key: Some(format!("sample-{number}")),
        if_match: None,
        at: Some(at),
        actor,
        correlation: executor.fresh(),
        causation: None,
        mark: None,
    }
}

/// A kill leaves the file before or the file after.
fn write(home: &Path, told: &Told<'_>) -> Result<(), Failure> {
    let beside = home.join("truth.json.new");
    std::fs::write(&beside, serde_json::to_vec_pretty(told)?)?;
    Ok(std::fs::rename(beside, path(home))?)
}
