//! What a correction posts, and what a party gets in all.

use std::collections::BTreeMap;

use domain::{
    id::OrganisationId,
    share_rule::{Party, SplitTable},
    terms::ChargeKind,
};
use money::{Money, MoneyError};

use crate::{Parties, ShareLine, SplitError, Stage, Why, split_part};

/// What a net amount posts on top of what stood charged and was shared before by the same rule: the
/// [`difference`] between the splits of both together and of what stood (requirements §2.2). So a credit takes
/// back from each party what it would not have got, had the smaller amount been charged at once. Where nothing
/// stood, it is the split of the net amount.
///
/// The lines sum to the net amount.
pub fn split_onto(
    standing: Money,
    net: Money,
    table: &SplitTable,
    charge_kind: &ChargeKind,
    parties: &Parties<'_>,
) -> Result<Vec<ShareLine>, SplitError> {
    if standing.is_zero() {
        return split_part(net, table, charge_kind, parties);
    }
    let old = split_part(standing, table, charge_kind, parties)?;
    let new = split_part(standing.checked_add(net)?, table, charge_kind, parties)?;
    Ok(difference(&old, &new)?)
}

/// What a correction posts: the *difference of the splits* of the new and the old total, never a split of the
/// difference (requirements §2.2). The lines sum to the difference of the totals; steps that did not change
/// are left out. A line bears the reason of the new split, where it has one.
pub fn difference(old: &[ShareLine], new: &[ShareLine]) -> Result<Vec<ShareLine>, MoneyError> {
    let mut lines = BTreeMap::<_, ShareLine>::new();
    for line in new {
        add(&mut lines, *line)?;
    }
    for line in old {
        add(&mut lines, ShareLine { amount: line.amount.checked_neg()?, ..*line })?;
    }
    Ok(lines.into_values().filter(|line| !line.amount.is_zero()).collect())
}

/// What each organisation gets in all, by its id.
pub fn by_organisation(lines: &[ShareLine]) -> Result<BTreeMap<OrganisationId, Money>, MoneyError> {
    let mut totals = BTreeMap::new();
    for line in lines {
        let total = totals.entry(line.organisation).or_insert_with(|| Money::zero(line.amount.currency()));
        *total = total.checked_add(line.amount)?;
    }
    Ok(totals)
}

/// What two lines have in common that stand for the same step: everything but the figures.
type Step = (Stage, u8, Party, OrganisationId);

fn add(lines: &mut BTreeMap<Step, ShareLine>, line: ShareLine) -> Result<(), MoneyError> {
    let step = (line.stage, order(&line.why), line.party, line.organisation);
    match lines.get_mut(&step) {
        Some(sum) => sum.amount = sum.amount.checked_add(line.amount)?,
        None => {
            lines.insert(step, line);
        }
    }
    Ok(())
}

/// The place of a step in the order of a split.
const fn order(why: &Why) -> u8 {
    match why {
        Why::Fixed => 0,
        Why::Percentage { .. } => 1,
        Why::Minimum { .. } => 2,
        Why::Shortfall => 3,
        Why::Cap { .. } => 4,
        Why::Excess => 5,
        Why::DataFee { .. } => 6,
        Why::Consortium { .. } => 7,
        Why::Pool { .. } => 8,
        Why::PoolUnassigned { .. } => 9,
    }
}
