//! A nats-server of a test's own, to be killed, emptied and damaged.

use super::{fresh, until};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::{Child, Command};

pub(crate) struct Nats {
    port: u16,
    store: PathBuf,
    child: Child,
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the server's program stands is the environment's to say"
)]
fn program() -> PathBuf {
    let named = std::env::var("LETOPIS_NATS_SERVER").map(PathBuf::from);
    let brought = PathBuf::from(".letopis/tools/bin/nats-server");
    named.unwrap_or_else(|_| if brought.is_file() { brought } else { "nats-server".into() })
}

fn spawn(port: u16, store: &PathBuf) -> Child {
    let mut command = Command::new(program());
    command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(store);
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

impl Nats {
    pub(crate) async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let store = std::env::temp_dir().join(format!("letopis-nats-{}", fresh().simple()));
        let nats = Self { port, child: spawn(port, &store), store };
        nats.answers().await;
        nats
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        self.child = spawn(self.port, &self.store);
        self.answers().await;
    }

    /// Removes everything it has stored; it must be down.
    pub(crate) fn wipe(&self) {
        std::fs::remove_dir_all(&self.store).unwrap();
    }

    /// Flips bytes near the end of its last block of messages; it must be down.
    pub(crate) fn damage(&self) {
        let mut blocks = vec![];
        let mut folders = vec![self.store.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "blk") {
                    blocks.push(path);
                }
            }
        }
        blocks.sort();
        let last = blocks.last().unwrap();
        let mut bytes = std::fs::read(last).unwrap();
        let from = bytes.len().saturating_sub(600);
        bytes[from..].iter_mut().step_by(7).for_each(|byte| *byte ^= 0xff);
        std::fs::write(last, bytes).unwrap();
    }

    async fn answers(&self) {
        until("nats-server answers", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok()
        })
        .await;
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.store);
    }
}
