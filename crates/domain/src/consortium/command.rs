//! What somebody wants of a consortium.

use money::Decimal;

use crate::{
    id::{ConsortiumId, OrganisationId},
    text::Name,
    time::Timestamp,
    under_contract::ContractNow,
};

/// A command to one consortium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Propose to sell together.
    ProposeConsortium(ProposeConsortium),
    /// Agree to one's share.
    JoinConsortium(JoinConsortium),
}

/// Propose to sell together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeConsortium {
    /// The consortium's id.
    pub id: ConsortiumId,
    /// What it is called.
    pub name: Name,
    /// Who proposes it, and so joins and leads it.
    pub lead: OrganisationId,
    /// Fact: the lead's contract, as it is now.
    pub contract: ContractNow,
    /// Who gets which percentage of the vendor's part, as it was sent.
    pub shares: Vec<(OrganisationId, Decimal)>,
    /// Now.
    pub at: Timestamp,
}

/// Agree to one's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinConsortium {
    /// Who joins.
    pub member: OrganisationId,
    /// Fact: its contract, as it is now.
    pub contract: ContractNow,
    /// Now.
    pub at: Timestamp,
}
