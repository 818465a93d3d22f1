//! The listing service through its public door.

mod consortia;
mod forum;
mod listings;
mod quotes;
