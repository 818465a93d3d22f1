//! Which vendors the operators admit to a kind of service: every vendor, some, or one alone (requirements §3.4).
//!
//! Stream `vendor_admission-<service kind>`. Until the operators say otherwise every vendor is admitted. It is a
//! policy for what is listed and ordered from now on, and for whom a recruitment names as its executing vendor;
//! orders that were placed go on.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, SetVendorAdmission};
pub use decide::{MOST_VENDORS, Rejection};
pub use event::{Event, VendorAdmissionSet};
pub use state::{AdmissionMode, VendorAdmission};

use crate::Decider;

impl Decider for VendorAdmission {
    type Command = Command;
    type Event = Event;
    type State = Self;
    type Rejection = Rejection;

    fn decide(state: &Self, command: Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Self, event: &Event) -> Self {
        evolve::evolve(state, event)
    }
}
