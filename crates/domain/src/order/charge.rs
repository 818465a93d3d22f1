//! When a milestone is charged (requirements §2.1: "each accepted milestone"). The rule stands here once: the state
//! follows it, and so does whoever counts money.

use crate::order::Event;

/// The places of the milestones, from 0, that an event of an order charges: the one that the member accepts, or those
/// that had been delivered, undisputed, when the order was cancelled. Each is charged with its whole amount, in the
/// month of the event, to the member's contract; no milestone is charged by two events.
pub fn charged_by(event: &Event) -> &[u32] {
    match event {
        Event::DeliveryAccepted(event) => std::slice::from_ref(&event.milestone),
        Event::OrderCancelled(event) => &event.charged,
        Event::OmicsAnalysisOrdered(_)
        | Event::OrderPlaced(_)
        | Event::OrderAccepted(_)
        | Event::OrderDeclined(_)
        | Event::MilestoneDelivered(_)
        | Event::DeliveryDisputed(_)
        | Event::OrderCompleted(_)
        | Event::ResultDeposited(_) => &[],
    }
}

/// Whether anything of an order is charged, or can still be, after what has happened to it: nothing ever is of one that
/// the vendor did not take, nor of one that was cancelled before anything of it was charged.
pub fn may_be_charged<'e>(events: impl IntoIterator<Item = &'e Event>) -> bool {
    let mut ended = false;
    for event in events {
        if !charged_by(event).is_empty() {
            return true;
        }
        ended |= matches!(event, Event::OrderDeclined(_) | Event::OrderCancelled(_));
    }
    !ended
}
