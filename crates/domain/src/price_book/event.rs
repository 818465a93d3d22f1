//! What has happened to a price book.

use crate::{
    id::{OrganisationId, PriceBookId},
    price_book::PriceList,
    time::Timestamp,
};

/// An event of one price book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A version was published.
    PriceBookPublished(PriceBookPublished),
}

/// A version was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBookPublished {
    /// The price book.
    pub id: PriceBookId,
    /// The number of the version: 1, 2, 3…
    pub version: u32,
    /// The whole list of prices.
    pub prices: PriceList,
    /// Who published it.
    pub published_by: OrganisationId,
    /// When.
    pub at: Timestamp,
}
