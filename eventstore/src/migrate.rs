//! Makes the log's schema, its functions and the service's role, and creates the store. Everything here may run again.

use crate::StoreKind;
use postgres::error::SqlState;
use postgres::{Client, NoTls};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The version of the log's schema this program works with: its last migration's.
pub(crate) fn latest() -> i32 {
    let runner = embedded::migrations::runner();
    runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or_default()
}

/// Held while migrating, so that two migrations of one database wait for each other.
const LOCK: i64 = 0x6c65_746f_7069_7331;

/// How often a statement on a role is tried: roles are the cluster's, others may change the same one.
const ATTEMPTS: usize = 20;

/// The login the service uses, and its password.
#[derive(Clone)]
pub struct ServiceLogin {
    /// The role's name.
    pub name: String,
    /// Set when there is one; empty leaves what is.
    pub password: String,
}

/// Why a database could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A store's name is short and plain, it stands in names of streams.
    #[error("`{0}` is no name of a store: 1 to 32 of a-z and 0-9")]
    BadName(String),
    /// One database holds one store.
    #[error("this database holds the {kind} store `{name}` already")]
    OtherStore {
        /// Its name.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// PostgreSQL refused.
    #[error("the database refused")]
    Sql(#[from] postgres::Error),
    /// A migration failed, or one that was applied differs from the program's.
    #[error("the migration failed")]
    Migration(#[from] refinery::Error),
    /// The thread that migrates was stopped.
    #[error("the migration was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// Brings the log's database up to date and creates the store; `owner_url` may create schemas and roles.
pub async fn migrate(
    owner_url: &str,
    store: &str,
    kind: StoreKind,
    service: &ServiceLogin,
) -> Result<(), MigrateError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !(1..=32).contains(&store.len()) || !store.bytes().all(plain) {
        return Err(MigrateError::BadName(store.to_owned()));
    }
    let (url, store, service) = (owner_url.to_owned(), store.to_owned(), service.clone());
    tokio::task::spawn_blocking(move || log(&url, &store, kind, &service)).await?
}

/// Brings the log's database up to date, without a store in it: what others are copied from.
pub async fn prepare(owner_url: &str) -> Result<(), MigrateError> {
    let url = owner_url.to_owned();
    tokio::task::spawn_blocking(move || schema(&mut Client::connect(&url, NoTls)?)).await?
}

/// Lets the service's login create the schemas of its read models in the read database.
pub async fn grant_read(owner_url: &str, service: &ServiceLogin) -> Result<(), MigrateError> {
    let (url, service) = (owner_url.to_owned(), service.clone());
    tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(&url, NoTls)?;
        make_role(&mut client, &service)?;
        let database: String = client.query_one("select current_database()::text", &[])?.get(0);
        let (database, role) = (quoted(&database), quoted(&service.name));
        attempt(&mut client, &format!("grant create, connect on database {database} to {role}"))
    })
    .await?
}

fn schema(client: &mut Client) -> Result<(), MigrateError> {
    // Freed with the connection.
    client.execute("select pg_advisory_lock($1)", &[&LOCK])?;
    client.batch_execute("create schema if not exists log")?;
    embedded::migrations::runner().set_migration_table_name("log.migration").run(client)?;
    Ok(())
}

fn log(url: &str, store: &str, kind: StoreKind, service: &ServiceLogin) -> Result<(), MigrateError> {
    let mut client = Client::connect(url, NoTls)?;
    schema(&mut client)?;
    client.execute(
        "insert into log.store (name, kind) values ($1, $2) on conflict do nothing",
        &[&store, &kind.name()],
    )?;
    let row = client.query_one("select name, kind from log.store", &[])?;
    let (name, found): (String, String) = (row.get(0), row.get(1));
    if name != store || found != kind.name() {
        return Err(MigrateError::OtherStore { name, kind: found });
    }
    make_role(&mut client, service)?;
    let role = quoted(&service.name);
    let database: String = client.query_one("select current_database()::text", &[])?.get(0);
    let database = quoted(&database);
    attempt(
        &mut client,
        &format!(
            "grant connect on database {database} to {role};
             grant usage on schema log to {role};
             grant select on log.store, log.epoch, log.event, log.receipt, log.mark, log.refusal, log.migration to {role};
             grant execute on all functions in schema log to {role};
             revoke execute on function log.refuse_change() from {role};
             alter role {role} in database {database} set idle_in_transaction_session_timeout = '10s';
             alter role {role} in database {database} set lock_timeout = '10s';
             alter role {role} in database {database} set statement_timeout = '15s';"
        ),
    )
}

fn make_role(client: &mut Client, service: &ServiceLogin) -> Result<(), MigrateError> {
    let role = quoted(&service.name);
    let there = client.query_opt("select from pg_roles where rolname = $1", &[&service.name])?;
    if there.is_none() {
        let made = client.batch_execute(&format!(
            "create role {role} login nosuperuser nocreatedb nocreaterole noreplication"
        ));
        let raced = [SqlState::DUPLICATE_OBJECT, SqlState::UNIQUE_VIOLATION];
        match made {
            Err(error) if !error.code().is_some_and(|code| raced.contains(code)) => {
                return Err(error.into());
            }
            Err(_) | Ok(()) => {}
        }
    }
    if service.password.is_empty() {
        return Ok(());
    }
    // A statement that alters a role takes no parameters; the server quotes the literal.
    let sql: String = client
        .query_one(
            "select format('alter role %I password %L', $1::text, $2::text)",
            &[&service.name, &service.password],
        )?
        .get(0);
    attempt(client, &sql)
}

/// Runs statements on roles, again when another migration changed the same role in the same moment.
fn attempt(client: &mut Client, sql: &str) -> Result<(), MigrateError> {
    for _ in 1..ATTEMPTS {
        match client.batch_execute(sql) {
            // "tuple concurrently updated" has no code of its own.
            Err(error) if error.code() == Some(&SqlState::INTERNAL_ERROR) => {}
            done => return Ok(done?),
        }
    }
    Ok(client.batch_execute(sql)?)
}

/// A name as SQL reads it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
