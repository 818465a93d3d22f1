//! What somebody wants of an investment.

use std::collections::BTreeSet;

use crate::{
    id::{InvestmentId, OrganisationId},
    investment::Form,
    organisation::Capacity,
    terms::Round,
    text::Reason,
    time::Timestamp,
    venture::{InvestorNow, VentureNow},
};

/// A command to one investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record it.
    RecordInvestment(Box<RecordInvestment>),
    /// Take the record back: it did not come to pass.
    WithdrawInvestment(WithdrawInvestment),
}

/// Record an investment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordInvestment {
    /// The investment's id.
    pub id: InvestmentId,
    /// Fact: the investor, and its agreement as it is now.
    pub investor: InvestorNow,
    /// Fact: the venture as it is now.
    pub venture: VentureNow,
    /// Fact: whether the investor was shown the venture's full card.
    pub viewed: bool,
    /// Fact: the capacities that the venture's lister holds now.
    pub lister_capacities: BTreeSet<Capacity>,
    /// In which round.
    pub round: Round,
    /// What is given.
    pub form: Form,
    /// Now.
    pub at: Timestamp,
}

/// Take the record of an investment back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawInvestment {
    /// Who does.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}
