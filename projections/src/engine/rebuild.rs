//! Building a group anew from the log, and comparing the rows in use with such a build.

use super::EngineError;
use super::group::Group;
use super::runner::{Runner, Settings};
use super::store::{self, Checkpoint};
use super::table::Shape;
use letopis_events::Position;
use letopis_eventstore::{Batch, Log};

/// Events read from the log at once.
const PAGE: i64 = 10_000;

/// Rows that are in one build and not in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// How many rows stand only in the tables in use.
    pub only_live: i64,
    /// How many rows stand only in the new build.
    pub only_rebuilt: i64,
}

/// How a build is compared with the tables in use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Check {
    /// As of which position; where the tables stand, when absent.
    pub until: Option<Position>,
    /// How the build is made; no choice changes a row.
    pub settings: Settings,
}

/// Builds the group beside the tables in use up to the log's head, and puts the new ones in their place. A policy is silent.
pub async fn rebuild<C: Clone + Send + Sync + 'static>(
    group: Group<C>,
    read_url: &str,
    log: &Log,
    told: impl Fn(Position),
) -> Result<Position, EngineError> {
    let schema = group.schema();
    let beside = format!("{schema}_rebuild");
    let head = log.head().await?.position;
    let place = Place { schema: &beside, until: head, settings: Settings::default() };
    let mut runner = build(group, read_url, log, place, told).await?;
    let mut client = runner.pool.get().await?;
    let swap = client.transaction().await?;
    // Takes the place of the tables in use at once; a worker finds another checkpoint and goes on from there.
    let sql = format!("drop schema if exists {schema} cascade; alter schema {beside} rename to {schema}");
    swap.batch_execute(&sql).await?;
    swap.commit().await?;
    runner.group.clear();
    Ok(head)
}

/// Builds the group beside the tables in use up to where these stand, compares row by row, and drops the build.
pub async fn verify<C: Clone + Send + Sync + 'static>(
    mut group: Group<C>,
    read_url: &str,
    log: &Log,
    check: Check,
    told: impl Fn(Position),
) -> Result<(Position, Vec<Difference>), EngineError> {
    let schema = group.schema();
    let beside = format!("{schema}_verify");
    let shapes = group.shapes();
    let live = store::pool(read_url, &schema, 1)?;
    let stands = store::checkpoint(&**live.get().await?).await?.position;
    let at = check.until.unwrap_or(stands).min(stands);
    let place = Place { schema: &beside, until: at, settings: check.settings };
    let runner = build(group, read_url, log, place, told).await?;
    let client = runner.pool.get().await?;
    let mut differences = vec![];
    for shape in shapes {
        let [only_live, only_rebuilt] = compare(&client, &shape, &schema, &beside, at).await?;
        if only_live + only_rebuilt > 0 {
            differences.push(Difference { table: shape.name.to_owned(), only_live, only_rebuilt });
        }
    }
    store::discard(&client, &beside).await?;
    Ok((at, differences))
}

/// Where a build goes, how far and how.
struct Place<'a> {
    schema: &'a str,
    until: Position,
    settings: Settings,
}

async fn build<C: Clone + Send + Sync + 'static>(
    group: Group<C>,
    read_url: &str,
    log: &Log,
    place: Place<'_>,
    told: impl Fn(Position),
) -> Result<Runner<C>, EngineError> {
    let Place { schema, until, settings } = place;
    let pool = store::pool(read_url, schema, 2)?;
    store::discard(&**pool.get().await?, schema).await?;
    let mut runner = Runner {
        group,
        pool,
        schema: schema.to_owned(),
        settings,
        checkpoint: Checkpoint::default(),
        analyse_at: 1,
    };
    runner.open().await?;
    while runner.checkpoint.position < until {
        let after = runner.checkpoint.position;
        let most = i64::try_from(settings.batch).unwrap_or(PAGE).min(PAGE);
        let limit = most.min(until.0 - after.0);
        let batch = Batch::of(&log.page(after, limit).await?);
        runner.take(&batch, None).await?;
        told(runner.checkpoint.position);
    }
    Ok(runner)
}

/// How many rows and versions stand only in the first schema, and only in the second, as of a position.
async fn compare(
    client: &tokio_postgres::Client,
    shape: &Shape,
    live: &str,
    rebuilt: &str,
    at: Position,
) -> Result<[i64; 2], EngineError> {
    let (name, columns) = (shape.name, Shape::list(shape.fields, |_, f| format!("{}::text", f.name)));
    let versions = |schema: &str| {
        format!(
            "select {columns}, from_position, null::bigint as to_position from {schema}.{name} where from_position <= {at}
             union all
             select {columns}, from_position, case when to_position <= {at} then to_position end
             from {schema}.{name}_history where from_position <= {at}"
        )
    };
    let only = |one: &str, other: &str| {
        format!("select count(*) from (({}) except all ({})) d", versions(one), versions(other))
    };
    let live_only = client.query_one(&only(live, rebuilt), &[]).await?.try_get(0)?;
    let rebuilt_only = client.query_one(&only(rebuilt, live), &[]).await?.try_get(0)?;
    Ok([live_only, rebuilt_only])
}
