//! A read model as a pure fold, and how a batch of events goes through it.

use super::set::{AnySet, RowSet};
use letopis_events::{BadEvent, DomainEvent, Recorded};
use std::sync::Arc;

/// A read model: what the events make of its rows.
pub trait Projection: Send + Sync + 'static {
    /// Its name, the file's.
    const NAME: &'static str;
    /// The tables it owns.
    type Rows: RowSet;
    /// Pure and total: no I/O, and every event it is not about changes nothing.
    fn apply(event: &Recorded<DomainEvent>, rows: &mut Self::Rows) -> Result<(), BadEvent>;
}

/// A read model that also answers: what follows in other streams.
pub trait Policy: Send + Sync + 'static {
    /// Its name; the actor of its commands is `policy:<name>`.
    const NAME: &'static str;
    /// The tables it owns.
    type Rows: RowSet;
    /// What it asks for.
    type Command: Send + Sync + 'static;
    /// As [`Projection::apply`]; the commands follow from the event and the rows alone.
    fn apply(event: &Recorded<DomainEvent>, rows: &mut Self::Rows) -> Result<Vec<Self::Command>, BadEvent>;
}

/// A fold without its types. `C` is what a policy asks for; a projection asks for nothing.
pub(super) trait Fold<C>: Send + Sync {
    fn name(&self) -> &'static str;
    fn sets(&mut self) -> Vec<&mut dyn AnySet>;
    fn apply(&mut self, event: &Recorded<DomainEvent>) -> Result<Vec<C>, BadEvent>;
}

pub(super) struct OfProjection<P: Projection>(pub(super) P::Rows);

impl<P: Projection, C> Fold<C> for OfProjection<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }
    fn sets(&mut self) -> Vec<&mut dyn AnySet> {
        self.0.sets().0
    }
    fn apply(&mut self, event: &Recorded<DomainEvent>) -> Result<Vec<C>, BadEvent> {
        P::apply(event, &mut self.0).map(|()| vec![])
    }
}

pub(super) struct OfPolicy<P: Policy>(pub(super) P::Rows);

impl<P: Policy> Fold<P::Command> for OfPolicy<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }
    fn sets(&mut self) -> Vec<&mut dyn AnySet> {
        self.0.sets().0
    }
    fn apply(&mut self, event: &Recorded<DomainEvent>) -> Result<Vec<P::Command>, BadEvent> {
        P::apply(event, &mut self.0)
    }
}

/// A command of a policy: the event it answers and its number among that event's, counted from 1.
#[derive(Clone, Debug)]
pub struct Asked<C> {
    /// The policy.
    pub policy: &'static str,
    /// The event.
    pub event: Arc<Recorded<DomainEvent>>,
    /// Which of the commands that follow from it.
    pub number: i32,
    /// What is asked for.
    pub command: C,
}

/// How far a batch has gone through a fold.
pub(super) struct Pass<C> {
    next: usize,
    pub(super) asked: Vec<Asked<C>>,
}

impl<C> Default for Pass<C> {
    fn default() -> Self {
        Self { next: 0, asked: vec![] }
    }
}

impl<C> Pass<C> {
    /// Goes on from where it stands. True: the batch is through. False: rows are missing; load them and call again.
    ///
    /// An event that misses rows is taken back, with all behind it; these run only to collect what they will miss.
    pub(super) fn go_on(
        &mut self,
        fold: &mut dyn Fold<C>,
        events: &[Arc<Recorded<DomainEvent>>],
    ) -> Result<bool, BadEvent> {
        let mut first_miss = None;
        for (index, event) in events.iter().enumerate().skip(self.next) {
            for set in fold.sets() {
                set.begin(event.position.0);
            }
            let answer = fold.apply(event);
            let missed = first_miss.is_some() || fold.sets().iter().any(|set| set.missed());
            if missed {
                // Whatever it said, it said without its rows.
                first_miss.get_or_insert(index);
                continue;
            }
            for (number, command) in (1..).zip(answer?) {
                let event = Arc::clone(event);
                self.asked.push(Asked { policy: fold.name(), event, number, command });
            }
            for set in fold.sets() {
                set.keep();
            }
        }
        self.next = first_miss.unwrap_or(events.len());
        if first_miss.is_some() {
            for set in fold.sets() {
                set.roll_back();
            }
        }
        Ok(first_miss.is_none())
    }
}

/// The rows a projection makes of a history, without a database: for tests.
pub fn given<P: Projection>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<P::Rows, BadEvent> {
    let mut fold = OfProjection::<P>(P::Rows::default());
    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
    let mut pass = Pass::<()>::default();
    while !pass.go_on(&mut fold, &events)? {
        for set in Fold::<()>::sets(&mut fold) {
            set.loaded();
        }
    }
    Ok(fold.0)
}

/// What a policy asks for over a history, without a database: for tests.
pub fn answers<P: Policy>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<Vec<P::Command>, BadEvent> {
    let mut fold = OfPolicy::<P>(P::Rows::default());
    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
    let mut pass = Pass::default();
    while !pass.go_on(&mut fold, &events)? {
        for set in fold.sets() {
            set.loaded();
        }
    }
    Ok(pass.asked.into_iter().map(|asked| asked.command).collect())
}
