//! Requests into what commands are made of.
//!
//! The content of a version is read by [`events::finance_form`], because the log keeps the same messages;
//! what only a request may or may not say is read here.

use domain::{
    price_book::{PriceList, billed_by_default},
    share_rule::SplitTable,
};
use engine::Refusal;
use events::finance_form::{self, FormError};
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
