//! PostgreSQL and NATS of a machine that has none: private servers as children of this process, for a demo and for tests.

mod child;
mod nats;
mod postgres;
mod tools;

use child::Child;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take to come up.
const START: Duration = Duration::from_mins(1);

/// Why the servers could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A server's program is nowhere.
    #[error("{0} was not found: run `make setup`, or set {1}")]
    Missing(&'static str, &'static str),
    /// Another process uses the folder.
    #[error("{0} is in use by another letopis")]
    InUse(PathBuf),
    /// The file system refused.
    #[error("{1}")]
    Io(#[source] io::Error, String),
    /// A server did not come up.
    #[error("{0} did not start: {1}")]
    NotStarted(&'static str, String),
}

fn failed(doing: impl Into<String>) -> impl FnOnce(io::Error) -> LocalError {
    let doing = doing.into();
    move |error| LocalError::Io(error, doing)
}

/// The running servers.
pub struct Servers {
    /// The address of PostgreSQL's superuser, for the database `postgres`; other databases by their name at its end.
    pub owner_url: String,
    /// The address of NATS.
    pub nats_url: String,
    children: Vec<Child>,
    sockets: PathBuf,
    /// Held as long as the servers run; freed by the system when this process dies.
    _lock: File,
}

impl Servers {
    /// Starts both in `home`; what an earlier process left running there is stopped first. `fast` gives up safety for speed.
    pub async fn start(home: &Path, fast: bool) -> Result<Self, LocalError> {
        std::fs::create_dir_all(home).map_err(failed("the home folder cannot be made"))?;
        let home = home.canonicalize().map_err(failed("the home folder cannot be read"))?;
        let lock = lock(&home)?;
        let (owner_url, postgres, sockets) = postgres::start(&home, fast).await?;
        let (nats_url, nats) = nats::start(&home).await?;
        Ok(Self { owner_url, nats_url, children: vec![nats, postgres], sockets, _lock: lock })
    }

    /// Stops both, NATS first.
    pub async fn stop(self) {
        for child in self.children {
            child.stop().await;
        }
        // Nobody's any more.
        let _ = std::fs::remove_dir_all(self.sockets);
    }
}

fn lock(home: &Path) -> Result<File, LocalError> {
    let path = home.join("lock");
    let file = File::create(&path).map_err(failed("the lock cannot be made"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalError::InUse(home.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed("the lock cannot be taken")(error)),
    }
}

/// A port of the loopback nobody listens on at the moment.
fn free_port() -> Result<u16, LocalError> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.map(|address| address.port()).map_err(failed("no free port on the loopback"))
}
