//! What somebody wants of an order.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    consortium::ConsortiumNow,
    dataset::Dataset,
    id::{DatasetId, ListingId, OrderId, OrganisationId},
    listing::Listing,
    milestone::Milestone,
    order::{Artefact, EthicsApproval, QuoteTaken},
    organisation::Organisation,
    quote::Quote,
    terms::CredentialKind,
    text::{Name, Reason},
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

/// A command to one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Place it.
    PlaceOrder(Box<PlaceOrder>),
    /// Take it.
    AcceptOrder(AcceptOrder),
    /// Do not take it.
    DeclineOrder(DeclineOrder),
    /// Deliver a milestone.
    DeliverMilestone(DeliverMilestone),
    /// Accept what was delivered.
    AcceptDelivery(AcceptDelivery),
    /// Do not accept what was delivered.
    DisputeDelivery(DisputeDelivery),
    /// End it before its completion.
    CancelOrder(CancelOrder),
    /// Deposit a result with the base.
    DepositResult(DepositResult),
}

/// Place an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceOrder {
    /// The order's id.
    pub id: OrderId,
    /// Who orders and pays.
    pub member: OrganisationId,
    /// From what the price and the milestones come.
    pub source: Source,
    /// What the vendor must hold unexpired now, beside what the request for quote asked for.
    pub required_credentials: BTreeSet<CredentialKind>,
    /// The dataset that the service is about; none: the one of the request for quote, if that names one.
    pub dataset: Option<DatasetId>,
    /// The ethics committee's approval, if there is one.
    pub ethics_approval: Option<EthicsApproval>,
    /// What is known now of everything that the order names.
    pub facts: PlacingFacts,
    /// Now.
    pub at: Timestamp,
}

/// From what the price and the milestones of an order come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A quote.
    Quote {
        /// Which.
        taken: QuoteTaken,
        /// Fact: the request for quote as it is now.
        known: Arc<Quote>,
    },
    /// The price at which the service is listed.
    ListPrice {
        /// The listing.
        listing: ListingId,
        /// How many units.
        quantity: u32,
        /// The parts; they must sum to the quantity times the price of a unit.
        milestones: Vec<Milestone>,
    },
}

/// Facts: what is known now of everything that an order names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacingFacts {
    /// The member's contract.
    pub contract: ContractNow,
    /// The listing that is ordered from: the one named, or the quote's.
    pub listing: Arc<Listing>,
    /// The vendor's contract on which the order stands: that under which the quote was made, or the service is listed.
    pub vendor_contract: ContractNow,
    /// The organisation that lists it.
    pub vendor: Arc<Organisation>,
    /// Which vendors are admitted to its kind of service.
    pub admission: Arc<VendorAdmission>,
    /// The consortium that sells and its members, if the listing names one.
    pub consortium: Option<ConsortiumNow>,
    /// The dataset that the order or its request for quote names.
    pub dataset: Option<Arc<Dataset>>,
}

/// Take an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptOrder {
    /// Who takes it.
    pub by: OrganisationId,
    /// Now.
    pub at: Timestamp,
}

/// Do not take an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineOrder {
    /// Who does not take it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Deliver a milestone, or deliver it again after a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverMilestone {
    /// Who delivers.
    pub by: OrganisationId,
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// What is delivered.
    pub artefact: Artefact,
    /// Now.
    pub at: Timestamp,
}

/// Accept what was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptDelivery {
    /// Who accepts.
    pub by: OrganisationId,
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// Now.
    pub at: Timestamp,
}

/// Do not accept what was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeDelivery {
    /// Who disputes.
    pub by: OrganisationId,
    /// The milestone's place, from 0.
    pub milestone: u32,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// End an order before its completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelOrder {
    /// Who ends it.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}

/// Deposit a result with the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositResult {
    /// Who deposits it.
    pub by: OrganisationId,
    /// What it is.
    pub title: Name,
    /// The result.
    pub artefact: Artefact,
    /// Now.
    pub at: Timestamp,
}
