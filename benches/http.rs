//! A call recorded over HTTP at the real binary by 64 connections, beside raw INSERT by as many.

use crate::append::{inserted, raw_table};
use crate::support::{Measured, Servers, Store, callers};
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// Connections.
const CALLERS: usize = 64;
/// Clients who are called.
const CLIENTS: usize = 500;

/// Prints the figures.
pub async fn run(servers: &Servers) {
    println!("| 64 connections | requests /s | p50 ms | p99 ms |");
    println!("|---|---|---|---|");
    let store = servers.store("alone").await;
    line("commands alone", &recorded(&store, &["--without", "workers,relay"]).await);
    let store = servers.store("whole").await;
    line("with relay, read models and policies", &recorded(&store, &[]).await);
    raw_table(&store).await;
    line("raw INSERT", &inserted(&store, CALLERS).await);
    println!();
}

fn line(what: &str, Measured { per_second, latency }: &Measured) {
    let millis = |quantile: f64| {
        let micros = latency.value_at_quantile(quantile);
        format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
    };
    println!("| {what} | {per_second} | {} | {} |", millis(0.5), millis(0.99));
}

/// Calls recorded by a service with these parts.
async fn recorded(store: &Store, parts: &[&str]) -> Measured {
    let (mut service, address) = serve(store, parts).await;
    let mut connection = Connection::open(&address).await;
    let employee =
        connection.made("employees/hire", "agent:bench", &json!({"name": {"last": "Иванова"}})).await;
    let mut clients = vec![];
    for index in 0..CLIENTS {
        let body = json!({"kind": "person", "name": format!("Анна {index}")});
        clients.push(connection.made("clients/register", &employee, &body).await);
    }
    let (clients, mut work) = (Arc::new(clients), vec![]);
    for caller in 0..CALLERS {
        let connection = Arc::new(Mutex::new(Connection::open(&address).await));
        let (clients, employee, mut turn) = (Arc::clone(&clients), employee.clone(), caller);
        work.push(move || {
            turn += CALLERS;
            let body = json!({
                "kind": "call", "direction": "out", "client_id": clients[turn % CLIENTS], "result": "interested",
                "occurred_at": "2026-03-01T10:00:00Z", "duration_seconds": 75, "telephony_status": "answered",
            });
            let (connection, employee) = (Arc::clone(&connection), employee.clone());
            async move { drop(connection.lock().await.made("interactions/record", &employee, &body).await) }
        });
    }
    let measured = callers(work).await;
    service.kill().await.unwrap();
    measured
}

async fn serve(store: &Store, parts: &[&str]) -> (Child, String) {
    let mut service = Command::new(env!("CARGO_BIN_EXE_letopis"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(parts)
        .env("LETOPIS_LOG_URL", &store.service)
        .env("LETOPIS_NATS_URL", &store.nats)
        .env("LETOPIS_LOG", "warn")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    (service, line.strip_prefix("listening on http://").unwrap().to_owned())
}

/// As little HTTP as there can be, so that the figure is the service's.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { address: address.to_owned(), stream: BufReader::new(stream) }
    }

    /// Posts a command that makes a thing; returns its id.
    async fn made(&mut self, command: &str, actor: &str, body: &Value) -> String {
        let (address, body) = (&self.address, body.to_string());
        let request = format!(
            "POST /api/commands/{command} HTTP/1.1\r\nHost: {address}\r\nLetopis-Actor: {actor}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).await.unwrap();
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let from = head.len();
            self.stream.read_line(&mut head).await.unwrap();
            if let Some(text) = head[from..].strip_prefix("content-length: ") {
                length = text.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).await.unwrap();
        assert!(head.starts_with("HTTP/1.1 201"), "{head}{}", String::from_utf8_lossy(&answer));
        let receipt: Value = serde_json::from_slice(&answer).unwrap();
        receipt["id"].as_str().unwrap().to_owned()
    }
}
