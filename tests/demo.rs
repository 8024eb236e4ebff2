//! The demo's sample becomes whole, whenever it is killed while it is recorded.

use crate::support::{fresh, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Commands of the sample: enough to be killed in its midst.
const SAMPLE: &str = "600";
/// How long a demo may take to record it.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running demo.
struct Demo {
    url: String,
    said: Lines<BufReader<ChildStdout>>,
    child: Child,
}

impl Demo {
    async fn start(home: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
        command.args(["demo", "--sample", SAMPLE, "--listen", "127.0.0.1:0", "--home"]).arg(home);
        let mut child = command.env("LETOPIS_LOG", "error").stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = said.next_line().await.unwrap().expect("the demo starts");
        Self { url: line.strip_prefix("listening on ").unwrap().to_owned(), said, child }
    }

    async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}{path}", self.url)).await.unwrap().json().await.unwrap()
    }

    async fn head(&self) -> i64 {
        self.get("/api/log").await["item"]["head"].as_i64().unwrap()
    }

    /// Waits until it is recorded and the policy has answered; counts events, employees, clients, and interactions by their clients.
    async fn counts(&mut self) -> (i64, [usize; 2], Value) {
        let recorded = async {
            while !self.said.next_line().await.unwrap().expect("it becomes whole").starts_with("try:") {}
        };
        tokio::time::timeout(PATIENCE, recorded).await.expect("the sample becomes whole");
        until("the policy has said all", || async {
            let health = self.get("/health/ready").await;
            (health["groups"]["policies"]["position"] == health["log"]["head"]).then_some(())
        })
        .await;
        let head = self.head().await;
        let mut things = [0; 2];
        for (number, list) in things.iter_mut().zip(["employees", "clients"]) {
            let path = format!("/api/{list}?limit=500&wait_for={head}");
            *number = self.get(&path).await["items"].as_array().unwrap().len();
        }
        let path = format!("/api/reports/interactions?group_by=client_region,kind&wait_for={head}");
        (head, things, self.get(&path).await["items"].take())
    }

    async fn stop(mut self) {
        self.end();
        self.child.wait().await.unwrap();
    }

    /// It stops its servers, too.
    fn end(&self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap()));
        if let Some(pid) = pid {
            kill_process(pid, Signal::TERM).unwrap();
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.end();
    }
}

fn home() -> PathBuf {
    std::env::temp_dir().join(format!("letopis-demo-{}", fresh().simple()))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_the_sample_becomes_what_it_would_have_been() {
    let (undisturbed, killed) = (home(), home());
    let whole = async {
        let mut demo = Demo::start(&undisturbed).await;
        let counts = demo.counts().await;
        demo.stop().await;
        counts
    };
    let cut = async {
        for at in [5, 100, 300] {
            let mut demo = Demo::start(&killed).await;
            until("some of the sample is there", || async { (demo.head().await >= at).then_some(()) }).await;
            demo.child.kill().await.unwrap();
        }
        let mut demo = Demo::start(&killed).await;
        let counts = demo.counts().await;
        demo.stop().await;
        // What is whole stays as it is.
        let mut demo = Demo::start(&killed).await;
        assert_eq!(demo.counts().await, counts);
        demo.stop().await;
        counts
    };
    let (whole, cut) = tokio::join!(whole, cut);
    assert_eq!(whole, cut);
    assert_eq!(whole.1, [12, 59], "employees, clients");
    for home in [undisturbed, killed] {
        std::fs::remove_dir_all(home).unwrap();
    }
}
