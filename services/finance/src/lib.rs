//! Price books, share rules, the months that an issuer has closed, credits and public funding (requirements §2.2,
//! §3.8): gRPC in, events out.

mod grants;
mod grpc;
mod parse;
mod refuse;
mod view;

pub use grpc::Finance;
