//! The contract fee: what falls due in a month, a line for each segment.

use std::collections::BTreeMap;

use domain::{
    contract::{Event, FeeInstalment, Sign},
    id::OrganisationId,
    price_book::PriceKey,
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::{Currency, Fraction, Rounding};

use crate::{
    RatingError, find_price,
    ledger::{ContractView, View, line_id},
    rate_fee,
    statement::{Origin, StatementError, StatementLine, failed},
};

/// Whether an event of a contract bears on its fees.
pub const fn is_fee_event(event: &Event) -> bool {
    match event {
        Event::ContractActivated(_)
        | Event::TierChanged(_)
        | Event::ContractRenewed(_)
        | Event::ContractTerminated(_) => true,
        Event::ContractApplied(_)
        | Event::ContractApproved(_)
        | Event::ContractRejected(_)
        | Event::ContractOffered(_)
        | Event::ContractSigned(_)
        | Event::ContractPaused(_)
        | Event::ContractResumed(_)
        | Event::ContractExpired(_) => false,
    }
}

/// The fee lines of a month, by segment.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    now: Timestamp,
) -> Result<Vec<StatementLine>, StatementError> {
    let mut segments = BTreeMap::<u32, Vec<FeeInstalment<'_>>>::new();
    for instalment in contract.timeline.fee_instalments(now) {
        if Month::of(instalment.charged_at) == month {
            segments.entry(instalment.segment).or_default().push(instalment);
        }
    }
    segments.into_iter().map(|(segment, due)| line(view, contract, month, segment, &due)).collect()
}

fn line<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    segment: u32,
    due: &[FeeInstalment<'_>],
) -> Result<StatementLine, StatementError> {
    let charge_kind = ChargeKind::contract_fee();
    let id = line_id(&charge_kind, segment, None, None, None);
    let failed = failed(contract, &id);
    let (mut quantity, mut exact) = (Fraction::zero(), Fraction::zero());
    let (mut arithmetic, mut description) = (Vec::new(), Vec::new());
    let (mut price_book, mut currency, mut unpriced) = (None, Currency::Jpy, false);
    for instalment in due {
        let step = step(view, contract.issuer, instalment).map_err(&failed)?;
        quantity = &quantity + &step.quantity;
        exact = &exact + &step.exact;
        arithmetic.extend(step.arithmetic);
        description.push(describe(instalment));
        price_book = step.price_book.or(price_book);
        currency = step.currency.unwrap_or(currency);
        unpriced |= step.unpriced;
    }
    if due.len() > 1 {
        arithmetic.push(format!("together {exact}"));
    }
    let amount = exact.to_money(currency, Rounding::HalfUp).map_err(|error| failed(error.into()))?;
    arithmetic.push(format!("{exact} rounded half-up: {amount}"));
    let terms = due.first().map(|instalment| instalment.terms);
    Ok(StatementLine {
        id,
        charge_kind,
        segment,
        tier: terms.map(|terms| terms.tier.clone()),
        right: None,
        class: None,
        order: None,
        quantity,
        flagged: Vec::new(),
        bands: Vec::new(),
        amount,
        price_book,
        unpriced,
        description: description.join("; "),
        arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, shared_in(month, due))),
        origin: Origin::Fee,
    })
}

/// The month whose share rule shares the line out: that of its prices, so that a credit undoes its charge;
/// the line's own if they are of several months.
fn shared_in(month: Month, due: &[FeeInstalment<'_>]) -> Month {
    let mut months = due.iter().map(|instalment| Month::of(instalment.priced_at));
    let first = months.next().unwrap_or(month);
    if months.all(|other| other == first) { first } else { month }
}

/// What one instalment adds, less than nothing for a credit.
struct Step {
    quantity: Fraction,
    exact: Fraction,
    arithmetic: Vec<String>,
    price_book: Option<(domain::id::PriceBookId, u32)>,
    currency: Option<Currency>,
    unpriced: bool,
}

fn step<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    issuer: OrganisationId,
    due: &FeeInstalment<'_>,
) -> Result<Step, RatingError> {
    let signed = |fraction: Fraction| match due.sign {
        Sign::Charge => fraction,
        Sign::Credit => &Fraction::zero() - &fraction,
    };
    let FeeInstalment { days, year_days, .. } = *due;
    let out_of_year = |_| RatingError::DaysOutOfYear { days, days_in_year: year_days };
    let quantity = signed(Fraction::new(days.into(), year_days.into()).map_err(out_of_year)?);
    let version = view.prices(issuer, due.terms.price_book, Month::of(due.priced_at));
    let of = PriceKey { tier: Some(due.tier().clone()), ..PriceKey::any(ChargeKind::contract_fee()) };
    let priced = version.and_then(|version| Some((version, find_price(version.content, &of)?)));
    let price_book = version.map(|version| (version.id, version.number));
    let mut arithmetic = vec![describe(due)];
    let Some((version, item)) = priced else {
        arithmetic.push("no price for it: charged nothing".to_owned());
        let exact = Fraction::zero();
        return Ok(Step { quantity, exact, arithmetic, price_book, currency: None, unpriced: true });
    };
    let currency = version.content.currency;
    let rated = rate_fee(&item.model, currency, days, year_days)?;
    // The line is rounded once, so the last step of an instalment, its own rounding, is left out.
    let steps = rated.arithmetic.len().saturating_sub(1);
    arithmetic.extend(rated.arithmetic.into_iter().take(steps));
    let exact = signed(rated.exact);
    if due.sign == Sign::Credit {
        arithmetic.push(format!("given back: {exact}"));
    }
    Ok(Step { quantity, exact, arithmetic, price_book, currency: Some(currency), unpriced: false })
}

fn describe(due: &FeeInstalment<'_>) -> String {
    let FeeInstalment { days, year_days, from, until, .. } = due;
    let what = match due.sign {
        Sign::Charge => "fee",
        Sign::Credit => "fee given back",
    };
    let last = until.yesterday().unwrap_or(*until);
    format!("{what} for tier {}, {from} to {last}: {days} of {year_days} days", due.tier())
}
