//! The codes of the company and their texts.

use crate::answer::{Item, Items};
use crate::asking::{Asking, Question, View, question};
use crate::params::{Asked, NoParams};
use crate::problem::{Fault, Kind, Problem};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{Attributes, Code, Color, Near, Text, Version};
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

/// Those of the codes `$2`, each of the dictionary `$1` beside it, that are none, the first five with the entries there are.
const UNKNOWN: &str = "
select jsonb_build_object('place', u.place - 1, 'entries', (
    select coalesce(jsonb_agg(jsonb_build_array(e.code, e.ru, e.en)), '[]')
    from dictionary_entry e where e.dictionary = u.of and u.n <= 5))
from (
    select asked.*, row_number() over (order by asked.place) n
    from unnest($1::text[], $2::text[]) with ordinality asked(of, code, place)
    where not exists (select from dictionary_entry e where e.dictionary = asked.of and e.code = asked.code)) u
order by u.place";

/// All of them, for the test that prepares them.
pub(crate) const STATEMENTS: &[&str] = &[DICTIONARIES, DICTIONARY, UNKNOWN];

/// A code that a parameter asks for.
pub struct AskedCode<'a> {
    /// The parameter.
    pub parameter: &'a str,
    /// The dictionary it is of.
    pub of: DictionaryName,
    /// The code.
    pub code: &'a str,
}

/// A code that is none, and its dictionary's entries: codes with their texts.
#[derive(Deserialize)]
struct Unknown {
    place: usize,
    entries: Vec<(String, String, String)>,
}

/// Refuses codes that no row can have. An entry is there before its code is used, and stays when it is retired: those there are now
/// hold all that were used in the past.
pub(crate) async fn known(view: &View, asked: &[AskedCode<'_>]) -> Result<(), Problem> {
    if asked.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = asked.iter().map(|asked| asked.of.name()).collect();
    let codes: Vec<&str> = asked.iter().map(|asked| asked.code).collect();
    let unknown: Vec<Unknown> = view.rows(UNKNOWN, &[&names, &codes]).await?;
    let faults = unknown.iter().filter_map(|Unknown { place, entries }| {
        let AskedCode { parameter, of, code } = asked.get(*place)?;
        let texts = entries.iter().map(|(code, ru, en)| (code.as_str(), [ru.as_str(), en.as_str()]));
        let near = Near::to(code, texts);
        let of = of.name();
        let message = format!("there is no code {code} in {of}{near}; /api/dictionaries/{of} holds all");
        Some(Fault { path: (*parameter).into(), code: "unknown_code".into(), message })
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::parameters(faults)) }
}

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
        question::<NoParams, Items<Listed>, _, _>(
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

async fn dictionaries(
    State(asking): State<Asking>,
    asked: Asked<NoParams>,
) -> Result<Items<Listed>, Problem> {
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
    Ok(view.item(item.version, item).await)
}
