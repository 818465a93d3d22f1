//! What has happened to a listing.

use crate::{
    id::{ConsortiumId, ContractId, ListingId, OrganisationId},
    listing::ListingContent,
    text::Reason,
    time::Timestamp,
};

/// An event of one listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A vendor listed a service.
    ServiceListed(ServiceListed),
    /// It described it anew.
    ServiceRevised(ServiceRevised),
    /// It withdrew it.
    ServiceWithdrawn(ServiceWithdrawn),
    /// A member looked at it.
    ServiceViewed(ServiceViewed),
}

/// A vendor listed a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceListed {
    /// The listing's id.
    pub id: ListingId,
    /// Who offers.
    pub vendor: OrganisationId,
    /// The vendor's participation contract.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// The consortium that sells it; `None`: the vendor sells alone.
    pub consortium: Option<ConsortiumId>,
    /// What is offered.
    pub content: ListingContent,
    /// When.
    pub at: Timestamp,
}

/// The vendor described it anew; the kind and the code are what they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRevised {
    /// The vendor's participation contract from now on.
    pub contract: ContractId,
    /// The revision of the contract on which the decision stood.
    pub contract_revision: u64,
    /// What is offered from now on.
    pub content: ListingContent,
    /// When.
    pub at: Timestamp,
}

/// The vendor withdrew it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceWithdrawn {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// A member looked at it: at most once per member and date of Asia/Tokyo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceViewed {
    /// Who looked.
    pub viewer: OrganisationId,
    /// The viewer's contract.
    pub contract: ContractId,
    /// When.
    pub at: Timestamp,
}
