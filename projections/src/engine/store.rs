//! A group's tables in PostgreSQL: schema, checkpoint, loading, writing.

use super::EngineError;
use super::set::{AnySet, Changes};
use super::table::Shape;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use deadpool_postgres::{
    Client as Pooled, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Timeouts, Transaction,
};
use futures::SinkExt;
use letopis_events::Position;
use letopis_eventstore::Leaf;
use std::pin::pin;
use std::time::Duration;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls};

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Up to this many rows one statement is cheaper than a COPY.
const FEW: usize = 100;

/// Text columns of rows.
type Rows = Vec<Vec<Option<String>>>;

/// Connections whose unqualified names mean the tables of one schema.
pub(super) fn pool(url: &str, schema: &str, connections: usize) -> Result<Pool, EngineError> {
    let mut config: Config = url.parse().map_err(EngineError::Address)?;
    config.application_name(format!("letopis {schema}")).connect_timeout(PATIENCE);
    let manager = Manager::from_config(
        config,
        NoTls,
        // A question that was given up leaves its transaction open.
        ManagerConfig { recycling_method: RecyclingMethod::Custom("rollback".into()) },
    );
    // A read model can be built again: it need not wait for the disk, only never be torn.
    let session = format!(
        "set search_path = {schema}, pg_catalog; set timezone = 'UTC'; set datestyle = 'ISO'; \
         set synchronous_commit = off; set statement_timeout = '10min'"
    );
    let hook = Hook::async_fn(move |client, _| {
        let session = session.clone();
        Box::pin(async move {
            client.batch_execute(&session).await.map_err(HookError::Backend)?;
            Ok(())
        })
    });
    let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let pool = Pool::builder(manager)
        .max_size(connections)
        .timeouts(timeouts)
        .post_create(hook)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build();
    // The only error there is says that timeouts need a runtime, which stands above.
    Ok(pool.unwrap_or_else(|error| unreachable!("{error}")))
}

/// How far a group has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) position: Position,
    pub(super) leaf: Option<Leaf>,
    pub(super) recorded_at: Option<DateTime<Utc>>,
}

/// Makes the schema and its tables, unless they are there. Only the first of several workers does.
pub(super) async fn create(client: &mut Client, schema: &str, shapes: &[Shape]) -> Result<(), EngineError> {
    let transaction = client.transaction().await?;
    transaction.execute("select pg_advisory_xact_lock(hashtext('letopis ' || $1))", &[&schema]).await?;
    let there = transaction.query_opt("select from pg_namespace where nspname = $1", &[&schema]).await?;
    if there.is_none() {
        let mut sql = format!(
            "create schema {schema};
             create table checkpoint (one boolean primary key default true check (one), position bigint not null,
                                      leaf bytea, recorded_at timestamptz);
             insert into checkpoint (position) values (0);"
        );
        for shape in shapes {
            sql += &shape.create();
        }
        transaction.batch_execute(&sql).await?;
    }
    Ok(transaction.commit().await?)
}

/// Drops the schema with everything in it.
pub(super) async fn discard(client: &Client, schema: &str) -> Result<(), EngineError> {
    Ok(client.batch_execute(&format!("drop schema if exists {schema} cascade")).await?)
}

pub(super) async fn checkpoint(client: &Client) -> Result<Checkpoint, EngineError> {
    let row = client.query_one("select position, leaf, recorded_at from checkpoint", &[]).await?;
    let leaf: Option<&[u8]> = row.try_get(1)?;
    Ok(Checkpoint {
        position: Position(row.try_get(0)?),
        leaf: leaf.and_then(|leaf| leaf.try_into().ok()).map(Leaf),
        recorded_at: row.try_get(2)?,
    })
}

/// Moves the checkpoint from where this worker left it; nobody else may have moved it.
pub(super) async fn advance(
    transaction: &Transaction<'_>,
    from: &Checkpoint,
    to: &Checkpoint,
) -> Result<(), EngineError> {
    let sql = "update checkpoint set position = $3, leaf = $4, recorded_at = $5
               where position = $1 and leaf is not distinct from $2";
    let (before, after) = (from.leaf.map(|l| l.0.to_vec()), to.leaf.map(|l| l.0.to_vec()));
    let statement = transaction.prepare_cached(sql).await?;
    let moved = transaction
        .execute(&statement, &[&from.position.0, &before, &to.position.0, &after, &to.recorded_at])
        .await?;
    if moved == 0 { Err(EngineError::Overtaken(from.position)) } else { Ok(()) }
}

/// Loads the rows a set misses: one statement for the keys, one for each column rows are found by.
pub(super) async fn load(client: &Pooled, set: &mut dyn AnySet) -> Result<(), EngineError> {
    let shape = set.shape();
    let (keys, by) = set.misses();
    let columns = Shape::list(shape.fields, |_, field| format!("t.{}::text", field.name));
    if !keys.is_empty() {
        let fields = &shape.fields[..shape.keys];
        let sql = format!(
            "select {columns}, t.from_position::text from unnest({}) k({}) join {} t on {}",
            Shape::list(fields, |i, _| format!("${}::text[]", i + 1)),
            Shape::list(fields, |i, _| format!("k{i}")),
            shape.name,
            fields
                .iter()
                .enumerate()
                .map(|(i, field)| format!("t.{} = k.k{i}::{}", field.name, field.sql))
                .collect::<Vec<_>>()
                .join(" and ")
        );
        let rows = fetch(client, &sql, &by_columns(&keys, shape.keys)).await?;
        set.load(&rows)?;
    }
    for (column, values) in shape.by.iter().zip(by) {
        if values.is_empty() {
            continue;
        }
        let field = shape.fields.iter().find(|field| field.name == *column);
        let sql = format!(
            "select {columns}, t.from_position::text from {} t where t.{column} = any($1::text[]::{}[])",
            shape.name,
            field.map_or("text", |field| field.sql),
        );
        let rows = fetch(client, &sql, &[values.into_iter().map(Some).collect()]).await?;
        set.load(&rows)?;
    }
    set.loaded();
    Ok(())
}

async fn fetch(client: &Pooled, sql: &str, params: &[Vec<Option<String>>]) -> Result<Rows, EngineError> {
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &params).await?;
    rows.iter().map(|row| (0..row.len()).map(|i| Ok(row.try_get(i)?)).collect()).collect()
}

/// Rows turned into columns.
fn by_columns(rows: &Rows, columns: usize) -> Vec<Vec<Option<String>>> {
    (0..columns).map(|column| rows.iter().map(|row| row[column].clone()).collect()).collect()
}

/// Writes what a batch changes in one table.
pub(super) async fn write(
    transaction: &Transaction<'_>,
    shape: &Shape,
    changes: &Changes,
) -> Result<(), EngineError> {
    let current = format!("{} ({}, from_position)", shape.name, shape.columns());
    let history = format!("{}_history ({}, from_position, to_position)", shape.name, shape.columns());
    let (bigint, ends) = ("bigint", ["bigint"; 2]);
    let types = |extra: &[&'static str]| -> Vec<&'static str> {
        shape.fields.iter().map(|field| field.sql).chain(extra.iter().copied()).collect()
    };
    insert(transaction, &history, &types(&ends), "", &changes.closed).await?;
    if !changes.gone.is_empty() {
        let keys = &shape.fields[..shape.keys];
        let matches: Vec<String> = keys
            .iter()
            .enumerate()
            .map(|(i, field)| format!("t.{} = k.k{i}::{}", field.name, field.sql))
            .collect();
        let sql = format!(
            "delete from {} t using unnest({}) k({}) where {}",
            shape.name,
            Shape::list(keys, |i, _| format!("${}::text[]", i + 1)),
            Shape::list(keys, |i, _| format!("k{i}")),
            matches.join(" and ")
        );
        execute(transaction, &sql, &by_columns(&changes.gone, shape.keys)).await?;
    }
    let sets = Shape::list(&shape.fields[shape.keys..], |_, f| format!("{0} = excluded.{0}", f.name));
    let comma = if shape.fields.len() > shape.keys { ", " } else { "" };
    let replace = format!(
        "on conflict ({}) do update set {sets}{comma}from_position = excluded.from_position",
        shape.key_columns()
    );
    upsert(transaction, &current, &types(&[bigint]), &replace, &changes.changed).await?;
    insert(transaction, &current, &types(&[bigint]), "", &changes.new).await
}

/// A few rows by one statement, many by COPY.
async fn insert(
    transaction: &Transaction<'_>,
    target: &str,
    types: &[&str],
    conflict: &str,
    rows: &Rows,
) -> Result<(), EngineError> {
    if rows.len() <= FEW {
        return upsert(transaction, target, types, conflict, rows).await;
    }
    let sink = transaction.copy_in(&format!("copy {target} from stdin")).await?;
    let mut sink = pin!(sink);
    for rows in rows.chunks(1_000) {
        sink.send(Bytes::from(copy_text(rows))).await?;
    }
    sink.finish().await?;
    Ok(())
}

async fn upsert(
    transaction: &Transaction<'_>,
    target: &str,
    types: &[&str],
    conflict: &str,
    rows: &Rows,
) -> Result<(), EngineError> {
    if rows.is_empty() {
        return Ok(());
    }
    let list = |make: &dyn Fn(usize, &str) -> String| {
        types.iter().enumerate().map(|(i, sql)| make(i, sql)).collect::<Vec<_>>().join(", ")
    };
    let sql = format!(
        "insert into {target} select {} from unnest({}) k({}) {conflict}",
        list(&|i, sql| format!("k{i}::{sql}")),
        list(&|i, _| format!("${}::text[]", i + 1)),
        list(&|i, _| format!("k{i}")),
    );
    execute(transaction, &sql, &by_columns(rows, types.len())).await
}

async fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    params: &[Vec<Option<String>>],
) -> Result<(), EngineError> {
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
    let statement = transaction.prepare_cached(sql).await?;
    transaction.execute(&statement, &params).await?;
    Ok(())
}

/// How a character that means something to COPY is written, and where it stands.
fn escaped((byte, place): (u8, usize)) -> Option<(usize, &'static str)> {
    match byte {
        b'\\' => Some((place, "\\\\")),
        b'\t' => Some((place, "\\t")),
        b'\n' => Some((place, "\\n")),
        b'\r' => Some((place, "\\r")),
        _ => None,
    }
}

/// Rows in COPY's text format.
fn copy_text(rows: &[Vec<Option<String>>]) -> String {
    let mut text = String::with_capacity(rows.len() * 256);
    for row in rows {
        for (index, column) in row.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            match column {
                None => text.push_str("\\N"),
                Some(column) => {
                    let mut rest = column.as_str();
                    while let Some((place, escaped)) = rest.bytes().zip(0..).find_map(escaped) {
                        text.push_str(&rest[..place]);
                        text.push_str(escaped);
                        rest = &rest[place + 1..];
                    }
                    text.push_str(rest);
                }
            }
        }
        text.push('\n');
    }
    text
}
