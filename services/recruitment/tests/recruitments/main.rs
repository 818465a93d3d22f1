//! The recruitment service through its public door.

mod asking;
mod course;
mod forum;
#[path = "../../../order/tests/orders/race.rs"]
mod race;
mod races;
#[allow(dead_code, reason = "each user needs a part of it")]
#[path = "../../../order/tests/orders/world.rs"]
mod world;
