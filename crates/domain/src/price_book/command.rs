//! What somebody wants of a price book.

use crate::{
    id::{OrganisationId, PriceBookId},
    price_book::PriceList,
    time::{Month, Timestamp},
};

/// A command to one price book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Publish the first or the next version.
    PublishPriceBook(PublishPriceBook),
    /// Publish the next version; there must be one already.
    RevisePriceBook(PublishPriceBook),
}

/// Publish the first or the next version.
///
/// A version that says what the newest one says is already so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishPriceBook {
    /// The price book.
    pub id: PriceBookId,
    /// The whole list of prices.
    pub prices: PriceList,
    /// The last month that is closed for the issuer who bills by this book, looked up; `None`: none is.
    pub closed_through: Option<Month>,
    /// Who publishes it: of a later version, the organisation that published the first.
    pub published_by: OrganisationId,
    /// Now.
    pub at: Timestamp,
}
