//! A server as a child: watched, started again when it dies, stopped in order.

use super::LocalError;
use rustix::process::{Pid, Signal, kill_process};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child as Process, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The pause before a server that died is started again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a server may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A watched server.
pub(super) struct Child {
    stop: CancellationToken,
    watch: JoinHandle<()>,
}

impl Child {
    /// Starts a server; `make` gives its command anew each time.
    pub(super) fn start(
        name: &'static str,
        signal: Signal,
        make: impl Fn() -> Command + Send + 'static,
    ) -> Result<Self, LocalError> {
        let mut process = spawn(name, &make)?;
        let stop = CancellationToken::new();
        let told = stop.clone();
        let watch = tokio::spawn(async move {
            loop {
                tokio::select! {
                    ended = process.wait() => {
                        tracing::error!(server = name, ?ended, "a server died and is started again");
                        tokio::time::sleep(PAUSE).await;
                        match spawn(name, &make) {
                            Ok(again) => process = again,
                            Err(error) => tracing::error!(%error, "it could not be started"),
                        }
                    }
                    () = told.cancelled() => return end(name, signal, process).await,
                }
            }
        });
        Ok(Self { stop, watch })
    }

    /// Stops it and waits until it is gone.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        // It only ends.
        let _ = self.watch.await;
    }
}

fn spawn(name: &'static str, make: &impl Fn() -> Command) -> Result<Process, LocalError> {
    // A group of its own: Ctrl-C reaches this process alone, which stops its children in order.
    let spawned = make().stdin(Stdio::null()).process_group(0).kill_on_drop(true).spawn();
    spawned.map_err(|error| LocalError::NotStarted(name, error.to_string()))
}

async fn end(name: &str, signal: Signal, mut process: Process) {
    if let Some(pid) = process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
        // It may have ended in this moment.
        let _ = kill_process(pid, signal);
    }
    if tokio::time::timeout(PATIENCE, process.wait()).await.is_err() {
        tracing::warn!(server = name, "did not stop in time and is killed");
        let _ = process.kill().await;
    }
}
