//! Where the servers' programs are: named by the environment, brought by `make setup`, or installed and new enough.

use super::LocalError;
use crate::ambient;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `make setup` puts the programs.
const TOOLS: &str = ".letopis/tools";
/// The oldest PostgreSQL the log's functions run on.
const POSTGRES: u32 = 16;
/// Older ones lose streams made with a first sequence at restart.
const NATS: (u32, u32) = (2, 12);

/// The folder of PostgreSQL's programs.
pub(super) fn postgres() -> Result<PathBuf, LocalError> {
    const VARIABLE: &str = "LETOPIS_POSTGRES_BIN";
    if let Some(named) = ambient::variable(VARIABLE) {
        return Ok(named.into());
    }
    let brought = roots().map(|root| root.join("postgres/bin")).find(|bin| bin.join("postgres").is_file());
    let installed = || {
        let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> =
            debian.map(|entry| entry.path().join("bin")).chain(path_folders()).collect();
        folders.sort_by(|a, b| b.cmp(a));
        folders.into_iter().find(|bin| {
            version(&bin.join("postgres")).is_some_and(|version| version.first() >= Some(&POSTGRES))
        })
    };
    brought.or_else(installed).ok_or(LocalError::Missing("PostgreSQL", VARIABLE))
}

/// The program nats-server.
pub(super) fn nats() -> Result<PathBuf, LocalError> {
    const VARIABLE: &str = "LETOPIS_NATS_SERVER";
    if let Some(named) = ambient::variable(VARIABLE) {
        return Ok(named.into());
    }
    let brought = roots().map(|root| root.join("bin/nats-server")).find(|program| program.is_file());
    let installed = || {
        path_folders()
            .map(|folder| folder.join("nats-server"))
            .find(|program| version(program).is_some_and(|v| v.len() > 1 && (v[0], v[1]) >= NATS))
    };
    brought.or_else(installed).ok_or(LocalError::Missing("nats-server", VARIABLE))
}

/// The tools' folder here, and beside the program where it was built.
fn roots() -> impl Iterator<Item = PathBuf> {
    let built = std::env::current_exe().ok();
    let above: Vec<PathBuf> =
        built.iter().flat_map(|program| program.ancestors().skip(1)).map(Path::to_owned).collect();
    std::env::current_dir().into_iter().chain(above).map(|folder| folder.join(TOOLS))
}

fn path_folders() -> impl Iterator<Item = PathBuf> {
    let path = ambient::variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// The numbers in what a program says to `--version`.
fn version(program: &Path) -> Option<Vec<u32>> {
    let said = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    let word = text.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches('v');
        word.starts_with(|c: char| c.is_ascii_digit()).then_some(word)
    })?;
    Some(word.split('.').map_while(|part| part.parse().ok()).collect())
}
