//! The services of the forum that members order from vendors (requirements §3.4): gRPC in, events out. What
//! vendors list and quote stands in `selling`, what is ordered and delivered in `ordering`, the specimens
//! that it takes in `specimens`; and a policy, which frees what cancelled orders held.

mod fields;
mod members;
mod milestones;
mod ordering;
mod selling;
mod specimens;

pub use ordering::Orders;
pub use selling::ListingApi;
pub use specimens::{HeldSpecimens, SpecimenRelease, Specimens};
