//! Clients that look like others: those a command is warned of, and the pairs that were suspected.

use crate::aliases::{resolved, shown};
use crate::answer::Items;
use crate::asking::{Asking, Question, question};
use crate::page::{Limit, Page, Way};
use crate::params::Asked;
use crate::problem::Problem;
use axum::extract::State;
use chrono::{DateTime, Utc};
use letopis_events::likeness::{Candidate, Resemblance, Score, Sign, Sketch};
use letopis_events::{Actor, ClientId, Moment, Position, Text};
use letopis_eventstore::Log;
use letopis_projections::engine::{EngineError, Readers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use tokio_postgres::Row;
use uuid::Uuid;

/// Clients that are compared with one that is asked about: those that share the most keys.
const MOST_MET: i64 = 50;
/// Candidates that are named.
const MOST_NAMED: usize = 10;

/// The names of the employees who look after a client, at `$moment`.
macro_rules! managers {
    ($client:literal, $moment:literal) => {
        concat!(
            "(select coalesce(array_agg(distinct e.name order by e.name), '{}')
              from assignment_at($1) a join employee_at($1) e on e.employee_id = a.employee_id
              where a.client_id = ",
            $client,
            " and e.name is not null and a.since <= ",
            $moment,
            " and (a.until is null or a.until > ",
            $moment,
            ") and (e.dismissed_on is null or e.dismissed_on > (",
            $moment,
            " at time zone 'UTC')::date))"
        )
    };
}

/// Who shares a key with those asked about; not themselves, nor who is shown under them or they under, nor who was told apart. A
/// command waits for it: behind `offset 0` every row is looked up by its key, however many there are.
const MET: &str = concat!(
    "with asked as (
        select q.number, ",
    shown!("q.client_id", "$1"),
    " client_id, q.client_id side, q.value
        from unnest($3::int[], $4::uuid[], $5::text[]) q(number, client_id, value)),
    met as (
        select q.number, q.client_id asked_id, q.side, k.client_id, count(*) shared
        from asked q cross join lateral (
            select k.client_id from look_key_at($1) k where k.value = q.value offset 0) k
        where k.client_id <> q.side group by 1, 2, 3, 4),
    other as (
        select m.*, row_number() over (partition by m.number order by m.shared desc, m.client_id) place
        from met m
        where not exists (
            select from pair_at($1) p
            where p.denied_at is not null and p.client_id = m.side and p.other_id = m.client_id)
          and not exists (
            select from pair_at($1) p
            where p.denied_at is not null and p.client_id = m.client_id and p.other_id = m.side))
    select o.number, o.shown_id, l.sketch, (select c.name from card_at($1) c where c.client_id = o.shown_id), ",
    managers!("o.shown_id", "$2"),
    " from (
        select other.*, ",
    shown!("other.client_id", "$1"),
    " shown_id from other where other.place <= $6) o
     cross join lateral (
        select l.sketch from look_at($1) l where l.client_id = o.client_id offset 0) l
     where o.shown_id <> o.asked_id order by o.number, o.shown_id"
);

/// For each of those asked about the clients it would newly look like, the likest first.
pub async fn alike(
    readers: &Readers,
    log: &Log,
    now: DateTime<Utc>,
    asked: &[Resemblance],
) -> Result<Vec<Vec<Candidate>>, EngineError> {
    let (mut numbers, mut clients, mut values) = (vec![], vec![], vec![]);
    for (number, resemblance) in (0_i32..).zip(asked) {
        for key in resemblance.after.keys() {
            numbers.push(number);
            clients.push(resemblance.client_id.0);
            values.push(key);
        }
    }
    let snapshot = readers.of("crm")?.snapshot(log, None, None, Duration::ZERO).await?;
    let at = snapshot.position.0;
    let rows = snapshot.query(MET, &[&at, &now, &numbers, &clients, &values, &MOST_MET]).await?;
    snapshot.close().await;
    let mut found: Vec<HashMap<Uuid, Candidate>> = vec![HashMap::new(); asked.len()];
    for row in &rows {
        let number = usize::try_from(row.try_get::<_, i32>(0)?).unwrap_or(usize::MAX);
        let (Some(resemblance), Some(found)) = (asked.get(number), found.get_mut(number)) else { continue };
        if let Some(candidate) = candidate(resemblance, row)? {
            let better = found.get(&candidate.client_id.0).is_none_or(|known| known.score < candidate.score);
            if better {
                found.insert(candidate.client_id.0, candidate);
            }
        }
    }
    let likest = |found: HashMap<Uuid, Candidate>| {
        let mut candidates: Vec<Candidate> = found.into_values().collect();
        candidates.sort_by(|a, b| b.score.cmp(&a.score).then(a.client_id.cmp(&b.client_id)));
        candidates.truncate(MOST_NAMED);
        candidates
    };
    Ok(found.into_iter().map(likest).collect())
}

fn candidate(resemblance: &Resemblance, row: &Row) -> Result<Option<Candidate>, EngineError> {
    // A look of an older shape tells nothing.
    let Ok(sketch) = serde_json::from_value::<Sketch>(row.try_get(2)?) else { return Ok(None) };
    let Some(likeness) = resemblance.to(&sketch) else { return Ok(None) };
    Ok(Some(Candidate {
        client_id: letopis_events::ClientId(row.try_get(1)?),
        name: row.try_get(3)?,
        managers: row.try_get(4)?,
        score: likeness.score,
        reasons: likeness.reasons,
    }))
}

/// One of a pair.
macro_rules! side {
    ($client:literal) => {
        concat!(
            "jsonb_build_object('id', ",
            $client,
            ", 'name', (select c.name from card_at($1) c where c.client_id = ",
            $client,
            "), 'archived', coalesce((select c.archived from card_at($1) c where c.client_id = ",
            $client,
            "), false), 'managers', ",
            managers!($client, "$2"),
            ")"
        )
    };
}

/// The pairs, each under those who are shown now; what was said of sides that are one by now counts as one.
macro_rules! pairs {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive ",
            resolved!(),
            ", shown as (
                select p.*, coalesce(a.survivor_id, p.client_id) one_id, coalesce(b.survivor_id, p.other_id) two_id
                from pair_at($1) p left join resolved a on a.client_id = p.client_id
                left join resolved b on b.client_id = p.other_id),
            keyed as (
                select *, one_id = two_id merged, case when one_id = two_id then client_id else one_id end x,
                    case when one_id = two_id then other_id else two_id end y from shown),
            once as (
                select *, bool_or(denied_at is not null) over w denied, max(score) over w most,
                    row_number() over (w order by position) place
                from keyed window w as (partition by merged, least(x, y), greatest(x, y)))
            select jsonb_build_object('position', k.position, 'client', ",
            side!("k.x"),
            ", 'other', ",
            side!("k.y"),
            ", 'state', k.state, 'survivor_id', case when k.merged then k.one_id end, 'score', k.most, 'reasons', k.reasons,
                'suspected_at', k.suspected_at, 'denied_at', k.denied_at, 'denied_by', k.denied_by,
                'denied_reason', k.denied_reason)
            from (select *, case when merged then 'merged' when denied then 'different' else 'open' end state
                  from once where place = 1) k
            where ($3::text is null or k.state = $3) and ($4::bigint is null or k.position ",
            $than,
            " $4) order by k.position ",
            $order,
            " limit $5"
        )
    };
}

const PAIRS: &str = pairs!("<", "desc");
const PAIRS_BACK: &str = pairs!(">", "asc");

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[MET, PAIRS, PAIRS_BACK];

/// How a pair stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Standing {
    /// Nobody has decided yet.
    Open,
    /// They are one.
    Merged,
    /// They are two.
    Different,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// open, merged or different; all where absent.
    state: Option<Standing>,
    /// At most so many.
    limit: Option<Limit>,
    /// Where to go on.
    cursor: Option<String>,
}

/// Two clients that look like one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Pair {
    /// The place in the log of what was said of them first.
    position: Position,
    /// One of them: the younger, where they were suspected.
    client: OneOfPair,
    /// The other.
    other: OneOfPair,
    /// How they stand.
    state: Standing,
    /// Under whom both are shown, once they are one.
    survivor_id: Option<ClientId>,
    /// How much they look like one; 0 where nobody suspected it.
    score: Score,
    /// By what.
    reasons: Vec<Sign>,
    /// When it was suspected.
    suspected_at: Option<Moment>,
    /// When they were said to be two.
    denied_at: Option<Moment>,
    /// By whom.
    denied_by: Option<Actor>,
    /// Why.
    denied_reason: Option<Text<1000>>,
}

/// A client of a pair.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct OneOfPair {
    /// Who.
    id: ClientId,
    /// What they are called; null when erased.
    name: Option<Text<200>>,
    /// Whether they are put away.
    archived: bool,
    /// The names of the employees who look after them.
    managers: Vec<String>,
}

/// The questions about duplicates.
pub fn questions() -> Vec<Question> {
    vec![question::<Which, Items<Pair>, _, _>(
        "/api/duplicates",
        "duplicates_list",
        "clients",
        "Pairs of clients that look like one, the latest first: open, merged by now, or said to be different.",
        pairs,
    )]
}

async fn pairs(State(asking): State<Asking>, asked: Asked<Which>) -> Result<Items<Pair>, Problem> {
    let Which { state, limit, cursor } = asked.params;
    let page: Page<i64> =
        Page::read(format!("duplicates {state:?}"), asking.log.info().epoch, limit, cursor.as_deref())?;
    let state = state.map(|state| match state {
        Standing::Open => "open",
        Standing::Merged => "merged",
        Standing::Different => "different",
    });
    let view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { PAIRS } else { PAIRS_BACK };
    let after = page.from.as_ref().map(|(_, position)| *position);
    let rows = view.rows(sql, &[&view.position(), &view.now, &state, &after, &page.fetch()]).await?;
    Ok(view.page(&page, rows, |row: &Pair| row.position.0).await)
}
