//! What has happened to an order.

use crate::{
    id::{ContractId, OrderId},
    order::OrderedAnalysis,
    time::Timestamp,
};

/// An event of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An omics analysis was ordered.
    OmicsAnalysisOrdered(OmicsAnalysisOrdered),
}

/// An omics analysis was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmicsAnalysisOrdered {
    /// The order's id.
    pub id: OrderId,
    /// The contract under which it was ordered.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// What was ordered, by whom, from whom.
    pub analysis: OrderedAnalysis,
    /// When.
    pub at: Timestamp,
}
