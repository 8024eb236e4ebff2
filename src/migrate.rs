//! `letopis migrate` and `letopis init`: a database made ready, and its first employee.

use crate::ambient;
use crate::config::Failure;
use crate::config::{Run, needed};
use crate::serve;
use clap::Args;
use letopis_commands::Order;
use letopis_events::Actor;
use letopis_eventstore::StoreKind;
use letopis_eventstore::migrate::{ServiceLogin, grant_read, migrate};
use serde_json::json;

/// Arguments of `migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The store's name, for good.
    #[arg(long, default_value = "main")]
    store: String,
    /// Makes a store for a made-up company, for good.
    #[arg(long)]
    sample: bool,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The family name.
    #[arg(long)]
    last: String,
    /// The given name.
    #[arg(long)]
    first: Option<String>,
    /// Prints `{id}`.
    #[arg(long)]
    json: bool,
}

/// The service's login as its address names it.
pub fn login(url: &str) -> Result<ServiceLogin, Failure> {
    let config: tokio_postgres::Config = url.parse()?;
    let name =
        config.get_user().ok_or("LETOPIS_LOG_URL names no login: postgres://login:password@host/database")?;
    let password = config.get_password().unwrap_or_default();
    Ok(ServiceLogin { name: name.to_owned(), password: String::from_utf8(password.to_vec())? })
}

/// Makes the databases ready.
pub async fn run(args: &MigrateArgs) -> Result<(), Failure> {
    let owner = needed("LETOPIS_OWNER_URL", "the address of the log's database for its owner")?;
    let run = Run::from_environment()?;
    let kind = if args.sample { StoreKind::Sample } else { StoreKind::Production };
    let service = login(&run.log)?;
    migrate(&owner, &args.store, kind, &service).await?;
    let read_owner = ambient::variable("LETOPIS_READ_OWNER_URL").unwrap_or(owner);
    grant_read(&read_owner, &login(&run.read)?).await?;
    println!("the store {} is ready", args.store);
    Ok(())
}

/// Hires the first employee.
pub async fn init(args: &InitArgs) -> Result<(), Failure> {
    let executor = serve::executor(&Run::from_environment()?).await?;
    let order = Order {
        module: "employees".into(),
        id: None,
        command: "hire".into(),
        body: match &args.first {
            Some(first) => json!({"name": {"last": args.last, "first": first}}),
            None => json!({"name": {"last": args.last}}),
        },
        key: None,
        if_match: None,
        at: None,
        actor: Actor::Agent("init".into()),
        correlation: ambient::fresh(),
        causation: None,
        mark: None,
        ids: None,
    };
    let done = executor.execute(order).await?;
    if args.json {
        println!("{}", json!({"id": done.receipt.id}));
    } else {
        println!("hired as {}", done.receipt.id);
    }
    Ok(())
}
