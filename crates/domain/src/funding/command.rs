//! What somebody wants of a funding.

use std::collections::BTreeSet;

use money::Money;

use crate::{
    id::{FundingId, OrganisationId},
    organisation::Capacity,
    text::{Name, Reason},
    time::{Month, Timestamp},
};

/// A command to one funding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Record that it was agreed.
    AgreeFunding(AgreeFunding),
}

/// Record that a funding was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreeFunding {
    /// Its id.
    pub id: FundingId,
    /// Who pays.
    pub funder: Name,
    /// Whose income it is: the base operator that records it.
    pub recipient: OrganisationId,
    /// Fact: the capacities that it holds now.
    pub recipient_capacities: BTreeSet<Capacity>,
    /// The whole of it; above zero.
    pub amount: Money,
    /// The first month.
    pub start: Month,
    /// The first month after it.
    pub end: Month,
    /// For what.
    pub reason: Reason,
    /// Fact: the last month that the recipient has closed; `None`: none is.
    pub closed_through: Option<Month>,
    /// Now.
    pub at: Timestamp,
}
