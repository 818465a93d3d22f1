//! Requests into questions.

use domain::{id::ContractId, time::Month};
use engine::{
    Refusal,
    parse::{month, optional_id},
};
use proto::kiban::revenue_share::v1::GetRevenueSharesRequest;

/// A month, of one contract or of all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) month: Month,
    /// `None`: all contracts.
    pub(crate) contract: Option<ContractId>,
}

pub(crate) fn shares(request: &GetRevenueSharesRequest) -> Result<Asked, Refusal> {
    Ok(Asked {
        month: month("month", &request.month)?,
        contract: optional_id("contract_id", &request.contract_id)?,
    })
}
