//! Requests to recruit patients for studies (requirements §3.5): gRPC in, events out.

mod grpc;
mod parse;
mod refuse;
mod view;

pub use grpc::Recruitments;
