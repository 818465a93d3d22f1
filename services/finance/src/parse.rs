//! Requests into what commands are made of; the versions in them are read by [`engine::versions`].

use domain::{
    id::ContractId,
    terms::ChargeKind,
    text::{Name, Reason},
    time::{Month, Timestamp},
};
use engine::{
    Refusal,
    parse::{amount, id, month, text},
};
use money::Money;
use proto::kiban::finance::v1 as wire;

/// What a request says of a credit.
#[derive(Clone)]
pub(crate) struct AskedCredit {
    pub(crate) contract: ContractId,
    pub(crate) charge_kind: ChargeKind,
    pub(crate) amount: Money,
    pub(crate) month: Month,
    pub(crate) reason: Reason,
}

/// What a request says of a funding.
#[derive(Clone)]
pub(crate) struct AskedFunding {
    pub(crate) funder: Name,
    pub(crate) amount: Money,
    pub(crate) start: Month,
    pub(crate) end: Month,
    pub(crate) reason: Reason,
}

pub(crate) fn credit(request: &wire::GrantCreditRequest, now: Timestamp) -> Result<AskedCredit, Refusal> {
    Ok(AskedCredit {
        contract: id("contract_id", &request.contract_id)?,
        charge_kind: match request.charge_kind.as_str() {
            "" => ChargeKind::publication_incentive(),
            kind => text("charge_kind", kind)?,
        },
        amount: amount("amount", request.amount.as_ref())?,
        month: match request.month.as_str() {
            "" => Month::of(now),
            named => month("month", named)?,
        },
        reason: text("reason", &request.reason)?,
    })
}

pub(crate) fn funding(request: &wire::AgreeFundingRequest) -> Result<AskedFunding, Refusal> {
    Ok(AskedFunding {
        funder: text("funder", &request.funder)?,
        amount: amount("amount", request.amount.as_ref())?,
        start: month("start", &request.start)?,
        end: month("end", &request.end)?,
        reason: text("reason", &request.reason)?,
    })
}
