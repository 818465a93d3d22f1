//! How events change what is known of an order.

use crate::order::{Event, Order};

pub(super) fn evolve(_: Order, event: &Event) -> Order {
    let Event::OmicsAnalysisOrdered(event) = event;
    Order::Ordered {
        id: event.id,
        contract: event.contract,
        analysis: Box::new(event.analysis.clone()),
        ordered_at: event.at,
    }
}
