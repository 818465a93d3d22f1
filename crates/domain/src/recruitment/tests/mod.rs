//! Through the public door: given these events, when this command, then those events or that rejection.

mod asking;
mod course;
mod criteria;
mod fixture;
mod properties;
mod sight;
