//! The venture service through its public door.

mod dealing;
mod events;
mod forum;
mod investing;
#[path = "../../../order/tests/orders/race.rs"]
mod race;
mod races;
#[allow(dead_code, reason = "other services need more of it")]
#[path = "../../../order/tests/orders/world.rs"]
mod world;
