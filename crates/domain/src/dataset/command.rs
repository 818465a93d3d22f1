//! What somebody wants of a dataset.

use crate::{
    dataset::{ComposedCases, ConsentScope, Description},
    id::DatasetId,
    time::Timestamp,
};

/// A command to one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter it.
    RegisterDataset(RegisterDataset),
    /// Freeze its present state.
    ReleaseFreeze(ReleaseFreeze),
}

/// Enter a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDataset {
    /// Its id.
    pub id: DatasetId,
    /// What it is.
    pub description: Description,
    /// Now.
    pub at: Timestamp,
}

/// Freeze the present state of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFreeze {
    /// How many cases come from which institution; no institution twice.
    pub composition: Vec<ComposedCases>,
    /// What the participants have agreed to.
    pub consent: ConsentScope,
    /// Now; the freeze is in force from here on.
    pub at: Timestamp,
}
