//! Who is owed what of each charge (requirements §2.1, §2.2, §4): the charges of a month are rated at the
//! question, each part of a line is split by the rule in force for it, and what is shared out always sums to
//! what was charged.

#![deny(clippy::float_arithmetic)]

mod fold;
mod ground;
mod grpc;
mod institution;
mod parse;
mod shares;
mod vendor;
mod view;

pub use fold::RevenueShareFold;
pub use grpc::RevenueShare;
