//! What is mine, and what happens to it (requirements §4): organisations, contracts, datasets, orders,
//! requests for quotes, recruitments, ventures and events of the forum, folded from their events and listed
//! page by page; and notices of events as they happen (design §3).

#![deny(clippy::float_arithmetic)]

mod filter;
mod fold;
mod grpc;
mod lists;
mod mine;
mod view;
mod watch;

pub use fold::{DirectoryFold, Viewer};
pub use grpc::Directory;
