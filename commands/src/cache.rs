//! Folded states, bounded; what is not here is read from the log, many streams with one statement.

use crate::decider::{Decider, Folded};
use letopis_events::{BadEvent, StreamId};
use letopis_eventstore::LogEvent;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

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
