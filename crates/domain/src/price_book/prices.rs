//! The content of a version: prices and what they apply to.

use std::collections::BTreeSet;

use money::{Currency, Decimal, Money};

use crate::{
    terms::{ChargeKind, DatasetClass, Right, Tier, Verdict},
    text::Name,
    time::Month,
};

/// The whole list of prices of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    /// What people call the price book.
    pub name: Name,
    /// The currency of all of its prices.
    pub currency: Currency,
    /// The first month to which it applies: a version starts only at the start of a period.
    pub start: Month,
    /// The prices. Their order means nothing.
    pub items: Vec<PriceItem>,
    /// Usage with one of these verdicts is billed; other usage is only flagged (requirements §2.3).
    pub billed_verdicts: BTreeSet<Verdict>,
}

/// What is billed unless a price book says otherwise: usage within the terms, within and beyond the quota.
pub fn billed_by_default() -> BTreeSet<Verdict> {
    BTreeSet::from([Verdict::InScope, Verdict::OverQuota])
}

/// One price, and what it applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceItem {
    /// What it applies to.
    pub key: PriceKey,
    /// How the amount is reckoned.
    pub model: PriceModel,
}

/// What a price applies to. `None` is "any"; of the prices that apply the most specific one counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceKey {
    /// What is charged.
    pub charge_kind: ChargeKind,
    /// Of contracts on this tier.
    pub tier: Option<Tier>,
    /// For datasets of this class.
    pub dataset_class: Option<DatasetClass>,
    /// For use under this right.
    pub right: Option<Right>,
}

/// How an amount is reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceModel {
    /// The same amount for any quantity above zero: a fee.
    Flat {
        /// The amount.
        amount: Money,
    },
    /// The quantity times a price.
    PerUnit {
        /// Major units of the list's currency for one of the quantity.
        price: Decimal,
    },
    /// Each part of the quantity at the price of the band in which it lies.
    Graduated {
        /// The bands, ascending from zero; the last one is open, so that they cover every quantity.
        bands: Vec<Band>,
    },
    /// The whole quantity at the price of the one band into which it falls.
    Volume {
        /// The bands, ascending from zero; the last one is open, so that they cover every quantity.
        bands: Vec<Band>,
    },
    /// So much a package, and each package that is started costs the whole of it.
    Package {
        /// How much of the quantity is in a package; above zero.
        size: Decimal,
        /// What a package costs.
        price: Money,
    },
}

/// A band of a graduated or a volume price: quantities above the band before, up to and including `up_to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The greatest quantity in the band; `None` for the last band, which has no end.
    pub up_to: Option<Decimal>,
    /// Major units of the list's currency for one of the quantity in the band.
    pub unit_price: Decimal,
    /// An amount charged once if any of the quantity (graduated), or all of it (volume), is priced by the band.
    pub flat: Option<Money>,
}

impl PriceKey {
    /// A price of a charge kind, whatever the tier, the dataset class and the right.
    pub const fn any(charge_kind: ChargeKind) -> Self {
        Self { charge_kind, tier: None, dataset_class: None, right: None }
    }

    /// How specific the key is: a named tier weighs more than a named dataset class, that more than a named
    /// right. Of two different keys that apply to one thing, one is more specific.
    pub const fn specificity(&self) -> u8 {
        (self.tier.is_some() as u8) << 2
            | (self.dataset_class.is_some() as u8) << 1
            | self.right.is_some() as u8
    }
}
