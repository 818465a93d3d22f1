//! What may happen in the industry forum, and what has: pure deciders, one folder per aggregate.
//!
//! Nothing here knows of async, input or output, a clock, randomness, serde or protobuf.

#![deny(clippy::float_arithmetic)]

pub mod access;
pub mod consortium;
pub mod contract;
pub mod country;
pub mod credit;
pub mod dataset;
mod decider;
pub mod forum_event;
pub mod funding;
pub mod id;
pub mod investment;
pub mod listing;
pub mod milestone;
pub mod order;
pub mod organisation;
pub mod period;
pub mod price_book;
pub mod quote;
pub mod recruitment;
pub mod relay;
pub mod reservation;
pub mod share_rule;
pub mod specimen;
pub mod terms;
pub mod text;
pub mod time;
pub mod under_contract;
pub mod vendor_admission;
pub mod venture;
pub mod version;

pub use decider::{Decider, fold};
