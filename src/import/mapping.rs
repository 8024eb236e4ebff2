//! A mapping: which column of a file becomes which field of an interaction. Read from TOML; what is wrong is named by its key.

use super::template::Template;
use letopis_events::dictionaries::DictionaryName;
use letopis_events::{BadValue, Code, TimeZone};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The fields that hold codes.
const CODES: [(&str, DictionaryName); 2] =
    [("result", DictionaryName::Results), ("next_step.action", DictionaryName::Actions)];

/// The field of an interaction that holds its free fields.
pub const ATTRIBUTES: &str = "attributes";

/// How a file's rows become interactions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the other system, in external ids and in the actor `import:<source>`.
    pub source: Code,
    /// How the file is written.
    #[serde(default)]
    pub file: FileFormat,
    /// The columns that together identify a row.
    pub id: Vec<String>,
    /// The client a row is about.
    pub client: Option<Party>,
    /// Who of us did it.
    pub employee: Option<Party>,
    /// The fields; of several rules for one field the first that fits gives the value.
    pub set: Vec<Rule>,
    /// Columns kept as free fields; `*` stands for all that nothing else uses.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// How a file is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileFormat {
    /// One ASCII character between columns.
    pub delimiter: char,
    /// `utf-8` or `cp1251`.
    pub encoding: String,
    /// The zone of moments written without an offset.
    pub time_zone: TimeZone,
}

impl Default for FileFormat {
    fn default() -> Self {
        // The name is one of the database's.
        let time_zone = "UTC".parse().unwrap_or_else(|_| unreachable!("UTC is a time zone"));
        Self { delimiter: ',', encoding: "utf-8".into(), time_zone }
    }
}

/// A client or an employee, made on first mention.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The column with their key in the other system; empty: nobody.
    pub key: String,
    /// Keys that mean nobody.
    #[serde(default)]
    pub nobody: Vec<String>,
    /// Their name; `{column}` stands for a column's value.
    pub name: Template,
    /// What a client is; person where absent.
    pub kind: Option<String>,
}

/// How one field gets its value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The field of `interactions/record`; inner ones with a dot.
    pub field: String,
    /// A value that is always the same.
    pub value: Option<toml::Value>,
    /// The column it stands in; the rule does not fit where it is empty.
    pub column: Option<String>,
    /// What the column's values become; the rule does not fit for others, and a row whose field then gets no value is rejected.
    pub map: Option<BTreeMap<String, String>>,
    /// How a moment or day is written (as of strftime); RFC 3339 where absent.
    pub format: Option<String>,
    /// When the rule fits at all.
    pub when: Option<Condition>,
}

/// A condition on a column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// It is this.
    pub equals: Option<String>,
    /// It begins with this.
    pub prefix: Option<String>,
    /// It is empty, or is not.
    pub empty: Option<bool>,
}

/// What is wrong with a mapping.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// It is no mapping.
    #[error("{0} is no mapping")]
    Malformed(String, #[source] toml::de::Error),
    /// A key holds what cannot be.
    #[error("mapping: {0}: {1}")]
    Wrong(&'static str, String),
    /// The file lacks a column.
    #[error("mapping: {0}: the file has no column {1:?}, only {2}")]
    NoColumn(&'static str, String, String),
}

impl Mapping {
    /// Reads a mapping.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| MappingError::Unreadable(name.clone(), error))?;
        Self::of(name, &text)
    }

    /// The mapping written in the text of a file of this name.
    fn of(name: String, text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|error| MappingError::Malformed(name, error))?;
        if !mapping.file.delimiter.is_ascii() {
            return Err(MappingError::Wrong("file.delimiter", "must be one ASCII character".into()));
        }
        if mapping.id.is_empty() {
            return Err(MappingError::Wrong("id", "name at least one column".into()));
        }
        if mapping.employee.as_ref().is_some_and(|party| party.kind.is_some()) {
            return Err(MappingError::Wrong("employee.kind", "only clients are of a kind".into()));
        }
        for rule in &mapping.set {
            if rule.value.is_some() == rule.column.is_some() {
                let text = format!("{}: give either value or column", rule.field);
                return Err(MappingError::Wrong("set", text));
            }
        }
        Ok(mapping)
    }

    /// The codes it names, each with its dictionary: constants, and what the values of columns become.
    pub fn codes(&self) -> Result<BTreeSet<(DictionaryName, Code)>, MappingError> {
        let mut codes = BTreeSet::new();
        for rule in &self.set {
            let Some((_, of)) = CODES.iter().find(|(field, _)| *field == rule.field) else { continue };
            let constant = rule.value.as_ref().and_then(toml::Value::as_str);
            let mapped = rule.map.iter().flat_map(BTreeMap::values).map(String::as_str);
            for text in constant.into_iter().chain(mapped) {
                let wrong = |bad| MappingError::Wrong("set", format!("{}: {text:?} {bad}", rule.field));
                codes.insert((*of, text.parse().map_err(|bad: BadValue| wrong(bad))?));
            }
        }
        Ok(codes)
    }

    /// Sees to it that the file has every column the mapping names.
    pub fn check(&self, columns: &[String]) -> Result<(), MappingError> {
        let mut named: Vec<(&'static str, &str)> =
            self.id.iter().map(|column| ("id", column.as_str())).collect();
        if let Some(party) = &self.client {
            named.push(("client.key", &party.key));
            named.extend(party.name.columns().map(|column| ("client.name", column)));
        }
        if let Some(party) = &self.employee {
            named.push(("employee.key", &party.key));
            named.extend(party.name.columns().map(|column| ("employee.name", column)));
        }
        for rule in &self.set {
            named.extend(rule.column.iter().map(|column| ("set.column", column.as_str())));
            named.extend(rule.when.iter().map(|when| ("set.when.column", when.column.as_str())));
        }
        named.extend(
            self.attributes.iter().filter(|name| *name != "*").map(|name| ("attributes", name.as_str())),
        );
        match named.into_iter().find(|(_, column)| !columns.iter().any(|known| known == column)) {
            Some((key, column)) => Err(MappingError::NoColumn(key, column.to_owned(), columns.join(", "))),
            None => self.told_apart(columns),
        }
    }

    /// The columns kept as free fields, with their places.
    pub fn kept<'a>(&self, columns: &'a [String]) -> impl Iterator<Item = (usize, &'a String)> {
        let all = self.attributes.iter().any(|name| name == "*");
        let columns = columns.iter().enumerate();
        columns.filter(move |(_, name)| self.attributes.contains(name) || (all && !self.uses(name)))
    }

    /// Sees to it that every free field has a name, and one of its own.
    fn told_apart(&self, columns: &[String]) -> Result<(), MappingError> {
        let of_rule = |rule: &Rule| {
            Some(rule.field.split_once('.').filter(|(outer, _)| *outer == ATTRIBUTES)?.1.to_owned())
        };
        let mut taken: BTreeSet<String> = self.set.iter().filter_map(of_rule).collect();
        for (_, column) in self.kept(columns) {
            let name = attribute(column);
            let why = match name.contains(|c: char| c.is_ascii_alphanumeric()) {
                false => "has no letter or digit to name its free field by".into(),
                true if taken.contains(&name) => format!("would be kept as {name:?}, which another one is"),
                true => {
                    taken.insert(name);
                    continue;
                }
            };
            let mend = format!(
                "the column {column:?} {why}; name it by a rule with `field = \"{ATTRIBUTES}.<name>\"` instead"
            );
            return Err(MappingError::Wrong("attributes", mend));
        }
        Ok(())
    }

    /// Whether a column is used by a key or a rule.
    pub fn uses(&self, column: &str) -> bool {
        self.id.iter().any(|id| id == column)
            || self.client.iter().chain(&self.employee).any(|party| party.key == column)
            || self.set.iter().any(|rule| {
                rule.column.as_deref() == Some(column)
                    || rule.when.as_ref().is_some_and(|when| when.column == column)
            })
    }
}

/// The name of the free field a column is kept as: a code, in Latin letters.
pub fn attribute(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    deunicode::deunicode(name.trim())
        .chars()
        .map(|c| if fits(c) { c.to_ascii_lowercase() } else { '_' })
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_page_explains_every_key_and_no_other() {
        let page = include_str!("../../docs/OPERATIONS.md");
        let section = page.split("\n## ").find(|section| section.starts_with("Import\n")).unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
        let told: BTreeSet<&str> = rows.flat_map(|row| row.trim_end_matches('`').split("`, `")).collect();
        let (mut known, mut within) = (BTreeSet::new(), vec![("", String::new())]);
        for (path, table) in [
            ("file.", "[file]"),
            ("client.", "[client]"),
            ("employee.", "[employee]"),
            ("set.", "[[set]]"),
            ("set.when.", "[[set]]\n[set.when]"),
        ] {
            within.push((path, format!("{table}\n")));
        }
        for (path, table) in &within {
            // Of a key that is none the reader names all there are.
            let refused = toml::from_str::<Mapping>(&format!("{table}none = 1")).unwrap_err();
            let keys = refused.message().split('`').skip(3).step_by(2);
            known.extend(keys.map(|key| format!("{path}{key}")));
        }
        // A table is told by its keys, and an employee is of no kind.
        known.retain(|key| {
            !within.iter().any(|(path, _)| *path == format!("{key}.")) && key != "employee.kind"
        });
        assert_eq!(told, known.iter().map(String::as_str).collect());
    }

    #[test]
    fn free_fields_are_told_apart() {
        let written = |rest: &str| format!("source = \"s\"\nid = [\"id\"]\nattributes = [\"*\"]\n{rest}");
        let checked = |columns: &[&str], rest: &str| {
            let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
            let mapping: Mapping = toml::from_str(&written(rest)).unwrap();
            mapping.check(&columns).map_err(|refused| refused.to_string())
        };
        let rule = |field: &str, column: &str| format!("[[set]]\nfield = {field:?}\ncolumn = {column:?}\n");
        let named = rule("attributes.sum", "Сумма");
        assert_eq!(checked(&["id", "loan sum", "loan-sum", "Сумма", "Город"], &named), Ok(()));
        assert_eq!((attribute(" Город").as_str(), attribute("emp.var").as_str()), ("gorod", "emp_var"));
        for (columns, rest, part) in [
            (&["id", "+/-"][..], "set = []", "the column \"+/-\" has no letter"),
            (&["id", "loan sum", "loan.sum"], "set = []", "\"loan.sum\" would be kept as \"loan_sum\""),
            (&["id", "Сумма", "sum"], &named, "\"sum\" would be kept as \"sum\""),
            (&["id", "Дом", "dom"], "set = []", "\"dom\" would be kept as \"dom\""),
        ] {
            let refused = checked(columns, rest).unwrap_err();
            assert!(refused.contains(part) && refused.contains("attributes.<name>"), "{refused}");
        }
    }

    #[test]
    fn only_clients_are_of_a_kind() {
        let party = "key = \"who\"\nname = \"{who}\"\nkind = \"person\"";
        let text = |table: &str| format!("source = \"s\"\nid = [\"id\"]\nset = []\n[{table}]\n{party}");
        assert!(Mapping::of("m.toml".into(), &text("client")).is_ok());
        let refused = Mapping::of("m.toml".into(), &text("employee")).unwrap_err();
        assert!(refused.to_string().contains("employee.kind"), "{refused}");
    }
}
