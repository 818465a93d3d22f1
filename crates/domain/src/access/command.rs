//! What somebody wants under one contract, with the facts that decide it.

use std::sync::Arc;

use crate::{
    access::{Batch, Earlier, Found, ReversalTarget},
    contract::Contract,
    country::Country,
    dataset::Dataset,
    id::{OrderId, PersonId, SourceId},
    terms::{Purpose, Right},
    text::{Name, Reason},
    time::Timestamp,
};

/// A command to the use under one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Enter a meter.
    RegisterSource(RegisterSource),
    /// Look at a dataset's description.
    ViewDataset(ViewDataset),
    /// Get leave to analyse cases.
    RunAnalysis(RunAnalysis),
    /// Report metered use.
    ReportUsage(ReportUsage),
    /// Take a record or an admission back.
    ReverseUsage(ReverseUsage),
}

/// Fact: the contract as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractNow {
    /// The contract.
    pub contract: Arc<Contract>,
    /// The revision of its stream.
    pub revision: u64,
}

/// Enter a meter. A source that is not needed costs nothing; there is no way to take it out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterSource {
    /// Its id.
    pub source: SourceId,
    /// Its name.
    pub name: Name,
    /// Now.
    pub at: Timestamp,
}

/// Who asks for leave to use a dataset, what for and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The person.
    pub viewer: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// From where.
    pub country: Country,
}

/// Look at a dataset's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDataset {
    /// Fact: the contract.
    pub contract: ContractNow,
    /// Fact: the dataset.
    pub dataset: Arc<Dataset>,
    /// Who, what for, from where.
    pub applicant: Applicant,
    /// For how many days a metered record may settle the admission (policy).
    pub settle_within_days: u32,
    /// Now.
    pub at: Timestamp,
}

/// Get leave to analyse cases, and reserve their quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAnalysis {
    /// Fact: the contract.
    pub contract: ContractNow,
    /// Fact: the dataset.
    pub dataset: Arc<Dataset>,
    /// Who, what for, from where.
    pub applicant: Applicant,
    /// Simple or detailed analysis.
    pub right: Right,
    /// To how many cases, at least 1.
    pub cases: u32,
    /// For which order, if for one; it attributes the charge, no more.
    pub order: Option<OrderId>,
    /// For how many days a metered record may settle the admission (policy).
    pub settle_within_days: u32,
    /// Now.
    pub at: Timestamp,
}

/// Report metered use. Never refused for a business reason, because it has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportUsage {
    /// Fact: the contract.
    pub contract: ContractNow,
    /// Fact: the datasets of the batch's dictionary, in its order.
    pub datasets: Vec<Arc<Dataset>>,
    /// What is reported.
    pub batch: Arc<Batch>,
    /// Fact: what stands already under keys of the batch.
    pub earlier: Arc<Earlier>,
    /// Now.
    pub at: Timestamp,
}

/// Take a record or an unsettled admission back, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseUsage {
    /// Which.
    pub target: ReversalTarget,
    /// Fact: what stands there. An admission that may still be settled need not be looked up.
    pub found: Option<Found>,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}
