//! The demo's made-up company becomes whole, whenever it is killed while it is recorded, and the service answers what was planted.

use crate::support::{SEEDS, fresh, until};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
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

    /// All events, without their places: what goes on at one moment is recorded in any order.
    async fn events(&mut self) -> BTreeSet<String> {
        let head = self.whole().await;
        let (mut events, mut after) = (BTreeSet::new(), 0);
        while after < head {
            let page = self.get(&format!("/api/events?after={after}&limit=1000")).await;
            for event in page["items"].as_array().unwrap() {
                let mut event = event.clone();
                let fields = event.as_object_mut().unwrap();
                after = fields.remove("position").unwrap().as_i64().unwrap();
                fields.remove("leaf");
                events.insert(event.to_string());
            }
        }
        assert_eq!(events.len(), usize::try_from(head).unwrap());
        events
    }

    /// Its child of that name.
    fn child_called(&self, name: &str) -> Option<Pid> {
        let own = self.child.id()?.to_string();
        let of = |id: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let (head, rest) = stat.split_once(") ")?;
            let mut fields = rest.split(' ');
            let alive = fields.next()? != "Z";
            (alive && head.ends_with(&format!("({name}")) && fields.next()? == own)
                .then(|| id.parse().ok())?
        };
        let ids = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        ids.filter_map(|id| of(&id)).find_map(Pid::from_raw)
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
        let events = demo.events().await;
        let truth = std::fs::read(undisturbed.join("truth.json")).unwrap();
        demo.answers(&serde_json::from_slice(&truth).unwrap()).await;
        demo.stop().await;
        events
    };
    let cut = async {
        for at in [5, 300, 700] {
            let mut demo = Demo::start(&killed, &WISH).await;
            until("some of it is there", || async { (demo.head().await >= at).then_some(()) }).await;
            demo.child.kill().await.unwrap();
        }
        let mut demo = Demo::start(&killed, &WISH).await;
        let events = demo.events().await;
        demo.stop().await;
        // What is whole stays as it is.
        let mut demo = Demo::start(&killed, &WISH).await;
        assert_eq!(demo.events().await.len(), events.len());
        demo.stop().await;
        events
    };
    let (whole, cut) = tokio::join!(whole, cut);
    let other: Vec<_> = whole.symmetric_difference(&cut).collect();
    assert!(other.is_empty(), "{} are other: {:#?}", other.len(), &other[..other.len().min(6)]);
    for home in [undisturbed, killed] {
        std::fs::remove_dir_all(home).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_prints_works_and_a_server_that_dies_comes_again() {
    let home = home();
    let mut demo = Demo::start(&home, &["--clients", "12", "--until", "2026-11-01"]).await;
    demo.whole().await;
    let run = home.join("run.toml");
    assert_eq!(std::fs::metadata(&run).unwrap().permissions().mode() & 0o777, 0o600);
    let known: toml::Value = toml::from_str(&std::fs::read_to_string(&run).unwrap()).unwrap();
    assert_eq!(known["http"].as_str(), Some(demo.url.as_str()));
    let mut tried = 0;
    let mut line = String::new();
    while tried < 5 {
        line += demo.said.next_line().await.unwrap().unwrap().trim();
        if line.ends_with('\\') {
            line.pop();
            continue;
        }
        let status = carried_out(&line).await;
        assert!((200..300).contains(&status), "{line}: {status}");
        (tried, line) = (tried + 1, String::new());
    }
    for (recorded, repeated) in [(60, 0), (0, 60)] {
        let mut import = Command::new(env!("CARGO_BIN_EXE_letopis"));
        import.args([
            "import",
            "interactions",
            "tests/data/calls.csv",
            "--mapping",
            "tests/data/calls.toml",
            "--json",
            "--home",
        ]);
        let told = import.arg(&home).env("LETOPIS_LOG", "error").output().await.unwrap();
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!((&told["recorded"], &told["repeated"]), (&json!(recorded), &json!(repeated)), "{told}");
    }
    for (server, name) in [("nats-server", "nats-server"), ("postgres", "postgres")] {
        let before = demo.child_called(name).expect("it runs");
        kill_process(before, Signal::KILL).unwrap();
        until(server, || async { demo.child_called(name).filter(|now| *now != before) }).await;
        let call = json!({"kind": "note", "occurred_at": "2026-10-30", "counterpart": {"raw": "x"}});
        let said = until("commands are carried out again", || async {
            let post = reqwest::Client::new().post(format!("{}/api/commands/interactions/record", demo.url));
            let answer = post.header("letopis-actor", "agent:test").json(&call).send().await.unwrap();
            (answer.status() == 201).then_some(answer.json::<Value>().await.unwrap())
        })
        .await;
        until("it is shown, and copied", || async {
            let health = reqwest::get(format!("{}/health/ready", demo.url)).await.unwrap();
            let health = health.json::<Value>().await.unwrap();
            let groups = health["groups"].as_object()?;
            let through =
                |at: &Value| at["error"].is_null() && at["position"].as_i64() >= said["position"].as_i64();
            (groups.values().all(through) && through(&health["relay"])).then_some(())
        })
        .await;
    }
    demo.stop().await;
    assert!(!run.exists());
    std::fs::remove_dir_all(home).unwrap();
}

/// Does what a line for curl says; returns the status.
async fn carried_out(line: &str) -> u16 {
    let mut words = words(line).into_iter();
    assert_eq!(words.next().as_deref(), Some("curl"));
    let (mut url, mut headers, mut body) = (String::new(), vec![], None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-s" => {}
            "-H" => headers.push(words.next().unwrap()),
            "-d" => body = words.next(),
            _ => url = word,
        }
    }
    let http = reqwest::Client::new();
    let mut request = if body.is_some() { http.post(url) } else { http.get(url) };
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(body.unwrap_or_default()).send().await.unwrap().status().as_u16()
}

/// The words of a line as a shell parts them: at spaces outside single quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let mut words = vec![];
    for (place, part) in parts {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

impl Demo {
    /// Holds the answers against what was planted, and what was planted against the answers.
    async fn answers(&self, truth: &Value) {
        assert_eq!(truth["whole"], true);
        let planted = |what: &str| {
            let list = truth[what].as_array().unwrap();
            assert!(!list.is_empty(), "no {what}");
            list
        };
        assert_eq!(self.get("/api/log/refusals").await["items"], json!([]));
        for late in planted("late_links") {
            let call = format!("/api/interactions/{}", late["interaction_id"].as_str().unwrap());
            let on = day(&late["on"]);
            let clients_on = async |day| {
                self.get(&format!("{call}?as_of={}", evening(day))).await["item"]["client_ids"].clone()
            };
            assert_eq!(clients_on(on.pred_opt().unwrap()).await, json!([]), "{late}");
            assert_eq!(clients_on(on).await, json!([late["client_id"]]), "{late}");
        }
        let unlinked = self.all("/api/interactions?unlinked=true").await;
        assert_eq!(set(unlinked.iter().map(|call| &call["id"])), set(planted("unknown_callers")));
        self.handovers(planted("handovers")).await;
        self.sizes().await;
        for handover in planted("handovers") {
            self.in_order(handover["client_id"].as_str().unwrap()).await;
        }
        let pairs = self.all("/api/duplicates").await;
        let pairs: Vec<_> = pairs
            .iter()
            .map(|pair| json!({"client_id": pair["client"]["id"], "of": pair["other"]["id"], "outcome": pair["state"]}))
            .collect();
        assert_eq!(set(&pairs), set(planted("duplicates")));
        for twice in planted("duplicates").iter().filter(|twice| twice["outcome"] == "merged") {
            let card =
                &self.get(&format!("/api/clients/{}", twice["client_id"].as_str().unwrap())).await["item"];
            assert_eq!(card["merged_into"]["client_id"], twice["of"], "{twice}");
        }
        for absence in planted("absences") {
            let (from, until) = (day(&absence["from"]), day(&absence["until"]));
            for (on, away) in [(from, true), (until.pred_opt().unwrap(), true), (until, false)] {
                let all = self.all(&format!("/api/employees/absences?on={on}")).await;
                let found = all.iter().find(|one| one["employee_id"] == absence["employee_id"]);
                assert_eq!(found.is_some(), away, "{absence}");
                let found = found.map(|found| [&found["until"], &found["deputies"][0]["employee_id"]]);
                assert!(
                    found.is_none_or(|found| found == [&absence["until"], &absence["deputy"]]),
                    "{absence}"
                );
            }
        }
    }

    /// On a timeline nothing stands before what it came of, even of one moment.
    async fn in_order(&self, client: &str) {
        let lines = self.all(&format!("/api/clients/{client}/timeline")).await;
        let place = |is: &dyn Fn(&Value) -> bool| lines.iter().position(is);
        let registered = place(&|line| line["event"] == "Registered" && line["kind"] == "client");
        assert!(registered < place(&|line| line["event"] == "ManagerAssigned"), "{client}");
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line["event"] == "Done") {
            let by = &line["data"]["interaction_id"];
            let talk = place(&|other| !other["interaction"].is_null() && other["interaction_id"] == *by);
            assert!(by.is_null() || talk.is_some_and(|talk| talk < number), "{line}");
        }
    }

    /// How many clients there were at the end of each month.
    async fn sizes(&self) {
        let events = async |kind: &str| -> Vec<String> {
            let found = self.get(&format!("/api/events?category=clients&type={kind}&limit=1000")).await;
            let month = |event: &Value| event["recorded_at"].as_str().unwrap()[..7].to_owned();
            found["items"].as_array().unwrap().iter().map(month).collect()
        };
        let (came, merged) = (events("Registered").await, events("MergedInto").await);
        let by = |months: &[String], end: &str| months.iter().filter(|month| month.as_str() <= end).count();
        let told = self.get("/api/analytics/segments?measure=clients&over=month").await;
        let told = told["items"].as_array().unwrap();
        assert!(told.len() >= 24 && told[0]["clients"] != told[20]["clients"], "{told:?}");
        for row in told {
            let month = row["month"].as_str().unwrap();
            assert_eq!(row["clients"], by(&came, month) - by(&merged, month), "{month}");
        }
    }

    /// Who got whose clients: as it is told now, as it was told that evening, and by the list of all assignments.
    async fn handovers(&self, planted: &[Value]) {
        for handover in planted {
            let (client, on) = (handover["client_id"].as_str().unwrap(), day(&handover["on"]));
            let main_manager = async |day: NaiveDate, as_of: &str| {
                let path = format!("/api/assignments?client_id={client}&kind=main&on={day}T12:00:00Z{as_of}");
                self.get(&path).await["items"][0]["employee_id"].clone()
            };
            let before = on.pred_opt().unwrap();
            assert_eq!(main_manager(before, "").await, handover["from"], "{handover}");
            assert_eq!(main_manager(on, "").await, handover["to"], "{handover}");
            let then = format!("&as_of={}", evening(on));
            assert_eq!(main_manager(on, &then).await, handover["to"], "{handover}");
        }
        let mut held: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for assignment in self.all("/api/assignments?kind=main&sort=since").await {
            let one =
                json!([assignment["client_id"], assignment["employee_id"], moscow(&assignment["since"])]);
            held.entry(assignment["client_id"].to_string()).or_default().push(one);
        }
        let (left, given): (Vec<_>, Vec<_>) = planted.iter().partition(|handover| handover["to"].is_null());
        let given: Vec<_> = given
            .iter()
            .map(|handover| json!([handover["client_id"], handover["to"], handover["on"]]))
            .collect();
        assert_eq!(set(held.values().flat_map(|held| &held[1..])), set(&given));
        let on = day(&left.first().expect("somebody leaves and names nobody")["on"]);
        let nobodys = self.all(&format!("/api/assignments/unassigned?as_of={}", evening(on))).await;
        let left = left.iter().map(|handover| &handover["client_id"]);
        assert_eq!(set(nobodys.iter().map(|client| &client["id"])), set(left));
    }

    /// All items of a list.
    async fn all(&self, list: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (vec![], String::new());
        let sign = if list.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{list}{sign}limit=50{cursor}")).await;
            items
                .extend(page["items"].as_array().unwrap_or_else(|| panic!("{list}: {page}")).iter().cloned());
            let Some(next) = page["meta"]["next"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    }
}

fn day(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

/// When that day ends in Moscow.
fn evening(day: NaiveDate) -> String {
    format!("{day}T21:00:00Z")
}

/// The day it is in Moscow.
fn moscow(moment: &Value) -> NaiveDate {
    let moment: DateTime<Utc> = moment.as_str().unwrap().parse().unwrap();
    (moment + TimeDelta::hours(3)).date_naive()
}

fn set<'v>(values: impl IntoIterator<Item = &'v Value>) -> BTreeSet<String> {
    values.into_iter().map(Value::to_string).collect()
}
