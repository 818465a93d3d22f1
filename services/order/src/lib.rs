//! Services that members order from vendors (requirements §3.4): gRPC in, events out.

mod grpc;
mod parse;
mod refuse;
mod view;

pub use grpc::Orders;
