//! The largest and oddest legal values go through every read table: no legal event stops a fold, live equals a rebuild, and what is
//! read back is what was written.

mod columns;
mod drawn;

use crate::support::{Database, Service, clock, fresh, until};
use drawn::{Drawn, Stream};
use letopis_events::{Actor, ClientId, DomainEvent, EventId, StreamId, Version, kinds};
use letopis_eventstore::{Append, Log, LogOptions, NewEvent, StoreKind};
use letopis_projections::engine::{Check, Settings, verify};
use std::collections::BTreeSet;
use std::time::Duration;

/// In so many parts the streams go on.
const PARTS: usize = 3;

/// The event as it is stored: read from what was drawn, and read again from what is stored.
fn stored(drawn: &Drawn) -> (String, String) {
    let read = |payload: &str| {
        let event = DomainEvent::decode(drawn.category, &drawn.kind, 1, payload).unwrap();
        event.unwrap_or_else(|error| panic!("{}.{}: {error} in {payload:.300}", drawn.category, drawn.kind))
    };
    let event = read(&drawn.payload.to_string());
    let (kind, payload) = event.encode().unwrap();
    assert_eq!(read(&payload), event);
    (kind, payload)
}

async fn append(log: &Log, drawn: &Drawn) {
    let stream = StreamId(drawn.stream);
    let stands = log.stream(drawn.category, stream, Version(0)).await.unwrap().len();
    let (kind, payload) = stored(drawn);
    let concerns = if drawn.category == "clients" { vec![ClientId(drawn.stream)] } else { vec![] };
    let request = Append {
        category: drawn.category,
        stream,
        expected: Version(i64::try_from(stands).unwrap()),
        guards: vec![],
        events: vec![NewEvent { id: EventId(fresh()), kind, schema: 1, concerns, payload }],
        actor: Actor::Import("z".repeat(64)),
        correlation: fresh(),
        causation: None,
        key: None,
        mark: None,
        at: None,
    };
    log.append(request).await.unwrap();
}

/// Waits until all groups have taken in the whole log, without a complaint.
async fn taken_in(service: &Service) {
    until("all groups are at the log's head", || async {
        let health = service.get("/health/ready").await.body;
        let groups = health["groups"].as_object().unwrap();
        for (name, group) in groups {
            assert_eq!(group["error"], serde_json::Value::Null, "{name}");
        }
        (groups.len() == 3 && groups.values().all(|group| group["position"] == health["log"]["head"]))
            .then_some(())
    })
    .await;
}

/// Every read model can be asked about what it holds.
async fn questions(service: &Service, round: &[Stream]) {
    let id = |category: &str| round.iter().flatten().find(|event| event.category == category).unwrap().stream;
    let (client, contact, interaction) = (id("clients"), id("contacts"), id("interactions"));
    for path in [
        format!("/api/clients/{client}"),
        format!("/api/clients/{client}/timeline?limit=500"),
        format!("/api/contacts/{contact}"),
        format!("/api/interactions/{interaction}"),
        format!("/api/assignments?client_id={client}"),
        format!("/api/clients/{client}/group"),
        format!("/api/steps?client_id={client}"),
        "/api/duplicates?limit=500".into(),
        "/api/clients?limit=500".into(),
        "/api/contacts?limit=500".into(),
        "/api/employees?limit=500".into(),
        "/api/interactions?limit=500".into(),
        "/api/analytics/segments?by=tag,industry".into(),
        "/api/reports/interactions?group_by=result,client_region,month".into(),
    ] {
        let answer = service.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_legal_event_stops_a_read_model_and_live_equals_a_rebuild() {
    let database = Database::new(StoreKind::Production).await;
    let options = LogOptions { clock: clock(), connections: 2, queue: 16, deadline: Duration::from_secs(10) };
    let log = Log::connect(&database.service, options).await.unwrap();
    let rounds = drawn::rounds();
    let streams = || rounds.iter().flatten();
    let drawn: BTreeSet<_> = streams().flatten().map(|event| (event.category, event.kind.clone())).collect();
    assert_eq!(drawn, kinds().into_iter().collect(), "not every event was drawn");
    // All streams go on side by side. A process that begins anew has no row in memory: it goes on from what PostgreSQL gives back.
    for part in 0..PARTS {
        for stream in streams() {
            for event in stream.chunks(stream.len().div_ceil(PARTS)).nth(part).unwrap_or_default() {
                append(&log, event).await;
            }
        }
        let service = Service::start(&database).await;
        taken_in(&service).await;
        for round in &rounds {
            questions(&service, round).await;
        }
    }
    database.verified().await;
    let check = Check { until: None, settings: Settings { batch: 7, cache_rows: 0 } };
    let crm = letopis_projections::crm();
    assert_eq!(verify(crm, &database.service, &log, check, |_| {}).await.unwrap().1, []);
    let reports = letopis_projections::reports();
    assert_eq!(verify(reports, &database.service, &log, check, |_| {}).await.unwrap().1, []);
}
