//! Policies: read models that also answer. The one place where reading and deciding meet.

pub mod match_callers;

use crate::ambient;
use futures::FutureExt;
use letopis_commands::{Executor, Order, Refused};
use letopis_events::Actor;
use letopis_eventstore::{AppendError, Mark, StoreKind};
use letopis_projections::engine::{Answering, Asked, Group};
use match_callers::{Link, MatchCallers};

/// The group of all policies.
pub fn group() -> Group<Link> {
    Group::new("policies", 2).answering::<MatchCallers>()
}

/// Carries out what policies ask for, each command once whatever dies.
pub fn answering(executor: Executor) -> Answering<Link> {
    std::sync::Arc::new(move |asked| {
        let executor = executor.clone();
        async move { answer(&executor, asked).await.map_err(|error| error.to_string()) }.boxed()
    })
}

async fn answer(executor: &Executor, asked: Vec<Asked<Link>>) -> Result<(), Refused> {
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
            module: "interactions".into(),
            id: Some(asked.command.interaction_id.0),
            command: "link".into(),
            body: serde_json::json!({"client_id": asked.command.client_id, "how": "number"}),
            key: None,
            if_match: None,
            at: sample.then_some(asked.event.recorded_at),
            actor: Actor::Policy(asked.policy.to_owned()),
            correlation: asked.event.metadata.correlation,
            causation: Some(asked.event.id),
            mark: Some(next.clone()),
        };
        match executor.execute(order).await {
            Ok(_)
            | Err(
                Refused::Append(AppendError::MarkPassed)
                | Refused::Rule { .. }
                | Refused::Invalid(_)
                | Refused::NotFound(..),
            ) => mark = Some(next),
            Err(refused) => return Err(refused),
        }
    }
    Ok(())
}

/// Sees to it that the policies have their marks, before their first event.
pub async fn open(executor: &Executor) -> Result<(), letopis_eventstore::LogError> {
    let mark = executor.log().mark(<MatchCallers as letopis_projections::engine::Policy>::NAME).await?;
    tracing::debug!(policy = mark.policy, position = mark.position.0, at = %ambient::now(), "policy opened");
    Ok(())
}
