//! Requests into what is ordered.

use domain::{
    id::OrganisationId,
    order::{Milestone, OmicsModality, OrderedAnalysis},
};
use engine::{
    Refusal,
    parse::{amount, id, text},
};
use proto::kiban::order::v1 as wire;

pub(crate) fn analysis(
    member: OrganisationId,
    request: &wire::OrderOmicsAnalysisRequest,
) -> Result<OrderedAnalysis, Refusal> {
    let milestones = request.milestones.iter().enumerate();
    Ok(OrderedAnalysis {
        member,
        vendor: id("vendor_id", &request.vendor_id)?,
        modality: modality("modality", request.modality)?,
        specimens: request.specimens,
        price: amount("price", request.price.as_ref())?,
        milestones: milestones
            .map(|(index, part)| milestone(&format!("milestones[{index}]"), part))
            .collect::<Result<_, _>>()?,
    })
}

fn milestone(field: &str, wire: &wire::Milestone) -> Result<Milestone, Refusal> {
    Ok(Milestone {
        name: text(&format!("{field}.name"), &wire.name)?,
        amount: amount(&format!("{field}.amount"), wire.amount.as_ref())?,
    })
}

fn modality(field: &str, number: i32) -> Result<OmicsModality, Refusal> {
    use wire::OmicsModality as Wire;
    match Wire::try_from(number) {
        Ok(Wire::Transcriptome) => Ok(OmicsModality::Transcriptome),
        Ok(Wire::Proteome) => Ok(OmicsModality::Proteome),
        Ok(Wire::Metabolome) => Ok(OmicsModality::Metabolome),
        Ok(Wire::Epigenome) => Ok(OmicsModality::Epigenome),
        Ok(Wire::Unspecified) | Err(_) => Err(Refusal::invalid(field, "is no modality")),
    }
}
