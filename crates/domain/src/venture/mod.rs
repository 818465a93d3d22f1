//! Ventures and their deal cards (requirements §3.7): who looked at what, who is interested, what came of it.
//!
//! Stream `venture-<id>`. A card has two parts: the teaser may be browsed by whoever invests under an agreement;
//! the full card is shown only by [`ViewDeal`], which records each look. Deals are between members, never with the
//! platform (§3.6.3(4)).
//!
//! ```text
//! Vacant → Listed ─ withdrawn          an investor: viewed → interested → let into the data room
//! ```

mod card;
mod command;
mod decide;
mod event;
mod evolve;
mod now;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use card::{DealCard, DevelopmentStage, FullCard, Passage, Teaser};
pub use command::{
    Command, EnterDataRoom, ExpressInterest, FormJointVenture, ListVenture, OpenDataRoom, ReviseVenture,
    ViewDeal, WithdrawVenture,
};
pub(crate) use decide::check_listing;
pub use event::{
    DataRoomEntered, DataRoomOpened, DealViewed, Event, InterestExpressed, JointVentureFormed, VentureListed,
    VentureRevised, VentureWithdrawn,
};
pub use now::{InvestorNow, NoInvestor, VentureNow};
pub use rejection::Rejection;
pub use state::{DataRoom, Following, Interest, JointVenture, Listed, Reference, Venture};

use crate::Decider;

impl Decider for Venture {
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
