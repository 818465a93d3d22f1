//! Datasets, admission and metering (requirements §2.3, §3.3): gRPC in, events out.
//!
//! All use under one contract is one aggregate, whose decisions stand on the contract and the datasets as
//! they are *now*: their streams guard each append.

mod admission;
mod context;
mod dataset;
mod denial;
mod grpc;
mod metering;
mod parse;
mod refuse;
mod repeats;
mod reversal;
mod usage_index;
mod view;

pub use context::Policy;
pub use grpc::AccessApi;
pub use usage_index::UsageIndex;
