//! Questions under versions that nobody has published, as the finance projections are asked them.

use domain::time::Month;
use proto::kiban::finance::v1 as wire;
use rating::ledger::WhatIf;

use crate::{
    caller::Role,
    error::Refusal,
    gate::{Authorised, OPERATORS, either, must_hold},
    reason::Reason,
    versions,
};

const FIELD: &str = "what_if";
const PRICES: &str = "what_if.prices";
const SHARES: &str = "what_if.shares";

/// The versions of a request's `what_if` for a question about a month; `None`: those in force. They are refused as
/// publishing refuses them, and if they start too late to change anything.
pub fn what_if(asked: Option<&wire::WhatIf>, month: Month) -> Result<Option<WhatIf>, Refusal> {
    let Some(asked) = asked else { return Ok(None) };
    let mut versions = WhatIf::default();
    if asked.prices.is_some() {
        let prices = versions::prices(PRICES, asked.prices.as_ref())?;
        prices.check().map_err(|rejection| versions::prices_refused(PRICES, rejection))?;
        check_start(PRICES, prices.start, month)?;
        versions.prices = Some(prices);
    }
    if asked.shares.is_some() {
        let shares = versions::shares(SHARES, asked.shares.as_ref())?;
        shares.check().map_err(|rejection| versions::shares_refused(SHARES, rejection))?;
        check_start(SHARES, shares.start, month)?;
        versions.shares = Some(shares);
    }
    if versions == WhatIf::default() {
        return Err(Refusal::invalid(FIELD, "must hold prices or shares"));
    }
    Ok(Some(versions))
}

/// Refuses a caller who may not ask under these versions: anybody but the finance role of those who run the forum.
/// With `own`, the question is about a contract of the caller's, who may then ask what it would pay under other
/// prices; who gets how much of it is no business of the caller's.
pub fn may_suppose<T>(request: &Authorised<T>, what_if: &WhatIf, own: bool) -> Result<(), Refusal> {
    if own && what_if.shares.is_none() {
        return Ok(());
    }
    if !request.is_operator() {
        let field = if own { SHARES } else { FIELD };
        let refusal = Refusal::field(Reason::CapacityRequired, field, must_hold(OPERATORS));
        return Err(refusal.with("capacity", either(OPERATORS)));
    }
    if !request.caller().roles.contains(&Role::Finance) {
        let what = format!("this needs the role {}", Role::Finance);
        return Err(Refusal::field(Reason::RoleRequired, FIELD, what).with("role", Role::Finance));
    }
    Ok(())
}

/// A version that starts after the month would leave the answer as it is, and whoever asks would think otherwise.
fn check_start(field: &str, start: Month, month: Month) -> Result<(), Refusal> {
    if start <= month {
        return Ok(());
    }
    let what = format!("must not be after {month}: what starts later changes nothing of that month");
    Err(Refusal::invalid(format!("{field}.start"), what))
}
