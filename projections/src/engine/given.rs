//! What a history gives, without a database: how folds are tested.

use super::fold::{Asked, Fold, OfPolicy, OfProjection, Pass, Policy, Projection};
use letopis_events::{BadEvent, DomainEvent, Recorded};
use std::convert::Infallible;
use std::sync::Arc;

/// The rows a projection makes of a history.
pub fn given<P: Projection>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<P::Rows, BadEvent> {
    let mut fold = OfProjection::<P>(P::Rows::default());
    through::<Infallible>(&mut fold, events)?;
    Ok(fold.0)
}

/// A policy's rows and what it asked for.
pub type Answered<P> = (<P as Policy>::Rows, Vec<Asked<<P as Policy>::Command>>);

/// The rows a policy makes of a history, and what it asks for.
pub fn answered<P: Policy>(
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<Answered<P>, BadEvent> {
    let mut fold = OfPolicy::<P>(P::Rows::default());
    let asked = through(&mut fold, events)?;
    Ok((fold.0, asked))
}

/// Folds a history into tables that were empty before; what the fold asks for.
fn through<C>(
    fold: &mut dyn Fold<C>,
    events: impl IntoIterator<Item = Recorded<DomainEvent>>,
) -> Result<Vec<Asked<C>>, BadEvent> {
    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
    let mut pass = Pass::default();
    while !pass.go_on(fold, &events)? {
        for set in fold.sets() {
            set.loaded();
        }
    }
    Ok(pass.asked)
}
