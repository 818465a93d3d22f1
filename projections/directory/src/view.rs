//! Summaries: what lists show of a thing. Each is a part of what its own service shows the same caller.

use domain::{
    order::{MilestoneStage, Order},
    quote::Quote,
    recruitment::Recruitment,
    time::Timestamp,
    venture::Venture,
};
use events::{listing_form::service_kind_form, venture_form::teaser_form, wire};
use proto::kiban::directory::v1::{OrderSummary, QuoteRequestSummary, RecruitmentSummary, VentureSummary};

use crate::Viewer;

/// An order; `None` if nothing was ordered.
pub(crate) fn order(state: &Order) -> Option<OrderSummary> {
    let placed = state.placed()?;
    let stages = state.work().map_or(&[][..], |work| &work.milestones);
    let count = |of: fn(&MilestoneStage) -> bool| small(stages.iter().filter(|stage| of(stage)).count());
    Some(OrderSummary {
        id: placed.id.to_string(),
        contract_id: placed.contract.to_string(),
        member_id: placed.member.to_string(),
        vendor_id: placed.vendor.to_string(),
        consortium_id: placed.consortium.as_ref().map(|selling| selling.id.to_string()).unwrap_or_default(),
        listing_id: placed.listing.map(|id| id.to_string()).unwrap_or_default(),
        kind: service_kind_form(placed.kind).into(),
        stage: wire::order_stage(state).into(),
        quantity: placed.quantity,
        price: Some(wire::money(placed.price)),
        milestones: small(placed.milestones.len()),
        milestones_to_answer: count(|stage| matches!(stage, MilestoneStage::Delivered(_))),
        milestones_disputed: count(|stage| matches!(stage, MilestoneStage::Disputed { .. })),
        milestones_charged: count(MilestoneStage::is_charged),
        ordered_at: Some(wire::time(placed.at)),
        ended_at: ended_at(state).map(wire::time),
    })
}

/// A request for a quote as it is now; `None` if nobody has asked.
pub(crate) fn quote_request(state: &Quote, now: Timestamp) -> Option<QuoteRequestSummary> {
    let (request, requested_at) = state.request()?;
    let last = state.quotes().iter().map(|quote| quote.offer.valid_until).max();
    Some(QuoteRequestSummary {
        id: request.id.to_string(),
        member_id: request.member.to_string(),
        vendor_id: request.vendor.to_string(),
        listing_id: request.listing.to_string(),
        kind: service_kind_form(request.kind).into(),
        quantity: request.quantity,
        stage: wire::quote_request_stage(state.stage(now)?).into(),
        quotes: small(state.quotes().len()),
        valid_until: last.map(wire::time),
        requested_at: Some(wire::time(requested_at)),
    })
}

/// A recruitment as the viewer may see it now; `None` if to the viewer it does not exist.
pub(crate) fn recruitment(state: &Recruitment, viewer: Viewer, now: Timestamp) -> Option<RecruitmentSummary> {
    let sight = state.sight_of(viewer.organisation, viewer.operator)?;
    let shown = wire::recruitment(state, sight, now)?;
    let own = viewer.organisation.to_string();
    let own_answer =
        shown.institutions.iter().find(|part| part.institution_id == own).map(|part| part.answer);
    Some(RecruitmentSummary {
        id: shown.id,
        member_id: shown.member_id,
        executor_id: shown.executor_id,
        study_title: shown.study_title,
        stage: shown.stage,
        participants_wanted: shown.participants_wanted,
        contacted: shown.contacted,
        enrolled: shown.enrolled,
        requested_at: shown.requested_at,
        approval_valid_until: shown.approval_valid_until,
        own_answer: own_answer.unwrap_or_default(),
    })
}

/// A venture; `None` if nobody has listed it.
pub(crate) fn venture(state: &Venture) -> Option<VentureSummary> {
    let listed = state.card()?;
    let withdrawn_at = match state {
        Venture::Withdrawn { at, .. } => Some(*at),
        Venture::Vacant | Venture::Listed(_) => None,
    };
    Some(VentureSummary {
        id: listed.id.to_string(),
        lister_id: listed.lister.to_string(),
        teaser: Some(teaser_form(&listed.current()?.teaser)),
        card_number: listed.number(),
        listed_at: Some(wire::time(listed.listed_at)),
        revised_at: listed.revised_at.map(wire::time),
        withdrawn_at: withdrawn_at.map(wire::time),
    })
}

fn ended_at(state: &Order) -> Option<Timestamp> {
    match state {
        Order::Vacant | Order::Placed(_) | Order::UnderWay(_) => None,
        Order::Declined(declined) => Some(declined.at),
        Order::Completed(completed) => Some(completed.at),
        Order::Cancelled(cancelled) => Some(cancelled.at),
    }
}

/// A number of parts, of which there are at most hundreds.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
