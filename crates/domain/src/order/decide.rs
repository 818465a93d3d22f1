//! What may be done with an order that has been placed.

use crate::{
    id::OrganisationId,
    order::{
        AcceptDelivery, AcceptOrder, CancelOrder, Command, DeclineOrder, DeliverMilestone, DeliveryAccepted,
        DeliveryDisputed, DepositResult, DisputeDelivery, Event, MilestoneDelivered, MilestoneStage, Order,
        OrderAccepted, OrderCancelled, OrderCompleted, OrderDeclined, PlacedOrder, Rejection,
        ResultDeposited, Work, place,
    },
};

/// The most results that are deposited of one order, so that all of it fits the 4 MiB of a message that clients take.
pub const MOST_RESULTS: usize = 500;

pub(super) fn decide(state: &Order, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::PlaceOrder(command) => place::place(state, *command),
        Command::AcceptOrder(command) => accept(state, command),
        Command::DeclineOrder(command) => decline(state, command),
        Command::DeliverMilestone(command) => deliver(state, command),
        Command::AcceptDelivery(command) => accept_delivery(state, command),
        Command::DisputeDelivery(command) => dispute(state, command),
        Command::CancelOrder(command) => cancel(state, command),
        Command::DepositResult(command) => deposit(state, command),
    }
}

fn accept(state: &Order, command: AcceptOrder) -> Result<Vec<Event>, Rejection> {
    let AcceptOrder { by, at } = command;
    of_vendor(state, by)?;
    match state {
        Order::Placed(_) => Ok(vec![Event::OrderAccepted(OrderAccepted { at })]),
        Order::UnderWay(_) | Order::Completed(_) => Ok(vec![]),
        Order::Vacant | Order::Declined(_) | Order::Cancelled(_) => {
            Err(Rejection::NotAwaitingAnswer { stage: state.stage() })
        }
    }
}

fn decline(state: &Order, command: DeclineOrder) -> Result<Vec<Event>, Rejection> {
    let DeclineOrder { by, reason, at } = command;
    of_vendor(state, by)?;
    match state {
        Order::Placed(_) => Ok(vec![Event::OrderDeclined(OrderDeclined { reason, at })]),
        Order::Declined(declined) if declined.reason == reason => Ok(vec![]),
        Order::Vacant
        | Order::Declined(_)
        | Order::UnderWay(_)
        | Order::Completed(_)
        | Order::Cancelled(_) => Err(Rejection::NotAwaitingAnswer { stage: state.stage() }),
    }
}

fn deliver(state: &Order, command: DeliverMilestone) -> Result<Vec<Event>, Rejection> {
    let DeliverMilestone { by, milestone, artefact, at } = command;
    of_vendor(state, by)?;
    let stage = stage_of(state, milestone)?;
    let same = stage.delivery().is_some_and(|delivery| delivery.artefact == artefact);
    match stage {
        MilestoneStage::Delivered(_) | MilestoneStage::Accepted { .. } if same => return Ok(vec![]),
        MilestoneStage::Delivered(_) => return Err(Rejection::AwaitsAnswer { milestone }),
        MilestoneStage::Accepted { .. } => return Err(Rejection::AlreadyAccepted { milestone }),
        // What was disputed may be delivered as it was: the vendor holds that it is what was ordered.
        MilestoneStage::Awaited
        | MilestoneStage::Disputed { .. }
        | MilestoneStage::ChargedOnCancellation { .. } => {}
    }
    under_way(state)?;
    Ok(vec![Event::MilestoneDelivered(MilestoneDelivered { milestone, artefact, at })])
}

fn accept_delivery(state: &Order, command: AcceptDelivery) -> Result<Vec<Event>, Rejection> {
    let AcceptDelivery { by, milestone, at } = command;
    of_member(state, by)?;
    match stage_of(state, milestone)? {
        MilestoneStage::Accepted { .. } => return Ok(vec![]),
        MilestoneStage::Disputed { .. } => return Err(Rejection::Disputed { milestone }),
        MilestoneStage::Awaited => return Err(Rejection::NotDelivered { milestone }),
        MilestoneStage::Delivered(_) | MilestoneStage::ChargedOnCancellation { .. } => {}
    }
    let work = under_way(state)?;
    let mut events = vec![Event::DeliveryAccepted(DeliveryAccepted { milestone, at })];
    let accepted = |stage: &&MilestoneStage| matches!(stage, MilestoneStage::Accepted { .. });
    // This one is the last if all the others have been accepted.
    if work.milestones.iter().filter(accepted).count() + 1 == work.milestones.len() {
        events.push(Event::OrderCompleted(OrderCompleted { at }));
    }
    Ok(events)
}

fn dispute(state: &Order, command: DisputeDelivery) -> Result<Vec<Event>, Rejection> {
    let DisputeDelivery { by, milestone, reason, at } = command;
    of_member(state, by)?;
    match stage_of(state, milestone)? {
        MilestoneStage::Disputed { reason: known, .. } if *known == reason => return Ok(vec![]),
        MilestoneStage::Disputed { .. } => return Err(Rejection::Disputed { milestone }),
        MilestoneStage::Accepted { .. } => return Err(Rejection::AlreadyAccepted { milestone }),
        MilestoneStage::Awaited => return Err(Rejection::NotDelivered { milestone }),
        MilestoneStage::Delivered(_) | MilestoneStage::ChargedOnCancellation { .. } => {}
    }
    under_way(state)?;
    Ok(vec![Event::DeliveryDisputed(DeliveryDisputed { milestone, reason, at })])
}

fn cancel(state: &Order, command: CancelOrder) -> Result<Vec<Event>, Rejection> {
    let CancelOrder { by, reason, at } = command;
    let placed = ordered(state)?;
    if by != placed.member && by != placed.vendor {
        return Err(Rejection::NotASide { organisation: by });
    }
    let charged = match state {
        Order::Placed(_) => Vec::new(),
        Order::UnderWay(work) => work.unanswered(),
        Order::Cancelled(cancelled) if (cancelled.by, &cancelled.reason) == (by, &reason) => {
            return Ok(vec![]);
        }
        Order::Vacant | Order::Declined(_) | Order::Completed(_) | Order::Cancelled(_) => {
            return Err(Rejection::AlreadyEnded { stage: state.stage() });
        }
    };
    // Else a vendor could deliver anything, cancel, and be paid for what nobody could dispute.
    if let Some(milestone) = charged.first().copied()
        && by == placed.vendor
    {
        return Err(Rejection::DeliveryUnanswered { milestone });
    }
    Ok(vec![Event::OrderCancelled(OrderCancelled { by, reason, charged, at })])
}

fn deposit(state: &Order, command: DepositResult) -> Result<Vec<Event>, Rejection> {
    let DepositResult { by, title, artefact, at } = command;
    of_vendor(state, by)?;
    let work = match state {
        Order::UnderWay(work) => work,
        Order::Completed(completed) => &completed.work,
        Order::Vacant | Order::Placed(_) | Order::Declined(_) | Order::Cancelled(_) => {
            return Err(Rejection::NotUnderWay { stage: state.stage() });
        }
    };
    if work.results.iter().any(|result| result.title == title && result.artefact == artefact) {
        return Ok(vec![]);
    }
    if work.results.len() >= MOST_RESULTS {
        return Err(Rejection::TooManyResults);
    }
    Ok(vec![Event::ResultDeposited(ResultDeposited { title, artefact, at })])
}

fn ordered(state: &Order) -> Result<&PlacedOrder, Rejection> {
    state.placed().ok_or(Rejection::NotOrdered)
}

fn of_vendor(state: &Order, organisation: OrganisationId) -> Result<(), Rejection> {
    if ordered(state)?.vendor == organisation {
        Ok(())
    } else {
        Err(Rejection::NotTheVendor { organisation })
    }
}

fn of_member(state: &Order, organisation: OrganisationId) -> Result<(), Rejection> {
    if ordered(state)?.member == organisation {
        Ok(())
    } else {
        Err(Rejection::NotTheMember { organisation })
    }
}

fn under_way(state: &Order) -> Result<&Work, Rejection> {
    match state {
        Order::UnderWay(work) => Ok(work),
        Order::Vacant | Order::Placed(_) | Order::Declined(_) | Order::Completed(_) | Order::Cancelled(_) => {
            Err(Rejection::NotUnderWay { stage: state.stage() })
        }
    }
}

/// How far a milestone of an order has come on which there is work.
fn stage_of(state: &Order, milestone: u32) -> Result<&MilestoneStage, Rejection> {
    let work = state.work().ok_or(Rejection::NotUnderWay { stage: state.stage() })?;
    let milestones = work.milestones.len();
    work.stage(milestone).ok_or(Rejection::NoSuchMilestone { milestone, milestones })
}
