//! Usage lines.

use domain::{
    order::may_be_charged,
    price_book::{PriceKey, billed_by_default},
    terms::{ChargeKind, Verdict},
};
use money::{Currency, Decimal, Fraction, Money, MoneyError};

use crate::{
    RatedLine, RatingError, find_price,
    ledger::{ContractView, LineKey, Subject, Totals, UseKey, View, line_id},
    rate,
    statement::{
        DataFeeMode, Origin, StatementError, StatementLine, data_fee_mode, failed, terms_of, unpriced,
        usage_charge,
    },
};

/// What a line of the ledger costs.
pub(super) fn line<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    key: &LineKey,
    line: &UseKey,
    totals: &Totals,
) -> Result<StatementLine, StatementError> {
    let charge_kind = usage_charge(contract.kind);
    let subject = line.order.map(Subject::Order);
    let id = line_id(&charge_kind, line.segment, Some(line.right), Some(&line.class), subject);
    let failed = failed(contract, &id);
    let terms = terms_of(&contract.timeline, line.segment, key.month);
    let version = terms.and_then(|terms| view.prices(contract.issuer, terms.price_book, key.month));
    let billed = version.map_or_else(billed_by_default, |version| version.content.billed_verdicts.clone());
    let cases = cases(totals, |verdict| billed.contains(&verdict));
    let quantity = Decimal::from_u64(cases).map_err(|_| failed(RatingError::Amount(MoneyError::Overflow)))?;
    let item = version.zip(terms).and_then(|(version, terms)| {
        let of = PriceKey {
            charge_kind: charge_kind.clone(),
            tier: Some(terms.tier.clone()),
            dataset_class: Some(line.class.clone()),
            right: Some(line.right),
        };
        find_price(version.content, &of)
    });
    let currency = version.map_or(Currency::Jpy, |version| version.content.currency);
    let taken_out = charge_kind == ChargeKind::data_fee() && is_taken_out(view, contract, line);
    let rated = match item {
        _ if taken_out => taken_out_of_order(currency),
        Some(item) => rate(&item.model, currency, &quantity, None).map_err(failed)?,
        None => unpriced(currency, quantity),
    };
    let is_flagged = |verdict: &Verdict| !billed.contains(verdict);
    let flagged = Verdict::ALL.iter().copied().filter(is_flagged);
    let flagged = flagged.map(|flagged| (flagged, self::cases(totals, |verdict| verdict == flagged)));
    let flagged = flagged.filter(|(_, cases)| *cases > 0).collect();
    let origin = Origin::Usage { key: key.clone(), totals: totals.clone(), billed };
    Ok(StatementLine {
        description: describe(line, quantity, taken_out),
        segment: line.segment,
        tier: terms.map(|terms| terms.tier.clone()),
        right: Some(line.right),
        class: Some(line.class.clone()),
        order: line.order,
        quantity: Fraction::from(quantity),
        flagged,
        bands: rated.bands,
        price_book: version.map(|version| (version.id, version.number)),
        unpriced: item.is_none() && !taken_out,
        arithmetic: rated.arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, key.month)),
        ..StatementLine::of(id, charge_kind, rated.amount, origin)
    })
}

/// Whether the data fee for a vendor's use is taken out of its part of the order that the use was for: then it
/// is not charged here as well (requirements §2.1: never both for one order). An order of which nothing is or can
/// be charged, because it was declined or cancelled before, has no part to take it out of: its use is metered.
fn is_taken_out<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    line: &UseKey,
) -> bool {
    let placed = line.order.and_then(|order| view.placed(order));
    let placed = placed.filter(|placed| placed.sells(contract.member));
    let placed = placed.filter(|placed| data_fee_mode(view, placed) == DataFeeMode::Percentage);
    placed.is_some_and(|placed| may_be_charged(view.order_events(placed.id).map(|(_, event)| event)))
}

fn taken_out_of_order(currency: Currency) -> RatedLine {
    RatedLine {
        amount: Money::zero(currency),
        exact: Fraction::zero(),
        bands: Vec::new(),
        arithmetic: vec![
            "the data fee is a percentage of the vendor's part of the order: charged nothing".to_owned(),
        ],
    }
}

/// A sum of cases. It is never negative: nothing is taken back that did not stand before.
fn cases(totals: &Totals, counts: impl FnMut(Verdict) -> bool) -> u64 {
    u64::try_from(totals.cases(counts)).unwrap_or(0)
}

fn describe(line: &UseKey, quantity: Decimal, taken_out: bool) -> String {
    let order = line.order.map_or_else(String::new, |order| format!(" for {order}"));
    let taken_out = if taken_out { ", whose data fee is taken out of the vendor's part" } else { "" };
    let noun = if quantity == Decimal::ONE { "case" } else { "cases" };
    format!("{} of class {}{order}{taken_out}: {quantity} {noun}", line.right, line.class)
}
