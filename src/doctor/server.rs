//! What the doctor looks at on every PostgreSQL server: the log's, where an acknowledged event must not be lost, and the read models',
//! which can be built anew.

use super::{Findings, Level};
use crate::ambient;
use crate::config::{Failure, Run};
use chrono::{DateTime, Utc};
use letopis::policies;
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// The oldest PostgreSQL the log's functions are written for.
const POSTGRES: i32 = 160_000;
/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

const SERVER: &str = "select current_setting('server_version'), current_setting('server_version_num')::int,
    current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',
    current_setting('synchronous_commit') <> 'off', clock_timestamp(),
    (select count(*) from pg_stat_activity where backend_type = 'client backend'),
    current_setting('max_connections')::bigint";
const SIZE: &str = "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind = 'r'";

/// What a server's findings are called.
struct Names {
    version: &'static str,
    durability: &'static str,
    connections: &'static str,
}

/// Looks at the log's server.
pub(super) async fn log(client: &Client, findings: &mut Findings) -> Result<(), Failure> {
    let names = Names { version: "postgres", durability: "durability", connections: "connections" };
    let theirs = look(client, &names, Level::Problem, findings).await?;
    let apart = (ambient::now() - theirs).num_milliseconds().abs();
    findings.note(
        "clock",
        apart < 10_000,
        Level::Warning,
        format!("this machine's clock and the database's are {apart} ms apart"),
        "synchronise the clocks: a minute apart, and commands are refused with clock_skew",
    );
    Ok(())
}

/// Looks at the read models' server, and how much they take there.
pub(super) async fn read(run: &Run, findings: &mut Findings) -> Result<(), Failure> {
    let connected = tokio::time::timeout(PATIENCE, tokio_postgres::connect(&run.read, NoTls)).await;
    let (client, connection) = connected.map_err(|_| "it does not answer")??;
    let connection = tokio::spawn(connection);
    if run.read != run.log {
        let names = Names {
            version: "read postgres",
            durability: "read durability",
            connections: "read connections",
        };
        look(&client, &names, Level::Warning, findings).await?;
    }
    let schemas = [
        letopis_projections::crm().schema(),
        letopis_projections::reports().schema(),
        policies::group().schema(),
    ];
    let bytes: i64 = client.query_one(SIZE, &[&schemas.as_slice()]).await?.try_get(0)?;
    findings.note("read", true, Level::Ok, format!("the read models take {} MB", bytes / 1_000_000), "");
    drop(client);
    connection.await??;
    Ok(())
}

/// Answers the time it is there; `lossy` is how bad it is where what was acknowledged can be lost.
async fn look(
    client: &Client,
    names: &Names,
    lossy: Level,
    findings: &mut Findings,
) -> Result<DateTime<Utc>, Failure> {
    let row = client.query_one(SERVER, &[]).await?;
    let (version, number): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
    findings.note(
        names.version,
        number >= POSTGRES,
        Level::Problem,
        format!("PostgreSQL {version}"),
        "use PostgreSQL 16 or newer",
    );
    let durable: [bool; 3] = [row.try_get(2)?, row.try_get(3)?, row.try_get(4)?];
    findings.note(
        names.durability,
        durable == [true; 3],
        lossy,
        format!("fsync {}, full_page_writes {}, synchronous_commit {}", durable[0], durable[1], durable[2]),
        "switch all three on: without them what was acknowledged can be lost with the power",
    );
    let (used, most): (i64, i64) = (row.try_get(6)?, row.try_get(7)?);
    findings.note(
        names.connections,
        used * 5 < most * 4,
        Level::Warning,
        format!("{used} of {most} connections are in use"),
        "raise max_connections, or run fewer processes: without a free one nothing is read or recorded",
    );
    Ok(row.try_get(5)?)
}
