//! What has happened to a dataset.

use crate::{
    dataset::{ComposedCases, ConsentScope, Description},
    id::DatasetId,
    time::Timestamp,
};

/// An event of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was entered.
    DatasetRegistered(DatasetRegistered),
    /// A state of it was frozen.
    FreezeReleased(FreezeReleased),
}

/// A dataset was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetRegistered {
    /// Its id.
    pub id: DatasetId,
    /// What it is.
    pub description: Description,
    /// When.
    pub at: Timestamp,
}

/// A state of a dataset was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeReleased {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// How many cases come from which institution, sorted by institution.
    pub composition: Vec<ComposedCases>,
    /// What the participants have agreed to.
    pub consent: ConsentScope,
    /// When, and from when on it is in force.
    pub at: Timestamp,
}
