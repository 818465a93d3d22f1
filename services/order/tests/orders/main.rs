//! The order and specimen services through their public door.

mod delivering;
mod forum;
mod placing;
mod specimens;
