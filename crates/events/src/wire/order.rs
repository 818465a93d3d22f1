//! Orders and specimens as the wire has them.

use ::money::Decimal;
use domain::{
    id::{OrderId, OrganisationId},
    milestone::Milestone,
    order::{Artefact, Deposit, MilestoneStage, Order, PlacedOrder, SellingConsortium, Work},
    specimen::Specimen,
    time::Timestamp,
};
use proto::kiban::order::v1 as wire;

use super::{money, time};
use crate::listing_form::{omics_modality_form, service_kind_form};

/// An order; `None` if nothing was ordered. How a consortium parts what it earns is shown only if `inner_split` says so.
pub fn order(state: &Order, inner_split: bool) -> Option<wire::Order> {
    let placed = state.placed()?;
    let shown = placed.consortium.as_ref().filter(|_| inner_split);
    let (reason, ended_at) = end(state);
    Some(wire::Order {
        id: placed.id.to_string(),
        contract_id: placed.contract.to_string(),
        member_id: placed.member.to_string(),
        vendor_id: placed.vendor.to_string(),
        price: Some(money(placed.price)),
        milestones: milestones(placed, state.work()),
        ordered_at: Some(time(placed.at)),
        stage: order_stage(state).into(),
        kind: service_kind_form(placed.kind).into(),
        omics_modality: placed.omics.map(omics_modality_form).unwrap_or_default().into(),
        quantity: placed.quantity,
        listing_id: placed.listing.map(|id| id.to_string()).unwrap_or_default(),
        quote: placed.quote.map(|taken| wire::OrderedQuote {
            quote_request_id: taken.request.to_string(),
            number: taken.number,
        }),
        consortium_id: placed.consortium.as_ref().map(|selling| selling.id.to_string()).unwrap_or_default(),
        consortium_shares: shown.map(shares).unwrap_or_default(),
        dataset_id: placed.dataset.map(|id| id.to_string()).unwrap_or_default(),
        required_credentials: placed.required_credentials.iter().map(ToString::to_string).collect(),
        ethics_approval: placed.ethics_approval.as_ref().map(ToString::to_string).unwrap_or_default(),
        accepted_at: state.work().and_then(|work| work.accepted_at).map(time),
        reason,
        cancelled_by_id: match state {
            Order::Cancelled(cancelled) => cancelled.by.to_string(),
            Order::Vacant
            | Order::Placed(_)
            | Order::Declined(_)
            | Order::UnderWay(_)
            | Order::Completed(_) => String::new(),
        },
        ended_at: ended_at.map(time),
        results: state.work().map(|work| work.results.iter().map(result).collect()).unwrap_or_default(),
    })
}

/// How far an order has come.
pub const fn order_stage(state: &Order) -> wire::OrderStage {
    match state {
        Order::Vacant => wire::OrderStage::Unspecified,
        Order::Placed(_) => wire::OrderStage::Placed,
        Order::Declined(_) => wire::OrderStage::Declined,
        Order::UnderWay(_) => wire::OrderStage::UnderWay,
        Order::Completed(_) => wire::OrderStage::Completed,
        Order::Cancelled(_) => wire::OrderStage::Cancelled,
    }
}

/// A specimen with those of its reservations that may be shown; `None` if it has not been registered.
pub fn specimen(state: &Specimen, shown: impl Fn(OrderId) -> bool) -> Option<wire::Specimen> {
    let specimen = state.registered()?;
    let description = &specimen.description;
    let reservations = specimen.reserved.iter().filter(|(order, _)| shown(**order));
    Some(wire::Specimen {
        id: specimen.id.to_string(),
        code: description.code.to_string(),
        dataset_id: description.dataset.to_string(),
        material: description.material.to_string(),
        stock: description.stock,
        free: specimen.free(),
        diagnosis: description.diagnosis.as_ref().map(ToString::to_string).unwrap_or_default(),
        reservations: reservations
            .map(|(order, aliquots)| wire::SpecimenReservation {
                order_id: order.to_string(),
                aliquots: *aliquots,
            })
            .collect(),
        registered_at: Some(time(specimen.registered_at)),
    })
}

/// Why an order was declined or cancelled, and when it ended.
fn end(state: &Order) -> (String, Option<Timestamp>) {
    match state {
        Order::Vacant | Order::Placed(_) | Order::UnderWay(_) => (String::new(), None),
        Order::Declined(declined) => (declined.reason.to_string(), Some(declined.at)),
        Order::Completed(completed) => (String::new(), Some(completed.at)),
        Order::Cancelled(cancelled) => (cancelled.reason.to_string(), Some(cancelled.at)),
    }
}

/// The milestones, and how far each has come: without work, nothing has been delivered.
fn milestones(placed: &PlacedOrder, work: Option<&Work>) -> Vec<wire::OrderMilestone> {
    let stages = work.map_or(&[][..], |work| &work.milestones);
    let stages = stages.iter().chain(std::iter::repeat(&MilestoneStage::Awaited));
    let milestone = |(milestone, stage): (&Milestone, &MilestoneStage)| {
        let delivery = stage.delivery();
        let (dispute_reason, answered_at) = answer(stage);
        wire::OrderMilestone {
            name: milestone.name.to_string(),
            amount: Some(money(milestone.amount)),
            stage: milestone_stage(stage).into(),
            delivery: delivery.map(|delivery| artefact(&delivery.artefact)),
            delivered_at: delivery.map(|delivery| time(delivery.at)),
            dispute_reason,
            answered_at: answered_at.map(time),
        }
    };
    placed.milestones.iter().zip(stages).map(milestone).collect()
}

/// Why a milestone is disputed, and when it was answered.
fn answer(stage: &MilestoneStage) -> (String, Option<Timestamp>) {
    match stage {
        MilestoneStage::Awaited | MilestoneStage::Delivered(_) => (String::new(), None),
        MilestoneStage::Disputed { reason, at, .. } => (reason.to_string(), Some(*at)),
        MilestoneStage::Accepted { at, .. } | MilestoneStage::ChargedOnCancellation { at, .. } => {
            (String::new(), Some(*at))
        }
    }
}

/// How far a milestone has come.
pub const fn milestone_stage(stage: &MilestoneStage) -> wire::MilestoneStage {
    match stage {
        MilestoneStage::Awaited => wire::MilestoneStage::Awaited,
        MilestoneStage::Delivered(_) => wire::MilestoneStage::Delivered,
        MilestoneStage::Disputed { .. } => wire::MilestoneStage::Disputed,
        MilestoneStage::Accepted { .. } => wire::MilestoneStage::Accepted,
        MilestoneStage::ChargedOnCancellation { .. } => wire::MilestoneStage::ChargedOnCancellation,
    }
}

fn shares(selling: &SellingConsortium) -> Vec<wire::SellingShare> {
    let share = |(vendor, percentage): &(OrganisationId, Decimal)| wire::SellingShare {
        vendor_id: vendor.to_string(),
        percentage: percentage.to_string(),
    };
    selling.shares.iter().map(share).collect()
}

fn artefact(artefact: &Artefact) -> wire::Artefact {
    wire::Artefact { uri: artefact.uri.to_string(), sha256: artefact.sha256.to_string() }
}

fn result(deposit: &Deposit) -> wire::DepositedResult {
    wire::DepositedResult {
        title: deposit.title.to_string(),
        artefact: Some(artefact(&deposit.artefact)),
        deposited_at: Some(time(deposit.at)),
    }
}
