//! Specimens, and what of them is reserved for which order.

mod grpc;
mod held;
mod parse;
mod refuse;
mod release;

pub use grpc::Specimens;
pub use held::HeldSpecimens;
pub use release::SpecimenRelease;
