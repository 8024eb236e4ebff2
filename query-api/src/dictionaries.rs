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
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

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

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Own {}

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
        question::<Own, Items<Map<String, Value>>, _, _>(
            "/api/dictionaries",
            "dictionaries_list",
            "dictionaries",
            "The dictionaries, with the id that commands to them take.",
            dictionaries,
        ),
        question::<Which, Item<Map<String, Value>>, _, _>(
            "/api/dictionaries/{name}",
            "dictionary",
            "dictionaries",
            "A dictionary with its entries in their order, retired ones too.",
            dictionary,
        ),
    ]
}

async fn dictionaries(
    State(asking): State<Asking>,
    asked: Asked<Own>,
) -> Result<Items<Map<String, Value>>, Problem> {
    let view = asking.view("crm", asked.when).await?;
    let items = view.objects(DICTIONARIES, &[&view.position()]).await?;
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
    let item = view.object(DICTIONARY, &[&view.position(), &name, &asked.params.offered]).await?;
    let item = item.ok_or_else(|| Problem::no_such("dictionary", name))?;
    let tag = format!("\"{}\"", item.get("version").and_then(Value::as_i64).unwrap_or_default());
    Ok(([(ETAG, tag)], Item { item, meta: view.end().await }).into_response())
}
