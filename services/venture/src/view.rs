//! Investments as the wire has them.

use domain::{id::OrganisationId, investment::Investment};
use engine::wire_time;
use events::wire::money;
use proto::kiban::venture::v1 as wire;

/// The investment and whom it concerns, or none if it was not recorded.
pub(crate) fn investment(state: &Investment) -> Option<(wire::Investment, [OrganisationId; 2])> {
    let Investment::Made { id, deal, made_at } = state else { return None };
    let investment = wire::Investment {
        id: id.to_string(),
        investor_id: deal.investor.to_string(),
        venture_id: deal.venture.to_string(),
        round: deal.round.to_string(),
        amount: Some(money(deal.amount)),
        made_at: Some(wire_time(*made_at)),
    };
    Some((investment, [deal.investor, deal.venture]))
}
