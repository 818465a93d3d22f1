//! What stands on a statement once: the fee of the expedited lane, and credits.

use domain::{
    contract,
    credit::{self, CreditGranted},
    price_book::PriceKey,
    terms::ChargeKind,
    time::Month,
};
use money::{Currency, Decimal, Fraction, MoneyError};

use crate::{
    RatingError, find_price,
    ledger::{ContractView, Fact, Subject, View, line_id},
    rate,
    statement::{Origin, StatementError, StatementLine, failed, segment_at, terms_of, unpriced},
};

/// The fee of the expedited lane, in the month of the application, and the credits of a month.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
) -> Result<Vec<StatementLine>, StatementError> {
    let lines = view.due(contract.id, month).filter_map(|(_, fact)| match fact {
        Fact::Contract(_, contract::Event::ContractApplied(_)) => Some(review(view, contract, month)),
        Fact::Credit(credit::Event::CreditGranted(credit)) => Some(granted(contract, month, credit)),
        _ => None,
    });
    lines.collect()
}

/// The expedited lane (requirements §2.1): an application has no terms yet, so it is priced by those that were
/// offered last, once there are some; until then, and if it stays so, it is shown and charged nothing.
fn review<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
) -> Result<StatementLine, StatementError> {
    let charge_kind = ChargeKind::expedited_review();
    let id = line_id(&charge_kind, 0, None, None, None);
    let terms = contract.offered.as_ref();
    let version = terms.and_then(|terms| view.prices(contract.issuer, terms.price_book, month));
    let item = version.zip(terms).and_then(|(version, terms)| {
        let of = PriceKey { tier: Some(terms.tier.clone()), ..PriceKey::any(charge_kind.clone()) };
        find_price(version.content, &of)
    });
    let currency = version.map_or(Currency::Jpy, |version| version.content.currency);
    let rated = match item {
        Some(item) => rate(&item.model, currency, &Decimal::ONE, None).map_err(failed(contract, &id))?,
        None => unpriced(currency, Decimal::ONE),
    };
    let description = match terms {
        Some(_) => "review in the expedited lane".to_owned(),
        None => "review in the expedited lane; no terms have been offered that would price it".to_owned(),
    };
    Ok(StatementLine {
        tier: terms.map(|terms| terms.tier.clone()),
        bands: rated.bands,
        price_book: version.map(|version| (version.id, version.number)),
        unpriced: item.is_none(),
        description,
        arithmetic: rated.arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, month)),
        ..StatementLine::of(id, charge_kind, rated.amount, Origin::Review)
    })
}

/// A credit to the member, such as the publication incentive: less than nothing is charged.
fn granted(
    contract: &ContractView,
    month: Month,
    credit: &CreditGranted,
) -> Result<StatementLine, StatementError> {
    let charge_kind = credit.charge_kind.clone();
    let segment = segment_at(contract, month.start());
    let id = line_id(&charge_kind, segment, None, None, Some(Subject::Credit(credit.id)));
    let overflow = |error: MoneyError| failed(contract, &id)(RatingError::Amount(error));
    let amount = credit.amount.checked_neg().map_err(overflow)?;
    let terms = terms_of(&contract.timeline, segment, month);
    let arithmetic = vec![format!("credit of {}, granted by {}: {amount}", credit.amount, credit.granted_by)];
    Ok(StatementLine {
        segment,
        tier: terms.map(|terms| terms.tier.clone()),
        quantity: Fraction::one(),
        description: format!("{}: {}", credit.id, credit.reason.as_str()),
        arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, month)),
        ..StatementLine::of(
            id,
            charge_kind,
            amount,
            Origin::Credit { credit: credit.id, granted_by: credit.granted_by },
        )
    })
}
