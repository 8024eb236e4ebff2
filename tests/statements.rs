//! Every statement fits the tables it asks: constants are prepared, those put together are asked in every way.

use crate::architecture::{code, files};
use crate::support::{Database, Service, connect};
use letopis_eventstore::StoreKind;
use std::path::Path;

/// Whether a text holds SQL that is a statement or a part of one.
fn holds_sql(text: &str) -> bool {
    let text = text.to_lowercase();
    ["select ", "insert into ", "update ", "delete from ", " join "].iter().any(|word| text.contains(word))
}

/// From the first of `begin` to the next of `end`, and what comes after.
fn cut<'a>(text: &'a str, begin: &str, end: &str) -> Option<(&'a str, &'a str)> {
    let from = text.find(begin)?;
    let length = text[from..].find(end)? + end.len();
    Some((&text[from..from + length], &text[from + length..]))
}

/// The parts of a file between `begin` and `end`, and the file without them.
fn taken(mut code: &str, begin: &str, end: &str) -> (Vec<String>, String) {
    let (mut parts, mut rest) = (vec![], String::new());
    while let Some((part, after)) = cut(code, begin, end) {
        rest += &code[..code.len() - part.len() - after.len()];
        parts.push(part.to_owned());
        code = after;
    }
    (parts, rest + code)
}

/// A file's constants that hold SQL, by name; and whether SQL stands elsewhere in it.
fn constants(path: &Path) -> (Vec<String>, bool) {
    let (macros, rest) = taken(&code(path).replace("const fn", "fn"), "macro_rules! ", "\n}\n");
    let sql_macros: Vec<String> = macros
        .iter()
        .filter(|text| holds_sql(text))
        .map(|text| text["macro_rules! ".len()..].split(' ').next().unwrap().to_owned() + "!(")
        .collect();
    let (constants, rest) = taken(&rest, "const ", ";\n");
    let holding = |text: &String| {
        let made = holds_sql(text) || sql_macros.iter().any(|name| text.contains(name));
        made.then(|| text["const ".len()..].split(':').next().unwrap().to_owned())
    };
    let names = constants.iter().filter(|text| text.contains(": &str =")).filter_map(holding).collect();
    // Elsewhere a statement would begin a text.
    let elsewhere = rest.split('"').any(|text| {
        let text = text.trim_start().to_lowercase();
        ["select ", "insert into ", "update ", "delete from ", "with "]
            .iter()
            .any(|word| text.starts_with(word))
    });
    (names, elsewhere)
}

#[test]
fn every_constant_statement_is_among_those_prepared() {
    let log = code(Path::new("eventstore/src/lib.rs"));
    let mut found = 0;
    for path in files("eventstore/src").into_iter().chain(files("query-api/src")) {
        // Carried out by every test that has a database.
        if path.ends_with("migrate.rs") {
            continue;
        }
        let text = code(&path);
        let words = |begin: &str, end: &str| -> Vec<String> {
            let (part, _) = cut(&text, begin, end).unwrap_or_default();
            part.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
        };
        let known = [words("const STATEMENTS", "];"), words("\nfn sql(", "\n}\n")].concat();
        let module = path.file_stem().unwrap().to_str().unwrap();
        let (names, elsewhere) = constants(&path);
        for name in &names {
            let listed = log.contains(&format!(" {module}::{name},")) || known.contains(name);
            assert!(listed, "{}: {name} is not among the STATEMENTS", path.display());
        }
        assert!(!elsewhere, "{}: a statement is a constant and stands in STATEMENTS", path.display());
        found += names.len();
    }
    let listed = letopis_eventstore::STATEMENTS.len() + letopis_query_api::statements().len();
    assert!(found >= listed && listed >= 20, "{listed} statements are listed, {found} constants were found");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_fits_its_tables() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    assert_eq!(service.get("/api/clients").await.status, 200, "the tables are there");
    // As the service: what it may not do, it cannot prepare.
    let client = connect(&database.service).await;
    for sql in letopis_eventstore::STATEMENTS {
        client.prepare(sql).await.unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    }
    let schema = letopis_projections::crm().schema();
    client.batch_execute(&format!("set search_path = {schema}, pg_catalog")).await.unwrap();
    for sql in letopis_query_api::statements() {
        client.prepare(sql).await.unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    }
}

/// The names a parameter takes, as the refusal of another one tells them.
async fn names(service: &Service, path: &str, parameter: &str) -> Vec<String> {
    let answer = service.get(&format!("{path}?{parameter}=nothing")).await;
    let text =
        answer.body["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
    let (_, names) = text.split_once("must be one of ").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

/// Every choice of at most so many names, in their order.
fn choices(names: &[String], most: usize) -> Vec<String> {
    let mut all: Vec<Vec<&str>> = vec![vec![]];
    for name in names {
        let with: Vec<_> = all
            .iter()
            .filter(|choice| choice.len() < most)
            .map(|choice| [choice.as_slice(), &[name]].concat())
            .collect();
        all.extend(with);
    }
    all.iter().map(|choice| choice.join(",")).collect()
}

async fn answered(service: &Service, path: &str, pairs: &[(&str, &str)]) {
    let pairs =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}"));
    let path = format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"));
    let answer = service.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_together_can_be_asked_in_every_way() {
    let database = Database::new(StoreKind::Production).await;
    let service = Service::start(&database).await;
    let path = "/api/analytics/segments";
    let (by, measures) = (names(&service, path, "by").await, names(&service, path, "measure").await);
    for measure in choices(&measures, 2) {
        for by in choices(&by, 3) {
            answered(&service, path, &[("by", &by), ("measure", &measure)]).await;
        }
    }
    for path in ["/api/reports/interactions", "/api/reports/steps", "/api/reports/handovers"] {
        let by = names(&service, path, "group_by").await;
        // Any two together, and as many as may be; each with days and with moments as bounds.
        let wide = by.windows(6).map(|names| names.join(","));
        for by in choices(&by, 2).into_iter().chain(wide) {
            for (from, to) in
                [("", ""), ("2026-01-01", ""), ("", "2026-01-01T00:00:00Z"), ("2026-01-01", "2026-02-01")]
            {
                answered(&service, path, &[("group_by", &by), ("from", from), ("to", to)]).await;
            }
        }
    }
}
