//! What has happened to a request for a quote.

use crate::{
    id::ContractId,
    quote::{Offer, RequestedQuote},
    text::Reason,
    time::Timestamp,
};

/// An event of one request for a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A member asked.
    QuoteRequested(QuoteRequested),
    /// The vendor quoted.
    QuoteSubmitted(QuoteSubmitted),
    /// The vendor makes no quote.
    QuoteRequestDeclined(QuoteRequestDeclined),
}

/// A member asked for a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteRequested {
    /// What was asked, by whom, of whom.
    pub request: RequestedQuote,
    /// The revision of the member's contract on which the decision stood.
    pub contract_revision: u64,
    /// When.
    pub at: Timestamp,
}

/// The vendor made a binding quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteSubmitted {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// The vendor's participation contract.
    pub contract: ContractId,
    /// The revision of that contract on which the decision stood.
    pub contract_revision: u64,
    /// What is offered.
    pub offer: Offer,
    /// When.
    pub at: Timestamp,
}

/// The vendor makes no quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteRequestDeclined {
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}
