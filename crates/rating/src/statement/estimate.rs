//! What one more use would cost (requirements §1: check the cost before running).

use domain::{
    id::{ContractId, DatasetId, OrderId},
    terms::{Right, Verdict},
    time::{Month, Timestamp},
};
use money::Money;

use crate::{
    ledger::{Cell, Entry, LineKey, Totals, UseKey, View},
    statement::{StatementError, StatementLine, failed, segment_at, usage},
};

/// A use that has not happened, within the terms and the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupposedUse {
    /// Of which dataset.
    pub dataset: DatasetId,
    /// What would be done.
    pub right: Right,
    /// To how many cases.
    pub cases: u32,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// When.
    pub at: Timestamp,
}

/// What one more use would do to the statement of its month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The line to which it would belong, as it stands; `None`: there is none yet.
    pub before: Option<StatementLine>,
    /// The line with the use.
    pub after: StatementLine,
    /// By how much the line would grow.
    pub amount: Money,
}

/// What one more use under a contract would add to its month: its line is rated as it stands and with the cases
/// added, so that the estimate and the line of now sum to the later line through all bands and roundings. `None`
/// if the contract or the dataset was not known. `lines` gives what the lines of the contract hold in a month.
/// What a minimum commitment will lack at the end of its year is not foreseen.
pub fn estimate<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: ContractId,
    supposed: &SupposedUse,
    lines: impl FnOnce(Month) -> Vec<(LineKey, Totals)>,
) -> Result<Option<Estimate>, StatementError> {
    let known = view.contract(contract).zip(view.dataset(supposed.dataset));
    let Some((contract, dataset)) = known else { return Ok(None) };
    let SupposedUse { right, order, at, .. } = *supposed;
    let month = Month::of(at);
    let line = UseKey { segment: segment_at(&contract, at), right, order, class: dataset.class.clone() };
    let key = LineKey { contract: contract.id, month, entry: Entry::Use(line.clone()) };
    let held = lines(month).into_iter().find(|(other, _)| *other == key).map(|(_, totals)| totals);
    let freeze = dataset.freeze_at(at);
    let cell = Cell { dataset: supposed.dataset, freeze, verdict: Verdict::InScope };
    let more = held.clone().unwrap_or_default().with_use(cell, supposed.cases);
    let rated = |totals: &Totals| usage::line(view, &contract, &key, &line, totals);
    let before = held.as_ref().map(rated).transpose()?;
    let after = rated(&more)?;
    let amount = match &before {
        Some(before) => after.amount.checked_sub(before.amount),
        None => Ok(after.amount),
    };
    let amount = amount.map_err(|error| failed(&contract, &after.id)(error.into()))?;
    Ok(Some(Estimate { before, after, amount }))
}
