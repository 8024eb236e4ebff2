//! The command line.

use crate::config::{Failure, Run};
use crate::local::Servers;
use crate::serve::Serving;
use crate::{ambient, demo, doctor, events, generate, import, migrate, serve};
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

/// A CRM that keeps the whole history of every client.
#[derive(Debug, Parser)]
#[command(name = "letopis", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts everything on this machine with a sample, and prints what to try.
    Demo(demo::DemoArgs),
    /// Serves on existing servers: `LETOPIS_LOG_URL`, `LETOPIS_READ_URL`, `LETOPIS_NATS_URL`.
    Serve(ServeArgs),
    /// Runs read models and policies alone.
    Worker(WorkerArgs),
    /// Runs the relay to JetStream alone.
    Relay,
    /// Makes the log's schema, the service's login (named in `LETOPIS_LOG_URL`) and the store; needs `LETOPIS_OWNER_URL`.
    Migrate(migrate::MigrateArgs),
    /// Hires the first employee.
    Init(migrate::InitArgs),
    /// Builds read models anew from the log, or compares them with such a build.
    Rebuild(serve::RebuildArgs),
    /// Prints the events themselves.
    #[command(subcommand)]
    Events(events::Events),
    /// Looks at servers, log and read models, and says what to do about what it finds.
    Doctor(doctor::DoctorArgs),
    /// Asks a running service whether it is ready; fails if not.
    Ready(ReadyArgs),
    /// Imports files of other systems.
    #[command(subcommand)]
    Import(import::Import),
    /// Writes the generated documents: `docs/openapi.json`, `docs/API.md`, `docs/events/`, `projections/fixtures/`.
    #[command(hide = true)]
    Generate,
    /// Starts a private PostgreSQL and NATS, prints their addresses and stops them when its input ends.
    #[command(hide = true)]
    Local(LocalArgs),
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What other processes do: workers, relay.
    #[arg(long, value_delimiter = ',')]
    pub without: Vec<serve::Part>,
}

/// Arguments of `worker`.
#[derive(Debug, Args)]
struct WorkerArgs {
    /// Which groups; all when none is named.
    groups: Vec<String>,
}

#[derive(Debug, Args)]
struct ReadyArgs {
    /// The service.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    at: String,
}

#[derive(Debug, Args)]
struct LocalArgs {
    /// Where the servers keep their data.
    #[arg(long)]
    home: PathBuf,
    /// Gives up safety for speed: for tests.
    #[arg(long)]
    fast: bool,
}

/// Runs what the command line asks for.
pub async fn run() -> Result<(), Failure> {
    let cli = Cli::parse();
    log_to_stderr();
    let stop = stopped();
    match cli.command {
        Command::Demo(args) => demo::run(args, stop).await,
        Command::Serve(args) => {
            let run = Run::from_environment()?;
            let serving = Serving { listen: args.listen, without: args.without, limit: None };
            serve::serve(&run, serving, stop, drop).await
        }
        Command::Worker(args) => serve::worker(&Run::from_environment()?, &args.groups, stop).await,
        Command::Relay => serve::relay(&Run::from_environment()?, stop).await,
        Command::Migrate(args) => migrate::run(&args).await,
        Command::Init(args) => migrate::init(&args).await,
        Command::Rebuild(args) => serve::rebuild(&args).await,
        Command::Import(import) => import::run(import).await,
        Command::Events(args) => events::run(args, stop).await,
        Command::Doctor(args) => doctor::run(&args).await,
        Command::Ready(args) => ready(&args).await,
        Command::Generate => generate::run(),
        Command::Local(args) => local(&args).await,
    }
}

/// One plain request; a health check needs no more of HTTP.
async fn ready(args: &ReadyArgs) -> Result<(), Failure> {
    use tokio::io::AsyncWriteExt;
    let address = args.at.strip_prefix("http://").unwrap_or(&args.at).trim_end_matches('/');
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET /health/ready HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{}", answer.rsplit("\r\n").next().unwrap_or_default());
    let ok = answer.split_whitespace().nth(1) == Some("200");
    if ok { Ok(()) } else { Err("the service is not ready".into()) }
}

async fn local(args: &LocalArgs) -> Result<(), Failure> {
    let servers = Servers::start(&args.home, args.fast).await?;
    let line = serde_json::json!({"owner_url": servers.owner_url, "nats_url": servers.nats_url});
    println!("{line}");
    // Whoever started it holds the other end, alive or not.
    let _ = tokio::io::stdin().read(&mut [0]).await;
    servers.stop().await;
    if args.fast {
        std::fs::remove_dir_all(&args.home)?;
    }
    Ok(())
}

/// Structured lines on stderr; `LETOPIS_LOG` chooses what (default: info), `LETOPIS_LOG_FORMAT=json` how.
fn log_to_stderr() {
    let filter = ambient::variable("LETOPIS_LOG").unwrap_or_else(|| {
        "info,async_nats=warn,tokio_postgres=warn,postgres=warn,refinery_core=warn".into()
    });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if ambient::variable("LETOPIS_LOG_FORMAT").as_deref() == Some("json") {
        lines.json().init();
    } else {
        lines.compact().init();
    }
}

/// Cancelled by Ctrl-C or SIGTERM.
fn stopped() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
        told.cancel();
    });
    stop
}
