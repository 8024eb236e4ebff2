//! What every store begins with: its dictionaries and the company's tree, made by ordinary commands that change nothing where
//! they are there already, so that any process may ask for them, and several at once.

use crate::ambient;
use letopis_commands::{Executor, Order, Refused};
use letopis_events::Actor;
use letopis_events::dictionaries::DictionaryName;
use letopis_eventstore::StoreKind;
use serde_json::{Value, json};
use uuid::Uuid;

/// The first moment there is: in a sample store whatever past the company has comes after it.
const BEGINNING: &str = "1900-01-01T00:00:00Z";

/// Sees to it that a store has what every store begins with.
pub async fn seed(executor: &Executor) -> Result<(), Refused> {
    for name in DictionaryName::ALL {
        make(executor, "dictionaries", "open", json!({"name": name})).await?;
    }
    make(executor, "departments", "found", json!({})).await
}

async fn make(executor: &Executor, module: &str, command: &str, body: Value) -> Result<(), Refused> {
    let sample = executor.log().info().kind == StoreKind::Sample;
    // In a sample store they have the same ids each time, as all of a company made up has.
    let ids = sample.then(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{module}{body}").as_bytes()));
    let order = Order {
        module: module.into(),
        id: None,
        command: command.into(),
        body,
        key: None,
        if_match: None,
        at: if sample { BEGINNING.parse().ok() } else { None },
        actor: Actor::Agent("letopis".into()),
        correlation: ids.unwrap_or_else(ambient::fresh),
        causation: None,
        mark: None,
        ids,
    };
    executor.execute(order).await.map(drop)
}
