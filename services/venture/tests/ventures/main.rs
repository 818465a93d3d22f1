//! The venture service through its public door.

mod dealing;
mod events;
mod forum;
mod investing;
mod races;
