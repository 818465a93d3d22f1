//! Requests into deals.

use domain::{id::OrganisationId, investment::Deal};
use engine::{
    Refusal,
    parse::{amount, id, text},
};
use proto::kiban::venture::v1 as wire;

pub(crate) fn deal(
    investor: OrganisationId,
    request: &wire::RecordInvestmentRequest,
) -> Result<Deal, Refusal> {
    Ok(Deal {
        investor,
        venture: id("venture_id", &request.venture_id)?,
        round: text("round", &request.round)?,
        amount: amount("amount", request.amount.as_ref())?,
    })
}
