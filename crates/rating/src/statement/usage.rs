//! Usage lines.

use domain::{
    price_book::{PriceKey, billed_by_default},
    terms::Verdict,
};
use money::{Currency, Decimal, Fraction, Money, MoneyError};

use crate::{
    RatedLine, RatingError, find_price,
    ledger::{ContractView, LineKey, Totals, UseKey, View, line_id},
    rate,
    statement::{Origin, StatementError, StatementLine, failed, terms_of, usage_charge},
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
    let id = line_id(&charge_kind, line.segment, Some(line.right), Some(&line.class), line.order);
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
    let rated = match item {
        Some(item) => rate(&item.model, currency, &quantity, None).map_err(failed)?,
        None => unpriced(currency, quantity),
    };
    let is_flagged = |verdict: &Verdict| !billed.contains(verdict);
    let flagged = Verdict::ALL.iter().copied().filter(is_flagged);
    let flagged = flagged.map(|flagged| (flagged, self::cases(totals, |verdict| verdict == flagged)));
    Ok(StatementLine {
        id,
        description: describe(line, quantity),
        segment: line.segment,
        tier: terms.map(|terms| terms.tier.clone()),
        right: Some(line.right),
        class: Some(line.class.clone()),
        order: line.order,
        quantity: Fraction::from(quantity),
        flagged: flagged.filter(|(_, cases)| *cases > 0).collect(),
        bands: rated.bands,
        amount: rated.amount,
        standing: Money::zero(rated.amount.currency()),
        price_book: version.map(|version| (version.id, version.number)),
        unpriced: item.is_none(),
        arithmetic: rated.arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, key.month)),
        origin: Origin::Usage { key: key.clone(), totals: totals.clone(), billed },
        charge_kind,
    })
}

/// A sum of cases. It is never negative: nothing is taken back that did not stand before.
fn cases(totals: &Totals, counts: impl FnMut(Verdict) -> bool) -> u64 {
    u64::try_from(totals.cases(counts)).unwrap_or(0)
}

fn unpriced(currency: Currency, quantity: Decimal) -> RatedLine {
    RatedLine {
        amount: Money::zero(currency),
        exact: Fraction::zero(),
        bands: Vec::new(),
        arithmetic: vec![format!("no price for {quantity}: charged nothing")],
    }
}

fn describe(line: &UseKey, quantity: Decimal) -> String {
    let order = line.order.map_or_else(String::new, |order| format!(" for {order}"));
    format!("{} of class {}{order}: {quantity} cases", line.right, line.class)
}
