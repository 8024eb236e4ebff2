//! The rows of one table as a fold sees them: in memory, loaded on demand, changed, and taken back.

use super::table::{By, Shape, Table};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

/// Above this many rows in memory a table's rows are dropped after a batch; some hundred bytes each.
pub const CACHE_ROWS: usize = 60_000;

/// What is known of one key.
#[derive(Clone, Debug)]
struct Slot<T> {
    /// The current row.
    row: Option<T>,
    /// From which position it is valid.
    from: i64,
    /// Whether the database has a current row of this key.
    stored: bool,
    /// Whether it differs from the database's.
    dirty: bool,
}

/// A version that ended within the batch.
#[derive(Clone, Debug)]
pub(super) struct Closed<T> {
    pub(super) row: T,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// How to take back one change.
#[derive(Debug)]
struct Undo<T: Table> {
    key: T::Key,
    slot: Option<Slot<T>>,
    /// How many versions had ended before.
    closed: usize,
    /// How many slots differed before.
    dirty: usize,
}

/// The rows of a table. A row that is not loaded yet answers `None` and is noted as missing: the engine loads it and asks
/// the fold again, so that a fold says nothing about loading.
#[derive(Debug)]
pub struct Set<T: Table> {
    slots: HashMap<T::Key, Slot<T>>,
    /// For each of [`Table::BY`] and each value the keys of the rows in memory, sorted.
    found: Vec<HashMap<String, Vec<T::Key>>>,
    /// The values whose rows are all in memory.
    whole: Vec<HashSet<String>>,
    closed: Vec<Closed<T>>,
    /// The keys of the slots that differ from the database's: a batch changes few of the rows in memory.
    dirty: Vec<T::Key>,
    undo: Vec<Undo<T>>,
    missing: HashSet<T::Key>,
    missing_by: Vec<HashSet<String>>,
    position: i64,
}

impl<T: Table> Default for Set<T> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            found: vec![HashMap::new(); T::BY.len()],
            whole: vec![HashSet::new(); T::BY.len()],
            closed: vec![],
            dirty: vec![],
            undo: vec![],
            missing: HashSet::new(),
            missing_by: vec![HashSet::new(); T::BY.len()],
            position: 0,
        }
    }
}

impl<T: Table> Set<T> {
    /// The row of a key.
    pub fn get(&mut self, key: &T::Key) -> Option<&T> {
        if !self.slots.contains_key(key) {
            self.missing.insert(key.clone());
        }
        self.slots.get(key)?.row.as_ref()
    }

    /// All rows that share a column's value, in the order of their keys.
    pub fn of<B: By<T>>(&mut self, by: &B) -> Vec<T> {
        let text = by.text();
        if !self.whole[B::INDEX].contains(&text) {
            self.missing_by[B::INDEX].insert(text);
            return vec![];
        }
        let keys = self.found[B::INDEX].get(&text).into_iter().flatten();
        keys.filter_map(|key| self.slots.get(key)?.row.clone()).collect()
    }

    /// Adds the row of a thing that is new by its nature: it is not looked up before.
    pub fn insert(&mut self, row: T) {
        let key = row.key();
        self.put(key, Some(row));
    }

    /// Sets the row, whether there was one before or not.
    pub fn set(&mut self, row: T) {
        let key = row.key();
        if self.known(&key) {
            self.put(key, Some(row));
        }
    }

    /// Changes the row, if there is one.
    pub fn edit(&mut self, key: &T::Key, change: impl FnOnce(&mut T)) {
        if let Some(mut row) = self.get(key).cloned() {
            change(&mut row);
            self.put(key.clone(), Some(row));
        }
    }

    /// Removes the row, if there is one.
    pub fn remove(&mut self, key: &T::Key) {
        if self.known(key) {
            self.put(key.clone(), None);
        }
    }

    /// All current rows in memory, in the order of their keys: what a test looks at.
    pub fn rows(&self) -> Vec<T> {
        let mut rows: Vec<T> = self.slots.values().filter_map(|slot| slot.row.clone()).collect();
        rows.sort_by_key(Table::key);
        rows
    }

    fn known(&mut self, key: &T::Key) -> bool {
        self.get(key);
        self.slots.contains_key(key)
    }

    fn put(&mut self, key: T::Key, row: Option<T>) {
        let old = self.slots.get(&key);
        if old.map_or(row.is_none(), |old| old.row == row) {
            return;
        }
        let (closed, dirty) = (self.closed.len(), self.dirty.len());
        if let Some(Slot { row: Some(before), from, .. }) = old
            && *from < self.position
        {
            self.closed.push(Closed { row: before.clone(), from: *from, to: self.position });
        }
        if !old.is_some_and(|slot| slot.dirty) {
            self.dirty.push(key.clone());
        }
        let stored = old.is_some_and(|slot| slot.stored);
        let slot = Slot { row, from: self.position, stored, dirty: true };
        let slot = self.place(key.clone(), Some(slot));
        self.undo.push(Undo { key, slot, closed, dirty });
    }

    /// Puts a slot in place of what is there, which it returns, and keeps the indexes in step.
    fn place(&mut self, key: T::Key, slot: Option<Slot<T>>) -> Option<Slot<T>> {
        if let Some(before) = self.slots.get(&key).and_then(|slot| slot.row.as_ref()) {
            for (found, text) in self.found.iter_mut().zip(before.by()) {
                let Some(keys) = text.and_then(|text| found.get_mut(&text)) else { continue };
                if let Ok(place) = keys.binary_search(&key) {
                    keys.remove(place);
                }
            }
        }
        if let Some(row) = slot.as_ref().and_then(|slot| slot.row.as_ref()) {
            for (found, text) in self.found.iter_mut().zip(row.by()) {
                let Some(text) = text else { continue };
                let keys = found.entry(text).or_default();
                if let Err(place) = keys.binary_search(&key) {
                    keys.insert(place, key.clone());
                }
            }
        }
        match slot {
            Some(slot) => self.slots.insert(key, slot),
            None => self.slots.remove(&key),
        }
    }
}

/// What the engine does with a set, without its type.
pub(crate) trait AnySet: Send + Sync {
    fn shape(&self) -> Shape;
    /// The event at this position comes next.
    fn begin(&mut self, position: i64);
    /// Whether the fold asked for what is not loaded.
    fn missed(&self) -> bool;
    /// What was changed so far will not be taken back.
    fn keep(&mut self);
    /// Takes back what was changed since.
    fn roll_back(&mut self);
    /// The keys asked for in vain, as text, and the values of each index.
    fn misses(&mut self) -> (Vec<Vec<Option<String>>>, Vec<Vec<String>>);
    /// Takes rows from the database: all columns, then `from_position`.
    fn load(&mut self, rows: &[Vec<Option<String>>]) -> Result<(), super::EngineError>;
    /// Notes that what was missing has been loaded, as far as it exists.
    fn loaded(&mut self);
    /// What the batch changes.
    fn changes(&self) -> Changes;
    /// The batch is written.
    fn written(&mut self, cache_rows: usize);
    /// Forgets everything.
    fn clear(&mut self);
}

/// What a batch changes in a table, rows as text.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// New current rows, then `from_position`.
    pub(crate) new: Vec<Vec<Option<String>>>,
    /// Changed current rows, then `from_position`.
    pub(crate) changed: Vec<Vec<Option<String>>>,
    /// Keys of rows that are gone.
    pub(crate) gone: Vec<Vec<Option<String>>>,
    /// Versions that ended, then `from_position`, `to_position`.
    pub(crate) closed: Vec<Vec<Option<String>>>,
}

impl<T: Table> AnySet for Set<T> {
    fn shape(&self) -> Shape {
        Shape::of::<T>()
    }

    fn begin(&mut self, position: i64) {
        self.position = position;
    }

    fn missed(&self) -> bool {
        !self.missing.is_empty() || self.missing_by.iter().any(|missing| !missing.is_empty())
    }

    fn roll_back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            self.closed.truncate(undo.closed);
            self.dirty.truncate(undo.dirty);
            self.place(undo.key, undo.slot);
        }
    }

    fn keep(&mut self) {
        self.undo.clear();
    }

    fn misses(&mut self) -> (Vec<Vec<Option<String>>>, Vec<Vec<String>>) {
        let keys = self.missing.iter().map(T::write_key).collect();
        let by = self.missing_by.iter().map(|values| values.iter().cloned().collect()).collect();
        (keys, by)
    }

    fn load(&mut self, rows: &[Vec<Option<String>>]) -> Result<(), super::EngineError> {
        for row in rows {
            let columns: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
            let (from, columns) = columns.split_last().unwrap_or((&None, &[]));
            let from = <i64 as super::Column>::read(*from)?;
            let row = T::read(columns)?;
            let key = row.key();
            if !self.slots.contains_key(&key) {
                self.place(key, Some(Slot { row: Some(row), from, stored: true, dirty: false }));
            }
        }
        Ok(())
    }

    fn loaded(&mut self) {
        for key in std::mem::take(&mut self.missing) {
            self.slots.entry(key).or_insert(Slot { row: None, from: 0, stored: false, dirty: false });
        }
        for (whole, missing) in self.whole.iter_mut().zip(&mut self.missing_by) {
            whole.extend(missing.drain());
        }
    }

    fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for (key, slot) in self.dirty.iter().filter_map(|key| self.slots.get_key_value(key)) {
            match &slot.row {
                Some(row) => {
                    let mut columns = row.write();
                    columns.push(Some(slot.from.to_string()));
                    let rows = if slot.stored { &mut changes.changed } else { &mut changes.new };
                    rows.push(columns);
                }
                None if slot.stored => changes.gone.push(T::write_key(key)),
                None => {}
            }
        }
        for closed in &self.closed {
            let mut columns = closed.row.write();
            columns.extend([Some(closed.from.to_string()), Some(closed.to.to_string())]);
            changes.closed.push(columns);
        }
        changes
    }

    fn written(&mut self, cache_rows: usize) {
        self.undo.clear();
        self.closed.clear();
        if self.slots.len() > cache_rows {
            self.clear();
            return;
        }
        for key in self.dirty.drain(..) {
            if let Some(slot) = self.slots.get_mut(&key) {
                slot.stored = slot.row.is_some();
                slot.dirty = false;
            }
        }
    }

    fn clear(&mut self) {
        // The room they took is taken again by the next rows.
        let mut slots = std::mem::take(&mut self.slots);
        slots.clear();
        *self = Self { slots, ..Self::default() };
    }
}

/// The tables of one read model; made by [`row_set!`](crate::row_set).
pub trait RowSet: Default + Send + Sync + 'static {
    /// All of them.
    #[doc(hidden)]
    fn sets(&mut self) -> AnySets<'_>;
}

/// The tables of a read model, without their types.
#[doc(hidden)]
pub struct AnySets<'a>(pub(crate) Vec<&'a mut dyn AnySet>);

impl<'a> AnySets<'a> {
    #[doc(hidden)]
    pub fn new() -> Self {
        Self(vec![])
    }

    #[doc(hidden)]
    #[must_use]
    pub fn and<T: Table>(mut self, set: &'a mut Set<T>) -> Self {
        self.0.push(set);
        self
    }
}

impl Default for AnySets<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// Declares the tables a read model owns.
#[macro_export]
macro_rules! row_set {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$field_doc:meta])* $field:ident: Set<$table:ty>),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        $vis struct $name {
            $($(#[$field_doc])* #[doc = concat!("Rows of [`", stringify!($table), "`].")] pub $field: $crate::engine::Set<$table>,)+
        }

        impl $crate::engine::RowSet for $name {
            fn sets(&mut self) -> $crate::engine::AnySets<'_> {
                $crate::engine::AnySets::new()$(.and(&mut self.$field))+
            }
        }
    };
}
