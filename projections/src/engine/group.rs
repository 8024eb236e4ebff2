//! A group: read models that share a schema, a checkpoint and a transaction.

use super::fold::{Asked, Fold, OfPolicy, OfProjection, Policy, Projection};
use super::table::Shape;
use futures::future::BoxFuture;
use std::convert::Infallible;
use std::sync::Arc;

/// Carries a policy's commands out, in their order; an error means: not now, try again.
pub type Answering<C> = Arc<dyn Fn(Vec<Asked<C>>) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Read models that share a schema, a checkpoint and a transaction. `C` is what its policies ask for.
pub struct Group<C = Infallible> {
    name: &'static str,
    version: u32,
    pub(super) folds: Vec<Box<dyn Fold<C>>>,
}

impl<C: Send + Sync + 'static> Group<C> {
    /// An empty group; `version` rises whenever its rows would become others from the same events.
    pub fn new(name: &'static str, version: u32) -> Self {
        Self { name, version, folds: vec![] }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The schema its tables stand in.
    pub fn schema(&self) -> String {
        format!("{}_v{}", self.name, self.version)
    }

    /// The same with a read model more.
    #[must_use]
    pub fn with<P: Projection>(mut self) -> Self {
        self.folds.push(Box::new(OfProjection::<P>(P::Rows::default())));
        self
    }

    /// The same with a policy more.
    #[must_use]
    pub fn answering<P: Policy<Command = C>>(mut self) -> Self {
        self.folds.push(Box::new(OfPolicy::<P>(P::Rows::default())));
        self
    }

    /// The shapes of all its tables.
    pub fn shapes(&mut self) -> Vec<Shape> {
        self.folds.iter_mut().flat_map(|fold| fold.sets()).map(|set| set.shape()).collect()
    }

    pub(super) fn clear(&mut self) {
        for set in self.folds.iter_mut().flat_map(|fold| fold.sets()) {
            set.clear();
        }
    }
}
