//! What has happened to an investment.

use crate::{id::InvestmentId, investment::Deal, time::Timestamp};

/// An event of one investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was recorded.
    InvestmentMade(InvestmentMade),
}

/// An investor invested in a venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestmentMade {
    /// The investment's id.
    pub id: InvestmentId,
    /// Who invested how much in whom.
    pub deal: Deal,
    /// When it was recorded.
    pub at: Timestamp,
}
