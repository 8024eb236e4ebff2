//! `letopis doctor`: looks at the servers, the log, its copy and the read models, and says what to do about what it finds.

mod server;

use crate::config::{Failure, Run};
use crate::serve;
use clap::Args;
use letopis::policies;
use letopis_events::Position;
use letopis_eventstore::{Log, Standing};
use letopis_projections::engine::{Reader, Readers};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Row;

/// The last events whose leaves are computed anew.
const PROVEN: i64 = 1_000;
/// A read model or a copy this far behind is worth a word.
const LAG: i64 = 10_000;
/// Growth of so many megabytes a year is worth a word.
const YEARLY: i64 = 100_000;
/// How long a read model is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

const LOGIN: &str = "select current_setting('idle_in_transaction_session_timeout') <> '0'
        and current_setting('lock_timeout') <> '0' and current_setting('statement_timeout') <> '0',
    has_table_privilege('log.event', 'insert, update, delete, truncate')";
const DENSITY: &str =
    "select count(*), coalesce(min(position), 1), coalesce(max(position), 0) from log.event";
const TRIGGERS: &str = "select count(*) from pg_trigger
    where tgrelid = 'log.event'::regclass and not tgisinternal and tgenabled = 'A'";
const GROWTH: &str = "select pg_total_relation_size('log.event'),
    (select count(*) from log.event where recorded_at > clock_timestamp() - interval '7 days')";
const REFUSALS: &str =
    "select count(*) from log.refusal where refused_at > clock_timestamp() - interval '7 days'";

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The home of a running demo.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ok,
    Warning,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    about: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// Notes something; `advice` counts where it is not as it should be.
    fn note(&mut self, about: &'static str, good: bool, bad: Level, finding: String, advice: &'static str) {
        let (level, advice) = if good { (Level::Ok, None) } else { (bad, Some(advice)) };
        self.0.push(Finding { level, about, found: finding, advice });
    }

    /// Notes a server that does not answer.
    fn unreachable(
        &mut self,
        about: &'static str,
        error: &(dyn std::error::Error + 'static),
        advice: &'static str,
    ) {
        let finding = letopis_query_api::problem::Chain(error).to_string();
        self.note(about, false, Level::Problem, finding, advice);
    }
}

/// Looks at everything; fails where there is a problem.
pub async fn run(args: &DoctorArgs) -> Result<(), Failure> {
    let run = Run::find(args.home.as_deref())?;
    let mut findings = Findings::default();
    match serve::log(&run).await {
        Ok(log) => look(&run, &log, &mut findings).await?,
        Err(error) => findings.unreachable(
            "log",
            &*error,
            "check LETOPIS_LOG_URL and that the server runs; a new database needs `letopis migrate`",
        ),
    }
    if let Err(error) = server::read(&run, &mut findings).await {
        let advice = "check LETOPIS_READ_URL and that the server runs: no question is answered without it";
        findings.unreachable("read", &*error, advice);
    }
    for finding in &findings.0 {
        if args.json {
            println!("{}", serde_json::to_string(finding)?);
            continue;
        }
        let mark = match finding.level {
            Level::Ok => "ok     ",
            Level::Warning => "warning",
            Level::Problem => "PROBLEM",
        };
        println!("{mark}  {}: {}", finding.about, finding.found);
        if let Some(advice) = finding.advice {
            println!("         -> {advice}");
        }
    }
    let problems = findings.0.iter().filter(|finding| finding.level == Level::Problem).count();
    if problems == 0 { Ok(()) } else { Err(format!("{problems} problems were found").into()) }
}

async fn look(run: &Run, log: &Log, findings: &mut Findings) -> Result<(), Failure> {
    let client = log.reader().get().await?;
    server::log(&client, findings).await?;
    login(&client.query_one(LOGIN, &[]).await?, findings)?;
    let triggers: i64 = client.query_one(TRIGGERS, &[]).await?.try_get(0)?;
    findings.note(
        "triggers",
        triggers > 0,
        Level::Problem,
        format!("triggers that always refuse changes of stored events: {triggers}"),
        "run `letopis migrate` again, and find out who disabled the trigger on log.event",
    );
    let head = density(&client.query_one(DENSITY, &[]).await?, log, findings).await?;
    growth(&client.query_one(GROWTH, &[]).await?, head, findings)?;
    let refused: i64 = client.query_one(REFUSALS, &[]).await?.try_get(0)?;
    findings.note(
        "refusals",
        refused == 0,
        Level::Warning,
        format!("{refused} commands of policies were refused within seven days"),
        "see `GET /api/log/refusals` and do by hand what they could not",
    );
    drop(client);
    copy(run, log, head, findings).await?;
    let readers = Readers::default()
        .with(&letopis_projections::crm(), &run.read, 1)?
        .with(&letopis_projections::reports(), &run.read, 1)?
        .with(&policies::group(), &run.read, 1)?;
    for group in ["crm", "reports", "policies"] {
        read_model(group, readers.of(group)?, log, head, findings).await;
    }
    Ok(())
}

fn login(row: &Row, findings: &mut Findings) -> Result<(), Failure> {
    findings.note(
        "timeouts",
        row.try_get(0)?,
        Level::Warning,
        "the service's login has timeouts for statements, locks and idle transactions".into(),
        "run `letopis migrate` again: without them a stuck session can hold the log's lock",
    );
    let powerful: bool = row.try_get(1)?;
    findings.note(
        "rights",
        !powerful,
        Level::Problem,
        format!("the service's login {} write to log.event itself", if powerful { "may" } else { "cannot" }),
        "revoke all rights on log.event but select from the service's login",
    );
    Ok(())
}

async fn density(row: &Row, log: &Log, findings: &mut Findings) -> Result<Position, Failure> {
    let (count, first, last): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    findings.note(
        "density",
        first == 1 && count == last,
        Level::Problem,
        format!("{count} events, positions {first} to {last}"),
        "events are missing: restore the log's database from its backup",
    );
    let events = log.page(Position((last - PROVEN).max(0)), PROVEN).await?;
    let bad = events.iter().find(|event| !event.proves_itself()).map(|event| event.position);
    findings.note(
        "leaves",
        bad.is_none(),
        Level::Problem,
        match bad {
            None => format!("the last {} events match their leaves", events.len()),
            Some(position) => format!("the event at {position} does not match its leaf"),
        },
        "it was altered behind the database's back: compare with a backup",
    );
    Ok(Position(last))
}

fn growth(row: &Row, head: Position, findings: &mut Findings) -> Result<(), Failure> {
    let (bytes, week): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let each = bytes / head.0.max(1);
    let yearly = week * 52 * each / 1_000_000;
    findings.note(
        "disk",
        yearly < YEARLY,
        Level::Warning,
        format!(
            "the log takes {} MB, {each} bytes an event; at the last week's pace it grows by {yearly} MB a year",
            bytes / 1_000_000
        ),
        "see that the disk has room for a year of it, and whether a program or an import writes more than it should",
    );
    Ok(())
}

async fn copy(run: &Run, log: &Log, head: Position, findings: &mut Findings) -> Result<(), Failure> {
    let Some(nats) = serve::nats(run, log).await? else {
        findings.note(
            "nats",
            false,
            Level::Warning,
            "no NATS is configured".into(),
            "programs outside read over HTTP alone; set LETOPIS_NATS_URL to fan events out",
        );
        return Ok(());
    };
    let advice =
        "start nats-server 2.12 or newer with JetStream; until then read models follow the log itself";
    match nats.server() {
        Err(error) => findings.note("nats", false, Level::Warning, error.to_string(), advice),
        Ok(version) => {
            findings.note("nats", true, Level::Ok, format!("nats-server {version}"), advice);
            let (good, finding) = match nats.inspect().await {
                Ok(Standing::Whole { first, last }) => {
                    (head.0 - last.0 < LAG, format!("{} holds positions {first} to {last}", nats.stream()))
                }
                Ok(Standing::Absent) => (false, format!("{} is not there", nats.stream())),
                Ok(Standing::Holed) => (false, format!("{} has holes", nats.stream())),
                Err(error) => (false, error.to_string()),
            };
            let advice = "see that `letopis serve` or `letopis relay` runs: it makes the copy anew";
            findings.note("copy", good, Level::Warning, finding, advice);
        }
    }
    Ok(())
}

async fn read_model(
    group: &'static str,
    reader: &Reader,
    log: &Log,
    head: Position,
    findings: &mut Findings,
) {
    let (good, finding) = match reader.snapshot(log, None, None, PATIENCE).await {
        Ok(snapshot) => {
            let lag = head.0 - snapshot.position.0;
            snapshot.close().await;
            if lag < 0 {
                let advice =
                    "the log lost its last events or was restored to its past: restore its newest backup";
                let finding = format!("it has seen {} events that the log does not hold", -lag);
                return findings.note(group, false, Level::Problem, finding, advice);
            }
            (lag < LAG, format!("{lag} events behind the log"))
        }
        Err(error) => (false, error.to_string()),
    };
    let advice = "see /health/ready of the process that runs it, and that one does: `letopis worker`";
    findings.note(group, good, Level::Warning, finding, advice);
}
