//! How events change what is known of an investment.

use crate::investment::{Event, Investment};

pub(super) fn evolve(_: Investment, event: &Event) -> Investment {
    let Event::InvestmentMade(event) = event;
    Investment::Made { id: event.id, deal: event.deal.clone(), made_at: event.at }
}
