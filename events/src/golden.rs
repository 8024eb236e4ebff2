//! Stored events are promises: one golden payload of each, exactly as it stood in a log. Files are only ever added.

use crate::{DomainEvent, FIXTURES, kinds};
use std::collections::BTreeSet;
use std::path::Path;

/// Module, type and version of each fixture, and its payload.
fn fixtures() -> Vec<(String, String, u16, String)> {
    let files = std::fs::read_dir(FIXTURES).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let name = Path::new(&path).file_stem().unwrap().to_string_lossy().into_owned();
            let mut parts = name.split('.');
            let mut part = || parts.next().unwrap().to_owned();
            let (module, kind) = (part(), part());
            let version = part().trim_start_matches('v').parse().unwrap();
            (module, kind, version, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn every_stored_event_is_read_and_written_as_it_was() {
    for (module, kind, version, payload) in fixtures() {
        let event = DomainEvent::decode(&module, &kind, version, &payload).unwrap();
        let event = event.unwrap_or_else(|error| panic!("{module}.{kind}: {error}"));
        assert_eq!(event.encode().unwrap(), (kind, payload));
    }
}

#[test]
fn every_event_has_a_fixture() {
    let there: BTreeSet<(String, String)> =
        fixtures().into_iter().map(|(module, kind, _, _)| (module, kind)).collect();
    for (module, kind) in kinds() {
        assert!(there.contains(&(module.to_owned(), kind.clone())), "{module}.{kind} has no fixture");
    }
    assert!(kinds().len() >= 25);
}
