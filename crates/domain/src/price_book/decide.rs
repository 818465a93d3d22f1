//! What may not be published as a price book.

use money::{Currency, Decimal};

use crate::{
    id::OrganisationId,
    price_book::{Command, Event, PriceBook, PriceBookPublished, PublishPriceBook, check::check},
    time::Month,
    version::MOST_VERSIONS,
};

/// Why a command to a price book was refused. Items and bands are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing has been published that could be revised.
    #[error("the price book does not exist")]
    NotPublished,
    /// Another organisation published the price book.
    #[error("the price book is published by {owner}")]
    NotOwner {
        /// Who may publish versions.
        owner: OrganisationId,
    },
    /// The start lies in a closed period.
    #[error("a version cannot start in {start}: periods are closed through {closed_through}")]
    StartInClosedPeriod {
        /// The start that was asked for.
        start: Month,
        /// The last closed month.
        closed_through: Month,
    },
    /// The price book has more versions than are kept.
    #[error("the price book has {most} versions already, which is the most")]
    TooManyVersions {
        /// How many there may be.
        most: u32,
    },
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
    match command {
        Command::PublishPriceBook(command) => publish(state, command),
        Command::RevisePriceBook(_) if state.owner().is_none() => Err(Rejection::NotPublished),
        Command::RevisePriceBook(command) => publish(state, command),
    }
}

fn publish(state: &PriceBook, command: PublishPriceBook) -> Result<Vec<Event>, Rejection> {
    if let Some(owner) = state.owner().filter(|owner| *owner != command.published_by) {
        return Err(Rejection::NotOwner { owner });
    }
    let newest = state.latest();
    if newest.is_some_and(|newest| newest.prices == command.prices) {
        return Ok(vec![]);
    }
    let start = command.prices.start;
    if let Some(closed_through) = command.closed_through.filter(|closed| start <= *closed) {
        return Err(Rejection::StartInClosedPeriod { start, closed_through });
    }
    let version = newest.map_or(0, |newest| newest.number).saturating_add(1);
    if version > MOST_VERSIONS {
        return Err(Rejection::TooManyVersions { most: MOST_VERSIONS });
    }
    check(&command.prices)?;
    Ok(vec![Event::PriceBookPublished(PriceBookPublished {
        id: command.id,
        version,
        prices: command.prices,
        published_by: command.published_by,
        at: command.at,
    })])
}
