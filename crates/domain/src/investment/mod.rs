//! Investments (requirements §3.7): recorded only.
//!
//! Stream `investment-<id>`. A deal is between members, never with the platform, and never its revenue
//! (§3.6.3(4)). An investor records under its agreement; what it gives is money, or something in kind such as space.

mod command;
mod decide;
mod event;
mod evolve;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, RecordInvestment, WithdrawInvestment};
pub use decide::Rejection;
pub use event::{Event, InvestmentMade, InvestmentWithdrawn};
pub use state::{CardInvestedIn, Deal, Form, InKind, Investment, Made};

use crate::Decider;

impl Decider for Investment {
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
