//! Blanket contracts from application to expiry (requirements §3.2): gRPC in, events out.

mod expiry;
mod facts;
mod grpc;
mod parse;
mod parse_terms;
mod refuse;

pub use expiry::{Deadlines, Expiry};
pub use grpc::Contracts;
