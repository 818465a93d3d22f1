//! What may happen in the industry forum, and what has: pure deciders, one folder per aggregate.
//!
//! Nothing here knows of async, input or output, a clock, randomness, serde or protobuf.

mod decider;
pub mod id;
pub mod terms;
pub mod time;

pub use decider::{Decider, fold};
