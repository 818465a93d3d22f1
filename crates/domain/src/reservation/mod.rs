//! Reservations: what may be had once, such as a registration number (design §3, "Uniqueness").
//!
//! Stream `reservation-<kind>-<hash of the key>`. A command that creates something unique first reserves the
//! key, expecting no stream, then writes its own stream. If it dies in between, the key is reserved for an
//! owner that does not exist; after an hour somebody else may take it over. So that a slow owner and its
//! successor cannot both go on, the owner's first append must be guarded by the reservation's revision.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, Reserve};
pub use decide::Rejection;
pub use event::{Event, Reserved};
pub use state::{Owner, Reservation, ReservationKind};

use crate::Decider;

impl Decider for Reservation {
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
