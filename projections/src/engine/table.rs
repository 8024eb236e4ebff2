//! A table, declared once: from the declaration come the schema, loading and writing.

use super::column::{BadColumn, Column, Values};
use letopis_events::dictionaries::DictionaryName;
use std::fmt::Debug;
use std::hash::Hash;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its SQL type.
    pub sql: &'static str,
    /// Whether it takes null.
    pub nullable: bool,
    /// What people call it, in Russian and in English. A column with a label can be asked for in lists.
    pub label: Option<(&'static str, &'static str)>,
    /// What it can hold.
    pub values: Values,
}

impl Field {
    /// A column of `T` without a label.
    pub const fn of<T: Column>(name: &'static str) -> Self {
        Self { name, sql: T::SQL, nullable: T::NULLABLE, label: None, values: T::VALUES }
    }

    /// The same with what people call it.
    #[must_use]
    pub const fn called(mut self, ru: &'static str, en: &'static str) -> Self {
        self.label = Some((ru, en));
        self
    }

    /// The same with the texts it can be.
    #[must_use]
    pub const fn listing(mut self, texts: fn() -> Vec<String>) -> Self {
        self.values = Values::Listed(texts);
        self
    }

    /// The same with the dictionary whose codes it holds.
    #[must_use]
    pub const fn coded(mut self, by: DictionaryName) -> Self {
        self.values = Values::Codes(by);
        self
    }
}

/// A row of a table of a read model; made by [`table!`](crate::table).
///
/// The current row of each key stands in the table with the position it is valid from; what it was before stands in
/// `<table>_history` with the positions `[from_position, to_position)` it was valid in. `<table>_at(position)` gives the rows
/// as they were after any position, the last one included.
pub trait Table: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The columns of its primary key.
    type Key: Clone + Eq + Ord + Hash + Debug + Send + Sync;
    /// Its name.
    const NAME: &'static str;
    /// The columns: those of the key first.
    const FIELDS: &'static [Field];
    /// How many of them make the key.
    const KEYS: usize;
    /// The columns by which rows are found together, one each.
    const BY: &'static [&'static str];
    /// The row's key.
    fn key(&self) -> Self::Key;
    /// The key's columns as text.
    fn write_key(key: &Self::Key) -> Vec<Option<String>>;
    /// All columns as text, in the order of [`Self::FIELDS`].
    fn write(&self) -> Vec<Option<String>>;
    /// Reads all columns back.
    fn read(columns: &[Option<&str>]) -> Result<Self, BadColumn>;
    /// The text of each column of [`Self::BY`]; a row whose column is null is not found by it.
    fn by(&self) -> Vec<Option<String>>;
}

/// Rows of `T` that share a column's value; made by [`table!`](crate::table).
pub trait By<T: Table> {
    /// Which of [`Table::BY`].
    const INDEX: usize;
    /// The value as text.
    fn text(&self) -> String;
}

/// What the engine knows of a table without its type.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub fields: &'static [Field],
    /// How many of them make the key.
    pub keys: usize,
    /// The columns by which rows are found.
    pub by: &'static [&'static str],
}

impl Shape {
    /// The shape of `T`.
    pub const fn of<T: Table>() -> Self {
        Self { name: T::NAME, fields: T::FIELDS, keys: T::KEYS, by: T::BY }
    }

    /// The names of the columns, each through `make`, separated by commas.
    pub(super) fn list(fields: &[Field], make: impl Fn(usize, &Field) -> String) -> String {
        let parts: Vec<String> = fields.iter().enumerate().map(|(i, f)| make(i, f)).collect();
        parts.join(", ")
    }

    /// The names of all columns.
    pub(super) fn columns(&self) -> String {
        Self::list(self.fields, |_, field| field.name.to_owned())
    }

    /// The names of the key's columns.
    pub(super) fn key_columns(&self) -> String {
        Self::list(&self.fields[..self.keys], |_, field| field.name.to_owned())
    }

    /// The statements that make the table, its history, its indexes and its function.
    pub(super) fn create(&self) -> String {
        let (name, columns, key) = (self.name, self.columns(), self.key_columns());
        let definitions = Self::list(self.fields, |_, field| {
            format!("{} {}{}", field.name, field.sql, if field.nullable { "" } else { " not null" })
        });
        let mut sql = format!(
            "create table {name} ({definitions}, from_position bigint not null, primary key ({key}));
             create table {name}_history ({definitions}, from_position bigint not null, to_position bigint not null,
                                          primary key ({key}, to_position));
             create index on {name}_history (to_position);
             create function {name}_at(p bigint) returns setof {name} language sql stable as $$
                select {columns}, from_position from {name} where from_position <= p
                union all
                select {columns}, from_position from {name}_history where from_position <= p and to_position > p $$;"
        );
        for by in self.by {
            sql.extend([format!("create index on {name} ({by}); create index on {name}_history ({by});")]);
        }
        sql
    }
}

/// Declares a table: a struct that is a row, its key, and the columns by which rows are found together.
///
/// ```
/// letopis_projections::table! {
///     /// A touch of a client.
///     pub struct Touch: "touch" key (interaction_id: letopis_events::InteractionId, client_id: letopis_events::ClientId)
///         by TouchesOf(client_id: letopis_events::ClientId) {
///         /// How long it took.
///         seconds: Option<i64>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! table {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident: $table:literal key ($($key:ident: $key_type:ty),+ $(,)?)
        $(by $by:ident($by_column:ident: $by_type:ty))*
        { $($(#[$field_doc:meta])* $field:ident: $type:ty $(=> $ru:literal / $en:literal $(of $codes:ident)?)?),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $(#[doc = "Part of the key."] pub $key: $key_type,)+
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::engine::Table for $name {
            type Key = ($($key_type,)+);
            const NAME: &'static str = $table;
            const FIELDS: &'static [$crate::engine::Field] = &[
                $($crate::engine::Field::of::<$key_type>(stringify!($key)),)+
                $($crate::engine::Field::of::<$type>(stringify!($field))
                    $(.called($ru, $en)$(.coded(::letopis_events::dictionaries::DictionaryName::$codes))?)?,)*
            ];
            const KEYS: usize = [$(stringify!($key)),+].len();
            const BY: &'static [&'static str] = &[$(stringify!($by_column)),*];

            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }

            fn write_key(key: &Self::Key) -> Vec<Option<String>> {
                let ($($key,)+) = key;
                vec![$($crate::engine::Column::write($key)),+]
            }

            fn write(&self) -> Vec<Option<String>> {
                vec![
                    $($crate::engine::Column::write(&self.$key),)+
                    $($crate::engine::Column::write(&self.$field),)*
                ]
            }

            fn read(columns: &[Option<&str>]) -> Result<Self, $crate::engine::BadColumn> {
                let mut columns = columns.iter().copied();
                let mut next = move || columns.next().flatten();
                Ok(Self {
                    $($key: $crate::engine::Column::read(next())?,)+
                    $($field: $crate::engine::Column::read(next())?,)*
                })
            }

            fn by(&self) -> Vec<Option<String>> {
                vec![$($crate::engine::Column::write(&self.$by_column)),*]
            }
        }

        $crate::table!(@by $name, [$($by_column)*], $($by($by_type))*);
    };

    (@by $name:ident, [$($column:ident)*], $($by:ident($by_type:ty))*) => {
        $crate::table!(@each $name, [], $($by($by_type))*);
    };
    (@each $name:ident, [$($before:tt)*],) => {};
    (@each $name:ident, [$($before:tt)*], $by:ident($by_type:ty) $($rest:tt)*) => {
        #[doc = concat!("The rows of [`", stringify!($name), "`] that share this value.")]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $by(pub $by_type);

        impl $crate::engine::By<$name> for $by {
            const INDEX: usize = { let before: &[&str] = &[$($before)*]; before.len() };
            fn text(&self) -> String {
                $crate::engine::Column::write(&self.0).unwrap_or_default()
            }
        }
        $crate::table!(@each $name, [$($before)* stringify!($by),], $($rest)*);
    };
}
