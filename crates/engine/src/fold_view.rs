//! Running folds as whoever runs the process sees them: how far each has come, and what it takes in.

use std::sync::Arc;

use event_log::Position;

use crate::trace::{Observed, Observer, Observing};

/// How far a projection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The name of what it folds.
    pub projection: &'static str,
    /// Which part of it, if it is folded in parts.
    pub shard: u32,
    /// Everything up to here was examined.
    pub examined: Position,
}

/// A running projection, whatever it folds.
pub(crate) trait Running: Send + Sync {
    /// It must stop.
    fn fail(&self, why: &str);
    /// How far it has come.
    fn standing(&self) -> Standing;
}

/// A view of running folds.
#[derive(Clone)]
pub struct FoldsView {
    projections: Arc<[Arc<dyn Running>]>,
    observed: Observed,
}

impl FoldsView {
    pub(crate) fn new(projections: Vec<Arc<dyn Running>>, observed: Observed) -> Self {
        Self { projections: projections.into(), observed }
    }

    /// How far each of them has come.
    pub fn standings(&self) -> Vec<Standing> {
        self.projections.iter().map(|projection| projection.standing()).collect()
    }

    /// Tells an observer of what they take in from here on and the log got after a position, which is its end now.
    /// The first observer is told; there is room for one.
    pub fn observe(&self, observer: Arc<dyn Observer>, after: Position) {
        let _ = self.observed.set(Observing::new(observer, after));
    }
}
