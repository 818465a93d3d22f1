//! What is charged and why (requirements §4): a statement for each contract and month, rated at the question
//! under the versions known at the moment that is asked about, and every line down to its events.

#![deny(clippy::float_arithmetic)]

mod fold;
mod grpc;
mod parse;
mod view;

pub use fold::BillingFold;
pub use grpc::Billing;
