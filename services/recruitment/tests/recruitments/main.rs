//! The recruitment service through its public door.

mod asking;
mod course;
mod forum;
mod races;
