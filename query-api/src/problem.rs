//! Errors as people and programs read them (RFC 9457): one table from what went wrong to the HTTP status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use letopis_events::likeness::Candidate;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// Seconds after which a caller may try again what failed for want of a server.
const RETRY_AFTER_SECONDS: u64 = 1;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:ident, $code:literal, $title:literal;)*) => {
        /// What went wrong, in one word; decides the status and the title.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {$($(#[$doc])* $kind,)*}

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            /// Its stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// What it means, for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }
    };
}
kinds! {
    /// The body is no JSON.
    MalformedBody = BAD_REQUEST, "malformed_body", "The body cannot be read";
    /// A query parameter is wrong.
    BadParameter = BAD_REQUEST, "bad_parameter", "A parameter of the question is wrong";
    /// The page marker is none of ours, or belongs to another list.
    BadCursor = BAD_REQUEST, "bad_cursor", "The cursor does not belong to this list";
    /// The position or time asked for lies ahead of the log.
    InFuture = BAD_REQUEST, "in_future", "That lies in the future";
    /// The request names a host that is not this machine.
    BadHost = BAD_REQUEST, "bad_host", "The request was sent to another host";
    /// Nobody who may act is named.
    UnknownActor = UNAUTHORIZED, "unknown_actor", "Who does this?";
    /// There is no such module, command, thing or page.
    NotFound = NOT_FOUND, "not_found", "There is no such thing";
    /// The page does not take this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "This cannot be done here";
    /// A rule of the module refuses; the problem carries the rule's own code.
    Refused = CONFLICT, "refused", "A rule forbids it";
    /// The same key stands for other content.
    AlreadyRecorded = CONFLICT, "already_recorded", "Something else is already recorded under this key";
    /// Others changed it at the same time, again and again.
    ConcurrentChange = CONFLICT, "concurrent_change", "Others changed it at the same time";
    /// `If-Match` names another version.
    VersionMismatch = PRECONDITION_FAILED, "version_mismatch", "It has changed since you read it";
    /// The body is longer than allowed.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large";
    /// The body is of a type not understood here.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "This type of body is not understood";
    /// Fields are unknown, wrong or point to nothing.
    Invalid = UNPROCESSABLE_ENTITY, "invalid", "Some fields are wrong";
    /// The event would be larger than the log takes.
    TooLarge = UNPROCESSABLE_ENTITY, "event_too_large", "The event would be too large";
    /// The idempotency key was used with another body.
    KeyReused = UNPROCESSABLE_ENTITY, "idempotency_key_reused", "This key was used for something else";
    /// A time was given where none is accepted, or one that has not come.
    BadTime = UNPROCESSABLE_ENTITY, "bad_time", "This time of recording is not accepted";
    /// The read model has not come that far within the time allowed.
    NotYet = SERVICE_UNAVAILABLE, "not_yet", "The answer is not that far yet";
    /// The log, a read model's database or the queue does not take requests now.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "The service cannot do it now";
    /// The service's clock and the log's differ.
    ClockSkew = SERVICE_UNAVAILABLE, "clock_skew", "The service's clock is wrong";
    /// Whether it was stored is not known.
    OutcomeUnknown = SERVICE_UNAVAILABLE, "outcome_unknown", "Whether it was done is not known";
    /// A fault of ours.
    Internal = INTERNAL_SERVER_ERROR, "internal", "Something is wrong on our side";
}

/// One thing wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// Where: a JSON pointer into the body, or the name of a parameter or header.
    pub path: String,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    /// A parameter's value is wrong.
    pub(crate) fn bad(name: &str, message: impl Into<String>) -> Self {
        Self { path: name.into(), code: "bad_value".into(), message: message.into() }
    }

    /// There is no parameter of this name.
    pub(crate) fn unknown(name: &str, known: &[&str]) -> Self {
        let there_are = if known.is_empty() { "there are none here" } else { "there are " };
        let message = format!("there is no such parameter; {there_are}{}", known.join(", "));
        Self { path: name.into(), code: "unknown_parameter".into(), message }
    }

    /// A parameter is missing.
    pub(crate) fn missing(name: &str) -> Self {
        Self {
            path: name.into(),
            code: "missing_parameter".into(),
            message: "this parameter is required".into(),
        }
    }
}

/// An error as it is answered, `application/problem+json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// A name for this kind of error: `urn:letopis:problem:` and the code.
    pub r#type: String,
    /// What it means.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What happened here and what to do.
    pub detail: String,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// The clients to look at first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

impl Problem {
    /// A problem of this kind; `detail` says what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self::coded(kind, kind.code(), detail)
    }

    /// A problem of this kind under a code of its own, for rules of modules.
    pub fn coded(kind: Kind, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        let code = code.into();
        Self {
            r#type: format!("urn:letopis:problem:{code}"),
            title: kind.title().into(),
            status: kind.status().as_u16(),
            code,
            detail: detail.into(),
            errors: vec![],
            candidates: vec![],
        }
    }

    /// A wrong query parameter or header.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self::parameters(vec![Fault::bad(name, message)])
    }

    /// Wrong query parameters.
    pub(crate) fn parameters(faults: Vec<Fault>) -> Self {
        let text = match faults.as_slice() {
            [only] => format!("{}: {}", only.path, only.message),
            several => format!("{} parameters are wrong", several.len()),
        };
        Self::new(Kind::BadParameter, text).with(faults)
    }

    /// Nothing stands under this id.
    pub fn no_such(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(Kind::NotFound, format!("there is no {what} {id}"))
    }

    /// The same with the fields at fault.
    #[must_use]
    pub fn with(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// The same with the clients to look at first.
    #[must_use]
    pub fn naming(mut self, candidates: Vec<Candidate>) -> Self {
        self.candidates = candidates;
        self
    }

    /// A fault of ours: the chain goes to the service's log, not to the caller.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %Chain(error), "request failed");
        Self::new(Kind::Internal, "the service's log says more")
    }

    /// A server behind us does not answer: worth another try.
    pub fn unavailable(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(error = %Chain(error), "request could not be served");
        Self::new(Kind::Unavailable, "try again shortly")
    }
}

/// Both, or all that is wrong with their parameters.
pub(crate) fn both<A, B>(one: Result<A, Problem>, other: Result<B, Problem>) -> Result<(A, B), Problem> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) if !one.errors.is_empty() && !other.errors.is_empty() => {
            Err(Problem::parameters([one.errors, other.errors].concat()))
        }
        // What names no parameter can wait.
        (Err(problem), Err(other)) if problem.errors.is_empty() => Err(other),
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    }
}

/// All of them, or all that is wrong with their parameters.
pub(crate) fn all<T>(results: impl Iterator<Item = Result<T, Problem>>) -> Result<Vec<T>, Problem> {
    let mut all = Ok(vec![]);
    for one in results {
        all = both(all, one).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    all
}

/// An error with all its sources, for the log.
pub struct Chain<'a>(pub &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        response
    }
}
