//! A text with columns in it: `{column}` stands for a column's value.

use serde::Deserialize;

/// A template, taken apart: each piece is a text and the column after it, if one follows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<(String, Option<String>)>);

impl TryFrom<String> for Template {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut pieces = vec![];
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (column, after) = after.split_once('}').ok_or("a { is not closed: write {column}")?;
            pieces.push((before.to_owned(), Some(column.to_owned())));
            rest = after;
        }
        pieces.push((rest.to_owned(), None));
        Ok(Self(pieces))
    }
}

impl Template {
    /// The columns it names.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, column)| column.as_deref())
    }

    /// The text, with a value for each column.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> &'v str) -> String {
        let piece = |(text, column): &(String, Option<String>)| {
            let value = column.as_deref().map_or("", &value);
            format!("{text}{value}")
        };
        self.0.iter().map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_columns_are_named() {
        let template = Template::try_from("{first} {last}, {first}".to_owned()).unwrap();
        assert_eq!(template.columns().collect::<Vec<_>>(), ["first", "last", "first"]);
        // What looks like a column in a value is none.
        let value = |column: &str| if column == "first" { "{last}" } else { "Ёлка" };
        assert_eq!(template.fill(value), "{last} Ёлка, {last}");
        assert!(Template::try_from("Client {row".to_owned()).is_err());
    }
}
