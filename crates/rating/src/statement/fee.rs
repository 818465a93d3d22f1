//! The contract fee: what falls due in a month, a line for each segment.

use std::collections::BTreeMap;

use domain::{
    contract::{Event, FeeInstalment, Occasion, Sign},
    id::OrganisationId,
    price_book::PriceKey,
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::{Currency, Fraction, Money, Rounding};

use crate::{
    RatingError, find_price,
    ledger::{ContractView, Subject, View, line_id},
    rate_fee,
    statement::{Origin, StatementError, StatementLine, failed},
};

/// Whether an event of a contract bears on its fees; pauses bear on what they give back alone.
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

/// The fee lines of a month: by segment what is charged and what tier changes give back, then what pauses give
/// back, by segment and the month in which that was charged.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    now: Timestamp,
) -> Result<Vec<StatementLine>, StatementError> {
    let instalments = contract.timeline.fee_instalments(now);
    let mut due = BTreeMap::<Place, Vec<FeeInstalment<'_>>>::new();
    for instalment in instalments.iter().filter(|instalment| due_in(instalment) == month) {
        due.entry(Place::of(instalment)).or_default().push(*instalment);
    }
    let line = |(place, due): (Place, Vec<_>)| {
        let before = given_back(&instalments, month, place, &due);
        line(view, contract, month, place, &due, &before)
    };
    due.into_iter().map(line).collect()
}

/// On which line of its month an instalment stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The month that charged what a pause gives back; `None`: it is of no pause. A line of its own for each
    /// keeps what is charged apart from what is given back, and each credit under one rule.
    paused: Option<Month>,
    segment: u32,
}

impl Place {
    fn of(instalment: &FeeInstalment<'_>) -> Self {
        let paused = match instalment.occasion {
            Occasion::Year | Occasion::TierChange => None,
            Occasion::Pause => Some(Month::of(instalment.priced_at)),
        };
        Self { paused, segment: instalment.segment }
    }
}

fn line<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
    place: Place,
    due: &[FeeInstalment<'_>],
    before: &[FeeInstalment<'_>],
) -> Result<StatementLine, StatementError> {
    let Place { paused, segment } = place;
    let charge_kind = ChargeKind::contract_fee();
    let id = line_id(&charge_kind, segment, None, None, paused.map(Subject::Paused));
    let failed = failed(contract, &id);
    let sum = together(view, contract.issuer, due).map_err(&failed)?;
    let amount = sum.amount().map_err(&failed)?;
    let standing = standing(view, contract.issuer, before, amount.currency()).map_err(&failed)?;
    let mut arithmetic = sum.arithmetic;
    if due.len() > 1 {
        arithmetic.push(format!("together {}", sum.exact));
    }
    arithmetic.push(format!("{} rounded half-up: {amount}", sum.exact));
    let description: Vec<_> = due.iter().map(describe).collect();
    // A credit is shared by the rule that shared what it gives back.
    let shared = before.first().or(due.first()).map(|instalment| instalment.terms.share_rule);
    Ok(StatementLine {
        segment,
        tier: due.first().map(|instalment| instalment.terms.tier.clone()),
        quantity: sum.quantity,
        standing,
        price_book: sum.price_book,
        unpriced: sum.unpriced,
        description: description.join("; "),
        arithmetic,
        shared_by: shared.map(|rule| (rule, shared_in(month, due))),
        ..StatementLine::of(id, charge_kind, amount, Origin::Fee { paused: paused.is_some() })
    })
}

/// The month of whose line an instalment is a part.
fn due_in(instalment: &FeeInstalment<'_>) -> Month {
    Month::of(instalment.charged_at)
}

/// The month whose share rule shares the line out: that of its prices, so that a credit undoes its charge;
/// the line's own if they are of several months.
fn shared_in(month: Month, due: &[FeeInstalment<'_>]) -> Month {
    let mut months = due.iter().map(|instalment| Month::of(instalment.priced_at));
    let first = months.next().unwrap_or(month);
    if months.all(|other| other == first) { first } else { month }
}

/// Of which instalments a line gives something back: all of the earlier lines of its segment that charged them
/// or gave something of them back before. None if the line is of its own month.
///
/// A line never charges something and gives back of an earlier month: a segment is given back when it ends, and
/// what pauses give back stands on lines of its own. Those come after the other lines of their month.
fn given_back<'t>(
    instalments: &[FeeInstalment<'t>],
    month: Month,
    place: Place,
    due: &[FeeInstalment<'t>],
) -> Vec<FeeInstalment<'t>> {
    let charged_in = shared_in(month, due);
    let earlier = instalments.iter().filter(|earlier| {
        earlier.segment == place.segment
            && Month::of(earlier.priced_at) == charged_in
            && (due_in(earlier), Place::of(earlier)) < (month, place)
    });
    earlier.copied().collect()
}

/// What these instalments come to as their lines charged it, each line rounded by itself.
fn standing<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    issuer: OrganisationId,
    before: &[FeeInstalment<'_>],
    currency: Currency,
) -> Result<Money, RatingError> {
    let mut lines = BTreeMap::<(Month, Place), Vec<FeeInstalment<'_>>>::new();
    for instalment in before {
        lines.entry((due_in(instalment), Place::of(instalment))).or_default().push(*instalment);
    }
    let mut total = Money::zero(currency);
    for line in lines.values() {
        total = total.checked_add(together(view, issuer, line)?.amount()?)?;
    }
    Ok(total)
}

/// The instalments of one line in one.
fn together<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    issuer: OrganisationId,
    due: &[FeeInstalment<'_>],
) -> Result<Step, RatingError> {
    let mut sum = Step {
        quantity: Fraction::zero(),
        exact: Fraction::zero(),
        arithmetic: Vec::new(),
        price_book: None,
        currency: None,
        unpriced: false,
    };
    for instalment in due {
        let step = step(view, issuer, instalment)?;
        sum.quantity = &sum.quantity + &step.quantity;
        sum.exact = &sum.exact + &step.exact;
        sum.arithmetic.extend(step.arithmetic);
        sum.price_book = step.price_book.or(sum.price_book);
        sum.currency = step.currency.or(sum.currency);
        sum.unpriced |= step.unpriced;
    }
    Ok(sum)
}

/// What one instalment, or several, add; less than nothing for a credit.
struct Step {
    quantity: Fraction,
    exact: Fraction,
    arithmetic: Vec<String>,
    price_book: Option<(domain::id::PriceBookId, u32)>,
    currency: Option<Currency>,
    unpriced: bool,
}

impl Step {
    /// The exact amount, rounded once.
    fn amount(&self) -> Result<Money, RatingError> {
        Ok(self.exact.to_money(self.currency.unwrap_or(Currency::Jpy), Rounding::HalfUp)?)
    }
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
    let what = match (due.sign, due.occasion) {
        (Sign::Charge, _) => "fee",
        (Sign::Credit, Occasion::Pause) => "fee given back for a pause",
        (Sign::Credit, Occasion::Year | Occasion::TierChange) => "fee given back",
    };
    let last = until.yesterday().unwrap_or(*until);
    format!("{what} for tier {}, {from} to {last}: {days} of {year_days} days", due.tier())
}
