//! What somebody wants of an order.

use std::collections::BTreeSet;

use crate::{
    id::OrderId, order::OrderedAnalysis, organisation::Capacity, time::Timestamp, under_contract::ContractNow,
};

/// A command to one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Order an omics analysis.
    OrderOmicsAnalysis(OrderOmicsAnalysis),
}

/// Order an omics analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderOmicsAnalysis {
    /// The order's id.
    pub id: OrderId,
    /// What is ordered, by whom, from whom.
    pub analysis: OrderedAnalysis,
    /// Fact: the contract under which it is ordered, as it is now.
    pub contract: ContractNow,
    /// Fact: the capacities that the vendor holds now.
    pub vendor_capacities: BTreeSet<Capacity>,
    /// Now.
    pub at: Timestamp,
}
