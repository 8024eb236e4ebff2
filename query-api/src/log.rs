//! The log itself, for auditors and for programs that follow it: every hashed column, the payload as the text that was hashed.

use crate::answer::{Item, Items, accepts};
use crate::asking::{Asking, Question, log_problem, question};
use crate::openapi::{NDJSON, schema_of};
use crate::params::{NoParams, Untimed};
use crate::problem::{Fault, Problem, both};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use letopis_events::{Actor, ClientId, EventId, Moment, Near, Position, Text, Version, kinds, one_of};
use letopis_eventstore::{LogEvent, Mark, NotedRefusal, Refusal, Search};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Events of a page when nobody asks for a number, and at most.
const LIMITS: (i64, i64) = (100, 1_000);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Events {
    /// After this position.
    #[schemars(range(max = u32::MAX))]
    after: Option<u32>,
    /// At most so many, up to 1,000.
    #[schemars(range(min = 1, max = LIMITS.1))]
    limit: Option<i64>,
    /// Only this type.
    r#type: Option<String>,
    /// Only this category.
    category: Option<String>,
    /// Only those that concern this client, as far as known when they were recorded.
    client: Option<ClientId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Refusals {
    /// Noted before the one of this number.
    before: Option<u32>,
    /// At most so many, up to 1,000.
    limit: Option<i64>,
    /// Only of this policy.
    policy: Option<Text<64>>,
}

/// What a policy asked for and a rule refused; it is not tried again.
#[derive(Debug, Serialize, JsonSchema)]
struct PolicyRefusal {
    /// Rises with each.
    number: i64,
    /// When.
    refused_at: Moment,
    /// Which policy.
    policy: String,
    /// The event it was to answer.
    position: Position,
    /// The module the command went to.
    module: String,
    /// The thing it was for; null if it was to make one.
    thing_id: Option<Uuid>,
    /// The command.
    command: String,
    /// Why, as the command's problem says it.
    code: String,
    /// Why, for people.
    message: String,
}

/// Which store this is.
#[derive(Debug, Serialize, JsonSchema)]
struct About {
    /// Its name.
    store: String,
    /// `sample` for a company made up.
    #[schemars(extend("enum" = ["production", "sample"]))]
    kind: &'static str,
    /// How often it was restored to its past, counted from 1.
    epoch: i32,
    /// The stream in JetStream.
    stream: String,
    /// The place of the last event.
    head: Position,
}

/// An event as it stands in the log.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoggedEvent {
    /// Its place in the log.
    position: Position,
    /// The kind of its stream: the module's name.
    category: String,
    /// The thing it happened to.
    stream_id: Uuid,
    /// Its place in the stream.
    version: Version,
    /// Its identity.
    event_id: EventId,
    /// Its type.
    r#type: String,
    /// The version of its payload's form.
    schema: u16,
    /// When the log learnt it, to the microsecond.
    #[schemars(with = "Moment")]
    recorded_at: String,
    /// Who caused it.
    actor: Actor,
    /// The clients it is about, as far as known when it was recorded.
    concerns: Vec<ClientId>,
    /// The request that started it all.
    correlation_id: Uuid,
    /// The event that a policy answered with this one.
    causation_id: Option<EventId>,
    /// JSON as docs/events describes it, as the text that was hashed.
    payload: String,
    /// The hash over all of it, in hexadecimal digits.
    #[schemars(length(equal = 64))]
    leaf: String,
}

impl From<&LogEvent> for LoggedEvent {
    fn from(event: &LogEvent) -> Self {
        Self {
            position: event.position,
            category: event.category.clone(),
            stream_id: event.stream.0,
            version: event.version,
            event_id: event.id,
            r#type: event.kind.clone(),
            schema: event.schema,
            recorded_at: event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: event.metadata.actor.clone(),
            concerns: event.metadata.concerns.clone(),
            correlation_id: event.metadata.correlation,
            causation_id: event.metadata.causation,
            payload: event.payload.clone(),
            leaf: event.leaf.to_string(),
        }
    }
}

/// The questions about the log.
pub fn questions() -> Vec<Question> {
    let mut about = question::<NoParams, Item<About>, _, _>(
        "/api/log",
        "log",
        "log",
        "Which store this is and where its log ends.",
        about,
    );
    about.operation.timed = false;
    let mut events = question::<Events, Items<LoggedEvent>, _, _>(
        "/api/events",
        "events",
        "log",
        "The events themselves, in order, with every column their leaf hashes.",
        events,
    );
    events.operation.timed = false;
    for (_, contents) in &mut events.operation.answers {
        contents.push((NDJSON, schema_of::<LoggedEvent>));
    }
    let mut refusals = question::<Refusals, Items<PolicyRefusal>, _, _>(
        "/api/log/refusals",
        "refusals",
        "log",
        "What policies could not do: commands that a rule refused, the newest first. Somebody has to do it by hand.",
        refusals,
    );
    refusals.operation.timed = false;
    vec![about, events, refusals]
}

async fn refusals(
    State(asking): State<Asking>,
    Untimed(asked): Untimed<Refusals>,
) -> Result<Items<PolicyRefusal>, Problem> {
    let Refusals { before, limit, policy } = asked;
    let before = before.map_or(i64::MAX, i64::from);
    let policy = policy.as_ref().map(Text::as_str);
    let noted = asking.log.refusals(policy, before, within(limit)?).await;
    let noted = noted.map_err(|error| log_problem(&error))?;
    let items = noted.into_iter().map(|NotedRefusal { number, refused_at, refusal }| {
        let Refusal { mark, module, thing: thing_id, command, code, message } = refusal;
        let refused_at = Moment::try_from(refused_at).map_err(|error| Problem::internal(&error))?;
        let Mark { policy, position, number: _ } = mark;
        Ok(PolicyRefusal { number, refused_at, policy, position, module, thing_id, command, code, message })
    });
    let items = items.collect::<Result<_, Problem>>()?;
    let head = asking.log.head().await.map_err(|error| log_problem(&error))?;
    Ok(Items { items, meta: asking.meta(head.position) })
}

fn within(limit: Option<i64>) -> Result<i64, Problem> {
    let limit = limit.unwrap_or(LIMITS.0);
    let good = (1..=LIMITS.1).contains(&limit);
    if good {
        Ok(limit)
    } else {
        Err(Problem::parameter("limit", format!("must be a whole number, 1 to {}", LIMITS.1)))
    }
}

async fn about(State(asking): State<Asking>, _: Untimed<NoParams>) -> Result<Item<About>, Problem> {
    let head = asking.log.head().await.map_err(|error| log_problem(&error))?;
    let info = asking.log.info();
    let stream = format!("LETOPIS-{}-{}", info.store, info.epoch);
    let (store, kind, epoch) = (info.store.clone(), info.kind.name(), info.epoch);
    let item = About { store, kind, epoch, stream, head: head.position };
    Ok(Item { item, meta: asking.meta(head.position) })
}

/// The search for events of a category, a type, about a client; refused where no event is of that category or type.
pub fn search(
    category: Option<String>,
    kind: Option<String>,
    client: Option<ClientId>,
) -> Result<Search, Problem> {
    let known = if category.is_some() || kind.is_some() { kinds() } else { vec![] };
    let mut categories: Vec<&str> = known.iter().map(|(category, _)| *category).collect();
    categories.dedup();
    let mut faults = vec![];
    if category.as_deref().is_some_and(|category| !categories.contains(&category)) {
        faults.push(Fault::bad("category", one_of(&categories)));
    }
    // Under a category that is none any type may be meant.
    let within = category.as_deref().filter(|_| faults.is_empty());
    let types = known.iter().filter(|(of, _)| within.is_none_or(|within| within == *of));
    let types: Vec<&str> = types.map(|(_, kind)| kind.as_str()).collect();
    if let Some(kind) = kind.as_deref().filter(|kind| !types.contains(kind)) {
        let near = Near::to(kind, types.into_iter().map(|kind| (kind, [])));
        let place = within.map_or_else(String::new, |within| format!(" among {within}"));
        let message = format!("there is no such type of event{place}{near}; docs/events describes all");
        faults.push(Fault::bad("type", message));
    }
    if faults.is_empty() { Ok(Search { kind, category, client }) } else { Err(Problem::parameters(faults)) }
}

async fn events(
    State(asking): State<Asking>,
    headers: HeaderMap,
    Untimed(asked): Untimed<Events>,
) -> Result<Response, Problem> {
    let Events { after, limit, r#type, category, client } = asked;
    let (limit, search) = both(within(limit), search(category, r#type, client))?;
    let after = Position(i64::from(after.unwrap_or(0)));
    asking.reached(after).await?;
    let events = asking.log.search(after, limit, &search).await.map_err(|error| log_problem(&error))?;
    let items: Vec<LoggedEvent> = events.iter().map(LoggedEvent::from).collect();
    if accepts(&headers, NDJSON) {
        let lines = items.iter().filter_map(|item| serde_json::to_string(item).ok());
        let lines: String = lines.map(|line| line + "\n").collect();
        return Ok(([(header::CONTENT_TYPE, NDJSON)], lines).into_response());
    }
    let last = events.last().map_or(after, |event| event.position);
    Ok(Items { items, meta: asking.meta(last) }.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_event_is_is_refused() {
        let told = |category: Option<&str>, kind: Option<&str>| {
            let found = search(category.map(str::to_owned), kind.map(str::to_owned), None);
            let faults = found.err().map(|problem| problem.errors).unwrap_or_default();
            faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>()
        };
        assert!(told(Some("clients"), Some("Registered")).is_empty() && told(None, None).is_empty());
        let [category, kind] = told(Some("client"), Some("Registred")).try_into().unwrap();
        assert!(category.starts_with("must be one of employees, clients, "), "{category}");
        assert!(kind.starts_with("there is no such type of event; near it: Registered"), "{kind}");
        let [kind] = told(Some("clients"), Some("Recorded")).try_into().unwrap();
        assert!(kind.starts_with("there is no such type of event among clients"), "{kind}");
    }
}
