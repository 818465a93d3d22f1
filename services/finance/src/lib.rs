//! Price books, share rules and the months that an issuer has closed (requirements §2.2, §3.8): gRPC in,
//! events out.

mod grpc;
mod parse;
mod refuse;
mod view;

pub use grpc::Finance;
