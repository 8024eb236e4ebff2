//! A private nats-server with JetStream: loopback only, its store in the home folder.

use super::child::Child;
use super::{LocalError, START, failed, free_port, tools};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Starts it and waits until it answers.
pub(super) async fn start(home: &Path) -> Result<(String, Child), LocalError> {
    let (program, port) = (tools::nats()?, free_port()?);
    let store = home.join("nats");
    std::fs::create_dir_all(&store).map_err(failed("the folder of NATS cannot be made"))?;
    let pid = home.join("nats.pid");
    end_orphan(&pid, &store).await;
    let make = move || {
        let mut command = Command::new(&program);
        command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(&store);
        command.arg("-P").arg(&pid).arg("-l").arg(store.join("log"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let child = Child::start("nats-server", Signal::TERM, make)?;
    let answers = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(START, answers).await.is_err() {
        return Err(LocalError::NotStarted("nats-server", "it does not listen".into()));
    }
    Ok((format!("nats://127.0.0.1:{port}"), child))
}

/// Ends a server that a killed process left running on the same store.
async fn end_orphan(pid: &Path, store: &Path) {
    let Ok(text) = std::fs::read_to_string(pid) else { return };
    let Some(id) = text.trim().parse().ok().and_then(Pid::from_raw) else { return };
    let line = std::fs::read(format!("/proc/{}/cmdline", id.as_raw_nonzero())).unwrap_or_default();
    // Ids are used again: only one that names our store is ours.
    if !String::from_utf8_lossy(&line).contains(&*store.to_string_lossy()) {
        return;
    }
    tracing::warn!("a nats-server left by an earlier run is stopped");
    let _ = kill_process(id, Signal::TERM);
    while test_kill_process(id).is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
