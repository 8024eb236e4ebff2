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
use letopis_events::Actor;
use letopis_eventstore::{AppendError, Mark, StoreKind};
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
const VERSION: u32 = 9;
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
        };
        match executor.execute(order).await {
            Ok(_) | Err(Refused::Append(AppendError::MarkPassed)) => {}
            Err(
                refused @ (Refused::Rule { .. }
                | Refused::Invalid(_)
                | Refused::NotFound(..)
                | Refused::AlreadyRecorded(_)
                | Refused::Append(AppendError::TooLarge)),
            ) => tell(&asked, &refused, sample),
            Err(refused) => return Err(refused),
        }
        mark = Some(next);
    }
    Ok(())
}

/// Tells what a policy could not do; it is not tried again.
fn tell(asked: &Asked<Ask>, refused: &Refused, sample: bool) {
    let Ask { module, id, command, body: _ } = &asked.command;
    let (policy, position) = (asked.policy, asked.event.position.0);
    let thing = id.map(|id| id.to_string()).unwrap_or_default();
    // A made-up history is told faster than policies can follow: that it has gone on meanwhile is no news there.
    if sample {
        tracing::debug!(policy, position, module, thing, command, %refused, "a policy was refused");
    } else {
        tracing::warn!(policy, position, module, thing, command, %refused, "a policy was refused");
    }
    metrics::counter!("letopis_policy_refusals_total", "policy" => policy).increment(1);
}

/// Sees to it that the policies have their marks, before their first event.
pub async fn open(executor: &Executor) -> Result<(), letopis_eventstore::LogError> {
    for name in NAMES {
        let mark = executor.log().mark(name).await?;
        tracing::debug!(policy = name, position = mark.position.0, "policy opened");
    }
    Ok(())
}
