//! Lists: rows of one table by any declared field, sorted, in pages both ways, as of any moment.
//!
//! `field=value`, `field=a,b` (any of these), `field=from..to` (from inclusive, to exclusive, either may be absent), `field=null`,
//! `field=any` (not null); a field that holds several values can be asked for twice, `tags=a&tags=b` (both); `sort=field` or
//! `sort=-field`; `columns=a,b`. Which fields a list has is declared once, in `table!`.

mod field;
mod question;
mod sql;

pub(crate) use field::heard;
pub use field::{Alike, Kind};
pub use question::{Extra, Listed, list};

use crate::asking::View;
use crate::dictionaries::AskedCode;
use crate::openapi::{SchemaOf, schema_of};
use crate::page::{Found, Limit, Page};
use crate::params::WHEN;
use crate::problem::{Fault, Problem, all, both};
use chrono::{DateTime, NaiveDate, Utc};
use field::Condition;
use letopis_events::{BadValue, Moment, one_of};
use letopis_projections::engine::{Field, Shape};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The parameters of a list that are no fields of it.
const OWN: [&str; 4] = ["limit", "cursor", "sort", "columns"];
/// Most values one field is compared with.
const MOST_VALUES: usize = 100;
/// Longest text of one parameter.
const LONGEST: usize = 4_000;

/// What is wrong with a second value of what has one.
const GIVEN_TWICE: &str = "must be given once; several values are joined by commas: a,b";

/// What a list is asked as of.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The position.
    pub position: i64,
    /// The moment.
    pub now: DateTime<Utc>,
}

impl At {
    /// The day, by UTC.
    pub fn today(self) -> NaiveDate {
        self.now.date_naive()
    }
}

/// A list that can be selected from.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// What is listed.
    pub name: &'static str,
    /// The table; its labelled fields are the list's.
    pub shape: Shape,
    /// The fields its rows have beside those of the table.
    pub made: &'static [Field],
    /// The fields that are compared however they are written.
    pub alike: &'static [(&'static str, Alike)],
    /// Its rows: SQL over the position `$1`, the day `$2` and the moment `$3`.
    pub rows: &'static str,
    /// The column of the key that names a row; it is answered as `id`.
    pub id: &'static str,
    /// The order when nobody asks for one, as `sort=` takes it.
    pub order: &'static str,
    /// What else is answered.
    pub more: &'static [More],
}

/// What a list answers beside its fields.
#[derive(Clone, Copy, Debug)]
pub struct More {
    name: &'static str,
    sql: &'static str,
    schema: SchemaOf,
    told: Told,
}

impl More {
    /// A `T` by this name: SQL over the row `t`, the position `$1`, the day `$2` and the moment `$3`.
    pub const fn of<T: Serialize + DeserializeOwned + JsonSchema>(
        name: &'static str,
        sql: &'static str,
    ) -> Self {
        Self { name, sql, schema: schema_of::<T>, told: told::<T> }
    }
}

/// Tells a value as its type is told everywhere.
type Told = fn(Value) -> Result<Value, serde_json::Error>;

/// A value as its type is told everywhere, from how PostgreSQL tells it.
fn told<T: Serialize + DeserializeOwned>(value: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(value)?)
}

/// What of a list is asked for.
#[derive(Debug)]
pub struct Selection {
    list: List,
    conditions: Vec<Condition>,
    sort: Field,
    descending: bool,
    columns: Option<Vec<String>>,
    page: Page<(Option<String>, String)>,
}

impl List {
    /// The fields that can be asked for: those with a label.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.shape.fields.iter().chain(self.made).filter(|field| field.label.is_some())
    }

    /// What a row answers, in order.
    fn names(&self) -> Vec<&'static str> {
        let fields = self.fields().map(|field| field.name).filter(|name| *name != self.id);
        std::iter::once("id").chain(fields).chain(self.more.iter().map(|more| more.name)).collect()
    }

    /// Whether no two of its fields have one name, nor one that is a parameter of every list.
    fn tells_apart(&self) -> bool {
        let mut names: Vec<&str> = self.names().into_iter().chain(OWN).chain(WHEN).collect();
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// The SQL type of its id.
    fn id_type(&self) -> &'static str {
        self.shape.fields.iter().find(|field| field.name == self.id).map_or("uuid", |field| field.sql)
    }

    /// Reads the parameters of a query; those in `special` are the question's own and passed over. `limit` holds where none is given.
    pub fn select(
        &self,
        pairs: &[(String, String)],
        special: &[&str],
        limit: Option<Limit>,
        epoch: i32,
    ) -> Result<Selection, Problem> {
        let own = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let conditions = pairs.iter().enumerate().map(|(place, (name, value))| {
            let repeated = pairs[..place].iter().any(|(before, _)| before == name);
            if repeated && self.field(name).is_none_or(|field| !Kind::of(field.sql).several()) {
                return Err(Problem::parameter(name, GIVEN_TWICE));
            }
            if OWN.contains(&name.as_str()) {
                return Ok(None);
            }
            if value.len() > LONGEST || value.contains('\0') {
                return Err(Problem::parameter(name, "is too long or holds the character U+0000"));
            }
            if special.contains(&name.as_str()) {
                return Ok(None);
            }
            let field = self.field(name).ok_or_else(|| self.unknown(name, special))?;
            Condition::read(field, self.alike(field), value).map(Some)
        });
        let columns = own("columns").map(|text| self.columns(text)).transpose();
        let limit = own("limit").map(str::parse).transpose().map(|given| given.or(limit));
        let limit = limit.map_err(|bad: BadValue| Problem::parameter("limit", bad.0));
        let mut asked: Vec<_> =
            pairs.iter().filter(|(name, _)| name != "limit" && name != "cursor").collect();
        asked.sort_unstable();
        let place = format!("{} {asked:?}", self.name);
        let page = limit.and_then(|limit| Page::read(place, epoch, limit, own("cursor")));
        let sort = self.sort(own("sort").unwrap_or(self.order));
        let (conditions, ((sort, columns), page)) = both(all(conditions), both(both(sort, columns), page))?;
        let (sort, descending) = sort;
        page.fits(|(value, id): &(Option<String>, String)| {
            let is = |sql, text| Kind::of(sql).value(text).is_ok();
            value.as_deref().is_none_or(|value| is(sort.sql, value)) && is(self.id_type(), id)
        })?;
        let conditions = conditions.into_iter().flatten().collect();
        Ok(Selection { list: *self, conditions, sort, descending, columns, page })
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        let name = if name == "id" { self.id } else { name };
        let mut all = self.shape.fields.iter().chain(self.made);
        all.find(|f| f.name == name && (f.label.is_some() || f.name == self.id))
    }

    fn alike(&self, field: &Field) -> Option<Alike> {
        self.alike.iter().find(|(name, _)| *name == field.name).map(|(_, alike)| *alike)
    }

    /// A parameter that is neither a field nor in `special` nor [`OWN`] to every list.
    fn unknown(&self, name: &str, special: &[&str]) -> Problem {
        let fields = self.fields().map(|field| field.name).filter(|name| !special.contains(name));
        let known: Vec<&str> = special.iter().copied().chain(fields).chain(OWN).chain(WHEN).collect();
        Problem::parameters(vec![Fault::unknown(name, &known)])
    }

    /// The field to sort by, and whether downwards.
    fn sort(&self, order: &str) -> Result<(Field, bool), Problem> {
        let (descending, by) = order.strip_prefix('-').map_or((false, order), |by| (true, by));
        let ordered = |field: &&Field| Kind::of(field.sql).ordered();
        if let Some(field) = self.field(by).filter(ordered) {
            return Ok((*field, descending));
        }
        let known: Vec<&str> = self.fields().filter(ordered).map(|field| field.name).collect();
        Err(Problem::parameter("sort", format!("{}; with - before it, downwards", one_of(&known))))
    }

    fn columns(&self, text: &str) -> Result<Vec<String>, Problem> {
        let names: Vec<String> = text.split(',').map(str::to_owned).collect();
        let known = self.names();
        if names.iter().all(|name| known.contains(&name.as_str())) {
            return Ok(names);
        }
        Err(Problem::parameter("columns", format!("each {}", one_of(&known))))
    }
}

impl Selection {
    /// The codes of dictionaries it asks for.
    pub fn codes(&self) -> Vec<AskedCode<'_>> {
        self.conditions.iter().flat_map(Condition::codes).collect()
    }

    /// The page of rows; `extra` are conditions of the question's own, SQL over the row `t`, with their values as texts.
    pub async fn rows(
        &self,
        view: &View,
        at: At,
        extra: &[(&str, Vec<String>)],
    ) -> Result<Found<Map<String, Value>>, Problem> {
        let (sql, values) = self.statement(at, extra);
        let rows: Vec<Map<String, Value>> = view.rows(&sql, &values.as_params()).await?;
        let mut found = self.page.found(rows, |row| {
            let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
            (text(sql::SORTED_BY), text("id").unwrap_or_default())
        });
        for row in &mut found.rows {
            row.remove(sql::SORTED_BY);
            let moments = self.list.fields().filter(|field| Kind::of(field.sql) == Kind::Moment);
            let moments = moments.map(|field| (field.name, told::<Option<Moment>> as Told));
            for (name, told) in self.list.more.iter().map(|more| (more.name, more.told)).chain(moments) {
                if let Some(value) = row.get_mut(name) {
                    *value = told(value.take()).map_err(|error| Problem::internal(&error))?;
                }
            }
            if let Some(columns) = &self.columns {
                row.retain(|name, _| columns.iter().any(|column| column == name));
            }
        }
        Ok(found)
    }

    /// The names of the columns of an answer, in order.
    pub fn header(&self) -> Vec<String> {
        let all = || self.list.names().into_iter().map(str::to_owned).collect();
        self.columns.clone().unwrap_or_else(all)
    }
}
