//! Requests into what commands are made of.
//!
//! The content of a version is read by [`events::finance_form`], because the log keeps the same messages;
//! what only a request may or may not say is read here.

use domain::{
    id::ContractId,
    price_book::{PriceList, billed_by_default},
    share_rule::SplitTable,
    terms::ChargeKind,
    text::{Name, Reason},
    time::{Month, Timestamp},
};
use engine::{
    Refusal,
    parse::{amount, id, month, text},
};
use events::finance_form::{self, FormError};
use money::Money;
use proto::kiban::finance::v1 as wire;

pub(crate) fn prices(version: Option<&wire::PriceBookVersion>) -> Result<PriceList, Refusal> {
    let version = version.ok_or_else(missing)?;
    check_unnumbered(version.version)?;
    let mut prices = finance_form::price_list(version).map_err(refuse)?;
    if prices.billed_verdicts.is_empty() {
        prices.billed_verdicts = billed_by_default();
    }
    Ok(prices)
}

pub(crate) fn table(version: Option<&wire::ShareRuleVersion>) -> Result<SplitTable, Refusal> {
    let version = version.ok_or_else(missing)?;
    check_unnumbered(version.version)?;
    finance_form::split_table(version).map_err(refuse)
}

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

/// A caller who numbers a version thinks that it knows which one is next; it may be wrong.
fn check_unnumbered(number: u32) -> Result<(), Refusal> {
    if number == 0 {
        return Ok(());
    }
    Err(Refusal::invalid("version.version", "must be 0: the number is given by Kiban"))
}

fn missing() -> Refusal {
    Refusal::invalid("version", "is missing")
}

fn refuse(error: FormError) -> Refusal {
    let FormError { path, what } = error.within("version");
    Refusal::invalid(path, what)
}
