//! How events change what is known of an order. No history has an event at a stage at which it could not be decided;
//! a fold must be total all the same, and leaves the state as it is.

use crate::order::{
    CancelledOrder, CompletedOrder, DeclinedOrder, Delivery, Deposit, Event, MilestoneStage, Order,
    OrderCancelled, Work,
};

pub(super) fn evolve(state: Order, event: &Event) -> Order {
    match (state, event) {
        (Order::Vacant, Event::OmicsAnalysisOrdered(placed) | Event::OrderPlaced(placed)) => {
            Order::Placed(placed.clone())
        }
        (Order::Placed(placed), Event::OrderAccepted(event)) => {
            Order::UnderWay(Box::new(Work::begun(*placed, Some(event.at))))
        }
        (Order::Placed(placed), Event::OrderDeclined(event)) => Order::Declined(Box::new(DeclinedOrder {
            placed: *placed,
            reason: event.reason.clone(),
            at: event.at,
        })),
        (Order::Placed(placed), Event::OrderCancelled(event)) => cancelled(Work::begun(*placed, None), event),
        (Order::UnderWay(work), Event::OrderCancelled(event)) => cancelled(*work, event),
        (Order::UnderWay(work), Event::OrderCompleted(event)) => {
            Order::Completed(Box::new(CompletedOrder { work: *work, at: event.at }))
        }
        (Order::UnderWay(mut work), event) => {
            apply(&mut work, event);
            Order::UnderWay(work)
        }
        (Order::Completed(mut completed), Event::ResultDeposited(_)) => {
            apply(&mut completed.work, event);
            Order::Completed(completed)
        }
        (state, _) => state,
    }
}

/// What happens to work that goes on.
fn apply(work: &mut Work, event: &Event) {
    match event {
        Event::MilestoneDelivered(event) => {
            let delivery = Delivery { artefact: event.artefact.clone(), at: event.at };
            move_on(work, event.milestone, |_| MilestoneStage::Delivered(delivery));
        }
        Event::DeliveryAccepted(event) => {
            let accepted = |delivery| MilestoneStage::Accepted { delivery, at: event.at };
            move_delivered(work, event.milestone, accepted);
        }
        Event::DeliveryDisputed(event) => {
            let reason = event.reason.clone();
            let disputed = |delivery| MilestoneStage::Disputed { delivery, reason, at: event.at };
            move_delivered(work, event.milestone, disputed);
        }
        Event::ResultDeposited(event) => work.results.push(Deposit {
            title: event.title.clone(),
            artefact: event.artefact.clone(),
            at: event.at,
        }),
        Event::OmicsAnalysisOrdered(_)
        | Event::OrderPlaced(_)
        | Event::OrderAccepted(_)
        | Event::OrderDeclined(_)
        | Event::OrderCompleted(_)
        | Event::OrderCancelled(_) => {}
    }
}

fn cancelled(mut work: Work, event: &OrderCancelled) -> Order {
    for milestone in &event.charged {
        let charged = |delivery| MilestoneStage::ChargedOnCancellation { delivery, at: event.at };
        move_delivered(&mut work, *milestone, charged);
    }
    let OrderCancelled { by, reason, charged: _, at } = event.clone();
    Order::Cancelled(Box::new(CancelledOrder { work, by, reason, at }))
}

/// Moves a milestone that has been delivered.
fn move_delivered(work: &mut Work, milestone: u32, to: impl FnOnce(Delivery) -> MilestoneStage) {
    move_on(work, milestone, |stage| match stage.delivery() {
        Some(delivery) => to(delivery.clone()),
        None => stage,
    });
}

fn move_on(work: &mut Work, milestone: u32, to: impl FnOnce(MilestoneStage) -> MilestoneStage) {
    let place = usize::try_from(milestone).ok();
    if let Some(stage) = place.and_then(|place| work.milestones.get_mut(place)) {
        *stage = to(std::mem::replace(stage, MilestoneStage::Awaited));
    }
}
