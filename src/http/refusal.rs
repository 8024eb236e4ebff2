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
    // A reference to nothing, or to what takes nobody any more, has a code of its own, which callers tell apart.
    let own = |code: &str| {
        let begins = ["unknown_", "retired_", "closed_"].iter().any(|begin| code.starts_with(begin));
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
