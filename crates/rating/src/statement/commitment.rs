//! What a minimum commitment lacks when a contract year ends (requirements §2.1: `commitment-true-up`).
//!
//! A contract year that was shortened commits by its days. It counts the charges of the named kinds in its
//! months, as they are known at the question: those whose last day lies in the year and, of the last year, the
//! month in which the contract ends; so that each month is counted once, a year that starts on the first of a
//! month counts its own twelve, and no line need be cut.

use domain::{
    contract::{Commitment, ContractYear},
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::{Fraction, Money, Rounding};

use crate::{
    RatingError,
    ledger::{ContractView, LineKey, Subject, Totals, View, line_id},
    statement::{Origin, StatementError, StatementLine, charges, failed},
};

/// A line that counts towards a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Its month.
    pub month: Month,
    /// Its id.
    pub line: String,
    /// Its amount.
    pub amount: Money,
}

/// The months whose lines a statement needs besides its own, in order: those of the contract years that end in
/// the month with a minimum commitment.
pub fn months_behind<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: domain::id::ContractId,
    month: Month,
    now: Timestamp,
) -> Vec<Month> {
    let Some(contract) = view.contract(contract) else { return Vec::new() };
    let years = ending(&contract, month, now);
    let mut months: Vec<Month> = years.iter().flat_map(|(year, _)| months_of(year)).collect();
    months.sort_unstable();
    months.dedup();
    months
}

/// The lines of the contract years that end in a month.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    now: Timestamp,
    held: &mut impl FnMut(Month) -> Vec<(LineKey, Totals)>,
) -> Result<Vec<StatementLine>, StatementError> {
    let mut found = Vec::new();
    for (year, commitment) in ending(contract, month, now) {
        let mut counted = Vec::new();
        for month in months_of(&year) {
            let charged = charges(view, contract, month, now, &held(month))?;
            let counts =
                charged.into_iter().filter(|line| commitment.charge_kinds.contains(&line.charge_kind));
            counted.extend(counts.map(|line| Counted { month, line: line.id, amount: line.amount }));
        }
        found.push(line(contract, month, &year, commitment, counted)?);
    }
    Ok(found)
}

/// The contract years that end in a month, and to what each commits.
fn ending(contract: &ContractView, month: Month, now: Timestamp) -> Vec<(ContractYear<'_>, &Commitment)> {
    let commits = |phase: &domain::contract::Phase| phase.terms.minimum_commitment.is_some();
    if !contract.timeline.phases().iter().any(commits) {
        return Vec::new();
    }
    let years = contract.timeline.ended_years(now).into_iter();
    let years = years.filter(|year| last_month(year) == month);
    years.filter_map(|year| Some((year, year.phase.terms.minimum_commitment.as_ref()?))).collect()
}

/// The month of the last instant of a year.
fn last_month(year: &ContractYear<'_>) -> Month {
    Month::of(Timestamp::from_micros(year.ends_at.as_micros() - 1).unwrap_or(year.starts_at))
}

/// The months that a year counts, in order.
fn months_of(year: &ContractYear<'_>) -> Vec<Month> {
    let last = last_month(year);
    let whole = |month: Month| month.end() <= year.ends_at || (year.is_last && month == last);
    let mut months = Vec::new();
    let mut month = Month::of(year.starts_at);
    while month <= last {
        months.extend(whole(month).then_some(month));
        month = month.next();
    }
    months
}

fn line(
    contract: &ContractView,
    month: Month,
    year: &ContractYear<'_>,
    commitment: &Commitment,
    counted: Vec<Counted>,
) -> Result<StatementLine, StatementError> {
    let charge_kind = ChargeKind::commitment_true_up();
    let segment = year.phase.segment;
    let id = line_id(&charge_kind, segment, None, None, Some(Subject::ContractYear(year.number)));
    let failed = failed(contract, &id);
    let ContractYear { number, from, until, days, year_days, .. } = *year;
    let out_of_year = |_| RatingError::DaysOutOfYear { days, days_in_year: year_days };
    let part = Fraction::new(days.into(), year_days.into()).map_err(|error| failed(out_of_year(error)))?;
    let committed = &Fraction::from(commitment.amount) * &part;
    let currency = commitment.amount.currency();
    let sum = Money::sum(currency, counted.iter().map(|counted| counted.amount))
        .map_err(|error| failed(RatingError::Amount(error)))?;
    let missing = &committed - &Fraction::from(sum);
    let missing = if missing.is_negative() { Fraction::zero() } else { missing };
    let amount =
        missing.to_money(currency, Rounding::HalfUp).map_err(|error| failed(RatingError::Amount(error)))?;
    let mut arithmetic = vec![format!("committed: {} × {days}/{year_days} = {committed}", commitment.amount)];
    for Counted { month, line, amount } in &counted {
        arithmetic.push(format!("counted: {line} of {month}: {amount}"));
    }
    arithmetic.push(format!("counted together: {sum}"));
    arithmetic.push(format!("{missing} rounded half-up: {amount}"));
    let last = until.yesterday().unwrap_or(until);
    Ok(StatementLine {
        segment,
        tier: Some(year.phase.terms.tier.clone()),
        quantity: part,
        description: format!(
            "minimum commitment of {}, {from} to {last}: {days} of {year_days} days; {sum} were charged",
            commitment.amount
        ),
        arithmetic,
        shared_by: Some((year.phase.terms.share_rule, month)),
        ..StatementLine::of(id, charge_kind, amount, Origin::Commitment { contract_year: number, counted })
    })
}
