//! What is known of a request for a quote.

use std::collections::BTreeSet;

use money::Money;

use crate::{
    id::{ContractId, DatasetId, ListingId, OrganisationId, QuoteRequestId},
    listing::ServiceKind,
    milestone::Milestone,
    terms::CredentialKind,
    text::{Reason, Text},
    time::Timestamp,
};

/// What is known of a request for a quote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Quote {
    /// Nobody has asked.
    #[default]
    Vacant,
    /// A member has asked, and the vendor has not answered.
    Requested {
        /// What was asked.
        request: Box<RequestedQuote>,
        /// When.
        requested_at: Timestamp,
    },
    /// The vendor has quoted.
    Quoted {
        /// What was asked.
        request: Box<RequestedQuote>,
        /// When.
        requested_at: Timestamp,
        /// The quotes: quote `n` at index `n - 1`; at least one.
        quotes: Vec<SubmittedQuote>,
    },
    /// The vendor makes no quote.
    Declined {
        /// What was asked.
        request: Box<RequestedQuote>,
        /// When.
        requested_at: Timestamp,
        /// Why there is no quote, and since when.
        declination: Declination,
    },
}

/// What was asked, by whom, of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedQuote {
    /// The request's id.
    pub id: QuoteRequestId,
    /// Who asks.
    pub member: OrganisationId,
    /// The member's contract, under which it would order.
    pub contract: ContractId,
    /// Of which service.
    pub listing: ListingId,
    /// Who offers it; of a consortium its lead.
    pub vendor: OrganisationId,
    /// Of which kind the service is.
    pub kind: ServiceKind,
    /// Of how much of it.
    pub quantity: u32,
    /// What the member needs.
    pub requirements: Text<2000>,
    /// What the vendor must be accredited for when the order is placed.
    pub required_credentials: BTreeSet<CredentialKind>,
    /// The dataset that the service is about, if any.
    pub dataset: Option<DatasetId>,
}

/// What a vendor offers in a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What the whole costs.
    pub price: Money,
    /// The parts, in the order of delivery; they sum to the price.
    pub milestones: Vec<Milestone>,
    /// Days from the order to the last delivery.
    pub turnaround_days: u32,
    /// The first instant at which nothing can be ordered from it any more.
    pub valid_until: Timestamp,
    /// What else is to be said.
    pub note: Option<Text<2000>>,
}

/// A quote that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmittedQuote {
    /// Its number: 1, 2, 3…
    pub number: u32,
    /// The vendor's participation contract under which it was made, and on which an order from it stands.
    pub contract: ContractId,
    /// What is offered.
    pub offer: Offer,
    /// When it was made.
    pub submitted_at: Timestamp,
}

/// Why there is no quote, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declination {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub at: Timestamp,
}

/// How far a request has come, with every expiry resolved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// The vendor has not answered.
    Requested,
    /// There is a quote from which the member may order.
    Quoted,
    /// There were quotes, and all of them have expired.
    Expired,
    /// The vendor makes no quote.
    Declined,
}

impl Quote {
    /// What was asked and when, if anything was.
    pub fn request(&self) -> Option<(&RequestedQuote, Timestamp)> {
        match self {
            Self::Vacant => None,
            Self::Requested { request, requested_at }
            | Self::Quoted { request, requested_at, .. }
            | Self::Declined { request, requested_at, .. } => Some((request, *requested_at)),
        }
    }

    /// The quotes, in order of their numbers.
    pub fn quotes(&self) -> &[SubmittedQuote] {
        match self {
            Self::Vacant | Self::Requested { .. } | Self::Declined { .. } => &[],
            Self::Quoted { quotes, .. } => quotes,
        }
    }

    /// The quote with a number, expired or not.
    pub fn quote(&self, number: u32) -> Option<&SubmittedQuote> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.quotes().get(index)
    }

    /// Why there is no quote, if the vendor makes none.
    pub const fn declination(&self) -> Option<&Declination> {
        match self {
            Self::Vacant | Self::Requested { .. } | Self::Quoted { .. } => None,
            Self::Declined { declination, .. } => Some(declination),
        }
    }

    /// How far it has come at an instant; `None` if nobody has asked.
    pub fn stage(&self, now: Timestamp) -> Option<Stage> {
        match self {
            Self::Vacant => None,
            Self::Requested { .. } => Some(Stage::Requested),
            Self::Quoted { quotes, .. } if quotes.iter().any(|quote| quote.offer.binds(now)) => {
                Some(Stage::Quoted)
            }
            Self::Quoted { .. } => Some(Stage::Expired),
            Self::Declined { .. } => Some(Stage::Declined),
        }
    }
}

impl Offer {
    /// Whether it binds the vendor at an instant.
    pub fn binds(&self, now: Timestamp) -> bool {
        now < self.valid_until
    }
}
