//! Organisations of the forum and the capacities they hold (requirements §3.1): gRPC in, events out.

mod grpc;
mod parse;
mod refuse;

pub use grpc::Membership;
