//! Asks the read model `crm` for clients that look like one. What is asked while a question is under way goes into the next one
//! together, so that a batch of commands costs a few questions. Without an answer in time the command goes on: the policy
//! `find_duplicates` records what was not seen here.

use crate::ambient;
use letopis_commands::Alike;
use letopis_events::likeness::{Candidate, Resemblance};
use letopis_eventstore::Log;
use letopis_projections::engine::Readers;
use letopis_query_api::duplicates;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a command waits for the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most that goes into one question: what comes beyond the commands of a batch under way waits.
const TOGETHER: usize = 512;
/// The most that waits; what comes beyond goes on without an answer.
const WAITING: usize = 4_096;

type Waiting = (Resemblance, oneshot::Sender<Vec<Candidate>>);

/// Asks these readers.
pub fn look_up(readers: Readers, log: Log) -> Alike {
    let (sender, mut waiting) = mpsc::channel::<Waiting>(WAITING);
    tokio::spawn(async move {
        let mut together = Vec::with_capacity(TOGETHER);
        while waiting.recv_many(&mut together, TOGETHER).await > 0 {
            answer(&readers, &log, std::mem::take(&mut together)).await;
        }
    });
    Arc::new(move |resemblance| {
        let sender = sender.clone();
        Box::pin(async move {
            let (told, answer) = oneshot::channel();
            if sender.try_send((resemblance, told)).is_err() {
                return vec![];
            }
            match timeout(PATIENCE, answer).await {
                Ok(Ok(candidates)) => candidates,
                Ok(Err(_)) | Err(_) => vec![],
            }
        })
    })
}

async fn answer(readers: &Readers, log: &Log, waiting: Vec<Waiting>) {
    let (asked, tellers): (Vec<Resemblance>, Vec<_>) =
        waiting.into_iter().filter(|(_, teller)| !teller.is_closed()).unzip();
    let start = Instant::now();
    let answers = timeout(PATIENCE, duplicates::alike(readers, log, ambient::now(), &asked)).await;
    metrics::histogram!("letopis_alike_seconds").record(start.elapsed().as_secs_f64());
    let failed = match answers {
        Ok(Ok(answers)) => {
            for (teller, candidates) in tellers.into_iter().zip(answers) {
                // Who asked may have gone on meanwhile.
                let _ = teller.send(candidates);
            }
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(late) => late.to_string(),
    };
    metrics::counter!("letopis_alike_unanswered_total").increment(asked.len() as u64);
    tracing::warn!(failed, commands = asked.len(), "nobody was warned of clients that look like others");
}
