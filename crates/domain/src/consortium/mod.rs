//! Consortia: vendors that sell as one, with an inner split of the vendor's part (requirements §2.1).
//!
//! Stream `consortium-<id>`. The lead proposes who gets which percentage; the consortium is formed once every
//! member has joined, each under its own participation contract, so that nobody is put into a split without
//! having agreed.

mod command;
mod decide;
mod event;
mod evolve;
mod now;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, JoinConsortium, ProposeConsortium};
pub use decide::{MOST_MEMBERS, Rejection};
pub use event::{ConsortiumJoined, ConsortiumProposed, Event};
pub use now::{Because, CannotSell, ConsortiumNow, MemberNow};
pub use state::{Consortium, Proposal};

use crate::Decider;

impl Decider for Consortium {
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
