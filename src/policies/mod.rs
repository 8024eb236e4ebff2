//! Policies: read models that also answer. The one place where reading and deciding meet.

pub mod find_duplicates;
#[cfg(test)]
mod given;
pub mod hand_over;
pub mod match_callers;
pub mod plan_steps;

use find_duplicates::FindDuplicates;
use futures::FutureExt;
use hand_over::HandOver;
use letopis_commands::{Executor, Order, Refused};
use letopis_events::{Actor, DomainEvent, Recorded};
use letopis_eventstore::{AppendError, Mark, Refusal, StoreKind};
use letopis_projections::engine::{Answering, Asked, Group, Policy};
use match_callers::MatchCallers;
use plan_steps::PlanSteps;
use serde_json::Value;
use uuid::Uuid;

/// A command that a policy asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The module.
    pub module: &'static str,
    /// The thing; none for a command that makes one.
    pub id: Option<Uuid>,
    /// The command.
    pub command: &'static str,
    /// Its fields.
    pub body: Value,
}

macro_rules! policies {
    ($($policy:ty,)*) => {
        /// The group of all policies.
        pub fn group() -> Group<Ask> {
            Group::new("policies", VERSION)$(.answering::<$policy>())*
        }

        /// The names of all policies.
        const NAMES: &[&str] = &[$(<$policy as Policy>::NAME),*];
    };
}

/// Rises whenever a policy's rows become others from the same events.
const VERSION: u32 = 11;
policies! {
    MatchCallers,
    PlanSteps,
    HandOver,
    FindDuplicates,
}

/// Carries out what policies ask for, each command once whatever dies.
pub fn answering(executor: Executor) -> Answering<Ask> {
    std::sync::Arc::new(move |asked| {
        let executor = executor.clone();
        async move { answer(&executor, asked).await.map_err(|error| error.to_string()) }.boxed()
    })
}

async fn answer(executor: &Executor, asked: Vec<Asked<Ask>>) -> Result<(), Refused> {
    let mut mark: Option<Mark> = None;
    for asked in asked {
        let known = match mark.take().filter(|mark| mark.policy == asked.policy) {
            Some(mark) => mark,
            None => executor.log().mark(asked.policy).await?,
        };
        let place = (asked.event.position, asked.number);
        // Answered before a crash, or before the policy was opened.
        if place <= (known.position, known.number) {
            mark = Some(known);
            continue;
        }
        let next = Mark { policy: asked.policy.to_owned(), position: place.0, number: place.1 };
        let sample = executor.log().info().kind == StoreKind::Sample;
        let order = Order {
            module: asked.command.module.into(),
            id: asked.command.id,
            command: asked.command.command.into(),
            body: asked.command.body.clone(),
            key: None,
            if_match: None,
            at: sample.then_some(asked.event.recorded_at),
            actor: Actor::Policy(asked.policy.to_owned()),
            correlation: asked.event.metadata.correlation,
            causation: Some(asked.event.id),
            mark: Some(next.clone()),
            ids: sample.then(|| ids(asked.policy, asked.number, &asked.event)),
        };
        match executor.execute(order).await {
            Ok(_) | Err(Refused::Append(AppendError::MarkPassed)) => {}
            Err(refused) if let Some(code) = lasting(&refused) => {
                executor.log().note_refusal(&noted(&asked, next.clone(), code, &refused)).await?;
            }
            Err(refused) => return Err(refused),
        }
        mark = Some(next);
    }
    Ok(())
}

/// What the ids of an answer follow from, in a made-up company.
fn ids(policy: &str, number: i32, event: &Recorded<DomainEvent>) -> Uuid {
    Uuid::new_v5(&event.id.0, format!("{policy}-{number}").as_bytes())
}

/// The code of a refusal that will not pass by itself: it is noted, and not tried again.
fn lasting(refused: &Refused) -> Option<&'static str> {
    match refused {
        Refused::Rule { code, message: _ } => Some(code),
        Refused::Invalid(_) => Some("invalid"),
        Refused::NotFound(..) => Some("not_found"),
        Refused::AlreadyRecorded(_) => Some("already_recorded"),
        Refused::Append(AppendError::TooLarge) => Some("event_too_large"),
        Refused::UnknownCommand(_)
        | Refused::PossibleDuplicate(_)
        | Refused::UnknownActor
        | Refused::ConcurrentChange
        | Refused::VersionMismatch(_)
        | Refused::KeyReused
        | Refused::Append(_)
        | Refused::Log(_)
        | Refused::History(_) => None,
    }
}

fn noted(asked: &Asked<Ask>, mark: Mark, code: &str, refused: &Refused) -> Refusal {
    let Ask { module, id, command, body: _ } = &asked.command;
    metrics::counter!("letopis_policy_refusals_total", "policy" => asked.policy).increment(1);
    Refusal {
        mark,
        module: (*module).to_owned(),
        thing: *id,
        command: (*command).to_owned(),
        code: code.to_owned(),
        message: refused.to_string(),
    }
}

/// Sees to it that the policies have their marks, before their first event.
pub async fn open(executor: &Executor) -> Result<(), letopis_eventstore::LogError> {
    for name in NAMES {
        let mark = executor.log().mark(name).await?;
        tracing::debug!(policy = name, position = mark.position.0, "policy opened");
    }
    Ok(())
}
