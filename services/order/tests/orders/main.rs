//! The order and specimen services through their public door.

mod delivering;
mod forum;
mod placing;
mod race;
mod specimens;
#[allow(dead_code, reason = "the worlds of three services are one")]
mod world;
