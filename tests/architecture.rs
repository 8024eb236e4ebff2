//! The shape of the house: what may stand where, and how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of a file.
const LINES: usize = 500;

pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "sql") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// The code of a file without its comments and its tests.
pub(crate) fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn absent(folders: &[&str], words: &[&str], but: &[&str]) {
    for path in folders.iter().flat_map(|folder| files(folder)) {
        if but.iter().any(|but| path.starts_with(but)) {
            continue;
        }
        let code = code(&path);
        for word in words {
            assert!(!code.contains(word), "{} holds {word:?}", path.display());
        }
    }
}

/// SQL that reads or writes, in whatever letters.
fn without_sql(folders: &[&str], words: &[&str], but: &[&str]) {
    for path in folders.iter().flat_map(|folder| files(folder)) {
        if but.iter().any(|but| path.starts_with(but)) {
            continue;
        }
        let code = code(&path).to_lowercase();
        for word in words {
            assert!(!code.contains(word), "{} holds {word:?}", path.display());
        }
        let tokens: Vec<&str> = code.split_whitespace().map(|token| token.trim_start_matches('"')).collect();
        let updates = tokens.windows(3).any(|three| three[0] == "update" && three[2] == "set");
        assert!(!updates, "{} updates rows", path.display());
    }
}

fn dependencies(package: &str) -> String {
    let manifest = fs::read_to_string(format!("{package}/Cargo.toml")).unwrap();
    let all = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    all.split("\n[").next().unwrap_or_default().to_owned()
}

#[test]
fn the_two_arms_meet_only_in_the_root() {
    for (package, may) in [
        ("events", vec![]),
        ("eventstore", vec!["events"]),
        ("commands", vec!["events", "eventstore"]),
        ("projections", vec!["events", "eventstore"]),
        ("query-api", vec!["events", "eventstore", "projections"]),
    ] {
        for other in ["events", "eventstore", "commands", "projections", "query-api"] {
            let depends = dependencies(package).contains(&format!("letopis-{other}."));
            assert!(!depends || may.contains(&other), "{package} must not know {other}");
        }
    }
}

#[test]
fn what_is_deliberately_absent_is_absent() {
    for package in ["events", "eventstore", "commands", "projections"] {
        assert!(!dependencies(package).contains("axum"), "{package} knows axum");
    }
    for package in ["events", "commands", "projections", "query-api", "."] {
        assert!(!dependencies(package).contains("async-nats"), "{package} knows NATS");
    }
    for package in ["events", "commands"] {
        assert!(!dependencies(package).contains("postgres"), "{package} knows PostgreSQL");
    }
    let writing = ["insert into", "delete from", "truncate "];
    let sql = [&writing[..], &["select "]].concat();
    without_sql(&["events/src", "commands/src"], &sql, &[]);
    without_sql(&["projections/src"], &sql, &["projections/src/engine"]);
    without_sql(&["query-api/src", "src"], &writing, &[]);
    let ambient = ["Utc::now", "SystemTime", "now_v7", "rand::", "std::env", "env::var"];
    absent(
        &["events/src", "eventstore/src", "commands/src", "projections/src", "query-api/src"],
        &ambient,
        &[],
    );
}

#[test]
fn the_same_noun_has_the_same_file() {
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        entries
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    let modules: BTreeSet<&str> = letopis_commands::commands().iter().map(|command| command.module).collect();
    assert!(modules.len() >= 7, "{modules:?}");
    for module in modules {
        assert!(names("events/src").contains(module) && names("commands/src").contains(module), "{module}");
    }
    let read_models: BTreeSet<String> =
        names("projections/src").into_iter().filter(|name| name != "lib").collect();
    let questions = names("query-api/src");
    for read_model in &read_models {
        assert!(questions.contains(read_model), "query-api/src/{read_model}.rs is missing");
    }
    for folder in ["events/src", "eventstore/src", "commands/src", "projections/src", "query-api/src", "src"]
    {
        for vague in ["util", "utils", "common", "helpers", "types", "manager", "service"] {
            assert!(!names(folder).contains(vague), "{folder}/{vague}.rs says nothing");
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let folders = ["events", "eventstore", "commands", "projections", "query-api", "src", "tests", "benches"];
    for path in folders.iter().filter(|folder| Path::new(folder).exists()).flat_map(|folder| files(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(lines <= LINES, "{} has {lines} lines", path.display());
        let ending = path.extension().unwrap();
        assert!(ending == "sql" || text.starts_with("//!"), "{} does not begin with //!", path.display());
        for word in ["TODO", "FIXME"].map(|word| format!("{word}:")) {
            assert!(!text.contains(&word), "{} holds {word}", path.display());
        }
    }
}
