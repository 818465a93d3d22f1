//! The rules that every table of splits keeps by itself.

use std::collections::{BTreeMap, BTreeSet};

use money::{Decimal, Money};

use crate::{
    share_rule::{ChargeTerms, Dealer, List, Party, Rejection, Split, SplitTable},
    terms::{ChargeKind, MOST_AMOUNT},
};

/// The most splits of one version; with [`MOST_PARTS`] it keeps an event within the log's limit.
pub const MOST_SPLITS: usize = 100;
/// The most parts of one list of a split.
pub const MOST_PARTS: usize = 20;

/// The most charge kinds of which one version says how they are issued, collected and paid out.
pub const MOST_CHARGES: usize = 100;

impl SplitTable {
    /// Refuses splits that could be published nowhere and never, whatever was published before them.
    pub fn check(&self) -> Result<(), Rejection> {
        let splits = self.splits.len();
        if splits == 0 {
            return Err(Rejection::NoSplits);
        }
        if splits > MOST_SPLITS {
            return Err(Rejection::TooManySplits { splits, most: MOST_SPLITS });
        }
        let mut seen = BTreeMap::new();
        for (split, content) in self.splits.iter().enumerate() {
            if let Some(first) = seen.insert((&content.charge_kind, content.with_provider), split) {
                return Err(Rejection::DuplicateSplit { split, first });
            }
            check_parties(split, content)?;
            check_amounts(split, content)?;
            check_percentages(split, content)?;
            check_bounds(split, content)?;
            check_data_fee(split, content, self)?;
        }
        check_charges(&self.charges)
    }
}

fn check_charges(charges: &[ChargeTerms]) -> Result<(), Rejection> {
    if charges.len() > MOST_CHARGES {
        return Err(Rejection::TooManyCharges { charges: charges.len(), most: MOST_CHARGES });
    }
    let mut seen = BTreeMap::new();
    for (charge, content) in charges.iter().enumerate() {
        if let Some(first) = seen.insert(&content.charge_kind, charge) {
            return Err(Rejection::DuplicateCharge { charge, first });
        }
        let by_vendor = [content.issuer, content.collector].contains(&Dealer::Vendor);
        if by_vendor && !content.charge_kind.has_vendor() {
            return Err(Rejection::NoVendorToDealWith { charge });
        }
    }
    Ok(())
}

fn check_parties(split: usize, content: &Split) -> Result<(), Rejection> {
    let lists = [
        (List::Fixed, parties(&content.fixed)),
        (List::Percentages, parties(&content.percentages)),
        (List::Minimums, parties(&content.minimums)),
        (List::Caps, parties(&content.caps)),
    ];
    let mut named = BTreeSet::from([content.residual]);
    for (list, parties) in lists {
        if parties.len() > MOST_PARTS {
            return Err(Rejection::TooManyParts { split, list, parts: parties.len(), most: MOST_PARTS });
        }
        let mut seen = BTreeSet::new();
        for (part, party) in parties.into_iter().enumerate() {
            if !seen.insert(party) {
                return Err(Rejection::DuplicateParty { split, list, part, party });
            }
            named.insert(party);
        }
    }
    if named.contains(&Party::DataProvider) && content.with_provider != Some(true) {
        return Err(Rejection::NoProviderToShareWith { split });
    }
    Ok(())
}

fn check_amounts(split: usize, content: &Split) -> Result<(), Rejection> {
    let lists =
        [(List::Fixed, &content.fixed), (List::Minimums, &content.minimums), (List::Caps, &content.caps)];
    for (list, amounts) in lists {
        for (part, (_, amount)) in amounts.iter().enumerate() {
            if amount.is_negative() {
                return Err(Rejection::NegativeAmount { split, list, part });
            }
            if amount.minor_units() > MOST_AMOUNT {
                return Err(Rejection::AmountTooHigh { split, list, part, amount: *amount });
            }
        }
    }
    Ok(())
}

fn check_percentages(split: usize, content: &Split) -> Result<(), Rejection> {
    let mut sum = Decimal::ZERO;
    for (part, (_, percent)) in content.percentages.iter().enumerate() {
        let out_of_range = Rejection::PercentageOutOfRange { split, part, percent: *percent };
        if !is_percentage(*percent) {
            return Err(out_of_range);
        }
        sum = sum.checked_add(*percent).ok_or(out_of_range)?;
    }
    if sum == Decimal::HUNDRED { Ok(()) } else { Err(Rejection::PercentagesNotHundred { split, sum }) }
}

fn check_bounds(split: usize, content: &Split) -> Result<(), Rejection> {
    for (list, bounds) in [(List::Minimums, &content.minimums), (List::Caps, &content.caps)] {
        for (part, (party, _)) in bounds.iter().enumerate() {
            if *party == content.residual {
                return Err(Rejection::BoundOfResidual { split, list, part });
            }
            if !content.shares_with(*party) {
                return Err(Rejection::BoundWithoutPart { split, list, part, party: *party });
            }
        }
    }
    let cap_of = |party: Party| content.caps.iter().find(|(capped, _)| *capped == party).map(|(_, cap)| *cap);
    for (part, (party, minimum)) in content.minimums.iter().enumerate() {
        if cap_of(*party).is_some_and(|cap: Money| minimum.minor_units() > cap.minor_units()) {
            return Err(Rejection::MinimumAboveCap { split, part, party: *party });
        }
    }
    Ok(())
}

fn check_data_fee(split: usize, content: &Split, table: &SplitTable) -> Result<(), Rejection> {
    let Some(percent) = content.data_fee else { return Ok(()) };
    if !is_percentage(percent) {
        return Err(Rejection::DataFeeOutOfRange { split, percent });
    }
    if !content.shares_with(Party::Vendor) {
        return Err(Rejection::DataFeeWithoutVendor { split });
    }
    let data_fee = ChargeKind::data_fee();
    if content.charge_kind == data_fee {
        return Err(Rejection::DataFeeOfDataFee { split });
    }
    let is_split = |with_provider| table.split_for(&data_fee, with_provider).is_some();
    if [false, true].into_iter().any(|scope| content.applies_to(scope) && !is_split(scope)) {
        return Err(Rejection::DataFeeNotSplit { split });
    }
    Ok(())
}

fn is_percentage(percent: Decimal) -> bool {
    Decimal::ZERO < percent && percent <= Decimal::HUNDRED
}

fn parties<T>(list: &[(Party, T)]) -> Vec<Party> {
    list.iter().map(|(party, _)| *party).collect()
}
