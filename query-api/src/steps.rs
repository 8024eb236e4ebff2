//! What is to be done, by whom and by when; what of it is overdue at the moment of the question.

use crate::absences::{covered, stands_in};
use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, Rows, question};
use crate::employees::zone;
use crate::page::{Page, Way};
use crate::params::{Asked, Id};
use crate::problem::Problem;
use crate::reports::bound;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use letopis_events::{Moment, Occurred};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The steps as they are asked about at `$now`: with their state, the last moment that is in time (the end of a due day by the
/// clocks of who does it) and whether it is past.
macro_rules! steps_at {
    ($now:literal) => {
        concat!(
            "(select s.*, e.name assignee_name, c.name client, clocks.zone, due.due_by, ended.state,
                ended.state = 'open' and due.due_by < ",
            $now,
            " overdue
              from step_at($1) s
              left join employee_at($1) e on e.employee_id = s.assignee
              left join card_at($1) c on c.client_id = s.client_id
              cross join lateral (select ",
            $crate::employees::zone!("e", $now),
            ") clocks(zone)
              cross join lateral (select coalesce(s.due_at,
                ((s.due_on + 1)::timestamp at time zone clocks.zone) - interval '1 microsecond')) due(due_by)
              cross join lateral (select case when s.done_on is not null then 'done'
                when s.dropped_at is not null then 'dropped' else 'open' end) ended(state))"
        )
    };
}

/// A step as an object.
macro_rules! step_object {
    () => {
        "jsonb_build_object('id', s.step_id, 'version', s.version, 'client_id', s.client_id, 'client', s.client,
            'contact_id', s.contact_id, 'action', s.action, 'text', s.text, 'due',
            case when s.due_on is null
                then jsonb_build_object('at', jsonb_strip_nulls(jsonb_build_object('moment', s.due_at, 'time_zone', s.due_zone)))
                else jsonb_build_object('on', s.due_on) end,
            'due_by', s.due_by, 'overdue', s.overdue, 'state', s.state, 'assignee', s.assignee,
            'assignee_name', s.assignee_name, 'interaction_id', s.interaction_id, 'planned_by', s.planned_by,
            'planned_at', s.planned_at, 'done_on', s.done_on, 'result', s.result, 'result_text', s.result_text,
            'done_by', s.done_by, 'dropped_at', s.dropped_at, 'reason', s.reason, 'reason_code', s.reason_code,
            'external_id', s.external_id)"
    };
}
pub(crate) use {step_object, steps_at};

macro_rules! steps {
    ($than:literal, $order:literal) => {
        concat!(
            "select ",
            step_object!(),
            " from ",
            steps_at!("$2::timestamptz"),
            " s where ($3::uuid is null or s.client_id = $3) and ($4::uuid is null or s.assignee = $4)
                and ($5::text is null or s.state = $5) and ($6::boolean is null or s.overdue = $6)
                and ($7::timestamptz is null or s.due_by >= $7)
                and ($8::date is null or (s.due_by at time zone s.zone)::date >= $8)
                and ($9::timestamptz is null or s.due_by < $9)
                and ($10::date is null or (s.due_by at time zone s.zone)::date < $10)
                and ($11::timestamptz is null or (s.due_by, s.step_id) ",
            $than,
            " ($11, $12)) order by s.due_by ",
            $order,
            ", s.step_id ",
            $order,
            " limit $13"
        )
    };
}
const STEPS: &str = steps!(">", "asc");
const STEPS_BACK: &str = steps!("<", "desc");

/// What is due by the end of `$3`'s day: their own, and that of the absent they stand in for.
macro_rules! today {
    ($than:literal, $order:literal) => {
        concat!(
            "with me as (
                select e.employee_id, clocks.zone, ($2::timestamptz at time zone clocks.zone)::date today
                from employee_at($1) e cross join lateral (select ",
            zone!("e", "$2::timestamptz"),
            ") clocks(zone) where e.employee_id = $3)
            select ",
            step_object!(),
            " || jsonb_build_object('why', case when s.assignee = me.employee_id then 'own' else 'deputy_for' end)
            from ",
            steps_at!("$2::timestamptz"),
            " s cross join me
            where s.state = 'open' and (s.due_by at time zone case when s.due_on is null then me.zone else s.zone end)::date <= me.today
              and s.assignee in (select me.employee_id from me union all ",
            covered!("me.employee_id", "me.today"),
            ") and (s.assignee = me.employee_id or me.employee_id = ",
            stands_in!("s.assignee", "s.client_id", "me.today"),
            ")
              and ($4::timestamptz is null or (s.due_by, s.step_id) ",
            $than,
            " ($4, $5)) order by s.due_by ",
            $order,
            ", s.step_id ",
            $order,
            " limit $6"
        )
    };
}
const TODAY: &str = today!(">", "asc");
const TODAY_BACK: &str = today!("<", "desc");

const EMPLOYEE: &str = "select '{}'::jsonb from employee_at($1) where employee_id = $2";

/// A step with its story: each line as it stands in the client's timeline.
const STEP: &str = concat!(
    "select ",
    step_object!(),
    " || jsonb_build_object('story', (
        select coalesce(jsonb_agg(jsonb_build_object('at', t.at, 'event', t.event, 'position', t.position,
            'author', t.author, 'author_name', a.name, 'data', t.data - 'step_id') order by t.position), '[]')
        from entry_at($1) t left join employee_at($1) a on a.employee_id::text = t.author
        where t.client_id = s.client_id and t.kind = 'step' and t.data ->> 'step_id' = s.step_id::text))
    from ",
    steps_at!("$2::timestamptz"),
    " s where s.step_id = $3"
);

/// How a step stands.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Standing {
    /// To be done.
    Open,
    /// Done.
    Done,
    /// Not to be done any more.
    Dropped,
}

impl Standing {
    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// For whom.
    client_id: Option<Uuid>,
    /// By whom.
    assignee: Option<Uuid>,
    /// Only those that stand so.
    state: Option<Standing>,
    /// Only those that are open and past their time, or only the others.
    overdue: Option<bool>,
    /// Due from this moment on, or on this day of who does it or later.
    due_from: Option<Occurred>,
    /// Due before this moment or day.
    due_to: Option<Occurred>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Today {
    /// Whose day.
    employee_id: Uuid,
    /// At this moment; now where absent.
    at: Option<Moment>,
    /// At most so many.
    limit: Option<usize>,
    /// Where to go on.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// The questions about steps.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Which, Items<Map<String, Value>>, _, _>(
            "/api/steps",
            "steps_list",
            "steps",
            "Next steps in the order they are due; overdue is what is open and past its time now.",
            steps,
        ),
        question::<Today, Items<Map<String, Value>>, _, _>(
            "/api/steps/today",
            "steps_today",
            "steps",
            "What an employee has to do today or should have done before: their own, and for the absent they stand in for.",
            today,
        ),
        question::<Own, Item<Map<String, Value>>, _, _>(
            "/api/steps/{id}",
            "step",
            "steps",
            "A next step as it stands, with its story.",
            step,
        ),
    ]
}

/// The place of a row in the order by when it is due.
fn place(row: &Map<String, Value>) -> (DateTime<Utc>, Uuid) {
    let at = row.get("due_by").and_then(Value::as_str).and_then(|at| at.parse().ok());
    let id = row.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    (at.unwrap_or_default(), id.unwrap_or_default())
}

async fn steps(
    State(asking): State<Asking>,
    asked: Asked<Which>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Which { client_id, assignee, state, overdue, due_from, due_to, limit, cursor } = asked.params;
    let list = format!("steps {client_id:?} {assignee:?} {state:?} {overdue:?} {due_from:?} {due_to:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let sql = if page.way() == Way::Next { STEPS } else { STEPS_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let ((from_at, from_day), (to_at, to_day)) = (bound(due_from), bound(due_to));
    let (now, state) = (asking.now(asked.when), state.map(Standing::name));
    let rows: Rows = view
        .objects(
            sql,
            &[
                &view.position(),
                &now,
                &client_id,
                &assignee,
                &state,
                &overdue,
                &from_at,
                &from_day,
                &to_at,
                &to_day,
                &after,
                &after_id,
                &page.fetch(),
            ],
        )
        .await?;
    let found = page.found(rows, place);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}

async fn today(
    State(asking): State<Asking>,
    asked: Asked<Today>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let Today { employee_id, at, limit, cursor } = asked.params;
    let list = format!("today {employee_id} {at:?}");
    let page: Page<(DateTime<Utc>, Uuid)> =
        Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let mut view = asking.view("crm", asked.when).await?;
    let position = view.position();
    if view.object(EMPLOYEE, &[&position, &employee_id]).await?.is_none() {
        return Err(Problem::no_such("employee", employee_id));
    }
    let sql = if page.way() == Way::Next { TODAY } else { TODAY_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let now = at.map_or_else(|| asking.now(asked.when), Moment::utc);
    let rows = view.objects(sql, &[&position, &now, &employee_id, &after, &after_id, &page.fetch()]).await?;
    let found = page.found(rows, place);
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    Ok(Items { items: found.rows, meta: view.end().await })
}

async fn step(State(asking): State<Asking>, Id(id): Id, asked: Asked<Own>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let item = view.object(STEP, &[&view.position(), &asking.now(asked.when), &id]).await?;
    let item = item.ok_or_else(|| Problem::no_such("step", id))?;
    let tag = format!("\"{}\"", item.get("version").and_then(Value::as_i64).unwrap_or_default());
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}
