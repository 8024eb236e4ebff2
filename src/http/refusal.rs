//! Why a command was not carried out, as a problem: the table of the API's answers.

use letopis_commands::{FieldFault, Refused};
use letopis_eventstore::{AppendError, LogError};
use letopis_query_api::asking::log_problem;
use letopis_query_api::problem::{Fault, Kind, Problem};

/// The problem a refusal is answered with.
pub fn problem(refused: &Refused) -> Problem {
    let text = refused.to_string();
    match refused {
        Refused::UnknownCommand(_) | Refused::NotFound(..) => Problem::new(Kind::NotFound, text),
        Refused::Invalid(faults) => invalid(faults),
        Refused::Rule { code, message } => Problem::coded(Kind::Refused, *code, message.clone()),
        Refused::PossibleDuplicate(candidates) => {
            Problem::coded(Kind::Refused, "possible_duplicate", text).naming(candidates.clone())
        }
        Refused::UnknownActor => unknown_actor(),
        Refused::AlreadyRecorded(_) => Problem::new(Kind::AlreadyRecorded, text),
        Refused::ConcurrentChange => Problem::new(Kind::ConcurrentChange, "read it again and repeat"),
        Refused::VersionMismatch(_) => Problem::new(Kind::VersionMismatch, text),
        Refused::KeyReused => Problem::new(Kind::KeyReused, "take a new key for another request"),
        Refused::Append(error) => append(error),
        Refused::Log(error) => log(error),
        Refused::History(_) => Problem::internal(refused),
    }
}

/// Nobody who may act is named.
pub fn unknown_actor() -> Problem {
    let text = "Letopis-Actor must be the id of an employee who works here, or agent:<name>";
    Problem::new(Kind::UnknownActor, text)
}

/// Fields are wrong.
pub fn invalid(faults: &[FieldFault]) -> Problem {
    let told = |fault: &FieldFault| Fault {
        path: fault.path.clone(),
        code: fault.code.into(),
        message: fault.message.clone(),
    };
    let faults: Vec<Fault> = faults.iter().map(told).collect();
    let text = match faults.as_slice() {
        [only] if only.path.is_empty() => format!("what was sent {}", only.message),
        [only] => format!("{}: {}", only.path, only.message),
        several => format!("{} fields are wrong", several.len()),
    };
    // A reference to nothing, to what is somebody else's or takes nobody any more, has a code of its own, which callers tell apart.
    let own = |code: &str| {
        let begins =
            ["unknown_", "other_", "retired_", "closed_"].iter().any(|begin| code.starts_with(begin));
        begins && code != "unknown_field"
    };
    match faults.as_slice() {
        [only] if own(&only.code) => Problem::coded(Kind::Invalid, only.code.clone(), text).with(faults),
        _ => Problem::new(Kind::Invalid, text).with(faults),
    }
}

fn append(error: &AppendError) -> Problem {
    let text = error.to_string();
    match error {
        AppendError::TooLarge => Problem::new(Kind::TooLarge, text),
        AppendError::BadTime => Problem::new(Kind::BadTime, text),
        AppendError::ClockSkew => Problem::new(Kind::ClockSkew, text),
        AppendError::OutcomeUnknown => {
            Problem::new(Kind::OutcomeUnknown, "repeat it with the same Idempotency-Key to find out")
        }
        AppendError::QueueFull | AppendError::Unavailable => Problem::unavailable(error),
        AppendError::Conflict => Problem::new(Kind::ConcurrentChange, "read it again and repeat"),
        AppendError::Sql(_) | AppendError::Repeated(_) | AppendError::MarkPassed => Problem::internal(error),
    }
}

fn log(error: &LogError) -> Problem {
    log_problem(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse as _;
    use letopis_events::{StreamId, Version};

    #[test]
    fn each_refusal_has_its_status_and_code_and_says_when_to_try_again() {
        let rule = Refused::Rule { code: "step_done", message: "this step is done".into() };
        let fault = |code: &'static str| {
            let fault = FieldFault { path: "/client_id".into(), code, message: "is wrong".into() };
            Refused::Invalid(vec![fault])
        };
        let stream = StreamId(uuid::Uuid::nil());
        for (refused, status, code, again) in [
            (Refused::UnknownCommand("clients/fly".into()), 404, "not_found", false),
            (Refused::NotFound("clients", stream.0), 404, "not_found", false),
            (rule, 409, "step_done", false),
            (fault("unknown_client"), 422, "unknown_client", false),
            (fault("other_client"), 422, "other_client", false),
            (fault("unknown_field"), 422, "invalid", false),
            (Refused::PossibleDuplicate(vec![]), 409, "possible_duplicate", false),
            (Refused::UnknownActor, 401, "unknown_actor", false),
            (Refused::AlreadyRecorded(stream), 409, "already_recorded", false),
            (Refused::ConcurrentChange, 409, "concurrent_change", false),
            (Refused::VersionMismatch(Version(3)), 412, "version_mismatch", false),
            (Refused::KeyReused, 422, "idempotency_key_reused", false),
            (Refused::Append(AppendError::TooLarge), 422, "event_too_large", false),
            (Refused::Append(AppendError::BadTime), 422, "bad_time", false),
            (Refused::Append(AppendError::ClockSkew), 503, "clock_skew", true),
            (Refused::Append(AppendError::QueueFull), 503, "unavailable", true),
            (Refused::Append(AppendError::Unavailable), 503, "unavailable", true),
            (Refused::Append(AppendError::OutcomeUnknown), 503, "outcome_unknown", true),
            (Refused::Append(AppendError::Conflict), 409, "concurrent_change", false),
            (Refused::History("x".into()), 500, "internal", false),
        ] {
            let told = problem(&refused);
            assert_eq!((told.status, told.code.as_ref()), (status, code), "{refused:?}");
            let response = told.into_response();
            assert_eq!(response.headers().contains_key(RETRY_AFTER), again, "{refused:?}");
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{refused:?}");
        }
    }
}
