//! Ventures, their deal cards, investments in them and the events of the forum (requirements §3.7): gRPC in, events
//! out.

mod facts;
mod forum_events;
mod grpc;
mod investments;
mod parse;
mod refuse;
mod ventures;
mod view;

pub use forum_events::ForumEvents;
pub use grpc::Ventures;
