//! What has happened to an investment.

use crate::{id::InvestmentId, investment::Deal, text::Reason, time::Timestamp};

/// An event of one investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was recorded.
    InvestmentMade(InvestmentMade),
    /// The record was taken back.
    InvestmentWithdrawn(InvestmentWithdrawn),
}

/// An investor invested in a venture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestmentMade {
    /// The investment's id.
    pub id: InvestmentId,
    /// Who invested what in whom.
    pub deal: Deal,
    /// When it was recorded.
    pub at: Timestamp,
}

/// The record of an investment was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestmentWithdrawn {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}
