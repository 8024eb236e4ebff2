//! `letopis demo`: everything on one machine, with a made-up company to look at.

mod company;
mod sample;

use crate::ambient;
use crate::config::{Failure, Run};
use crate::local::Servers;
use crate::migrate;
use crate::serve::{self, Served, Serving};
use chrono::{NaiveDate, TimeDelta};
use clap::Args;
use company::Wish;
use letopis_events::Position;
use letopis_eventstore::StoreKind;
use sample::Policies;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the servers keep their data.
    #[arg(long, default_value = ".letopis")]
    pub home: PathBuf,
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What chance in the made-up company falls by.
    #[arg(long, default_value_t = 1_703)]
    pub seed: u64,
    /// First day on which nothing happens any more, Moscow time; yesterday where absent. The two years before it are made up.
    #[arg(long)]
    pub until: Option<NaiveDate>,
    /// How many clients there are.
    #[arg(long, default_value_t = 2_000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=3_000))]
    pub clients: usize,
    /// Instead of a made-up company an empty store of your own, `main`; it needs a home of its own.
    #[arg(long, conflicts_with_all = ["seed", "until", "clients"])]
    pub empty: bool,
}

/// The database of the demo, for the log and the read models.
const DATABASE: &str = "letopis";
/// The service's login.
const LOGIN: &str = "letopis_service";

/// Runs the demo until it is stopped.
pub async fn run(args: DemoArgs, stop: CancellationToken) -> Result<(), Failure> {
    let home = args.home.join("demo");
    std::fs::create_dir_all(&home)?;
    let servers = Servers::start(&home, false).await?;
    let result = with(&servers, &args, stop.clone()).await;
    stop.cancel();
    let _ = std::fs::remove_file(args.home.join("run.toml"));
    servers.stop().await;
    result
}

async fn with(servers: &Servers, args: &DemoArgs, stop: CancellationToken) -> Result<(), Failure> {
    let owner = database(&servers.owner_url).await?;
    let (_, host) = owner.split_once('@').ok_or("the owner's address names no host")?;
    // A new password each time: it is kept in run.toml alone.
    let password =
        format!("{}{}", ambient::fresh().simple(), uuid::Uuid::new_v5(&ambient::fresh(), b"login").simple());
    let log = format!("postgres://{LOGIN}:{password}@{host}");
    let service = migrate::login(&log)?;
    let (store, kind) =
        if args.empty { ("main", StoreKind::Production) } else { ("sample", StoreKind::Sample) };
    letopis_eventstore::migrate::migrate(&owner, store, kind, &service).await?;
    letopis_eventstore::migrate::grant_read(&owner, &service).await?;
    let run = Run { http: String::new(), read: log.clone(), log, nats: Some(servers.nats_url.clone()) };
    let (home, wish) = (args.home.clone(), (!args.empty).then(|| wish(args)));
    let known = run.clone();
    let (limit, limited) = watch::channel(Position(0));
    let serving = Serving { listen: args.listen, without: vec![], limit: Some(limited) };
    serve::serve(&run, serving, stop, move |served| {
        tokio::spawn(async move {
            let run = Run { http: format!("http://{}", served.address), ..known };
            if let Err(error) = begin(&run, served, &home, wish, limit).await {
                tracing::error!(%error, "the sample is not whole");
            }
        });
    })
    .await
}

/// Records what is wished, waits until all of it is shown, and prints what to try.
async fn begin(
    run: &Run,
    served: Served,
    home: &Path,
    wish: Option<Wish>,
    limit: watch::Sender<Position>,
) -> Result<(), Failure> {
    run.write(home)?;
    let Served { executor, mut standing, .. } = served;
    let Some(wish) = wish else {
        tell_empty(run);
        return Ok(());
    };
    match sample::wanted(&executor, home, wish).await? {
        Some(wish) => {
            println!("recording two years of a company with {} clients …", wish.clients);
            let status = standing.groups.get("policies").ok_or("the policies do not run")?.clone();
            sample::record(&executor, home, wish, Policies { limit, status }).await?;
        }
        None => drop(limit),
    }
    let head = executor.log().head().await?.position;
    for status in standing.groups.values_mut() {
        status.wait_for(|status| status.position >= head).await?;
    }
    if let Some(wish) = sample::recorded(home)? {
        tell(run, &wish);
    }
    Ok(())
}

/// What the arguments ask for; the history ends yesterday where they do not say.
fn wish(args: &DemoArgs) -> Wish {
    let until = args.until.unwrap_or_else(|| ambient::now().date_naive() - TimeDelta::days(1));
    Wish { seed: args.seed, until, clients: args.clients }
}

/// Prints how to begin.
fn tell_empty(run: &Run) {
    let http = &run.http;
    println!("try:");
    println!(
        "  curl -s {http}/api/commands/employees/hire -H 'Letopis-Actor: agent:me' -H 'Content-Type: application/json' \\\n       -d '{{\"name\":{{\"last\":\"Иванова\"}}}}'",
    );
}

/// Prints what to try.
fn tell(run: &Run, wish: &Wish) {
    let (http, client, employee) = (&run.http, company::lively(wish), company::id("employees", 3));
    println!("try:");
    println!("  curl -s {http}/api/clients/{client}");
    println!("  curl -s '{http}/api/clients/{client}/timeline?last=true&limit=5'");
    println!(
        "  curl -s {http}/api/commands/interactions/record -H 'Letopis-Actor: {employee}' -H 'Content-Type: application/json' \\\n       -d '{{\"kind\":\"call\",\"direction\":\"out\",\"client_id\":\"{client}\",\"occurred_at\":\"{now}\",\"result\":\"interested\"}}'",
        now = ambient::now().format("%Y-%m-%dT%H:%M:%SZ"),
    );
    println!("  curl -s '{http}/api/analytics/segments?by=region,status'");
    println!(
        "  curl -s '{http}/api/reports/interactions?group_by=employee,month&kind=call' -H 'Accept: text/csv'"
    );
}

/// Makes the demo's database where there is none; returns its owner's address.
async fn database(server: &str) -> Result<String, Failure> {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let there = client.query_opt("select from pg_database where datname = $1", &[&DATABASE]).await?;
    if there.is_none() {
        client.batch_execute(&format!("create database {DATABASE}")).await?;
    }
    drop(client);
    connection.await??;
    let (base, _) = server.rsplit_once('/').ok_or("the server's address names no database")?;
    Ok(format!("{base}/{DATABASE}"))
}
