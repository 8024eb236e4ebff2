//! The numbers or the addresses of one person: each with what is known of it, at most one the first to try.

use letopis_events::contacts::ReachMark;
use letopis_events::{Change, Personal};

/// A number or an address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reach<I, V> {
    pub(super) id: I,
    pub(super) value: Personal<V>,
    pub(super) primary: bool,
    pub(super) shared: bool,
    pub(super) mark: Option<ReachMark>,
}

/// What becomes known of a number or an address.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Marking {
    pub(super) mark: Change<ReachMark>,
    pub(super) primary: Option<bool>,
    pub(super) shared: Option<bool>,
}

impl Marking {
    /// What adding again what is there already says of it.
    pub(super) fn again(primary: bool, shared: bool) -> Self {
        let told = |so: bool| so.then_some(true);
        Self { mark: Change::Keep, primary: told(primary), shared: told(shared) }
    }
}

impl<I, V> Reach<I, V> {
    /// What of a marking is not so already; `None`: nothing.
    pub(super) fn news(&self, asked: Marking) -> Option<Marking> {
        let news = Marking {
            mark: asked.mark.against(self.mark.as_ref()),
            primary: asked.primary.filter(|primary| *primary != self.primary),
            shared: asked.shared.filter(|shared| *shared != self.shared),
        };
        (news != Marking::default()).then_some(news)
    }
}

/// All numbers or all addresses of a person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reaches<I, V>(Vec<Reach<I, V>>);

impl<I, V> Default for Reaches<I, V> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<I: Copy + PartialEq, V> Reaches<I, V> {
    pub(super) fn get(&self, id: I) -> Option<&Reach<I, V>> {
        self.0.iter().find(|reach| reach.id == id)
    }

    /// How many are the first to try.
    #[cfg(test)]
    pub(super) fn first(&self) -> usize {
        self.0.iter().filter(|reach| reach.primary).count()
    }

    /// The one with this value.
    pub(super) fn same(&self, value: impl Fn(&V) -> bool) -> Option<&Reach<I, V>> {
        self.0.iter().find(|reach| reach.value.get().is_some_and(&value))
    }

    pub(super) fn add(&mut self, reach: Reach<I, V>) {
        let (id, marking) = (reach.id, Marking::again(reach.primary, false));
        self.0.push(reach);
        self.mark(id, marking);
    }

    pub(super) fn remove(&mut self, id: I) {
        self.0.retain(|reach| reach.id != id);
    }

    pub(super) fn mark(&mut self, id: I, marking: Marking) {
        for reach in &mut self.0 {
            if reach.id == id {
                marking.mark.apply(&mut reach.mark);
                reach.primary = marking.primary.unwrap_or(reach.primary);
                reach.shared = marking.shared.unwrap_or(reach.shared);
            } else if marking.primary == Some(true) {
                reach.primary = false;
            }
        }
    }
}
