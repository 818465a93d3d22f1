//! Orders of services (requirements §3.4), from their placing to their completion.
//!
//! Stream `order-<id>`. A member orders from a vendor under its own contract, from a quote or at a list price;
//! milestones sum to the price, so that each is delivered, accepted and charged on its own.
//!
//! ```text
//! Vacant → Placed → UnderWay → Completed
//!               ↘ Declined   ↘ Cancelled (from Placed, too)
//!
//! of each milestone: awaited → delivered ⇄ disputed
//!                                      ↘ accepted | charged on cancellation
//! ```

mod artefact;
mod charge;
mod command;
mod decide;
mod event;
mod evolve;
mod place;
mod placed;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use crate::{listing::OmicsModality, milestone::Milestone, quote::MOST_CREDENTIALS};
pub use artefact::{Artefact, InvalidSha256, Sha256, Uri};
pub use charge::{charged_by, may_be_charged};
pub use command::{
    AcceptDelivery, AcceptOrder, CancelOrder, Command, DeclineOrder, DeliverMilestone, DepositResult,
    DisputeDelivery, PlaceOrder, PlacingFacts, Source,
};
pub use decide::MOST_RESULTS;
pub use event::{
    DeliveryAccepted, DeliveryDisputed, Event, MilestoneDelivered, OrderAccepted, OrderCancelled,
    OrderCompleted, OrderDeclined, ResultDeposited,
};
pub use placed::{EthicsApproval, PlacedOrder, QuoteTaken, SellingConsortium};
pub use rejection::Rejection;
pub use state::{
    CancelledOrder, CompletedOrder, DeclinedOrder, Delivery, Deposit, MilestoneStage, Order, Work,
};

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
