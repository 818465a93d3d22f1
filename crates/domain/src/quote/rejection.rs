//! Why a command to a request for a quote was refused.

use crate::{
    id::{ListingId, OrganisationId, QuoteRequestId},
    listing::{InvalidContent, MOST_QUANTITY},
    milestone::InvalidMilestones,
    quote::{MOST_CREDENTIALS, MOST_QUOTES},
    time::Timestamp,
    under_contract::NotCovered,
};

/// Why a command to a request for a quote was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The service is not offered, or was never.
    #[error("listing {id} is not offered")]
    NotListed {
        /// The listing.
        id: ListingId,
    },
    /// A member asks itself.
    #[error("{organisation} is the vendor itself")]
    OwnListing {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// Less than the vendor takes an order for, or more than can be ordered.
    #[error("a quantity of {quantity} is not {minimum} to {MOST_QUANTITY}")]
    QuantityOutOfRange {
        /// The quantity.
        quantity: u32,
        /// The least that the vendor takes an order for.
        minimum: u32,
    },
    /// More credentials than are kept.
    #[error("{credentials} credentials are more than {MOST_CREDENTIALS}")]
    TooManyCredentials {
        /// How many.
        credentials: usize,
    },
    /// The request stands, with other particulars.
    #[error("quote request {id} has already been made with other particulars")]
    AlreadyRequested {
        /// The request.
        id: QuoteRequestId,
    },
    /// The contract does not cover it.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// Nobody has asked.
    #[error("the quote request does not exist")]
    NotRequested,
    /// Another vendor was asked.
    #[error("{organisation} was not asked in quote request {id}")]
    NotTheVendor {
        /// The request.
        id: QuoteRequestId,
        /// Who was not asked.
        organisation: OrganisationId,
    },
    /// The milestones are not the parts of the price.
    #[error(transparent)]
    InvalidMilestones(#[from] InvalidMilestones),
    /// Nobody delivers in such a time.
    #[error(transparent)]
    InvalidTurnaround(InvalidContent),
    /// A quote that would have expired when it is made.
    #[error("a quote until {valid_until} would have expired at {at}")]
    ExpiryPast {
        /// Until when it would be valid.
        valid_until: Timestamp,
        /// Now.
        at: Timestamp,
    },
    /// The vendor has declined.
    #[error("quote request {id} has been declined")]
    Declined {
        /// The request.
        id: QuoteRequestId,
    },
    /// A vendor that has quoted is bound by it.
    #[error("quote request {id} has been answered by {quotes} binding quotes")]
    AlreadyQuoted {
        /// The request.
        id: QuoteRequestId,
        /// How many quotes there are.
        quotes: usize,
    },
    /// More quotes than are kept.
    #[error("a request is answered by at most {MOST_QUOTES} quotes")]
    TooManyQuotes,
}
