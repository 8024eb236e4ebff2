//! Where things are: from the environment, or from the file a demo left in its home folder.

use crate::ambient;
use letopis_eventstore::WINDOW_BYTES;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What ends the program with a message.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The addresses of a running service and its servers, as `<home>/run.toml` keeps them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The service.
    pub http: String,
    /// The log, by the service's login.
    pub log: String,
    /// The read models.
    pub read: String,
    /// NATS.
    pub nats: Option<String>,
}

/// What is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable is not set.
    #[error("set {0}: {1}")]
    Unset(&'static str, &'static str),
    /// No demo runs there.
    #[error("{0} cannot be read: does a demo run with this home?")]
    NotRunning(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// A number was expected.
    #[error("{0} must be a whole number of megabytes from 1 on")]
    NoMegabytes(&'static str),
    /// The file cannot be written.
    #[error("{0} cannot be written")]
    NotWritten(String, #[source] std::io::Error),
}

/// The file's name in a home folder.
const RUN: &str = "run.toml";

/// How much of the log JetStream keeps, in bytes: `LETOPIS_NATS_WINDOW` megabytes. The server sets them aside for each store.
pub fn window_bytes() -> Result<i64, ConfigError> {
    const NAME: &str = "LETOPIS_NATS_WINDOW";
    let Some(text) = ambient::variable(NAME) else { return Ok(WINDOW_BYTES) };
    let megabytes = text.parse().ok().filter(|megabytes| (1..=1_000_000).contains(megabytes));
    megabytes.map(|megabytes: i64| megabytes * 1_000_000).ok_or(ConfigError::NoMegabytes(NAME))
}

/// A variable that must be set.
pub fn needed(name: &'static str, what: &'static str) -> Result<String, ConfigError> {
    ambient::variable(name).ok_or(ConfigError::Unset(name, what))
}

impl Run {
    /// From the environment: `LETOPIS_LOG_URL`, `LETOPIS_READ_URL` (default: the log's), `LETOPIS_NATS_URL`.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let log = needed(
            "LETOPIS_LOG_URL",
            "the address of the log's database, postgres://login:password@host/database",
        )?;
        Ok(Self {
            http: String::new(),
            read: ambient::variable("LETOPIS_READ_URL").unwrap_or_else(|| log.clone()),
            log,
            nats: ambient::variable("LETOPIS_NATS_URL"),
        })
    }

    /// From the home folder of a running demo, or from the environment.
    pub fn find(home: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(home) = home else { return Self::from_environment() };
        let path = home.join(RUN);
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            ConfigError::NotRunning(path.display().to_string(), error)
        };
        let text = std::fs::read_to_string(&path).map_err(|error| failed(error.into()))?;
        toml::from_str(&text).map_err(|error| failed(error.into()))
    }

    /// Writes the file so that only its owner can read it.
    pub fn write(&self, home: &Path) -> Result<(), ConfigError> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let path = home.join(RUN);
        let text = toml::to_string(self).unwrap_or_default();
        let _ = std::fs::remove_file(&path);
        let file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| ConfigError::NotWritten(path.display().to_string(), error))
    }
}
