//! Investments between members, recorded only (requirements §3.7): gRPC in, events out.

mod grpc;
mod parse;
mod refuse;
mod view;

pub use grpc::Ventures;
