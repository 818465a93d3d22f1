//! What somebody wants of an investment.

use std::collections::BTreeSet;

use crate::{id::InvestmentId, investment::Deal, organisation::Capacity, time::Timestamp};

/// A command to one investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record it.
    RecordInvestment(RecordInvestment),
}

/// Record an investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordInvestment {
    /// The investment's id.
    pub id: InvestmentId,
    /// Who invests how much in whom.
    pub deal: Deal,
    /// Fact: the capacities that the investor holds now.
    pub investor_capacities: BTreeSet<Capacity>,
    /// Fact: the capacities that the venture holds now; `None` if it is not registered.
    pub venture_capacities: Option<BTreeSet<Capacity>>,
    /// Now.
    pub at: Timestamp,
}
