//! Specimens of the base operator, and what of them is reserved for orders (requirements §3.4).
//!
//! Stream `specimen-<id>`, one a specimen: so whatever races, the sum of the reserved aliquots never exceeds the stock.
//! Only an order that its vendor has taken can hold aliquots; what it used stays reserved when it is completed.

mod code;
mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use code::{InvalidSpecimenCode, SpecimenCode};
pub use command::{Command, RegisterSpecimen, ReleaseSpecimen, ReserveSpecimen};
pub use decide::{MOST_ALIQUOTS, Rejection};
pub use event::{Event, SpecimenRegistered, SpecimenReleased, SpecimenReserved};
pub use state::{RegisteredSpecimen, Specimen, SpecimenDescription};

use crate::Decider;

impl Decider for Specimen {
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
