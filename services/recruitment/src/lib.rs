//! Patient recruitment (requirements §3.5): gRPC in, events out.

mod asking;
mod course;
mod grpc;
mod parse;
mod recruitments;
mod refuse;

pub use recruitments::Recruitments;
