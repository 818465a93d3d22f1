//! Orders of services (requirements §3.4): so far omics analyses, from the order on.
//!
//! Stream `order-<id>`. A member orders from a vendor under its own contract; milestones sum to the price, so
//! that each is delivered, accepted and charged on its own.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, OrderOmicsAnalysis};
pub use decide::{MOST_MILESTONES, MOST_SPECIMENS, Rejection};
pub use event::{Event, OmicsAnalysisOrdered};
pub use state::{Milestone, OmicsModality, Order, OrderedAnalysis};

use crate::Decider;

impl Decider for Order {
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
