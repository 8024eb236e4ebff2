//! The demo's made-up company becomes whole, whenever it is killed while it is recorded, and the service answers what was planted.

use crate::support::{SEEDS, fresh, until};
use chrono::NaiveDate;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A small company of a fixed time.
const WISH: [&str; 4] = ["--clients", "130", "--until", "2026-11-01"];
/// How long a demo may take to record it.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running demo.
struct Demo {
    url: String,
    said: Lines<BufReader<ChildStdout>>,
    child: Child,
}

impl Demo {
    async fn start(home: &Path, wish: &[&str]) -> Self {
        let mut child = demo(home, wish).stdout(Stdio::piped()).spawn().unwrap();
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

    /// Waits until it is recorded, the policies have said all, and the read models show it; answers the last event's place.
    async fn whole(&mut self) -> i64 {
        let recorded = async {
            while !self.said.next_line().await.unwrap().expect("it becomes whole").starts_with("try:") {}
        };
        tokio::time::timeout(PATIENCE, recorded).await.expect("the company becomes whole");
        until("the policies have said all and all is shown", || async {
            let health = self.get("/health/ready").await;
            let head = &health["log"]["head"];
            let groups = health["groups"].as_object().unwrap();
            groups.values().all(|group| group["position"] == *head).then_some(head.as_i64().unwrap())
        })
        .await
    }

    /// How many events of each kind there are.
    async fn counts(&mut self) -> BTreeMap<String, usize> {
        let head = self.whole().await;
        let (mut counts, mut after) = (BTreeMap::new(), 0);
        while after < head {
            let page = self.get(&format!("/api/events?after={after}&limit=1000")).await;
            for event in page["items"].as_array().unwrap() {
                let kind =
                    format!("{}.{}", event["category"].as_str().unwrap(), event["type"].as_str().unwrap());
                *counts.entry(kind).or_default() += 1;
                after = event["position"].as_i64().unwrap();
            }
        }
        // Whether the policy suspects a pair before it is merged is a matter of its pace.
        counts.remove("clients.DuplicateSuspected");
        counts
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

fn demo(home: &Path, wish: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.arg("demo").args(wish).args(["--listen", "127.0.0.1:0", "--home"]).arg(home);
    command.env("LETOPIS_LOG", "error");
    command
}

fn home() -> PathBuf {
    std::env::temp_dir().join(format!("letopis-demo-{}", fresh().simple()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_store_is_one_s_own_and_takes_no_made_up_company() {
    let home = home();
    let own = Demo::start(&home, &["--empty"]).await;
    let log = own.get("/api/log").await["item"].clone();
    assert_eq!((&log["store"], &log["kind"]), (&json!("main"), &json!("production")));
    assert_eq!(log["head"], SEEDS);
    own.stop().await;
    let refused = demo(&home, &WISH).output().await.unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("holds the production store `main`"), "{said}");
    std::fs::remove_dir_all(home).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_the_company_becomes_what_it_would_have_been() {
    let (undisturbed, killed) = (home(), home());
    let whole = async {
        let mut demo = Demo::start(&undisturbed, &WISH).await;
        let counts = demo.counts().await;
        let truth = std::fs::read(undisturbed.join("truth.json")).unwrap();
        demo.answers(&serde_json::from_slice(&truth).unwrap()).await;
        demo.stop().await;
        counts
    };
    let cut = async {
        for at in [5, 300, 700] {
            let mut demo = Demo::start(&killed, &WISH).await;
            until("some of it is there", || async { (demo.head().await >= at).then_some(()) }).await;
            demo.child.kill().await.unwrap();
        }
        let mut demo = Demo::start(&killed, &WISH).await;
        let counts = demo.counts().await;
        demo.stop().await;
        // What is whole stays as it is.
        let mut demo = Demo::start(&killed, &WISH).await;
        assert_eq!(demo.counts().await, counts);
        demo.stop().await;
        counts
    };
    let (whole, cut) = tokio::join!(whole, cut);
    let other: Vec<_> = whole.iter().filter(|(kind, count)| cut.get(*kind) != Some(count)).collect();
    assert_eq!(whole, cut, "other are {other:?}");
    assert_eq!((whole["employees.Hired"], whole["clients.Registered"]), (40, 134));
    for home in [undisturbed, killed] {
        std::fs::remove_dir_all(home).unwrap();
    }
}

impl Demo {
    /// Holds the answers against what was planted.
    async fn answers(&self, truth: &Value) {
        assert_eq!(truth["whole"], true);
        let planted = |what: &str| {
            let list = truth[what].as_array().unwrap();
            assert!(!list.is_empty(), "no {what}");
            list
        };
        for late in planted("late_links") {
            let id = late["interaction_id"].as_str().unwrap();
            let call = &self.get(&format!("/api/interactions/{id}")).await["item"];
            assert_eq!(call["client_ids"], json!([late["client_id"]]), "{call}");
        }
        for handover in planted("handovers") {
            let day: NaiveDate = serde_json::from_value(handover["on"].clone()).unwrap();
            let at = |day: NaiveDate| self.main_manager(handover["client_id"].as_str().unwrap(), day);
            assert_eq!(at(day.pred_opt().unwrap()).await, handover["from"], "{handover}");
            assert_eq!(at(day).await, handover["to"], "{handover}");
        }
        let pairs = self.get("/api/duplicates?limit=500").await;
        for twice in planted("duplicates") {
            let (id, of) = (twice["client_id"].as_str().unwrap(), &twice["of"]);
            if twice["outcome"] == "merged" {
                let card = &self.get(&format!("/api/clients/{id}")).await["item"];
                assert_eq!(&card["merged_into"]["client_id"], of, "{twice}");
                continue;
            }
            let two =
                |pair: &&Value| [&pair["client"]["id"], &pair["other"]["id"]] == [&twice["client_id"], of];
            let pair = pairs["items"].as_array().unwrap().iter().find(two).expect("the pair is known");
            assert_eq!(pair["state"], twice["outcome"], "{twice}");
        }
        for absence in planted("absences") {
            let from = absence["from"].as_str().unwrap();
            let away = self.get(&format!("/api/employees/absences?on={from}&limit=500")).await;
            let away = away["items"].as_array().unwrap();
            let found = away
                .iter()
                .find(|away| away["employee_id"] == absence["employee_id"])
                .expect("they are away");
            assert_eq!(found["until"], absence["until"], "{absence}");
            assert_eq!(found["deputies"][0]["employee_id"], absence["deputy"], "{absence}");
        }
    }

    /// Who looks after a client at noon of that day; null: nobody.
    async fn main_manager(&self, client: &str, day: NaiveDate) -> Value {
        let assignments = self.get(&format!("/api/assignments?client_id={client}&on={day}T12:00:00Z")).await;
        let mut main = assignments["items"].as_array().unwrap().iter().filter(|a| a["kind"] == "main");
        main.next().map_or(Value::Null, |main| main["employee_id"].clone())
    }
}
