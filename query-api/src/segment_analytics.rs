//! How the client base divides, how active each part is, and how that developed.

use crate::aliases::resolved;
use crate::answer::Items;
use crate::asking::{Asking, Question, Rows, View, log_problem, question};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use letopis_events::{Moment, Position};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// By what clients may be divided, and the SQL that says where one stands.
const TRAITS: [(&str, &str); 9] = [
    ("status", "m.status"),
    ("kind", "m.kind"),
    ("industry", "m.industry"),
    ("size", "m.size"),
    ("region", "m.region"),
    ("channel", "m.channel"),
    ("tag", "tag"),
    ("manager", "manager"),
    ("silence", "m.silence"),
];
/// A cross table has two sides; a third still reads.
const MOST_TRAITS: usize = 3;
/// Ten years of months.
const MOST_MONTHS: usize = 120;

/// The clients with their activity; silence in bands of days until `$2`. Who is merged counts as the one it is shown under.
const MEMBERS: &str = concat!(
    "with recursive ",
    resolved!(),
    ", touched as (
    select coalesce(r.survivor_id, t.client_id) client_id, count(distinct t.interaction_id) n, max(t.occurred_at) last
    from touch_at($1) t left join resolved r on r.client_id = t.client_id group by 1),
m as (select member.*, coalesce(t.n, 0) interactions, case
        when t.last is null then 'never'
        when $2 - t.last <= interval '30 days' then '0-30'
        when $2 - t.last <= interval '90 days' then '31-90'
        when $2 - t.last <= interval '180 days' then '91-180'
        when $2 - t.last <= interval '365 days' then '181-365'
        else '366+' end silence
    from member_at($1) member left join touched t using (client_id)
    where not member.archived and not exists (select from alias_at($1) a where a.client_id = member.client_id))"
);

const TAGS: &str = " left join lateral unnest(m.tags) tag on true";
const MANAGERS: &str = " left join lateral (
    select distinct a.employee_id manager from assignment_at($1) a left join employee_at($1) e on e.employee_id = a.employee_id
    where a.client_id = m.client_id and a.since <= $2 and (a.until is null or a.until > $2)
      and (e.dismissed_on is null or e.dismissed_on > ($2 at time zone 'UTC')::date)) managers on true";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Segments {
    /// Up to three of status, kind, industry, size, region, channel, tag, manager, silence; separated by commas.
    by: Option<String>,
    /// clients, interactions, or both; separated by commas.
    measure: Option<String>,
    /// `month`: as of each month's end, by the time of recording.
    over: Option<Over>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Over {
    Month,
}

/// The questions about segments.
pub fn questions() -> Vec<Question> {
    vec![question::<Segments, Items<Map<String, Value>>, _, _>(
        "/api/analytics/segments",
        "segments",
        "analytics",
        "Sizes and activity of the parts of the client base; a client counts under each of its tags and managers.",
        segments,
    )]
}

/// The names in a list separated by commas, each known and once.
pub(crate) fn names<'a>(
    parameter: &str,
    text: Option<&'a str>,
    known: &[&str],
    most: usize,
) -> Result<Vec<&'a str>, Problem> {
    let names: Vec<&str> = text.into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Problem::parameter(parameter, format!("{unknown:?} is none of {}", known.join(", "))));
    }
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    if once.len() < names.len() || names.len() > most {
        return Err(Problem::parameter(parameter, format!("takes at most {most} names, each once")));
    }
    Ok(names)
}

fn sql(by: &[&str], measures: &[&str]) -> String {
    let chosen: Vec<(&str, &str)> =
        by.iter().filter_map(|name| TRAITS.iter().find(|(known, _)| known == name)).copied().collect();
    let object = |pairs: &[(&str, &str)]| {
        let parts: Vec<String> = pairs.iter().map(|(name, sql)| format!("'{name}', {sql}")).collect();
        parts.join(", ")
    };
    let mut shown = chosen.clone();
    shown.extend(measures.iter().map(|measure| match *measure {
        "clients" => ("clients", "count(distinct m.client_id)"),
        _ => ("interactions", "coalesce(sum(m.interactions), 0)"),
    }));
    let tags = if by.contains(&"tag") { TAGS } else { "" };
    let managers = if by.contains(&"manager") { MANAGERS } else { "" };
    let columns: Vec<&str> = chosen.iter().map(|(_, sql)| *sql).collect();
    let group = if columns.is_empty() {
        String::new()
    } else {
        format!(" group by {0} order by {0}", columns.join(", "))
    };
    format!("{MEMBERS} select jsonb_build_object({}) from m{tags}{managers}{group}", object(&shown))
}

async fn segments(
    State(asking): State<Asking>,
    asked: Asked<Segments>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let known: Vec<&str> = TRAITS.iter().map(|(name, _)| *name).collect();
    let by = names("by", asked.params.by.as_deref(), &known, MOST_TRAITS)?;
    let mut measures = names("measure", asked.params.measure.as_deref(), &["clients", "interactions"], 2)?;
    if measures.is_empty() {
        measures = vec!["clients", "interactions"];
    }
    let sql = sql(&by, &measures);
    let view = asking.view("crm", asked.when).await?;
    let items = match asked.params.over {
        None => view.objects(&sql, &[&view.position(), &asking.now(asked.when)]).await?,
        Some(Over::Month) => by_month(&asking, &view, &sql, asking.now(asked.when)).await?,
    };
    Ok(Items { items, meta: view.end().await })
}

/// The same as of the end of each month since the log began, the current one as far as it has come.
async fn by_month(asking: &Asking, view: &View, sql: &str, now: DateTime<Utc>) -> Result<Rows, Problem> {
    let first = asking.log.page(Position(0), 1).await.map_err(|error| log_problem(&error))?;
    let Some(first) = first.first() else { return Ok(vec![]) };
    let mut month = month_of(first.recorded_at.date_naive());
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
        for mut row in view.objects(sql, &[&at, &moment]).await? {
            row.insert("month".into(), json!(name));
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
