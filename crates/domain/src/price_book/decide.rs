//! What may not be published as a price book.

use money::{Currency, Decimal};

use crate::{
    price_book::{Command, Event, PriceBook, PriceBookPublished, check::check},
    version::{NotPublishable, Publication},
};

/// Why a command to a price book was refused. Items and bands are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No version may be published here and now, whatever it says.
    #[error(transparent)]
    NotPublishable(#[from] NotPublishable),
    /// There are no prices.
    #[error("a price book needs at least one item")]
    NoItems,
    /// There are more prices than fit an event.
    #[error("{items} items are more than {most}")]
    TooManyItems {
        /// How many there are.
        items: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two prices apply to the same.
    #[error("items[{item}] applies to the same as items[{first}]")]
    DuplicateItem {
        /// The second one.
        item: usize,
        /// The first one.
        first: usize,
    },
    /// An amount is in another currency than the list.
    #[error("items[{item}] has an amount in {currency}, the price book is in {expected}")]
    OtherCurrency {
        /// The item.
        item: usize,
        /// The currency of its amount.
        currency: Currency,
        /// The currency of the list.
        expected: Currency,
    },
    /// A price or a fee is negative.
    #[error("items[{item}] has a negative price or amount")]
    NegativePrice {
        /// The item.
        item: usize,
    },
    /// A package holds nothing, or less.
    #[error("items[{item}] has packages of {size}, which is not above zero")]
    PackageWithoutSize {
        /// The item.
        item: usize,
        /// The size.
        size: Decimal,
    },
    /// A graduated or volume price has no bands.
    #[error("items[{item}].bands is empty")]
    NoBands {
        /// The item.
        item: usize,
    },
    /// A graduated or volume price has more bands than are kept.
    #[error("items[{item}] has {bands} bands, more than {most}")]
    TooManyBands {
        /// The item.
        item: usize,
        /// How many bands it has.
        bands: usize,
        /// How many there may be.
        most: usize,
    },
    /// A price or a fee of a band is negative.
    #[error("items[{item}].bands[{band}] has a negative price or amount")]
    NegativeBandPrice {
        /// The item.
        item: usize,
        /// The band.
        band: usize,
    },
    /// A band other than the last has no end: nothing would lie in the bands after it.
    #[error("items[{item}].bands[{band}] has no end, but only the last band may have none")]
    OpenBandBeforeLast {
        /// The item.
        item: usize,
        /// The band.
        band: usize,
    },
    /// The last band has an end: quantities above it would have no price.
    #[error("items[{item}].bands[{band}] is the last and must have no end")]
    LastBandNotOpen {
        /// The item.
        item: usize,
        /// The band.
        band: usize,
    },
    /// A band does not end above the band before it (the first: above zero), so nothing would lie in it.
    #[error("items[{item}].bands[{band}] ends at {up_to}, which is not above {above}")]
    BandNotAscending {
        /// The item.
        item: usize,
        /// The band.
        band: usize,
        /// Where it ends.
        up_to: Decimal,
        /// Where it starts.
        above: Decimal,
    },
}

pub(super) fn decide(state: &PriceBook, command: Command) -> Result<Vec<Event>, Rejection> {
    let (command, revises) = match command {
        Command::PublishPriceBook(command) => (command, false),
        Command::RevisePriceBook(command) => (command, true),
    };
    let publication = Publication {
        content: &command.prices,
        start: command.prices.start,
        revises,
        closed_through: command.closed_through,
        published_by: command.published_by,
    };
    let newest = state.latest().map(|newest| (newest.number, &newest.prices));
    let Some(version) = publication.number_after(state.owner(), newest)? else { return Ok(vec![]) };
    check(&command.prices)?;
    Ok(vec![Event::PriceBookPublished(PriceBookPublished {
        id: command.id,
        version,
        prices: command.prices,
        published_by: command.published_by,
        at: command.at,
    })])
}
