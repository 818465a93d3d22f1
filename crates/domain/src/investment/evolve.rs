//! How events change what is known of an investment.

use crate::investment::{Event, Investment, Made};

pub(super) fn evolve(state: Investment, event: &Event) -> Investment {
    match (state, event) {
        (Investment::Vacant, Event::InvestmentMade(event)) => {
            Investment::Made(Made { id: event.id, deal: event.deal.clone(), at: event.at })
        }
        (Investment::Made(was), Event::InvestmentWithdrawn(event)) => {
            Investment::Withdrawn { was, reason: event.reason.clone(), at: event.at }
        }
        (state, Event::InvestmentMade(_) | Event::InvestmentWithdrawn(_)) => state,
    }
}
