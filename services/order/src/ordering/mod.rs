//! Orders, from their placing to their completion.

mod grpc;
mod parse;
mod placing;
mod refuse;

pub use grpc::Orders;
