//! A list as two questions: its rows, and the fields they can be asked by.

use super::field::{self, Kind};
use super::{Alike, At, List, OWN};
use crate::answer::{Item, Items, accepts, table};
use crate::asking::{Asking, Question, question};
use crate::dictionaries::known;
use crate::openapi::CSV;
use crate::page::Limit;
use crate::params::{NoParams, Untimed, When, at_noon, parted, read};
use crate::problem::{Problem, all, both};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::{DateTime, Utc};
use letopis_events::BadValue;
use letopis_projections::engine::{Field, Values};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::marker::PhantomData;

/// The parameter of a list's own that says at which moment it is asked.
const ON: &str = "on";

/// The header that leads to the pages beside an answer's.
const LINKS: (&str, &str) =
    ("Link", "The pages beside this one (RFC 8288), where there are some: `rel=\"next\"`, `rel=\"prev\"`.");

/// A condition of a list's own: SQL over the row `t`, and its values as texts.
pub type Extra = (&'static str, Vec<String>);

/// A list that is asked over HTTP.
pub trait Listed: Send + Sync + 'static {
    /// The list.
    const LIST: List;
    /// The group its table belongs to.
    const GROUP: &'static str = "crm";
    /// What else can be asked, beside its fields: names and meanings.
    const MORE: &'static [(&'static str, &'static str)];
    /// What that asks for.
    fn extra(name: &str, value: &str, at: At) -> Result<Extra, Problem>;
}

/// A row of a list: its fields, or those named in `columns=`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Row<L>(Map<String, Value>, #[serde(skip)] PhantomData<L>);

impl<L: Listed> JsonSchema for Row<L> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        L::LIST.name.into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = |field: &Field| (field.name.to_owned(), schema_of(field));
        let mut properties: Map<String, Value> = L::LIST.fields().map(one).collect();
        properties.insert("id".into(), json!({"type": "string", "format": "uuid"}));
        for more in L::LIST.more {
            properties.insert(more.name.into(), (more.schema)(generator).to_value());
        }
        json_schema!({"type": "object", "properties": properties, "additionalProperties": false})
    }
}

/// The parameters of a list.
struct Params<L>(PhantomData<L>);

impl<L: Listed> JsonSchema for Params<L> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        L::LIST.name.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |description: &str| json!({"type": "string", "description": description});
        let mut properties = Map::new();
        for field in L::LIST.fields() {
            let name = field.label.map_or(field.name, |(_, en)| en);
            let alike = L::LIST.alike(field).map_or("", Alike::told);
            properties.insert(field.name.into(), text(&format!("{name}: {}{alike}", field::manner(field))));
        }
        properties.extend(L::MORE.iter().map(|(name, meaning)| ((*name).to_owned(), text(meaning))));
        let meanings = [
            "At most so many rows, up to 500; where absent 50, of a table 500.",
            "Where to go on: `next` or `prev` of an answer.",
            "By which field; with `-` before it, downwards.",
            "Which fields to answer, separated by commas.",
        ];
        properties
            .extend(OWN.iter().zip(meanings).map(|(name, meaning)| ((*name).to_owned(), text(meaning))));
        json_schema!({"type": "object", "properties": properties})
    }
}

/// A field that can be asked by.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Described {
    /// Its name.
    name: String,
    /// What it holds: `text`, `integer`, `boolean`, `moment`, `day`, `id`, `codes`, `ids`, `json`.
    r#type: String,
    /// Whether it may have no value.
    nullable: bool,
    /// Whether rows can be sorted by it.
    sortable: bool,
    /// How it can be asked: `is`, `one_of`, `within`, `null`, `any`; none where the list says otherwise what its parameter means.
    operators: Vec<String>,
    /// All values it can have, where these are few and fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    /// The dictionary whose codes it holds: `GET /api/dictionaries/{name}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    dictionary: Option<String>,
    /// What people call it.
    label: Label,
}

/// What can be asked for beside the fields.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Own {
    /// The parameter.
    name: String,
    /// What it asks for.
    meaning: String,
}

/// A text in both languages.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Label {
    /// In Russian.
    ru: String,
    /// In English.
    en: String,
}

/// How a list can be asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Manner {
    /// The list.
    list: String,
    /// The order when nobody asks for one.
    order: String,
    /// Its fields.
    fields: Vec<Described>,
    /// What can be asked for beside them.
    parameters: Vec<Own>,
}

/// The questions of a list at this path.
pub fn list<L: Listed>(path: &str, id: &str, tag: &'static str, summary: &str) -> [Question; 2] {
    debug_assert!(L::LIST.tells_apart(), "two fields of {} have one name", L::LIST.name);
    let mut rows = question::<Params<L>, Items<Row<L>>, _, _>(path, id, tag, summary, rows::<L>).or_table();
    rows.operation.tells = vec![LINKS];
    let summary = format!("The fields {} can be asked by.", L::LIST.name);
    let fields = format!("{path}/fields");
    let mut fields = question::<NoParams, Item<Manner>, _, _>(
        &fields,
        &format!("{id}_fields"),
        tag,
        &summary,
        fields_of::<L>,
    );
    fields.operation.timed = false;
    [rows, fields]
}

async fn rows<L: Listed>(
    State(asking): State<Asking>,
    headers: HeaderMap,
    asked: Uri,
) -> Result<Response, Problem> {
    let (when, own) = parted(asked.query());
    let own: Vec<(String, String)> = read(&own, &[])?;
    let special: Vec<&str> = L::MORE.iter().map(|(name, _)| *name).collect();
    let limit = accepts(&headers, CSV.0).then_some(Limit::MOST);
    let selection = L::LIST.select(&own, &special, limit, asking.log.info().epoch);
    let extra = |at| {
        all(own.iter().filter(|(name, _)| special.contains(&name.as_str())).map(|(name, value)| {
            if value.is_empty() {
                Err(Problem::parameter(name, "must not be empty"))
            } else {
                L::extra(name, value, at)
            }
        }))
    };
    let on = own.iter().find(|(name, _)| name == ON && special.contains(&ON));
    let on = on.map(|(name, value)| moment(name, value)).transpose();
    // What is wrong with the list's own is so at any moment.
    let checked = extra(At { position: 0, now: (asking.clock)() });
    let ((selection, when), (on, _)) = both(both(selection, read::<When>(&when, &[])), both(on, checked))?;
    let mut view = asking.view(L::GROUP, when).await?;
    known(&view, &selection.codes()).await?;
    let at = At { position: view.position(), now: on.unwrap_or(view.now) };
    let found = selection.rows(&view, at, &extra(at)?).await?;
    (view.meta.next, view.meta.prev) = (found.next, found.prev);
    let meta = view.end().await;
    table(&headers, &asked, &selection.header(), found.rows, meta)
}

/// The moment that a parameter names.
fn moment(name: &str, value: &str) -> Result<DateTime<Utc>, Problem> {
    let asked = value.parse().map(at_noon);
    asked.map_err(|bad: BadValue| Problem::parameter(name, bad.0))
}

async fn fields_of<L: Listed>(
    State(asking): State<Asking>,
    _: Untimed<NoParams>,
) -> Result<Item<Manner>, Problem> {
    let head = asking.log.head().await.map_err(|error| crate::asking::log_problem(&error))?;
    let own = |field: &Field| L::MORE.iter().any(|(name, _)| *name == field.name);
    let operators = |field: &Field| field::operators(field).into_iter().map(str::to_owned).collect();
    let one = |field: &Field| {
        let (ru, en) = field.label.unwrap_or_default();
        let (values, dictionary) = match field.values {
            Values::Any => (None, None),
            Values::Listed(listed) => (Some(listed()), None),
            Values::Codes(of) => (None, Some(of.name().to_owned())),
        };
        Described {
            name: field.name.into(),
            r#type: Kind::of(field.sql).name().into(),
            nullable: field.nullable,
            sortable: Kind::of(field.sql).ordered(),
            operators: if own(field) { vec![] } else { operators(field) },
            values,
            dictionary,
            label: Label { ru: ru.into(), en: en.into() },
        }
    };
    let fields = L::LIST.fields().map(one).collect();
    let own = |(name, meaning): &(&str, &str)| Own { name: (*name).into(), meaning: (*meaning).into() };
    let parameters = L::MORE.iter().map(own).collect();
    let item = Manner { list: L::LIST.name.into(), order: L::LIST.order.into(), fields, parameters };
    Ok(Item { item, meta: asking.meta(head.position) })
}

/// What an answer holds in a field.
fn schema_of(field: &Field) -> Value {
    let (kind, of) = match Kind::of(field.sql) {
        Kind::Text | Kind::Moment | Kind::Day | Kind::Id => ("string", None),
        Kind::Integer => ("integer", None),
        Kind::Boolean => ("boolean", None),
        Kind::Codes | Kind::Ids => ("array", Some(json!({"type": "string"}))),
        Kind::Json => return json!({}),
    };
    let kinds = if field.nullable { json!([kind, "null"]) } else { json!(kind) };
    match of {
        Some(of) => json!({"type": kinds, "items": of}),
        None => json!({"type": kinds}),
    }
}
