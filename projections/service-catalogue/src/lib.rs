//! What vendors offer now (requirements §4): full-text and faceted search over the services that can be
//! ordered, and each vendor's own funnel from views to accepted orders.

#![deny(clippy::float_arithmetic)]

mod fold;
mod funnel;
mod grpc;
mod parse;
mod search;
mod shelf;
mod text;
mod view;

pub use fold::CatalogueFold;
pub use grpc::{Catalogue, warm_up};
