//! From quantities to amounts, and from amounts to shares: pure, exact, the same for billing and for finance.
//!
//! - [`find_price`] finds the price of a charge, [`rate`] reckons its amount, [`rate_fee`] that of a fee by
//!   days;
//! - [`allocate_to_datasets`] parts a line's amount over the datasets that were used;
//! - [`split_part`] shares one part out, [`difference`] says what a correction posts, [`split_onto`] what a
//!   credit does;
//! - [`ledger`] folds the log into quantities and versions, [`statement`](mod@statement) rates them.
//!
//! Everything is exact until the one rounding of each line (half-up); what is shared out always sums to what
//! there was. There is no float here.

#![deny(clippy::float_arithmetic)]

mod fee;
pub mod ledger;
mod parts;
mod price;
mod rate;
mod split;
pub mod statement;

pub use fee::{days_between, rate_fee};
pub use parts::allocate_to_datasets;
pub use price::find_price;
pub use rate::{BandUse, RatedLine, RatingError, rate};
pub use split::{
    Parties, PoolWeight, Seller, ShareLine, SplitError, Stage, Why, by_organisation, difference, split_onto,
    split_part,
};
