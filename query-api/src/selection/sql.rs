//! The statement of a selection. Names come from declarations, values are parameters only.

use super::field::{Asked, Condition, Kind};
use super::{List, Selection};
use crate::page::Way;
use letopis_projections::engine::Field;
use sea_query::{Expr, Func, NullOrdering, Order, PostgresQueryBuilder, Query, SelectStatement, Value};
use sea_query_postgres::{PostgresBinder, PostgresValues};

/// What a row was sorted by, as text, for the marker of the next page; no part of the answer.
pub(super) const SORTED_BY: &str = "_sorted_by";

impl Selection {
    pub(super) fn statement(&self, position: i64, extra: &[(&str, Vec<String>)]) -> (String, PostgresValues) {
        let mut select = Query::select();
        select.expr(self.row(position));
        select.from_function(Func::cust(format!("{}_at", self.list.shape.name)).arg(position), "t");
        select.and_where(Expr::cust(self.list.only));
        for condition in &self.conditions {
            select.and_where(condition.expression());
        }
        for (sql, values) in extra {
            select.and_where(Expr::cust_with_values((*sql).to_owned(), values.clone()));
        }
        self.order(&mut select);
        select.limit(self.page.fetch().unsigned_abs());
        select.build_postgres(PostgresQueryBuilder)
    }

    /// The row as one JSON object.
    fn row(&self, position: i64) -> Expr {
        let List { id, more, .. } = self.list;
        let mut parts = vec![format!("'id', t.{id}"), format!("'{SORTED_BY}', t.{}::text", self.sort.name)];
        let fields = self.list.fields().filter(|field| field.name != id);
        parts.extend(fields.map(|field| format!("'{0}', t.{0}", field.name)));
        let mut places = vec![];
        for (name, sql) in more {
            // Each mention of the position is a parameter of its own.
            let mut pieces = sql.split("$1");
            let mut text = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                places.push(Value::from(position));
                text += &format!("${}::bigint{piece}", places.len());
            }
            parts.push(format!("'{name}', {text}"));
        }
        let text = format!("jsonb_build_object({})", parts.join(", "));
        Expr::cust_with_values(text, places)
    }

    /// Rows without a value stand last, whichever way they are sorted; rows of equal value in the order of their ids.
    fn order(&self, select: &mut SelectStatement) {
        let backwards = self.page.way() == Way::Prev;
        let order = if self.descending == backwards { Order::Asc } else { Order::Desc };
        let by_id = if backwards { Order::Desc } else { Order::Asc };
        let nulls = if backwards { NullOrdering::First } else { NullOrdering::Last };
        let Field { name, sql, .. } = self.sort;
        let id = self.list.id;
        let id_sql = self.list.id_type();
        if let Some((_, (value, from))) = &self.page.from {
            let later = if order == Order::Asc { ">" } else { "<" };
            let beyond = if backwards { "<" } else { ">" };
            let condition = match (value, backwards) {
                (Some(value), false) => Expr::cust_with_values(
                    format!(
                        "(t.{name} {later} $1::text::{sql} or t.{name} is null
                        or t.{name} = $2::text::{sql} and t.{id} {beyond} $3::text::{id_sql})"
                    ),
                    [value.clone(), value.clone(), from.clone()],
                ),
                (Some(value), true) => Expr::cust_with_values(
                    format!(
                        "(t.{name} {later} $1::text::{sql} or t.{name} = $2::text::{sql} and t.{id} {beyond} $3::text::{id_sql})"
                    ),
                    [value.clone(), value.clone(), from.clone()],
                ),
                (None, false) => Expr::cust_with_values(
                    format!("(t.{name} is null and t.{id} {beyond} $1::text::{id_sql})"),
                    [from.clone()],
                ),
                (None, true) => Expr::cust_with_values(
                    format!("(t.{name} is not null or t.{id} {beyond} $1::text::{id_sql})"),
                    [from.clone()],
                ),
            };
            select.and_where(condition);
        }
        select.order_by_expr_with_nulls(Expr::cust(format!("t.{name}")), order, nulls);
        select.order_by_expr(Expr::cust(format!("t.{id}")), by_id);
    }
}

impl Condition {
    fn expression(&self) -> Expr {
        let Field { name, sql, .. } = self.field;
        let array = |values: &[String]| {
            let places: Vec<String> = (1..=values.len()).map(|n| format!("${n}::text")).collect();
            format!("array[{}]", places.join(", "))
        };
        match &self.asked {
            Asked::Null => Expr::cust(format!("t.{name} is null")),
            Asked::Any => Expr::cust(format!("t.{name} is not null")),
            Asked::OneOf(values) => {
                let several = matches!(Kind::of(sql), Kind::Codes | Kind::Ids);
                let text = if several {
                    format!("t.{name} && {}::{sql}", array(values))
                } else {
                    format!("t.{name} = any({}::{sql}[])", array(values))
                };
                Expr::cust_with_values(text, values.clone())
            }
            Asked::Within(Some(from), Some(to)) => Expr::cust_with_values(
                format!("t.{name} >= $1::text::{sql} and t.{name} < $2::text::{sql}"),
                [from.clone(), to.clone()],
            ),
            Asked::Within(from, to) => {
                let (sign, bound) = if from.is_some() { (">=", from) } else { ("<", to) };
                Expr::cust_with_values(
                    format!("t.{name} {sign} $1::text::{sql}"),
                    [bound.clone().unwrap_or_default()],
                )
            }
        }
    }
}
