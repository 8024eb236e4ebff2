//! `letopis import`: files of other systems become interactions, through the ordinary commands.
//!
//! Every row has a key in the other system, so the same file twice, or again after a crash, records nothing twice.

mod mapping;
mod row;
mod source;
mod template;

use crate::config::{Failure, Run};
use crate::{ambient, serve};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use letopis_commands::clients::Client;
use letopis_commands::employees::Employee;
use letopis_commands::interactions::{Interaction, InteractionCommand};
use letopis_commands::{Executor, FieldFault, Order, Refused, form};
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Actor, Code};
use letopis_eventstore::AppendError;
use mapping::Mapping;
use row::{CLIENTS, EMPLOYEES, Mention, Reading, Said};
use serde::Serialize;
use serde_json::{Value, json};
use source::Source;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Rows that go in together: enough to fill the log's calls, a few megabytes of memory.
const BATCH: usize = 4_000;
/// Batches read ahead.
const AHEAD: usize = 2;
/// How often a batch whose outcome is not known is sent again.
const ATTEMPTS: usize = 10;
/// The pause before that.
const PAUSE: Duration = Duration::from_secs(1);

/// Reasons told where no file takes them all.
const REASONS: usize = 3;

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Calls, letters, meetings, notes: one per row.
    Interactions(ImportArgs),
}

/// Arguments of `import interactions`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A CSV file, plain or gzip.
    file: PathBuf,
    /// Which column becomes what.
    #[arg(long)]
    mapping: PathBuf,
    /// The home of a running demo; without it `LETOPIS_LOG_URL` names the log.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Where rows go that could not be recorded, each with its reason; without it the first reasons are told.
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// Reads and checks all rows and writes nothing. It does not see what only the log knows: codes the dictionaries lack,
    /// and rows that differ from what is recorded under their id, by an earlier run or an earlier row.
    #[arg(long)]
    dry_run: bool,
    /// Prints the summary as JSON.
    #[arg(long)]
    json: bool,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Summary {
    rows: usize,
    recorded: usize,
    repeated: usize,
    differing: usize,
    rejected: usize,
    clients: usize,
    employees: usize,
}

/// One row on its way: as it was read, and what it says or why not.
type Row = (Vec<String>, Result<Said, String>);

/// Imports a file.
pub async fn run(import: Import) -> Result<(), Failure> {
    let Import::Interactions(args) = import;
    let mapping = Mapping::read(&args.mapping)?;
    let codes = mapping.codes()?;
    let source = Source::open(&args.file, &mapping)?;
    let executor =
        if args.dry_run { None } else { Some(serve::executor(&Run::find(args.home.as_deref())?).await?) };
    let progress = ProgressBar::new(source.size);
    progress.set_style(ProgressStyle::with_template("{wide_bar} {percent}% {msg} left {eta}")?);
    let rejects = args.rejects.as_deref().map(|path| rejects(path, &source.columns)).transpose()?;
    let actor = Actor::Import(mapping.source.to_string());
    let (sender, batches) = mpsc::channel(AHEAD);
    let (read, told) = (source.read.clone(), progress.clone());
    let reading = tokio::task::spawn_blocking(move || rows(source, &mapping, &sender));
    let mut importing = Importing {
        executor,
        actor,
        rejects,
        reasons: vec![],
        known: HashSet::new(),
        summary: Summary::default(),
    };
    importing.add(codes).await?;
    let tell = |rows: usize, rate: u64| {
        told.set_position(read.load(Ordering::Relaxed));
        told.set_message(format!("{rows} rows, {rate}/s"));
    };
    importing.all(batches, tell).await?;
    reading.await??;
    progress.finish_and_clear();
    if let Some(mut rejects) = importing.rejects {
        rejects.flush()?;
    }
    for reason in &importing.reasons {
        eprintln!("{reason}");
    }
    let summary = importing.summary;
    if !importing.reasons.is_empty() {
        eprintln!("--rejects FILE writes all such rows there, each with its reason");
    }
    if args.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        let Summary { rows, recorded, repeated, differing, rejected, clients, employees } = summary;
        println!(
            "{rows} rows: {recorded} recorded, {repeated} repeated, {differing} differing, {rejected} rejected; \
             {clients} clients, {employees} employees"
        );
    }
    Ok(())
}

type Rejects = csv::Writer<std::fs::File>;

fn rejects(path: &Path, columns: &[String]) -> Result<Rejects, Failure> {
    let mut rejects = csv::WriterBuilder::new().flexible(true).from_path(path)?;
    rejects.write_record(columns.iter().map(String::as_str).chain(["reason"]))?;
    Ok(rejects)
}

/// Reads the file in batches until its end, or until nobody takes them any more.
fn rows(mut source: Source, mapping: &Mapping, batches: &mpsc::Sender<Vec<Row>>) -> Result<(), Failure> {
    let columns = source.columns.clone();
    let reading = Reading::new(mapping, &columns);
    let mut batch = Vec::with_capacity(BATCH);
    while let Some((row, unreadable)) = source.next()? {
        let said = unreadable.map_or_else(|| reading.read(&row), Err);
        batch.push((row, said));
        if batch.len() == BATCH && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    // Whoever took them has failed and says so.
    let _ = batches.blocking_send(batch);
    Ok(())
}

struct Importing {
    executor: Option<Executor>,
    actor: Actor,
    rejects: Option<Rejects>,
    /// The first reasons, where no file takes them.
    reasons: Vec<String>,
    /// Whoever is there.
    known: HashSet<Uuid>,
    summary: Summary,
}

impl Importing {
    /// Adds codes to the dictionaries that lack them; what is there is used as it is.
    async fn add(&self, codes: BTreeSet<(DictionaryName, Code)>) -> Result<(), Failure> {
        let add = |(of, code): (DictionaryName, Code)| {
            let body = json!({"code": code, "ru": code, "en": code});
            Order { id: Some(of.stream().0), ..self.order("dictionaries", "add", body) }
        };
        let orders = codes.into_iter().map(add).collect();
        if let Some(executor) = &self.executor {
            carry_out(executor, orders).await?;
        }
        Ok(())
    }

    async fn all(
        &mut self,
        mut batches: mpsc::Receiver<Vec<Row>>,
        tell: impl Fn(usize, u64),
    ) -> Result<(), Failure> {
        let start = std::time::Instant::now();
        while let Some(batch) = batches.recv().await {
            self.batch(batch).await?;
            let elapsed = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
            tell(self.summary.rows, self.summary.rows as u64 * 1000 / elapsed);
        }
        Ok(())
    }

    async fn batch(&mut self, batch: Vec<Row>) -> Result<(), Failure> {
        let unmade = self.make(&batch).await?;
        let mut orders = vec![];
        let mut read = |(row, said): Row| {
            let said = said.and_then(|said| {
                let reason = said.mentions().find_map(|who| unmade.get(&who.id));
                reason.map_or(Ok(said.body), |reason| Err(reason.clone()))
            });
            let wrong = said.map(|body| orders.push(self.order("interactions", "record", body))).err();
            (row, wrong)
        };
        let rows: Vec<_> = batch.into_iter().map(&mut read).collect();
        let mut verdicts = self.carry_out(orders).await?.into_iter();
        for (row, wrong) in rows {
            let Some(verdict) = wrong.map(Verdict::Refused).or_else(|| verdicts.next()) else { break };
            self.summary.rows += 1;
            match verdict {
                Verdict::Recorded => self.summary.recorded += 1,
                Verdict::Repeated => self.summary.repeated += 1,
                Verdict::Differs => {
                    self.summary.differing += 1;
                    self.note(&row, "something else is recorded under this id already")?;
                }
                Verdict::Refused(reason) => {
                    self.summary.rejected += 1;
                    self.note(&row, &reason)?;
                }
            }
        }
        Ok(())
    }

    /// Makes whoever is mentioned for the first time; whoever is there is used as they are. Those who cannot be made, and why.
    async fn make(&mut self, batch: &[Row]) -> Result<HashMap<Uuid, String>, Failure> {
        let said = batch.iter().filter_map(|(_, said)| said.as_ref().ok());
        // Where one row tells somebody wrongly, another may tell them well.
        let mut asked = HashSet::new();
        let new = said.flat_map(Said::mentions).filter(|who| !self.known.contains(&who.id));
        let mentions: Vec<&Mention> = new.filter(|who| asked.insert(*who)).collect();
        let order = |who: &&Mention| self.order(who.module, who.command, who.body.clone());
        let verdicts = self.carry_out(mentions.iter().map(order).collect()).await?;
        let mut unmade = HashMap::new();
        for (who, verdict) in mentions.into_iter().zip(verdicts) {
            if let Verdict::Refused(reason) = verdict {
                unmade.insert(who.id, format!("{}/{}: {reason}", who.module, who.command));
            } else if self.known.insert(who.id) {
                match who.module {
                    CLIENTS => self.summary.clients += 1,
                    _ => self.summary.employees += 1,
                }
            }
        }
        unmade.retain(|id, _| !self.known.contains(id));
        Ok(unmade)
    }

    /// Carries orders out; a dry run looks at their form.
    async fn carry_out(&self, orders: Vec<Order>) -> Result<Vec<Verdict>, Failure> {
        match &self.executor {
            Some(executor) => carry_out(executor, orders).await,
            None => Ok(orders.into_iter().map(checked).collect()),
        }
    }

    fn order(&self, module: &str, command: &str, body: Value) -> Order {
        Order {
            module: module.into(),
            id: None,
            command: command.into(),
            body,
            key: None,
            if_match: None,
            at: None,
            actor: self.actor.clone(),
            correlation: ambient::fresh(),
            causation: None,
            mark: None,
            ids: None,
        }
    }

    fn note(&mut self, row: &[String], reason: &str) -> Result<(), Failure> {
        if let Some(rejects) = &mut self.rejects {
            // A row may have too few or too many columns.
            let mut line: Vec<&str> = row.iter().map(String::as_str).collect();
            line.push(reason);
            rejects.write_record(&line)?;
        } else if self.reasons.len() < REASONS {
            self.reasons.push(format!("row {}: {reason}", self.summary.rows));
        }
        Ok(())
    }
}

/// What became of one row.
enum Verdict {
    Recorded,
    Repeated,
    Differs,
    Refused(String),
}

/// Carries orders out; those whose outcome is not known, or that could not be taken now, again.
async fn carry_out(executor: &Executor, orders: Vec<Order>) -> Result<Vec<Verdict>, Failure> {
    let mut answers = executor.execute_many(orders.clone()).await;
    for _ in 1..ATTEMPTS {
        let left: Vec<usize> = (0..answers.len()).filter(|place| open(&answers[*place])).collect();
        if left.is_empty() {
            break;
        }
        tracing::warn!(
            left = left.len(),
            "the log did not answer for all of a batch: the rest is sent again"
        );
        tokio::time::sleep(PAUSE).await;
        let again = left.iter().map(|place| orders[*place].clone()).collect();
        for (place, answer) in left.into_iter().zip(executor.execute_many(again).await) {
            answers[place] = answer;
        }
    }
    answers.into_iter().map(verdict).collect()
}

/// Whether it is not known yet what becomes of an order.
fn open<T>(answer: &Result<T, Refused>) -> bool {
    matches!(
        answer,
        Err(Refused::Append(AppendError::OutcomeUnknown | AppendError::QueueFull | AppendError::Unavailable)
            | Refused::Log(_))
    )
}

fn verdict(answer: Result<letopis_commands::Done, Refused>) -> Result<Verdict, Failure> {
    match answer {
        Ok(done) if done.repeated => Ok(Verdict::Repeated),
        Ok(_) => Ok(Verdict::Recorded),
        Err(Refused::AlreadyRecorded(_)) => Ok(Verdict::Differs),
        Err(Refused::Invalid(faults)) => Ok(Verdict::Refused(told(&faults))),
        Err(refused @ (Refused::Rule { .. } | Refused::Append(AppendError::TooLarge))) => {
            Ok(Verdict::Refused(refused.to_string()))
        }
        Err(refused) => Err(refused.into()),
    }
}

fn told(faults: &[FieldFault]) -> String {
    let parts: Vec<String> =
        faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
    parts.join("; ")
}

/// What a dry run says of an order: whether its form and what it says are well.
fn checked(order: Order) -> Verdict {
    let Order { module, command, body, .. } = order;
    let read = match module.as_str() {
        CLIENTS => form::read::<Client>(&command, body).map(drop),
        EMPLOYEES => form::read::<Employee>(&command, body).map(drop),
        _ => form::read::<Interaction>(&command, body).and_then(|command| {
            let InteractionCommand::Record(said) = command else { return Ok(()) };
            said.check().map_err(|error| vec![FieldFault::of(&error)])
        }),
    };
    match read {
        Ok(()) => Verdict::Recorded,
        Err(faults) => Verdict::Refused(told(&faults)),
    }
}
