//! What may not be published as a price book.

use std::fmt;

use money::{Currency, Decimal, Money};

use crate::{
    price_book::{Command, Event, PriceBook, PriceBookPublished},
    terms::{MOST_AMOUNT, MOST_UNIT_PRICE},
    version::{NotPublishable, Publication},
};

/// Why a command to a price book was refused. Items and bands are counted from 0. What is wrong with a part
/// of a version reads as said of that part, whose place the fields hold.
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
    #[error("applies to the same as items[{first}]")]
    DuplicateItem {
        /// The second one.
        item: usize,
        /// The first one.
        first: usize,
    },
    /// An amount is in another currency than the list.
    #[error("has an amount in {currency}, the price book is in {expected}")]
    OtherCurrency {
        /// The item.
        item: usize,
        /// The currency of its amount.
        currency: Currency,
        /// The currency of the list.
        expected: Currency,
    },
    /// A price or a fee is negative.
    #[error("has a negative price or amount")]
    NegativePrice {
        /// The item.
        item: usize,
    },
    /// A price or an amount is more than it may be.
    #[error("{excess}")]
    TooHigh {
        /// The item.
        item: usize,
        /// What is too much of it.
        excess: Excess,
    },
    /// A package holds nothing, or less.
    #[error("is {size}, not above zero")]
    PackageWithoutSize {
        /// The item.
        item: usize,
        /// The size.
        size: Decimal,
    },
    /// The bands of a price do not hold every quantity exactly once, or are themselves wrong.
    #[error("{defect}")]
    Bands {
        /// The item.
        item: usize,
        /// Which price has the bands.
        model: Banded,
        /// What is wrong with them.
        defect: BandDefect,
    },
}

/// A price with bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Banded {
    /// [`Graduated`](crate::price_book::PriceModel::Graduated).
    Graduated,
    /// [`Volume`](crate::price_book::PriceModel::Volume).
    Volume,
}

/// What is wrong with bands. They are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BandDefect {
    /// There are none.
    #[error("is empty")]
    NoBands,
    /// There are more than are kept.
    #[error("has {bands} entries, more than {most}")]
    TooManyBands {
        /// How many there are.
        bands: usize,
        /// How many there may be.
        most: usize,
    },
    /// A price or a fee is negative.
    #[error("has a negative price or amount")]
    NegativePrice {
        /// The band.
        band: usize,
    },
    /// A price or an amount is more than it may be.
    #[error("{excess}")]
    TooHigh {
        /// The band.
        band: usize,
        /// What is too much of it.
        excess: Excess,
    },
    /// A band other than the last has no end: nothing would lie in the bands after it.
    #[error("is missing, but only the last band has no end")]
    OpenBeforeLast {
        /// The band.
        band: usize,
    },
    /// The last band has an end: quantities above it would have no price.
    #[error("must be missing, for the last band has no end")]
    LastNotOpen {
        /// The band.
        band: usize,
    },
    /// A band does not end above the band before it (the first: above zero), so nothing would lie in it.
    #[error("is {up_to}, not above {above}")]
    NotAscending {
        /// The band.
        band: usize,
        /// Where it ends.
        up_to: Decimal,
        /// Where it starts.
        above: Decimal,
    },
}

/// A price or an amount that is more than it may be: one mistyped version must not leave anybody without statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// What is charged at once.
    #[error("has an amount of {amount}, more than {MOST_AMOUNT}")]
    Amount {
        /// The amount.
        amount: Money,
    },
    /// What one of the quantity costs.
    #[error("has a price of {price} for one, more than {MOST_UNIT_PRICE}")]
    UnitPrice {
        /// The price, in major units.
        price: Decimal,
    },
    /// What a package costs, by what is in it.
    #[error("has a price of {price} for each {size}, more than {MOST_UNIT_PRICE} for one")]
    Package {
        /// How much is in a package.
        size: Decimal,
        /// What it costs.
        price: Money,
    },
}

impl Banded {
    /// The name in texts for people, as in the schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graduated => "graduated",
            Self::Volume => "volume",
        }
    }
}

impl fmt::Display for Banded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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
    command.prices.check()?;
    Ok(vec![Event::PriceBookPublished(PriceBookPublished {
        id: command.id,
        version,
        prices: command.prices,
        published_by: command.published_by,
        at: command.at,
    })])
}
