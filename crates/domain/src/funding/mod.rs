//! Public funding: income of its own class of the base operator (requirements §2.1), never part of what is charged.
//!
//! Stream `funding-<id>`, one event. A funding runs over whole months and is recognised by their days.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{AgreeFunding, Command};
pub use decide::{MOST_MONTHS, Rejection};
pub use event::{Event, FundingAgreed};
pub use state::Funding;

use crate::Decider;

impl Decider for Funding {
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
