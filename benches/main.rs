//! Figures, each beside the plainest way to do the same in the same run: `make bench`, or one of them by its name
//! (`cargo bench --bench figures -- append`).
#![expect(clippy::unwrap_used, reason = "a bench ends with its first surprise and prints a table")]
#![expect(unreachable_pub, reason = "the modules of a bench say what other modules may use")]

mod append;
mod http;
mod read_models;
mod support;

use support::Servers;

#[tokio::main]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|named| named == name);
    let servers = Servers::start();
    if wanted("append") {
        append::run(&servers.store("append").await).await;
    }
    if wanted("read_models") {
        read_models::run(&servers.store("models").await).await;
    }
    if wanted("http") {
        http::run(&servers).await;
    }
    servers.stop();
}
