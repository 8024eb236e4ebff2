//! The log of one store: the way in and the ways to read it.

use crate::call::digest;
use crate::committer::{self, Door};
use crate::migrate;
use crate::read::{self, Head, LogEvent};
use crate::refusal::{self, NotedRefusal, Refusal};
use crate::{Append, AppendError, Appended, Digest, Mark, StoredReceipt};
use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Timeouts};
use letopis_events::{ClientId, Position, StreamId, Version};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};
use uuid::Uuid;

/// How long a reader waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// After which a connection that does not answer counts as lost.
const SILENCE: Duration = Duration::from_secs(10);

/// Reads the clock; only the root package has one.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How a process uses the log.
#[derive(Clone)]
pub struct LogOptions {
    /// This machine's clock, compared with the database's.
    pub clock: Clock,
    /// The most connections that read.
    pub connections: usize,
    /// The most requests that wait.
    pub queue: usize,
    /// How long an append waits for its answer.
    pub deadline: Duration,
}

/// What a store was created for, once and for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// The truth of a company; its time is the database's.
    Production,
    /// A company made up, with a past made up.
    Sample,
}

impl StoreKind {
    /// As stored and answered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sample => "sample",
        }
    }
}

/// Which store this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreInfo {
    /// Its name, `[a-z0-9]{1,32}`.
    pub store: String,
    /// What it is for.
    pub kind: StoreKind,
    /// How often it was restored to its past, counted from 1.
    pub epoch: i32,
}

/// Why the log could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The address is no PostgreSQL address.
    #[error("the log's address cannot be read")]
    Address(#[source] tokio_postgres::Error),
    /// It was never migrated, or not as far as this program needs.
    #[error("the log's database is not migrated: run `letopis migrate`")]
    NotMigrated,
    /// The login could alter what is stored.
    #[error(
        "the login `{0}` is an owner of the log or a superuser: serve with the login that `letopis migrate` made"
    )]
    TooPowerful(String),
    /// No connection could be had.
    #[error("the log cannot be reached")]
    Unreachable(#[source] deadpool_postgres::PoolError),
    /// PostgreSQL refused.
    #[error("the log cannot be read")]
    Sql(#[from] tokio_postgres::Error),
    /// A column holds what this program cannot understand.
    #[error("the log holds {0} this program cannot read")]
    Unreadable(&'static str),
    /// The time asked for has not come.
    #[error("nobody knows yet what will be known at {0}")]
    Future(DateTime<Utc>),
}

/// What an event must be like to be found by [`Log::search`].
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Its type.
    pub kind: Option<String>,
    /// Its stream's category.
    pub category: Option<String>,
    /// A client it concerns.
    pub client: Option<ClientId>,
}

/// The log of one store.
#[derive(Clone)]
pub struct Log {
    info: Arc<StoreInfo>,
    pool: Pool,
    door: Door,
    committed: Arc<watch::Sender<Position>>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("info", &self.info).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log at a PostgreSQL address, as a login that can only append and read.
    pub async fn connect(url: &str, options: LogOptions) -> Result<Self, LogError> {
        let mut config: Config = url.parse().map_err(LogError::Address)?;
        config.application_name("letopis log").connect_timeout(PATIENCE).tcp_user_timeout(SILENCE);
        let pool = pool(&config, options.connections);
        let client = pool.get().await.map_err(LogError::Unreachable)?;
        let info = info(&client).await?;
        check_login(&client).await?;
        let head = client.query_opt(read::HEAD, &[]).await?;
        let head = head.as_ref().map(read::head).transpose()?.unwrap_or_default();
        drop(client);
        let committed = Arc::new(watch::Sender::new(head.position));
        let door =
            committer::start(config, options.clock, options.queue, options.deadline, Arc::clone(&committed));
        Ok(Self { info: Arc::new(info), pool, door, committed })
    }

    /// Which store this is.
    pub fn info(&self) -> &StoreInfo {
        &self.info
    }

    /// Adds events to a stream, or says why not.
    pub async fn append(&self, request: Append) -> Result<Appended, AppendError> {
        self.door.append(request).await
    }

    /// The events of one stream after a version, in order.
    pub async fn stream(
        &self,
        category: &str,
        stream: StreamId,
        after: Version,
    ) -> Result<Vec<LogEvent>, LogError> {
        self.events(read::STREAM, &[&category, &stream.0, &after.0]).await
    }

    /// All events of many streams at one moment, in the order of their positions; one statement.
    pub async fn streams(&self, keys: &[(&'static str, StreamId)]) -> Result<Vec<LogEvent>, LogError> {
        let categories: Vec<&str> = keys.iter().map(|(category, _)| *category).collect();
        let streams: Vec<Uuid> = keys.iter().map(|(_, stream)| stream.0).collect();
        let mut events = self.events(read::STREAMS, &[&categories, &streams]).await?;
        events.sort_unstable_by_key(|event| event.position);
        Ok(events)
    }

    /// At most `limit` events after a position, without a gap.
    pub async fn page(&self, after: Position, limit: i64) -> Result<Vec<LogEvent>, LogError> {
        self.events(read::PAGE, &[&after.0, &limit]).await
    }

    /// At most `limit` events after a position that are as asked.
    pub async fn search(
        &self,
        after: Position,
        limit: i64,
        search: &Search,
    ) -> Result<Vec<LogEvent>, LogError> {
        let client = search.client.map(|client| client.0);
        self.events(read::SEARCH, &[&after.0, &limit, &search.kind, &search.category, &client]).await
    }

    /// The position behind which the last `limit` events stand that are as asked; 0 where there are none.
    pub async fn before_last(&self, limit: i64, search: &Search) -> Result<Position, LogError> {
        let client = search.client.map(|client| client.0);
        let values: [&(dyn ToSql + Sync); 5] = [&0_i64, &limit, &search.kind, &search.category, &client];
        Ok(Position(self.client().await?.query_one(read::BEFORE_LAST, &values).await?.try_get(0)?))
    }

    /// Where the log ends.
    pub async fn head(&self) -> Result<Head, LogError> {
        let row = self.client().await?.query_opt(read::HEAD, &[]).await?;
        Ok(row.as_ref().map(read::head).transpose()?.unwrap_or_default())
    }

    /// The highest position this process knows to be committed; moved by its own appends and by [`Log::heard`].
    pub fn committed(&self) -> watch::Receiver<Position> {
        self.committed.subscribe()
    }

    /// Tells this process of a position that another one committed.
    pub fn heard(&self, position: Position) {
        self.committed.send_if_modified(|known| {
            position > *known && {
                *known = position;
                true
            }
        });
    }

    /// What requests with these keys were answered with.
    pub async fn receipts(&self, keys: &[Digest]) -> Result<HashMap<Digest, StoredReceipt>, LogError> {
        let keys: Vec<&[u8]> = keys.iter().map(Digest::as_slice).collect();
        let rows = self.rows(read::RECEIPTS, &[&keys]).await?;
        rows.iter()
            .map(|row| {
                let receipt = StoredReceipt {
                    body: digest(row.try_get(1)?),
                    stream: StreamId(row.try_get(2)?),
                    version: Version(row.try_get(3)?),
                    position: Position(row.try_get(4)?),
                    created: row.try_get(5)?,
                };
                Ok((digest(row.try_get(0)?), receipt))
            })
            .collect()
    }

    /// The position of the last event not later than `at`; no event will ever be recorded before it any more.
    pub async fn settle(&self, at: DateTime<Utc>) -> Result<Position, LogError> {
        let row = self.client().await?.query_one(read::SETTLE, &[&at]).await;
        match row {
            Ok(row) => Ok(Position(row.try_get(0)?)),
            Err(error) if error.code() == Some(&SqlState::DATETIME_FIELD_OVERFLOW) => {
                Err(LogError::Future(at))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where a policy stands; one that is new to the store begins at the head.
    pub async fn mark(&self, policy: &str) -> Result<Mark, LogError> {
        let row = self.client().await?.query_one(read::OPEN_MARK, &[&policy]).await?;
        Ok(Mark { policy: policy.to_owned(), position: Position(row.try_get(0)?), number: row.try_get(1)? })
    }

    /// Notes that a policy's command was refused, and moves its mark over it; nothing where the mark is there already.
    pub async fn note_refusal(&self, refusal: &Refusal) -> Result<(), LogError> {
        let Refusal { mark: Mark { policy, position, number }, module, thing, command, code, message } =
            refusal;
        let what: [&(dyn ToSql + Sync); 8] =
            [policy, &position.0, number, module, thing, command, code, message];
        self.rows(refusal::NOTE, &what).await.map(drop)
    }

    /// At most `limit` refusals of one policy or of all, noted before the one of this number; the newest first.
    pub async fn refusals(
        &self,
        policy: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<NotedRefusal>, LogError> {
        self.rows(refusal::LIST, &[&policy, &before, &limit]).await?.iter().map(refusal::noted).collect()
    }

    /// Connections that may read.
    pub fn reader(&self) -> &Pool {
        &self.pool
    }

    async fn client(&self) -> Result<Object, LogError> {
        self.pool.get().await.map_err(LogError::Unreachable)
    }

    async fn rows(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, LogError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(sql).await?;
        Ok(client.query(&statement, params).await?)
    }

    async fn events(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<LogEvent>, LogError> {
        self.rows(sql, params).await?.iter().map(read::event).collect()
    }
}

fn pool(config: &Config, connections: usize) -> Pool {
    let manager = Manager::from_config(
        config.clone(),
        NoTls,
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let pool = Pool::builder(manager)
        .max_size(connections.max(1))
        .timeouts(timeouts)
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build();
    // The only error there is says that timeouts need a runtime, which stands above.
    pool.unwrap_or_else(|error| unreachable!("{error}"))
}

async fn info(client: &Object) -> Result<StoreInfo, LogError> {
    let row = match client.query_opt(read::INFO, &[]).await {
        Ok(Some(row)) => row,
        Ok(None) => return Err(LogError::NotMigrated),
        Err(error) => {
            let missing =
                [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME, SqlState::INSUFFICIENT_PRIVILEGE];
            let here = error.code().is_some_and(|code| missing.contains(code));
            return Err(if here { LogError::NotMigrated } else { error.into() });
        }
    };
    if row.try_get::<_, i32>(3)? < migrate::latest() {
        return Err(LogError::NotMigrated);
    }
    let kind = match row.try_get(1)? {
        "production" => StoreKind::Production,
        "sample" => StoreKind::Sample,
        _ => return Err(LogError::Unreadable("a kind of store")),
    };
    Ok(StoreInfo { store: row.try_get(0)?, kind, epoch: row.try_get(2)? })
}

async fn check_login(client: &Object) -> Result<(), LogError> {
    let row = client.query_one(read::LOGIN, &[]).await?;
    if row.try_get(1)? {
        return Err(LogError::TooPowerful(row.try_get(0)?));
    }
    Ok(())
}
