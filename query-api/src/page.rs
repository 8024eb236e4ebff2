//! Pages of a list: how many rows, and the opaque marker from which the next or previous page goes on.

use crate::params::{AsOf, When, pairs};
use crate::problem::{Kind, Problem};
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letopis_events::{BadValue, Position};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Rows of a page when nobody asks for a number.
const LIMIT_DEFAULT: usize = 50;
/// Most rows of a page: an answer stays below a megabyte or so.
const LIMIT_MAX: usize = 500;
const BAD_LIMIT: BadValue = BadValue("must be a whole number, 1 to 500");
/// Longest cursor worth decoding.
const CURSOR_BYTES_MAX: usize = 2_000;

/// How many rows a page has at most.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "usize")]
#[schemars(inline, extend("minimum" = 1, "maximum" = LIMIT_MAX))]
pub struct Limit(usize);

impl Limit {
    /// The greatest page.
    pub const MOST: Self = Self(LIMIT_MAX);
}

impl TryFrom<usize> for Limit {
    type Error = BadValue;
    fn try_from(rows: usize) -> Result<Self, BadValue> {
        (1..=LIMIT_MAX).contains(&rows).then_some(Self(rows)).ok_or(BAD_LIMIT)
    }
}

impl FromStr for Limit {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        text.parse::<usize>().map_err(|_| BAD_LIMIT)?.try_into()
    }
}

/// Which way a page goes on from its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// The rows after it.
    Next,
    /// The rows before it.
    Prev,
}

/// The marker of one place in one list; `K` is the sort key of the row at the edge.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor<K> {
    list: String,
    epoch: i32,
    way: Way,
    key: K,
}

/// A page asked for: its size and, past the first, where it begins.
#[derive(Debug)]
pub struct Page<K> {
    list: String,
    epoch: i32,
    /// Rows at most.
    pub limit: usize,
    /// Where to go on, and which way.
    pub from: Option<(Way, K)>,
    /// Whether the last page is the first to be read.
    backwards: bool,
}

/// A page found: its rows in the list's order and the markers of its neighbours.
#[derive(Debug)]
pub struct Found<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Marker of the page after.
    pub next: Option<String>,
    /// Marker of the page before.
    pub prev: Option<String>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads `limit=` and `cursor=`. `list` names the list with all that decides its order and content, so that a
    /// marker of another list is refused.
    pub fn read(
        list: impl Into<String>,
        epoch: i32,
        limit: Option<Limit>,
        cursor: Option<&str>,
    ) -> Result<Self, Problem> {
        let list = list.into();
        let limit = limit.map_or(LIMIT_DEFAULT, |Limit(rows)| rows);
        let from = match cursor {
            None => None,
            Some(text) if text.len() > CURSOR_BYTES_MAX => return Err(bad_cursor()),
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?;
                let cursor: Cursor<K> = serde_json::from_slice(&bytes).map_err(|_| bad_cursor())?;
                if cursor.list != list || cursor.epoch != epoch {
                    return Err(bad_cursor());
                }
                Some((cursor.way, cursor.key))
            }
        };
        Ok(Self { list, epoch, limit, from, backwards: false })
    }

    /// Refuses a marker whose key is none of this list's, as `key` tells.
    pub fn fits(&self, key: impl Fn(&K) -> bool) -> Result<(), Problem> {
        if self.from.as_ref().is_none_or(|(_, from)| key(from)) { Ok(()) } else { Err(bad_cursor()) }
    }

    /// The last page, where no cursor says otherwise.
    #[must_use]
    pub fn from_the_end(self) -> Self {
        Self { backwards: true, ..self }
    }

    /// Which way the rows are read: forwards unless the page before was asked for, or the last one.
    pub fn way(&self) -> Way {
        let first = if self.backwards { Way::Prev } else { Way::Next };
        self.from.as_ref().map_or(first, |(way, _)| *way)
    }

    /// How many rows to read: one more than the page holds tells whether there are more.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Makes the page from the rows read in the direction of `way`.
    pub fn found<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Found<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let backwards = self.way() == Way::Prev;
        if backwards {
            rows.reverse();
        }
        let inside = self.from.is_some();
        let (has_prev, has_next) = if backwards { (more, inside) } else { (inside, more) };
        let mark = |row: Option<&T>, way| row.map(|row| self.mark(way, key(row)));
        let next = has_next.then(|| mark(rows.last(), Way::Next)).flatten();
        let prev = has_prev.then(|| mark(rows.first(), Way::Prev)).flatten();
        Found { rows, next, prev }
    }

    fn mark(&self, way: Way, key: K) -> String {
        let cursor = Cursor { list: self.list.clone(), epoch: self.epoch, way, key };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }
}

/// A page of a table that is computed whole; its markers name the position it was computed at, and a row's number.
#[derive(Debug)]
pub struct Cut(Option<Page<(i64, usize)>>);

impl Cut {
    /// Reads `limit=` and `cursor=` of a question; without either all rows are answered.
    pub fn read(
        asked: &Uri,
        epoch: i32,
        limit: Option<Limit>,
        cursor: Option<&str>,
    ) -> Result<Self, Problem> {
        if limit.is_none() && cursor.is_none() {
            return Ok(Self(None));
        }
        let own = |pair: &&str| !["limit=", "cursor=", "wait_for="].iter().any(|name| pair.starts_with(name));
        let mut place: Vec<&str> = pairs(asked.query()).filter(own).collect();
        place.sort_unstable();
        let place = format!("{} {}", asked.path(), place.join("&"));
        Page::read(place, epoch, limit, cursor).map(|page| Self(Some(page)))
    }

    /// As of when the question is answered: a further page as of the position of the first.
    pub fn when(&self, asked: When) -> When {
        let first = self.0.as_ref().and_then(|page| page.from).map(|(_, (position, _))| Position(position));
        When { as_of: asked.as_of.or(first.map(AsOf::Position)), ..asked }
    }

    /// The rows of the page.
    pub fn of<T>(&self, position: Position, rows: Vec<T>) -> Found<T> {
        let Some(page) = &self.0 else { return Found { rows, next: None, prev: None } };
        let numbered = rows.into_iter().enumerate();
        let most = page.limit + 1;
        let rows: Vec<(usize, T)> = match page.from {
            None => numbered.take(most).collect(),
            Some((Way::Next, (_, last))) => numbered.skip(last.saturating_add(1)).take(most).collect(),
            Some((Way::Prev, (_, first))) => {
                let before = numbered.take(first).collect::<Vec<_>>();
                before.into_iter().rev().take(most).collect()
            }
        };
        let Found { rows, next, prev } = page.found(rows, |(number, _)| (position.0, *number));
        Found { rows: rows.into_iter().map(|(_, row)| row).collect(), next, prev }
    }
}

fn bad_cursor() -> Problem {
    Problem::new(Kind::BadCursor, "take cursors as they stand in `next` and `prev` of this same list")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(cursor: Option<&str>) -> Page<i32> {
        Page::read("numbers", 1, Some(Limit(3)), cursor).unwrap()
    }

    /// The rows of 1..=7 that a page asks for, as a database would answer.
    fn rows(page: &Page<i32>) -> Vec<i32> {
        let take = usize::try_from(page.fetch()).unwrap();
        match page.from {
            None => (1..=7).take(take).collect(),
            Some((Way::Next, key)) => (key + 1..=7).take(take).collect(),
            Some((Way::Prev, key)) => (1..key).rev().take(take).collect(),
        }
    }

    #[test]
    fn pages_go_forth_and_back_over_every_row_once() {
        let mut cursor = None;
        let mut seen: Vec<i32> = vec![];
        let mut last = None;
        loop {
            let page = page(cursor.as_deref());
            let found = page.found(rows(&page), |row| *row);
            seen.extend(&found.rows);
            last = found.prev.clone().or(last);
            cursor = found.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
        let back = page(last.as_deref());
        assert_eq!(back.found(rows(&back), |row| *row).rows, [4, 5, 6]);
    }

    #[test]
    fn a_table_is_paged_as_of_its_first_page() {
        let asked: Uri = "/api/x?by=a&limit=3&wait_for=2".parse().unwrap();
        let cut = |cursor: Option<&str>| Cut::read(&asked, 1, Some(Limit(3)), cursor).unwrap();
        let of = |cut: &Cut| cut.of(Position(9), (1..=7).collect());
        let first = of(&cut(None));
        assert_eq!((&first.rows[..], first.prev), (&[1, 2, 3][..], None));
        let second = cut(first.next.as_deref());
        assert_eq!(second.when(When::default()).as_of, Some(AsOf::Position(Position(9))));
        let second = of(&second);
        let third = of(&cut(second.next.as_deref()));
        assert_eq!((&second.rows[..], &third.rows[..], third.next), (&[4, 5, 6][..], &[7][..], None));
        assert_eq!(of(&cut(third.prev.as_deref())).rows, [4, 5, 6]);
        assert_eq!(of(&cut(second.prev.as_deref())).rows, [1, 2, 3]);
        let other: Uri = "/api/x?by=b".parse().unwrap();
        assert!(Cut::read(&other, 1, None, second.next.as_deref()).is_err());
        assert_eq!(Cut::read(&asked, 1, None, None).unwrap().of(Position(9), vec![1; 700]).rows.len(), 700);
    }

    #[test]
    fn a_foreign_marker_is_refused() {
        let first = page(None);
        let next = first.found(rows(&first), |row| *row).next.unwrap();
        for (list, epoch) in [("others", 1), ("numbers", 2)] {
            assert!(Page::<i32>::read(list, epoch, None, Some(&next)).is_err());
        }
        for text in ["", "x", "eyJ", "🙂"] {
            assert!(Page::<i32>::read("numbers", 1, None, Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_has_a_limit() {
        let fits = |text: &str| text.parse::<Limit>().is_ok();
        assert!(fits("1") && fits(&LIMIT_MAX.to_string()));
        assert!(!fits("0") && !fits(&(LIMIT_MAX + 1).to_string()) && !fits("x"));
    }
}
