//! What somebody wants of a dataset.

use crate::{
    dataset::{ComposedCases, ConsentScope, Description},
    id::DatasetId,
    time::Timestamp,
    under_contract::ContractNow,
};

/// A command to one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter it.
    RegisterDataset(RegisterDataset),
    /// Freeze its present state.
    ReleaseFreeze(ReleaseFreeze),
}

/// Fact: by what right a dataset is offered through the forum (requirements §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provision {
    /// Those who run the forum offer it: the data are the base operator's, or they act for the provider.
    ByOperator,
    /// A data provider offers it under this contract.
    Under(ContractNow),
}

/// Enter a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDataset {
    /// Its id.
    pub id: DatasetId,
    /// What it is.
    pub description: Description,
    /// Fact: by what right.
    pub provision: Provision,
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
    /// Fact: by what right.
    pub provision: Provision,
    /// Now; the freeze is in force from here on.
    pub at: Timestamp,
}
