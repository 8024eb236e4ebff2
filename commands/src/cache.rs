//! Folded states, bounded; what is not here is read from the log, many streams with one statement.

use crate::decider::Decider;
use letopis_events::{BadEvent, Position, StreamId, Version};
use letopis_eventstore::LogEvent;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// A stream, folded.
#[derive(Clone, Debug)]
pub(crate) struct Folded<D: Decider> {
    pub(crate) state: D,
    pub(crate) version: Version,
    /// The last event's position.
    pub(crate) position: Position,
    /// The first event and its position.
    pub(crate) first: Option<(Arc<D::Event>, Position)>,
}

impl<D: Decider> Default for Folded<D> {
    fn default() -> Self {
        Self { state: D::default(), version: Version(0), position: Position(0), first: None }
    }
}

impl<D: Decider> Folded<D> {
    /// Folds an event of the stream onto it.
    pub(crate) fn take(&mut self, event: &LogEvent) -> Result<(), BadEvent> {
        let recorded = event.decode::<D::Event>()?;
        self.put(&recorded.event, event.version, event.position);
        Ok(())
    }

    /// Folds an event onto it that was just stored.
    pub(crate) fn put(&mut self, event: &D::Event, version: Version, position: Position) {
        self.state.evolve(event);
        (self.version, self.position) = (version, position);
        if self.first.is_none() {
            self.first = Some((Arc::new(event.clone()), position));
        }
    }
}

/// The states of one module that were asked for last.
pub(crate) struct Cache<D: Decider>(Mutex<LruCache<StreamId, Arc<Folded<D>>>>);

impl<D: Decider> Cache<D> {
    pub(crate) fn new(size: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(size)))
    }

    pub(crate) fn get(&self, stream: StreamId) -> Option<Arc<Folded<D>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&stream).cloned()
    }

    /// Keeps a state, unless a newer one is there.
    pub(crate) fn keep(&self, stream: StreamId, folded: Arc<Folded<D>>) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.peek(&stream).is_none_or(|there| there.version <= folded.version) {
            cache.put(stream, folded);
        }
    }

    /// Folds a whole stream and keeps it.
    pub(crate) fn fold(&self, stream: StreamId, events: &[&LogEvent]) -> Result<(), BadEvent> {
        let mut folded = Folded::<D>::default();
        for event in events {
            folded.take(event)?;
        }
        self.keep(stream, Arc::new(folded));
        Ok(())
    }
}
