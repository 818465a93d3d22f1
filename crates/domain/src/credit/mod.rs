//! Credits: what the base operator gives a member for an early release of a finding (requirements §2.1).
//!
//! Stream `credit-<id>`, one event. A credit is a line of less than nothing on the statement of one month of the
//! member's contract. The base operator alone bears it, so no share rule splits it.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, CreditedContract, GrantCredit};
pub use decide::Rejection;
pub use event::{CreditGranted, Event};
pub use state::Credit;

use crate::Decider;

impl Decider for Credit {
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
