//! The real binary, serving, and its HTTP as a test uses it.

use super::{Database, document, servers, until};
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `letopis serve`; it dies with the test.
pub(crate) struct Service {
    pub(crate) url: String,
    /// An employee who works there.
    pub(crate) actor: String,
    http: reqwest::Client,
    _child: Child,
}

/// What HTTP answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// The id in a receipt.
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no receipt: {self:?}")).to_owned()
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_else(|| panic!("no problem: {self:?}"))
    }

    /// The paths of the fields at fault.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|e| e["path"].as_str()).collect()
    }

    pub(crate) fn position(&self) -> i64 {
        self.body["position"].as_i64().unwrap_or_else(|| panic!("no receipt: {self:?}"))
    }
}

/// Starts the binary on a database and returns the first line it prints.
pub(crate) async fn spawn(database: &Database, nats: Option<&str>, args: &[&str]) -> (Child, String) {
    started(binary(database, nats, args)).await
}

fn binary(database: &Database, nats: Option<&str>, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_letopis"));
    command.args(args).env("LETOPIS_LOG_URL", &database.service).env("LETOPIS_LOG", "warn");
    // The run's one NATS sets the whole window aside for each of its many stores.
    command.env("LETOPIS_NATS_WINDOW", "64");
    if let Some(nats) = nats {
        command.env("LETOPIS_NATS_URL", nats);
    }
    command
}

async fn started(mut command: Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("the service starts");
    (child, line)
}

impl Service {
    /// Serves this database over the run's NATS, with an employee hired.
    pub(crate) async fn start(database: &Database) -> Self {
        Self::with(database, Some(&servers().nats), &[]).await
    }

    pub(crate) async fn with(database: &Database, nats: Option<&str>, more: &[&str]) -> Self {
        let mut service = Self::without_people(database, nats, more).await;
        let hired =
            service.command("employees/hire", &serde_json::json!({"name": {"last": "Петрова"}})).await;
        service.actor = hired.id();
        service
    }

    /// Serves this database with nobody hired: the actor is a program.
    pub(crate) async fn without_people(database: &Database, nats: Option<&str>, more: &[&str]) -> Self {
        let args: Vec<&str> = ["serve", "--listen", "127.0.0.1:0"].iter().chain(more).copied().collect();
        Self::of(spawn(database, nats, &args).await)
    }

    /// Serves this database, without NATS, with its read models in another one.
    pub(crate) async fn reading(database: &Database, read_url: &str) -> Self {
        let mut command = binary(database, None, &["serve", "--listen", "127.0.0.1:0"]);
        command.env("LETOPIS_READ_URL", read_url);
        Self::of(started(command).await)
    }

    fn of((child, line): (Child, String)) -> Self {
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { url, actor: "agent:test".into(), http: reqwest::Client::new(), _child: child }
    }

    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.post_as(&self.actor, path)
    }

    pub(crate) fn post_as(&self, actor: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.url)).header("letopis-actor", actor)
    }

    /// Posts a command.
    pub(crate) async fn command(&self, path: &str, body: &Value) -> Answer {
        self.send(self.post(&format!("/api/commands/{path}")).json(body)).await
    }

    /// Asks a question.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    /// Waits until the policies and the read models have seen all there is; returns how far that is.
    pub(crate) async fn settled(&self) -> i64 {
        until("all is through", || async {
            let head = self.get("/api/log").await.body["item"]["head"].as_i64().unwrap();
            let health = self.get("/health/ready").await;
            let at = |group: &str| health.body["groups"][group]["position"].as_i64();
            // What the policies asked for stands behind what they had seen.
            let still = self.get("/api/log").await.body["item"]["head"].as_i64().unwrap() == head;
            let through = ["policies", "crm", "reports"].iter().all(|group| at(group) >= Some(head));
            (still && through).then_some(head)
        })
        .await
    }

    /// Sends a request; the answer is what the API's document says, or the test ends.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().as_str().to_lowercase(), request.url().path().to_owned());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let media = headers.get("content-type").and_then(|media| media.to_str().ok()).unwrap_or_default();
        document().check(&method, &path, (status, media), &text);
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, body, text }
    }
}
