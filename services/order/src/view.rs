//! Orders as the wire has them.

use domain::{
    id::OrganisationId,
    order::{Milestone, OmicsModality, Order},
};
use engine::wire_time;
use events::wire::money;
use proto::kiban::order::v1 as wire;

/// The order and whom it concerns, or none if nothing was ordered.
pub(crate) fn order(state: &Order) -> Option<(wire::Order, [OrganisationId; 2])> {
    let Order::Ordered { id, contract, analysis, ordered_at } = state else { return None };
    let order = wire::Order {
        id: id.to_string(),
        contract_id: contract.to_string(),
        member_id: analysis.member.to_string(),
        vendor_id: analysis.vendor.to_string(),
        modality: modality(analysis.modality).into(),
        specimens: analysis.specimens,
        price: Some(money(analysis.price)),
        milestones: analysis.milestones.iter().map(milestone).collect(),
        ordered_at: Some(wire_time(*ordered_at)),
    };
    Some((order, [analysis.member, analysis.vendor]))
}

fn milestone(milestone: &Milestone) -> wire::Milestone {
    wire::Milestone { name: milestone.name.as_str().into(), amount: Some(money(milestone.amount)) }
}

const fn modality(modality: OmicsModality) -> wire::OmicsModality {
    match modality {
        OmicsModality::Transcriptome => wire::OmicsModality::Transcriptome,
        OmicsModality::Proteome => wire::OmicsModality::Proteome,
        OmicsModality::Metabolome => wire::OmicsModality::Metabolome,
        OmicsModality::Epigenome => wire::OmicsModality::Epigenome,
    }
}
