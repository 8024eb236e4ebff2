//! The statement of a selection. Names come from declarations, values are parameters only.

use super::field::{Alike, Asked, Condition, Kind};
use super::{At, List, Selection};
use crate::page::Way;
use chrono::SecondsFormat;
use letopis_projections::engine::Field;
use sea_query::{Expr, Func, NullOrdering, Order, PostgresQueryBuilder, Query, SelectStatement, Value};
use sea_query_postgres::{PostgresBinder, PostgresValues};

/// What a row was sorted by, as text that [`Kind::value`] takes, for the marker of the next page; no part of the answer.
pub(super) const SORTED_BY: &str = "_sorted_by";

impl At {
    /// SQL over the position `$1`, the day `$2` and the moment `$3`; each mention is a parameter of its own.
    fn bound(self, sql: &str) -> Expr {
        let mut pieces = sql.split('$');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        let mut values = vec![];
        for piece in pieces {
            let (place, rest) = piece.split_at(1);
            let (value, of) = match place {
                "1" => (self.position.to_string(), "bigint"),
                "2" => (self.today().to_string(), "date"),
                _ => (self.now.to_rfc3339_opts(SecondsFormat::Micros, true), "timestamptz"),
            };
            values.push(Value::from(value));
            text.extend([format!("${}::text::{of}", values.len()).as_str(), rest]);
        }
        Expr::cust_with_values(text, values)
    }
}

impl Selection {
    pub(super) fn statement(&self, at: At, extra: &[(&str, Vec<String>)]) -> (String, PostgresValues) {
        let mut select = Query::select();
        select.expr(self.row(at));
        // What stands in brackets is the argument of a function without a name.
        select.from_function(Func::cust("").arg(at.bound(self.list.rows)), "t");
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
    fn row(&self, at: At) -> Expr {
        let List { id, more, .. } = self.list;
        let mut parts = vec![
            format!("'id', t.{id}"),
            format!("'{SORTED_BY}', to_jsonb(t.{}) #>> '{{}}'", self.sort.name),
        ];
        let fields = self.list.fields().filter(|field| field.name != id);
        parts.extend(fields.map(|field| format!("'{0}', t.{0}", field.name)));
        parts.extend(more.iter().map(|more| format!("'{}', {}", more.name, more.sql)));
        at.bound(&format!("jsonb_build_object({})", parts.join(", ")))
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
        match &self.asked {
            Asked::Null => Expr::cust(format!("t.{name} is null")),
            Asked::Any => Expr::cust(format!("t.{name} is not null")),
            Asked::OneOf(values) => {
                // Brackets would be taken for a quoted name, so no array is written out.
                let several = matches!(Kind::of(sql), Kind::Codes | Kind::Ids);
                let of = sql.trim_end_matches("[]");
                let one = |place: usize| {
                    let value = format!("${place}::text::{of}");
                    match self.alike {
                        _ if several => format!("{value} = any(t.{name})"),
                        Some(Alike::Email) => format!("lower(t.{name}) = lower({value})"),
                        Some(Alike::Phone) | None => format!("t.{name} = {value}"),
                    }
                };
                let text = (1..=values.len()).map(one).collect::<Vec<_>>().join(" or ");
                Expr::cust_with_values(format!("({text})"), values.clone())
            }
            Asked::Within(spans) => {
                let (mut bounds, mut values) = (vec![], vec![]);
                for (from, to) in spans {
                    let ends = [(">=", from), ("<", to)].into_iter().filter_map(|(sign, end)| {
                        values.push(end.clone()?);
                        Some(format!("t.{name} {sign} ${}::text::{sql}", values.len()))
                    });
                    bounds.push(ends.collect::<Vec<_>>().join(" and "));
                }
                Expr::cust_with_values(format!("({})", bounds.join(" or ")), values)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{At, List, More};
    use letopis_events::Day;
    use letopis_projections::client_cards::Card;
    use letopis_projections::engine::Shape;

    const CLIENTS: List = List {
        name: "clients",
        shape: Shape::of::<Card>(),
        id: "client_id",
        order: "name",
        made: &[],
        alike: &[],
        rows: "select * from card_at($1)",
        more: &[More::of::<i64>("doubled", "$1 + $1"), More::of::<Day>("day", "$2")],
    };

    #[test]
    fn no_two_fields_have_one_name() {
        const AGAIN: &[More] = &[More::of::<i64>("region", "1")];
        assert!(CLIENTS.tells_apart());
        let twice = List { more: AGAIN, ..CLIENTS };
        assert!(!twice.tells_apart());
        // Each list is looked at when its questions are made.
        assert!(!crate::questions().is_empty());
    }

    #[test]
    fn values_are_parameters_only() {
        let pairs =
            [("region", "spb,x'); drop table card --"), ("sort", "-registered_at"), ("archived", "false")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let at = At { position: 7, now: "2026-03-02T10:00:00Z".parse().unwrap() };
        let (sql, values) = CLIENTS
            .select(&pairs, &[], None, 1)
            .unwrap()
            .statement(at, &[("t.name = $1::text", vec!["z".into()])]);
        assert!(!sql.contains("drop") && !sql.contains("spb"), "{sql}");
        assert!(sql.contains("(t.region = $5::text::text or t.region = $6::text::text)"), "{sql}");
        assert_eq!(values.0.len(), 9);
    }
}
