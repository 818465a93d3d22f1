//! What is mine, and what happens to it (requirements §4): organisations, contracts and datasets, folded from
//! their events and listed page by page; and notices of events as they happen (design §3).

#![deny(clippy::float_arithmetic)]

mod filter;
mod fold;
mod grpc;
mod watch;

pub use fold::{DirectoryFold, Viewer};
pub use grpc::Directory;
