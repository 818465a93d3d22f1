//! What somebody wants of a request for a quote.

use std::collections::BTreeSet;

use crate::{
    id::{DatasetId, ListingId, OrganisationId, QuoteRequestId},
    listing::Listing,
    quote::Offer,
    terms::CredentialKind,
    text::{Reason, Text},
    time::Timestamp,
    under_contract::ContractNow,
};

/// A command to one request for a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for a quote.
    RequestQuote(RequestQuote),
    /// Quote.
    SubmitQuote(SubmitQuote),
    /// Make no quote.
    DeclineQuoteRequest(DeclineQuoteRequest),
}

/// Ask for a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestQuote {
    /// The request's id.
    pub id: QuoteRequestId,
    /// Who asks.
    pub member: OrganisationId,
    /// Fact: the member's contract, as it is now.
    pub contract: ContractNow,
    /// Of which service.
    pub listing_id: ListingId,
    /// Fact: the listing, as it is now.
    pub listing: Listing,
    /// Of how much of it.
    pub quantity: u32,
    /// What the member needs.
    pub requirements: Text<2000>,
    /// What the vendor must be accredited for when the order is placed.
    pub required_credentials: BTreeSet<CredentialKind>,
    /// The dataset that the service is about, if any.
    pub dataset: Option<DatasetId>,
    /// Now.
    pub at: Timestamp,
}

/// Quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitQuote {
    /// Who quotes.
    pub by: OrganisationId,
    /// Fact: the vendor's contract, as it is now.
    pub contract: ContractNow,
    /// Fact: the listing, as it is now.
    pub listing: Listing,
    /// What is offered.
    pub offer: Offer,
    /// Now.
    pub at: Timestamp,
}

/// Make no quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineQuoteRequest {
    /// Who makes none.
    pub by: OrganisationId,
    /// Why.
    pub reason: Reason,
    /// Now.
    pub at: Timestamp,
}
