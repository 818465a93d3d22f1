//! Service orders: what is accepted of them is charged (requirements §2.1), and how the data fee of each is taken.

use std::collections::BTreeMap;

use domain::{
    id::{OrderId, ShareRuleId},
    order::{self, PlacedOrder, charged_by},
    share_rule::SplitTable,
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::{Currency, Fraction, Money};

use crate::{
    RatingError,
    ledger::{ContractView, Fact, Subject, Version, View, line_id},
    statement::{Origin, StatementError, StatementLine, failed, segment_at, terms_of},
};

/// How the data fee of an order is taken: never both ways (requirements §2.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DataFeeMode {
    /// The vendor's use of base data for the order is charged on the vendor's own contract.
    Metered,
    /// A percentage of the vendor's part of the order; use for the order is shown and charged nothing.
    Percentage,
}

/// How the data fee of an order is taken. It is decided once: by the version of the share rule in force, for
/// the contract under which the order was placed, in the month in which it was placed.
pub fn data_fee_mode<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    placed: &PlacedOrder,
) -> DataFeeMode {
    view.contract(placed.contract)
        .map_or(DataFeeMode::Metered, |contract| mode_under(view, &contract, placed))
}

fn mode_under<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    placed: &PlacedOrder,
) -> DataFeeMode {
    let month = Month::of(placed.at);
    let rule = rule_of_order(view, contract, placed, month);
    let provider = placed.dataset.and_then(|dataset| view.dataset(dataset)).map(|dataset| dataset.provider);
    let with_provider =
        provider.is_some_and(|provider| view.base_operator(month, placed.at) != Some(provider));
    let split = rule.and_then(|rule| rule.content.split_for(&ChargeKind::service_order(), with_provider));
    match split.and_then(|split| split.data_fee) {
        Some(_) => DataFeeMode::Percentage,
        None => DataFeeMode::Metered,
    }
}

/// The lines of the orders of which something fell due in a month, by order: one line each, however many
/// milestones. They stand in the segment in which the order was placed, whose terms it keeps.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
) -> Result<Vec<StatementLine>, StatementError> {
    let mut charged = BTreeMap::<OrderId, Vec<Charged>>::new();
    for (_, fact) in view.due(contract.id, month) {
        if let Fact::Order(order, event) = fact {
            charged.entry(*order).or_default().extend(charged_at(event));
        }
    }
    let lines = charged.into_iter().filter_map(|(order, charged)| Some((view.placed(order)?, charged)));
    lines.map(|(placed, charged)| line(contract, month, placed, &charged)).collect()
}

/// The lines of one order in all months, on the statements of its contract.
pub fn lines_of_order<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    placed: &PlacedOrder,
) -> Result<Vec<(Month, StatementLine)>, StatementError> {
    let mut charged = BTreeMap::<Month, Vec<Charged>>::new();
    for (_, event) in view.order_events(placed.id) {
        for milestone in charged_at(event) {
            charged.entry(Month::of(milestone.at)).or_default().push(milestone);
        }
    }
    let line = |(month, charged): (Month, Vec<_>)| Ok((month, line(contract, month, placed, &charged)?));
    charged.into_iter().map(line).collect()
}

/// The share rule by which what falls due of an order in a month is shared.
pub fn rule_of_order<'l, const BLOCK: u64, const COPY: usize>(
    view: &View<'l, BLOCK, COPY>,
    contract: &ContractView,
    placed: &PlacedOrder,
    month: Month,
) -> Option<Version<ShareRuleId, &'l SplitTable>> {
    let terms = terms_of(&contract.timeline, segment_at(contract, placed.at), month)?;
    view.shares(contract.issuer, terms.share_rule, month)
}

fn charged_at(event: &order::Event) -> impl Iterator<Item = Charged> {
    let at = event.at();
    charged_by(event).iter().map(move |milestone| Charged { milestone: *milestone, at })
}

/// A milestone that fell due, and when it did.
struct Charged {
    milestone: u32,
    at: Timestamp,
}

fn line(
    contract: &ContractView,
    month: Month,
    placed: &PlacedOrder,
    charged: &[Charged],
) -> Result<StatementLine, StatementError> {
    let charge_kind = ChargeKind::service_order();
    let segment = segment_at(contract, placed.at);
    let id = line_id(&charge_kind, segment, None, None, Some(Subject::Order(placed.id)));
    let terms = terms_of(&contract.timeline, segment, month);
    let (mut amounts, mut arithmetic, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for Charged { milestone, at } in charged {
        let Some(content) = placed.milestone(*milestone) else { continue };
        let place = u64::from(*milestone) + 1;
        let (of, name, on) = (placed.milestones.len(), content.name.as_str(), at.tokyo_date());
        arithmetic.push(format!("milestone {place} of {of}, {name:?}, {on}: {}", content.amount));
        names.push(format!("{name:?}"));
        amounts.push(content.amount);
    }
    let amount = Money::sum(Currency::Jpy, amounts.iter().copied())
        .map_err(|error| failed(contract, &id)(RatingError::Amount(error)))?;
    if amounts.len() > 1 {
        arithmetic.push(format!("together {amount}"));
    }
    let (accepted, of) = (names.len(), placed.milestones.len());
    Ok(StatementLine {
        segment,
        tier: terms.map(|terms| terms.tier.clone()),
        order: Some(placed.id),
        quantity: Fraction::from(amounts.len() as i64),
        description: format!("{accepted} of {of} milestones of {}: {}", placed.id, names.join(", ")),
        arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, month)),
        ..StatementLine::of(id, charge_kind, amount, Origin::Order { order: placed.id })
    })
}
