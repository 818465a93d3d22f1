//! The listing service through its public door.

#[path = "../orders/race.rs"]
mod race;
#[allow(dead_code, reason = "the worlds of three services are one")]
#[path = "../orders/world.rs"]
mod world;

mod consortia;
mod forum;
mod listings;
mod quotes;
