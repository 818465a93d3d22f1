//! What somebody wants of a listing.

use std::collections::BTreeSet;

use crate::{
    consortium::ConsortiumNow,
    id::{ConsortiumId, ListingId, OrganisationId},
    listing::ListingContent,
    organisation::Capacity,
    text::Reason,
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

/// A command to one listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Offer a service.
    ListService(ListService),
    /// Describe it anew.
    ReviseService(ReviseService),
    /// Take no more orders for it.
    WithdrawService(WithdrawService),
    /// Look at it.
    ViewService(ViewService),
}

/// Offer a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListService {
    /// The listing's id.
    pub id: ListingId,
    /// Who offers.
    pub vendor: OrganisationId,
    /// Fact: the capacities that the vendor holds now.
    pub vendor_capacities: BTreeSet<Capacity>,
    /// Fact: the vendor's contract, as it is now.
    pub contract: ContractNow,
    /// Fact: whom the operators admit to the kind now.
    pub admission: VendorAdmission,
    /// The consortium that sells it, if the vendor does not sell alone, and the fact of what it and its members are
    /// now.
    pub consortium: Option<(ConsortiumId, ConsortiumNow)>,
    /// What is offered.
    pub content: ListingContent,
    /// Now.
    pub at: Timestamp,
}

/// Describe a service anew, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseService {
    /// Who wants it.
    pub by: OrganisationId,
    /// Fact: the vendor's contract, as it is now; the service is listed under it from now on.
    pub contract: ContractNow,
    /// Fact: whom the operators admit to the kind now.
    pub admission: VendorAdmission,
    /// Fact: the consortium that sells it and its members as they are now, if the vendor does not sell alone.
    pub consortium: Option<ConsortiumNow>,
    /// What is offered from now on.
    pub content: ListingContent,
    /// Now.
    pub at: Timestamp,
}

/// Take no more orders for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawService {
    /// Who wants it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Look at a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewService {
    /// Who looks.
    pub viewer: OrganisationId,
    /// Fact: the viewer's contract, as it is now.
    pub contract: ContractNow,
    /// Now.
    pub at: Timestamp,
}
