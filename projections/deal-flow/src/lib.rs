//! Deal flow (requirements §3.7, §4): teasers by stage, indication, modality, round and amount, told as they come;
//! how far ventures have come with investors, and what was invested.
//!
//! The fold takes no full card in, so that none can ever be in an answer or a snapshot. Whether the caller may see
//! teasers is no matter of the fold: the agreement is looked up in the log at each question, and before each message
//! of a stream.

#![deny(clippy::float_arithmetic)]

mod filter;
mod fold;
mod funnel;
mod grpc;
mod stored;
mod view;
mod watch;

pub use fold::{CardShown, DealFlowFold, Steps, VentureRow};
pub use grpc::DealFlow;
