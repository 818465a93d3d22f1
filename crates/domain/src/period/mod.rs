//! Periods: which months an issuer has closed (requirements §2.2).
//!
//! Stream `period-<issuer's organisation id>`. Months are closed in order, none before it has ended in
//! Asia/Tokyo. What comes later is billed on its original month by a further document; a close is never
//! undone. The event seals its own position: what the close knew is what stands before it in the log.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{ClosePeriod, Command};
pub use decide::Rejection;
pub use event::{Event, PeriodClosed};
pub use state::Periods;

use crate::Decider;

impl Decider for Periods {
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
