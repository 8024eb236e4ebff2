//! The codes of the company and their texts.

use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, question};
use crate::params::Asked;
use crate::problem::{Kind, Problem};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Attributes, Code, Color, Text, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const DICTIONARIES: &str = "
select jsonb_build_object('name', d.name, 'id', d.dictionary_id, 'version', d.version,
    'offered', count(*) filter (where not e.retired), 'retired', count(*) filter (where e.retired))
from dictionary_at($1) d left join dictionary_entry_at($1) e on e.dictionary = d.name
group by d.name, d.dictionary_id, d.version order by d.name";

const DICTIONARY: &str = "
select jsonb_build_object('name', d.name, 'id', d.dictionary_id, 'version', d.version, 'entries', (
    select coalesce(jsonb_agg(jsonb_build_object('code', e.code, 'ru', e.ru, 'en', e.en, 'order', e.place,
        'color', e.color, 'attributes', e.attributes, 'retired', e.retired) order by e.place, e.code), '[]')
    from dictionary_entry_at($1) e where e.dictionary = d.name and not (e.retired and $3)))
from dictionary_at($1) d where d.name = $2";

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[DICTIONARIES, DICTIONARY];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

/// A dictionary in the list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Listed {
    /// Which one.
    name: DictionaryName,
    /// The id that commands to it take.
    id: Uuid,
    /// The version of the record.
    version: Version,
    /// How many entries are offered.
    offered: i64,
    /// How many are not any more.
    retired: i64,
}

/// A dictionary with its entries.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Dictionary {
    /// Which one.
    name: DictionaryName,
    /// The id that commands to it take.
    id: Uuid,
    /// The version of the record, also its `ETag`.
    version: Version,
    /// Its entries in their order.
    entries: Vec<Entry>,
}

/// An entry.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Entry {
    /// What is stored where it is used.
    code: Code,
    /// Its text in Russian.
    ru: Text<200>,
    /// Its text in English.
    en: Text<200>,
    /// Its place in a list.
    order: i64,
    /// Its colour.
    color: Option<Color>,
    /// What it counts as.
    attributes: Attributes,
    /// Whether it is no longer offered.
    retired: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Only entries that are offered.
    #[serde(default)]
    offered: bool,
}

/// The questions about dictionaries.
pub fn questions() -> Vec<Question> {
    vec![
        question::<Own, Items<Listed>, _, _>(
            "/api/dictionaries",
            "dictionaries_list",
            "dictionaries",
            "The dictionaries, with the id that commands to them take.",
            dictionaries,
        ),
        question::<Which, Item<Dictionary>, _, _>(
            "/api/dictionaries/{name}",
            "dictionary",
            "dictionaries",
            "A dictionary with its entries in their order, retired ones too.",
            dictionary,
        ),
    ]
}

async fn dictionaries(State(asking): State<Asking>, asked: Asked<Own>) -> Result<Items<Listed>, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let items = view.rows(DICTIONARIES, &[&view.position()]).await?;
    Ok(Items { items, meta: view.end().await })
}

async fn dictionary(
    State(asking): State<Asking>,
    name: Result<Path<DictionaryName>, PathRejection>,
    asked: Asked<Which>,
) -> Result<Response, Problem> {
    let names = || DictionaryName::ALL.map(DictionaryName::name).join(", ");
    let missing = |_| Problem::new(Kind::NotFound, format!("the dictionaries are {}", names()));
    let name = name.map_err(missing)?.name();
    let view = asking.view("crm", asked.when).await?;
    let item = view.row(DICTIONARY, &[&view.position(), &name, &asked.params.offered]).await?;
    let item: Dictionary = item.ok_or_else(|| Problem::no_such("dictionary", name))?;
    let tag = format!("\"{}\"", item.version);
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}
