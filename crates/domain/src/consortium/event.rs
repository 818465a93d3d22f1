//! What has happened to a consortium.

use std::collections::BTreeMap;

use money::Decimal;

use crate::{
    id::{ConsortiumId, ContractId, OrganisationId},
    text::Name,
    time::Timestamp,
};

/// An event of one consortium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A vendor proposed to sell together, and so joined.
    ConsortiumProposed(ConsortiumProposed),
    /// A member agreed to its share.
    ConsortiumJoined(ConsortiumJoined),
}

/// A vendor proposed to sell together, and so joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsortiumProposed {
    /// The consortium's id.
    pub id: ConsortiumId,
    /// What it is called.
    pub name: Name,
    /// Who leads it.
    pub lead: OrganisationId,
    /// The lead's participation contract.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// Who gets which percentage of the vendor's part; they sum to 100.
    pub shares: BTreeMap<OrganisationId, Decimal>,
    /// When.
    pub at: Timestamp,
}

/// A member agreed to its share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsortiumJoined {
    /// Who joined.
    pub member: OrganisationId,
    /// Its participation contract.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// When.
    pub at: Timestamp,
}
