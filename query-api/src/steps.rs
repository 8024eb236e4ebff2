//! What is to be done, by whom and by when; what of it is overdue at the moment of the question.

mod list;

use crate::aliases::{of_sides, sides};
use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, question};
use crate::page::{Limit, Page, Way};
use crate::params::{Asked, Id, NoParams};
use crate::presence::{covered, in_force, stands_in};
use crate::problem::Problem;
use crate::timeline::Said;
use axum::extract::State;
use axum::response::Response;
use letopis_events::steps::Due;
use letopis_events::{
    Actor, ClientId, Code, ContactId, EmployeeId, InteractionId, Moment, Position, StepId, Text, Version,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Whose clocks count for which employee at `$now`: `employee_id`, `name`, `zone`.
macro_rules! clocks {
    ($now:literal) => {
        concat!(
            "(select e.employee_id, e.name, ",
            $crate::presence::zone!("e", $now),
            " zone from employee_at($1) e)"
        )
    };
}

/// The steps as they are asked about at `$now`: with their state, the last moment that is in time (the end of a due day by the
/// clocks of who does it, and never after the last of all moments) and whether it is past. `$clocks` is [`clocks!`], or the name of
/// it where many steps are looked at.
macro_rules! steps_at {
    ($now:literal, $clocks:expr) => {
        concat!(
            "(select s.*, clocks.name assignee_name, clocks.zone, due.due_by, ended.state,
                ended.state = 'open' and due.due_by < ",
            $now,
            " overdue
              from step_at($1) s join ",
            $clocks,
            " clocks on clocks.employee_id = s.assignee
              cross join lateral (select least(coalesce(s.due_at,
                ((s.due_on + 1)::timestamp at time zone clocks.zone) - interval '1 microsecond'),
                timestamptz '2200-12-31 23:59:59.999999+00')) due(due_by)
              cross join lateral (select case when s.done_on is not null then 'done'
                when s.dropped_at is not null then 'dropped' else 'open' end) ended(state))"
        )
    };
}

/// By when the step `$s` is due, as it was agreed.
macro_rules! due {
    ($s:literal) => {
        concat!(
            "case when ",
            $s,
            ".due_on is null
                then jsonb_build_object('at', jsonb_strip_nulls(jsonb_build_object('moment', ",
            $s,
            ".due_at, 'time_zone', ",
            $s,
            ".due_zone))) else jsonb_build_object('on', ",
            $s,
            ".due_on) end"
        )
    };
}

/// A step as an object; names are looked up for the rows of the page alone.
macro_rules! step_object {
    () => {
        concat!(
            "jsonb_build_object('id', s.step_id, 'version', s.version, 'client_id', s.client_id, 'client', ",
            $crate::reach::client_name!("s.client_id"),
            ", 'merged_into', ",
            $crate::aliases::merged_into!("s.client_id"),
            ", 'contact_id', s.contact_id, 'contact', ",
            $crate::contacts::contact_name!("s.contact_id"),
            ", 'action', s.action, 'text', s.text, 'due', ",
            $crate::steps::due!("s"),
            ", 'due_by', s.due_by, 'overdue', s.overdue, 'state', s.state, 'assignee', s.assignee,
            'assignee_name', s.assignee_name, 'interaction_id', s.interaction_id, 'planned_by', s.planned_by,
            'planned_at', s.planned_at, 'done_on', s.done_on, 'result', s.result, 'result_text', s.result_text,
            'done_by', s.done_by, 'dropped_at', s.dropped_at, 'reason', s.reason, 'reason_code', s.reason_code,
            'external_id', s.external_id)"
        )
    };
}
pub(crate) use {clocks, due, step_object, steps_at};

/// What is due by the end of `$3`'s day: their own, that of the absent they stand in for, and what those who do not work here any more
/// left undone for clients whose main manager they are now.
macro_rules! today {
    ($than:literal, $order:literal) => {
        concat!(
            "with recursive clocks as materialized ",
            clocks!("$2::timestamptz"),
            ", me as (select *, ($2::timestamptz at time zone zone)::date today from clocks where employee_id = $3),
            gone as materialized (
                select e.employee_id from employee_at($1) e cross join me where e.dismissed_on <= me.today),
            main as (select a.client_id from assignment_at($1) a join employee_at($1) e on e.employee_id = a.employee_id
                where a.employee_id = $3 and a.kind = 'main' and ",
            in_force!("$2::timestamptz"),
            "), ",
            sides!("unnest(array(select main.client_id from main))"),
            " select ",
            step_object!(),
            " || jsonb_build_object('why', case when s.assignee = me.employee_id then 'own'
                when s.assignee = any(array(select gone.employee_id from gone)) then 'left' else 'deputy_for' end)
            from ",
            steps_at!("$2::timestamptz", "clocks"),
            " s cross join me
            where s.state = 'open' and coalesce(s.due_on, (s.due_at at time zone me.zone)::date) <= me.today
              and s.assignee in (select me.employee_id from me union all ",
            covered!("me.employee_id", "me.today"),
            " union all select gone.employee_id from gone)
              and (s.assignee = me.employee_id or s.assignee = any(array(select gone.employee_id from gone)) and ",
            of_sides!("s.client_id"),
            " or me.employee_id = ",
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
            'author', t.author, 'author_name', a.name, 'data', t.data) order by t.position), '[]')
        from entry_at($1) t left join employee_at($1) a on a.employee_id::text = t.author
        where t.client_id = s.client_id and t.kind = 'step' and t.data ->> 'step_id' = s.step_id::text))
    from ",
    steps_at!("$2::timestamptz", clocks!("$2::timestamptz")),
    " s where s.step_id = $3"
);

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[TODAY, TODAY_BACK, EMPLOYEE, STEP];

/// How a step stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
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

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Today {
    /// Whose day.
    employee_id: Uuid,
    /// At this moment; now where absent.
    at: Option<Moment>,
    /// At most so many.
    limit: Option<Limit>,
    /// Where to go on.
    cursor: Option<String>,
}

/// A next step as it stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Step {
    /// The step.
    id: StepId,
    /// The version of the record.
    version: Version,
    /// For whom.
    client_id: ClientId,
    /// What they are called; null when erased.
    client: Option<Text<200>>,
    /// Under whom that client is shown; null where it is not merged.
    merged_into: Option<ClientId>,
    /// With whom there.
    contact_id: Option<ContactId>,
    /// Their name; null when erased.
    contact: Option<String>,
    /// What.
    action: Code,
    /// In words; null when erased.
    text: Option<Text<1000>>,
    /// By when.
    due: Due,
    /// The last moment that is in time: the end of a due day by the clocks of who does it.
    due_by: Moment,
    /// Whether it is open and past its time.
    overdue: bool,
    /// How it stands.
    state: Standing,
    /// By whom.
    assignee: EmployeeId,
    /// Their name; null when erased.
    assignee_name: Option<String>,
    /// In which interaction it was agreed.
    interaction_id: Option<InteractionId>,
    /// Who planned it.
    planned_by: Actor,
    /// When.
    planned_at: Moment,
    /// When it was done.
    done_on: Option<Moment>,
    /// What came of it.
    result: Option<Code>,
    /// In words; null when erased.
    result_text: Option<Text<4000>>,
    /// By which interaction it was done.
    done_by: Option<InteractionId>,
    /// When it was dropped.
    dropped_at: Option<Moment>,
    /// Why it was dropped.
    reason: Option<Text<1000>>,
    /// The same as a code.
    reason_code: Option<Code>,
    /// Key in another system, `source:id`.
    external_id: Option<String>,
}

/// A step of somebody's day.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct OfToday {
    /// The step.
    #[serde(flatten)]
    step: Step,
    /// Why it is theirs today.
    why: Why,
}

/// Why a step belongs to somebody's day.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Why {
    /// It is their own.
    Own,
    /// They stand in for who does it.
    DeputyFor,
    /// They look after the client, and who was to do it has left.
    Left,
}

/// A step with its story.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct WithStory {
    /// The step.
    #[serde(flatten)]
    step: Step,
    /// What happened to it, in order.
    story: Vec<StoryLine>,
}

/// An event of a step.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct StoryLine {
    /// When it happened.
    at: Moment,
    /// Its type.
    event: String,
    /// Its place in the log.
    position: Position,
    /// Who caused it.
    author: Actor,
    /// Their name, where an employee did.
    author_name: Option<String>,
    /// What it says.
    data: Said,
}

/// The questions about steps.
pub fn questions() -> Vec<Question> {
    let mut questions = Vec::from(list::questions());
    questions.extend([
        question::<Today, Items<OfToday>, _, _>(
            "/api/steps/today",
            "steps_today",
            "steps",
            "What an employee has to do today or should have done before: their own, for the absent they stand in for, and what who left the company left undone for clients they are the main manager of.",
            today,
        ),
        question::<NoParams, Item<WithStory>, _, _>(
            "/api/steps/{id}",
            "step",
            "steps",
            "A next step as it stands, with its story.",
            step,
        ),
    ]);
    questions
}

/// The place of a step in the order by when it is due.
const fn place(step: &Step) -> (Moment, Uuid) {
    (step.due_by, step.id.0)
}

async fn today(State(asking): State<Asking>, asked: Asked<Today>) -> Result<Items<OfToday>, Problem> {
    let Today { employee_id, at, limit, cursor } = asked.params;
    let list = format!("today {employee_id} {at:?}");
    let page: Page<(Moment, Uuid)> = Page::read(list, asking.log.info().epoch, limit, cursor.as_deref())?;
    let view = asking.view("crm", asked.when).await?;
    let position = view.position();
    if view.row::<Value>(EMPLOYEE, &[&position, &employee_id]).await?.is_none() {
        return Err(Problem::no_such("employee", employee_id));
    }
    let sql = if page.way() == Way::Next { TODAY } else { TODAY_BACK };
    let (after, after_id) = page.from.as_ref().map(|(_, key)| *key).unzip();
    let now = at.map_or(view.now, Moment::utc);
    let after = after.map(Moment::utc);
    let rows = view.rows(sql, &[&position, &now, &employee_id, &after, &after_id, &page.fetch()]).await?;
    Ok(view.page(&page, rows, |row: &OfToday| place(&row.step)).await)
}

async fn step(State(asking): State<Asking>, Id(id): Id, asked: Asked<NoParams>) -> Result<Response, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let step = view.row(STEP, &[&view.position(), &view.now, &id]).await?;
    let item: WithStory = step.ok_or_else(|| Problem::no_such("step", id))?;
    Ok(view.item(item.step.version, item).await)
}
