//! The parts of the binary `kiban`: a node (every role in one process on the embedded log), its transport,
//! and the commands an operator runs. No business logic.

pub mod backup;
pub mod cli;
pub mod demo;
mod explain;
mod gateway;
pub mod node;
pub mod relay;
pub mod roles;
pub mod serve;
pub mod telemetry;
pub mod verify;
