//! How events change what is known of a funding.

use crate::funding::{Event, Funding};

pub(super) fn evolve(_: Funding, event: &Event) -> Funding {
    let Event::FundingAgreed(event) = event;
    Funding::Agreed(Box::new(event.clone()))
}
