//! How the client base divides, how active each part is, and how that developed.

use crate::aliases::resolved;
use crate::answer::{Items, table};
use crate::asking::{Asking, Question, View, log_problem, question};
use crate::columns::{Column, Columns, Names, chosen};
use crate::openapi::{SchemaOf, object, schema_of};
use crate::page::{Cut, Limit};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use letopis_events::clients::{ClientKind, ClientStatus};
use letopis_events::{Code, EmployeeId, Moment, Position};
use letopis_eventstore::Search;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// By what clients may be divided: where one stands.
const TRAITS: [Column; 9] = [
    ("status", "m.status", schema_of::<ClientStatus>),
    ("kind", "m.kind", schema_of::<ClientKind>),
    ("industry", "m.industry", schema_of::<Option<Code>>),
    ("size", "m.size", schema_of::<Option<Code>>),
    ("region", "m.region", schema_of::<Option<Code>>),
    ("channel", "m.channel", schema_of::<Option<Code>>),
    ("tag", "tag", schema_of::<Option<Code>>),
    ("manager", "manager", schema_of::<Option<EmployeeId>>),
    ("silence", "m.silence", silence),
];
/// What is counted of each part.
const MEASURES: [Column; 2] = [
    ("clients", "count(distinct m.client_id)", schema_of::<i64>),
    ("interactions", "coalesce(sum(m.interactions), 0)", schema_of::<i64>),
];
/// The end of which month a row is as of.
const MONTH: &str = "month";
/// The bands of silence, in days, in their order.
const BANDS: [&str; 6] = ["0-30", "31-90", "91-180", "181-365", "366+", "never"];
/// A cross table has two sides; a third still reads.
const MOST_TRAITS: usize = 3;
/// Ten years of months.
const MOST_MONTHS: u32 = 120;

/// The clients with their activity; silence in bands of days until `$2`. Who is merged counts as the one it is shown under, and an
/// interaction that was with both (`twice`) once.
const MEMBERS: &str = concat!(
    "with recursive ",
    resolved!(),
    ", side as (select client_id, survivor_id from resolved union select survivor_id, survivor_id from resolved),
twice as (
    select s.survivor_id client_id, count(*) - count(distinct o.interaction_id) n
    from occasion_at($1) o cross join unnest(o.client_ids) told(client_id) join side s on s.client_id = told.client_id
    where cardinality(o.client_ids) > 1 group by 1),
touched as (
    select coalesce(r.survivor_id, t.client_id) client_id, sum(t.n)::bigint n, max(t.last) last
    from (
        select client_id, count(*) n, max(occurred_at) last
        from occasion_at($1) cross join unnest(client_ids) client_id group by client_id) t
    left join resolved r on r.client_id = t.client_id group by 1),
m as (select member.*, coalesce(t.n - coalesce(twice.n, 0), 0) interactions, case
        when t.last is null then 'never'
        when $2 - t.last <= interval '30 days' then '0-30'
        when $2 - t.last <= interval '90 days' then '31-90'
        when $2 - t.last <= interval '180 days' then '91-180'
        when $2 - t.last <= interval '365 days' then '181-365'
        else '366+' end silence
    from member_at($1) member left join touched t using (client_id) left join twice using (client_id)
    where not member.archived and not exists (select from alias_at($1) a where a.client_id = member.client_id))"
);

const TAGS: &str = " left join lateral unnest(m.tags) tag on true";
const MANAGERS: &str = " left join lateral (
    select distinct a.employee_id manager from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
    where a.client_id = m.client_id and a.since <= $2 and (a.until is null or a.until > $2)
      and (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)) managers on true";

/// The parts are asked by these.
struct Traits;

impl Columns for Traits {
    const KNOWN: &'static [Column] = &TRAITS;
    const MOST: usize = MOST_TRAITS;
}

/// This is counted.
struct Measures;

impl Columns for Measures {
    const KNOWN: &'static [Column] = &MEASURES;
    const MOST: usize = MEASURES.len();
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Segments {
    by: Option<Names<Traits>>,
    measure: Option<Names<Measures>>,
    /// `month`: as of each month's end, by the time of recording.
    over: Option<Over>,
    /// At most so many rows, up to 500; where absent all.
    limit: Option<Limit>,
    /// Where to go on: `next` or `prev` of an answer. A further page shows the position of the first.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Over {
    Month,
}

/// A part of the client base: the traits it was asked by, and what was asked to be counted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Segment(Map<String, Value>);

impl JsonSchema for Segment {
    fn schema_name() -> Cow<'static, str> {
        "Segment".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let asked = TRAITS.iter().chain(&MEASURES).map(|(name, _, schema)| (*name, *schema));
        let month: (&str, SchemaOf) = (MONTH, schema_of::<String>);
        object(generator, [], asked.chain([month]))
    }
}

fn silence(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Days since something last passed.",
        "enum": BANDS,
    })
}

/// The questions about segments.
pub fn questions() -> Vec<Question> {
    let segments = question::<Segments, Items<Segment>, _, _>(
        "/api/analytics/segments",
        "segments",
        "analytics",
        "Sizes and activity of the parts of the client base; a client counts under each of its tags and managers.",
        segments,
    );
    vec![segments.or_table()]
}

fn sql(by: &[&str], measures: &[&str]) -> String {
    let (traits, counts) = (chosen(by, &TRAITS), chosen(measures, &MEASURES));
    let shown: Vec<String> =
        traits.iter().chain(&counts).map(|(name, sql, _)| format!("'{name}', {sql}")).collect();
    let tags = if by.contains(&"tag") { TAGS } else { "" };
    let managers = if by.contains(&"manager") { MANAGERS } else { "" };
    let columns: Vec<&str> = traits.iter().map(|(_, sql, _)| *sql).collect();
    let group = if columns.is_empty() {
        String::new()
    } else {
        let places = by.iter().zip(&columns).map(|(name, sql)| match *name {
            "silence" => format!("array_position('{{{}}}'::text[], {sql})", BANDS.join(",")),
            _ => (*sql).to_owned(),
        });
        format!(" group by {} order by {}", columns.join(", "), places.collect::<Vec<_>>().join(", "))
    };
    format!("{MEMBERS} select jsonb_build_object({}) from m{tags}{managers}{group}", shown.join(", "))
}

async fn segments(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Asked<Segments>,
) -> Result<Response, Problem> {
    let Segments { by, measure, over, limit, cursor } = asked.params;
    let cut = Cut::read(&asked.uri, asking.log.info().epoch, limit, cursor.as_deref())?;
    let (by, mut measures) = (Names::given(by), Names::given(measure));
    if measures.is_empty() {
        measures = MEASURES.iter().map(|(name, ..)| *name).collect();
    }
    let sql = sql(&by, &measures);
    let mut view = asking.view("crm", cut.when(asked.when)).await?;
    let items = match over {
        None => view.rows(&sql, &[&view.position(), &view.now]).await?,
        Some(Over::Month) => by_month(&asking, &view, &sql, view.now).await?,
    };
    let found = cut.of(view.meta.position, items);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    let month = over.map(|Over::Month| MONTH);
    let columns = by.iter().chain(&measures).copied().chain(month).map(str::to_owned);
    let rows = found.rows.into_iter().map(|Segment(row)| row).collect();
    table(&headers, &asked.uri, &columns.collect::<Vec<_>>(), rows, view.end().await)
}

/// The same as of the end of each month since there are clients, the last ten years at most, the current one as far as it
/// has come.
async fn by_month(
    asking: &Asking,
    view: &View,
    sql: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Segment>, Problem> {
    let registered = Search { category: Some("clients".into()), ..Search::default() };
    let first = asking.log.search(Position(0), 1, &registered).await.map_err(|error| log_problem(&error))?;
    let first = first.first().filter(|first| first.position.0 <= view.position());
    let Some(first) = first else { return Ok(vec![]) };
    let earliest = month_of(now.date_naive()) - Months::new(MOST_MONTHS - 1);
    let mut month = month_of(first.recorded_at.date_naive()).max(earliest);
    let mut items = vec![];
    for _ in 0..MOST_MONTHS {
        let next = month + Months::new(1);
        let end = next.and_time(chrono::NaiveTime::MIN).and_utc() - TimeDelta::microseconds(1);
        let (at, moment) = if end < now {
            let end = Moment::try_from(end).map_err(|bad| Problem::internal(&bad))?;
            let at = asking.log.settle(end.utc()).await.map_err(|error| log_problem(&error))?;
            (at.0.min(view.position()), end.utc())
        } else {
            (view.position(), now)
        };
        let name = month.format("%Y-%m").to_string();
        for mut row in view.rows::<Segment>(sql, &[&at, &moment]).await? {
            row.0.insert(MONTH.into(), json!(name));
            items.push(row);
        }
        if end >= now {
            break;
        }
        month = next;
    }
    Ok(items)
}

fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}
