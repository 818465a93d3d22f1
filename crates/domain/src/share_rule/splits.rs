//! The content of a version: splits and what they apply to.

use std::fmt;

use money::{Decimal, Money};

use crate::{id::OrganisationId, share_rule::ChargeTerms, terms::ChargeKind, text::Name, time::Month};

/// The whole table of splits of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitTable {
    /// What people call the share rule.
    pub name: Name,
    /// The first month to which it applies: a version starts only at the start of a period.
    pub start: Month,
    /// The splits. Their order means nothing.
    pub splits: Vec<Split>,
    /// How charges are issued, collected and paid out, where that is not as usual. Their order means nothing.
    pub charges: Vec<ChargeTerms>,
}

/// How the net amount of one part of a charge is shared, in the order of requirements §2.2: fixed parts, then
/// percentages of the rest, then minimums, then caps, then the data fee, then the institutions' pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What was charged.
    pub charge_kind: ChargeKind,
    /// Only for data of a data provider (`true`), only for those of the base (`false`), or for both.
    pub with_provider: Option<bool>,
    /// Taken first, in this order, each as far as the amount reaches.
    pub fixed: Vec<(Party, Money)>,
    /// Of what is left, in per cent; they sum to exactly 100.
    pub percentages: Vec<(Party, Decimal)>,
    /// What a party gets at least of a charge; the residual party bears what is short.
    pub minimums: Vec<(Party, Money)>,
    /// What a party gets at most of a charge; the residual party gets what is over.
    pub caps: Vec<(Party, Money)>,
    /// Who bears what minimums lack and gets what caps leave.
    pub residual: Party,
    /// How much of the vendor's part, in per cent, is a fee for the data it used, shared by the split for
    /// `data-fee`. Not taken from an order whose data fee is metered.
    pub data_fee: Option<Decimal>,
}

/// Who takes part in a split: by what they are in the charge, or by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    /// 基盤運営機関.
    BaseOperator,
    /// 活用促進機関.
    Promoter,
    /// The vendor of the order, or whoever executes the request: without a vendor, the promoter.
    Vendor,
    /// The provider of the dataset.
    DataProvider,
    /// The institutions whose cases were used, by cases.
    InstitutionsPool,
    /// An organisation by name.
    Organisation(OrganisationId),
}

/// One of the lists of a [`Split`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum List {
    /// [`Split::fixed`].
    Fixed,
    /// [`Split::percentages`].
    Percentages,
    /// [`Split::minimums`].
    Minimums,
    /// [`Split::caps`].
    Caps,
}

impl Split {
    /// Whether it applies to data of a data provider (`true`) or of the base (`false`).
    pub fn applies_to(&self, with_provider: bool) -> bool {
        self.with_provider.is_none_or(|only| only == with_provider)
    }

    /// Whether a party gets a fixed part or a percentage.
    pub fn shares_with(&self, party: Party) -> bool {
        self.fixed.iter().any(|(other, _)| *other == party)
            || self.percentages.iter().any(|(other, _)| *other == party)
    }
}

impl SplitTable {
    /// The split of a charge: one that names the kind of data before one for both kinds.
    pub fn split_for(&self, charge_kind: &ChargeKind, with_provider: bool) -> Option<&Split> {
        self.splits
            .iter()
            .filter(|split| split.charge_kind == *charge_kind && split.applies_to(with_provider))
            .max_by_key(|split| split.with_provider.is_some())
    }

    /// How charges of a kind are issued, collected and paid out: as listed, else as usual.
    pub fn terms_for(&self, charge_kind: &ChargeKind) -> ChargeTerms {
        let listed = self.charges.iter().find(|charge| charge.charge_kind == *charge_kind);
        listed.cloned().unwrap_or_else(|| ChargeTerms::usual(charge_kind.clone()))
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseOperator => f.write_str("base operator"),
            Self::Promoter => f.write_str("promoter"),
            Self::Vendor => f.write_str("vendor"),
            Self::DataProvider => f.write_str("data provider"),
            Self::InstitutionsPool => f.write_str("institutions' pool"),
            Self::Organisation(id) => id.fmt(f),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed => "fixed",
            Self::Percentages => "percentages",
            Self::Minimums => "minimums",
            Self::Caps => "caps",
        })
    }
}
