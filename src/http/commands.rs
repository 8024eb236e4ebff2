//! Commands over HTTP: one by one, or many with a verdict each.

use super::Service;
use super::json::parsed;
use super::refusal::{invalid, problem, unknown_actor};
use crate::ambient;
use axum::Json;
use axum::body::{Body as HttpBody, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use letopis_commands::{Done, Order, Refused, commands, form};
use letopis_events::{Actor, Moment, Position, Version};
use letopis_query_api::answer::{POSITION, accepts};
use letopis_query_api::openapi::{Body, JSON, NDJSON, Operation, schema_of};
use letopis_query_api::params::{NoParams, Untimed};
use letopis_query_api::problem::{Kind, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The largest body of one command: an event takes a quarter of it.
const BODY: usize = 1024 * 1024;
/// The largest body of a batch.
const BATCH_BODY: usize = 32 * 1024 * 1024;
/// The most lines of a batch.
const LINES: usize = 1_000;
/// The longest idempotency key.
const KEY: usize = 255;

/// Who commands.
const ACTOR: HeaderName = HeaderName::from_static("letopis-actor");
/// When, in a sample store.
const TIME: HeaderName = HeaderName::from_static("letopis-time");
/// The key by which a repetition is recognised.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// That the answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Where a thing stands after a command.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct ReceiptAnswer {
    /// The thing.
    id: Uuid,
    /// Its version, the `ETag` of its card.
    version: Version,
    /// The place of its last event in the log.
    position: Position,
}

/// One line of a batch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    /// The module.
    module: String,
    /// The thing; none for a command that makes one.
    id: Option<Uuid>,
    /// The command.
    command: String,
    /// Its fields.
    body: Value,
    /// As `Idempotency-Key`.
    key: Option<String>,
    /// As `Letopis-Time`.
    at: Option<Moment>,
}

/// The verdict on one line.
#[derive(Debug, Serialize, JsonSchema)]
struct Verdict {
    /// The HTTP status the command alone would have had.
    status: u16,
    /// Where the thing stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptAnswer>,
    /// Whether the answer was given before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// `POST /api/commands/{module}/{command}`: commands that make a thing.
pub async fn create(
    State(service): State<Service>,
    Path((module, command)): Path<(String, String)>,
    _: Untimed<NoParams>,
    headers: HeaderMap,
    body: HttpBody,
) -> Response {
    one(&service, module, None, command, &headers, body).await
}

/// `POST /api/commands/{module}/{id}/{command}`: commands to a thing.
pub async fn change(
    State(service): State<Service>,
    Path((module, id, command)): Path<(String, String, String)>,
    _: Untimed<NoParams>,
    headers: HeaderMap,
    body: HttpBody,
) -> Response {
    match id.parse() {
        Ok(id) => one(&service, module, Some(id), command, &headers, body).await,
        Err(_) => Problem::new(Kind::NotFound, "the path names no id (a UUID)").into_response(),
    }
}

async fn one(
    service: &Service,
    module: String,
    id: Option<Uuid>,
    command: String,
    headers: &HeaderMap,
    body: HttpBody,
) -> Response {
    match order(module, id, command, headers, body).await {
        Ok(order) => match service.executor.execute(order).await {
            Ok(done) => done_response(&done),
            Err(refused) => problem(&refused).into_response(),
        },
        Err(problem) => problem.into_response(),
    }
}

async fn order(
    module: String,
    id: Option<Uuid>,
    command: String,
    headers: &HeaderMap,
    body: HttpBody,
) -> Result<Order, Problem> {
    let actor = actor(headers)?;
    if !letopis_commands::knows(&module, &command) {
        let text = format!("there is no command {module}/{command}; /docs shows all");
        return Err(Problem::new(Kind::NotFound, text));
    }
    let key = text(headers, &IDEMPOTENCY_KEY)?.map(ToOwned::to_owned);
    check_key(key.as_deref())?;
    let if_match = text(headers, &header::IF_MATCH)?.map(version).transpose()?;
    let at = match text(headers, &TIME)? {
        None => None,
        Some(text) => Some(moment(text)?),
    };
    let media = media_type(headers);
    if media != JSON {
        return Err(Problem::new(Kind::UnsupportedMediaType, "send application/json"));
    }
    let body = parsed(&read(body, BODY).await?)?;
    Ok(Order {
        module,
        id,
        command,
        body,
        key,
        if_match,
        at,
        actor,
        correlation: ambient::fresh(),
        causation: None,
        mark: None,
        ids: None,
    })
}

/// `POST /api/commands`: many commands, a verdict each, in their order.
pub async fn batch(
    State(service): State<Service>,
    _: Untimed<NoParams>,
    headers: HeaderMap,
    body: HttpBody,
) -> Response {
    let lines = match lines(&headers, body).await {
        Ok(lines) => lines,
        Err(problem) => return problem.into_response(),
    };
    let (actor, lines) = lines;
    let correlation = ambient::fresh();
    let mut verdicts: Vec<Option<Verdict>> = Vec::with_capacity(lines.len());
    let mut orders = Vec::with_capacity(lines.len());
    for line in lines {
        match line.and_then(|line| ordered(line, &actor, correlation)) {
            Ok(order) => {
                verdicts.push(None);
                orders.push(order);
            }
            Err(problem) => verdicts.push(Some(refusal(problem))),
        }
    }
    let mut answers = service.executor.execute_many(orders).await.into_iter().map(verdict);
    let verdicts: Vec<Verdict> =
        verdicts.into_iter().filter_map(|verdict| verdict.or_else(|| answers.next())).collect();
    if !accepts(&headers, NDJSON) {
        return Json(verdicts).into_response();
    }
    let lines: String = verdicts
        .iter()
        .filter_map(|verdict| serde_json::to_string(verdict).ok())
        .map(|line| line + "\n")
        .collect();
    ([(header::CONTENT_TYPE, NDJSON)], lines).into_response()
}

type Lines = (Actor, Vec<Result<Line, Problem>>);

async fn lines(headers: &HeaderMap, body: HttpBody) -> Result<Lines, Problem> {
    let actor = actor(headers)?;
    for (header, instead) in [
        (TIME, "is not taken by a batch; each line has its own `at`"),
        (IDEMPOTENCY_KEY, "is not taken by a batch; each line has its own `key`"),
        (header::IF_MATCH, "is not taken by a batch; send the command alone"),
    ] {
        if headers.contains_key(&header) {
            return Err(Problem::parameter(header.as_str(), instead));
        }
    }
    let media = media_type(headers);
    let lines: Vec<Result<Line, Problem>> = match media {
        NDJSON => {
            let bytes = read(body, BATCH_BODY).await?;
            let texts = bytes.split(|byte| *byte == b'\n');
            let full = texts.filter(|text| !text.trim_ascii().is_empty());
            full.map(|text| parsed(text).and_then(|value| line(&value))).collect()
        }
        JSON => match parsed(&read(body, BATCH_BODY).await?)? {
            Value::Array(list) => list.iter().map(line).collect(),
            _ => return Err(Problem::new(Kind::Invalid, "send an array of commands")),
        },
        _ => {
            let text = format!("send application/json or {NDJSON}");
            return Err(Problem::new(Kind::UnsupportedMediaType, text));
        }
    };
    if lines.len() > LINES {
        return Err(Problem::new(Kind::Invalid, format!("send at most {LINES} commands at once")));
    }
    Ok((actor, lines))
}

fn line(value: &Value) -> Result<Line, Problem> {
    form::read_as(value).map_err(|faults| invalid(&faults))
}

fn ordered(line: Line, actor: &Actor, correlation: Uuid) -> Result<Order, Problem> {
    check_key(line.key.as_deref())?;
    Ok(Order {
        module: line.module,
        id: line.id,
        command: line.command,
        body: line.body,
        key: line.key,
        if_match: None,
        at: line.at.map(Moment::utc),
        actor: actor.clone(),
        correlation,
        causation: None,
        mark: None,
        ids: None,
    })
}

fn verdict(answer: Result<Done, Refused>) -> Verdict {
    match answer {
        Ok(done) => Verdict {
            status: status(&done).as_u16(),
            receipt: Some(receipt(&done)),
            replayed: done.replayed,
            problem: None,
        },
        Err(refused) => refusal(problem(&refused)),
    }
}

fn refusal(problem: Problem) -> Verdict {
    Verdict { status: problem.status, receipt: None, replayed: false, problem: Some(problem) }
}

fn status(done: &Done) -> StatusCode {
    if done.created { StatusCode::CREATED } else { StatusCode::OK }
}

fn receipt(done: &Done) -> ReceiptAnswer {
    ReceiptAnswer { id: done.receipt.id.0, version: done.receipt.version, position: done.receipt.position }
}

fn done_response(done: &Done) -> Response {
    let headers = [
        (header::ETAG, format!("\"{}\"", done.receipt.version)),
        (POSITION, done.receipt.position.to_string()),
    ];
    let mut response = (status(done), headers, Json(receipt(done))).into_response();
    if done.replayed {
        response.headers_mut().insert(REPLAYED, header::HeaderValue::from_static("true"));
    }
    response
}

fn actor(headers: &HeaderMap) -> Result<Actor, Problem> {
    let named = text(headers, &ACTOR).ok().flatten().and_then(|text| text.parse().ok());
    match named {
        Some(actor @ (Actor::Employee(_) | Actor::Agent(_))) => Ok(actor),
        // Policies and imports act from within.
        Some(Actor::Policy(_) | Actor::Import(_)) | None => Err(unknown_actor()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let text = headers.get(name).map(|value| value.to_str()).transpose();
    text.map_err(|_| Problem::parameter(name.as_str(), "must be plain ASCII"))
}

fn check_key(key: Option<&str>) -> Result<(), Problem> {
    match key {
        Some(key) if key.is_empty() || key.len() > KEY || !key.bytes().all(|b| b.is_ascii_graphic()) => {
            let text = format!("must be 1 to {KEY} visible ASCII characters");
            Err(Problem::parameter("Idempotency-Key", text))
        }
        Some(_) | None => Ok(()),
    }
}

fn version(text: &str) -> Result<Version, Problem> {
    let number = text.trim_start_matches("W/").trim_matches('"').parse();
    number
        .map(Version)
        .map_err(|_| Problem::parameter("If-Match", "must be an ETag of this API, such as \"3\""))
}

fn moment(text: &str) -> Result<DateTime<Utc>, Problem> {
    text.parse::<Moment>().map(Moment::utc).map_err(|bad| Problem::new(Kind::BadTime, bad.to_string()))
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

async fn read(body: HttpBody, limit: usize) -> Result<Bytes, Problem> {
    to_bytes(body, limit).await.map_err(|error| {
        let long = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if long {
            Problem::new(Kind::BodyTooLarge, format!("send at most {limit} bytes"))
        } else {
            Problem::new(Kind::MalformedBody, "the body ended too early")
        }
    })
}

/// How these are described.
pub fn operations() -> Vec<Operation> {
    let headers = vec![
        ("Letopis-Actor", true, "The id of an employee who works here, or agent:<name>."),
        (
            "Idempotency-Key",
            false,
            "A repetition with the same key has no further effect and the same answer.",
        ),
        ("If-Match", false, "The version the caller has seen, as its ETag."),
        ("Letopis-Time", false, "When it happened; only a sample store takes it."),
    ];
    let problems = Kind::ALL.iter().copied();
    let problems: Vec<Kind> =
        problems.filter(|k| !matches!(k, Kind::BadCursor | Kind::NotYet | Kind::Internal)).collect();
    let mut operations: Vec<Operation> = commands()
        .into_iter()
        .map(|info| Operation {
            method: "post",
            path: if info.creates {
                format!("/api/commands/{}/{}", info.module, info.name)
            } else {
                format!("/api/commands/{}/{{id}}/{}", info.module, info.name)
            },
            id: format!("{}_{}", info.module, info.name),
            summary: info.summary.to_owned(),
            tag: info.module,
            params: None,
            timed: false,
            headers: headers.clone(),
            body: Body::Json(info.schema),
            answers: [200, 201].map(|status| (status, vec![(JSON, schema_of::<ReceiptAnswer> as _)])).into(),
            tells: vec![],
            problems: problems.clone(),
        })
        .collect();
    operations.push(Operation {
        method: "post",
        path: "/api/commands".into(),
        id: "commands_batch".into(),
        summary: "Up to 1,000 commands, each with its own verdict, in their order.".into(),
        tag: "commands",
        params: None,
        timed: false,
        headers: headers[..1].to_vec(),
        body: Body::Of(vec![(JSON, schema_of::<Vec<Line>>), (NDJSON, schema_of::<Line>)]),
        answers: vec![(200, vec![(JSON, schema_of::<Vec<Verdict>>), (NDJSON, schema_of::<Verdict>)])],
        tells: vec![],
        problems: vec![
            Kind::BadParameter,
            Kind::MalformedBody,
            Kind::BodyTooLarge,
            Kind::UnsupportedMediaType,
            Kind::UnknownActor,
            Kind::Invalid,
        ],
    });
    operations
}
