//! Who gets what of a part of a charge, and why.

mod difference;
mod share_out;

use std::fmt;

use domain::{id::OrganisationId, share_rule::Party, terms::ChargeKind};
use money::{AllocationError, Decimal, Money, MoneyError};

pub use difference::{by_organisation, difference, split_onto};
pub use share_out::split_part;

/// Who the parties of one part of a charge are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties<'p> {
    /// The base operator.
    pub base_operator: OrganisationId,
    /// The promoter.
    pub promoter: OrganisationId,
    /// Who sold what is charged; without a seller, the promoter executes and gets the vendor's part.
    pub seller: Option<Seller<'p>>,
    /// The provider of the dataset, if it is not the base's.
    pub data_provider: Option<OrganisationId>,
    /// The institutions that share the pool, by weight: of usage the cases that the usage itself counted, and
    /// the rest pro rata to the composition of the freeze at occurred-at.
    pub institutions: &'p [(OrganisationId, u128)],
    /// What those weights count.
    pub weighed_by: PoolWeight,
    /// Whether the order's data fee is metered on the vendor's own contract: then none is taken here, for it
    /// is never both (requirements §2.1).
    pub data_fee_metered: bool,
}

/// Who sells: a vendor by itself, or one that leads a consortium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seller<'p> {
    /// The vendor with whom the order was placed; of a consortium its lead.
    pub vendor: OrganisationId,
    /// The inner split of the consortium, in per cent that sum to 100: each member's part of the vendor's
    /// part. Empty: the vendor sells by itself.
    pub inner: &'p [(OrganisationId, Decimal)],
}

impl Seller<'_> {
    /// A vendor that sells by itself.
    pub const fn alone(vendor: OrganisationId) -> Self {
        Self { vendor, inner: &[] }
    }
}

/// What the weights of the institutions' pool count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum PoolWeight {
    /// Cases that were used.
    #[default]
    Cases,
    /// Participants that the institution enrolled.
    Enrolments,
    /// Institutions that agreed to take part, one each.
    Institutions,
}

impl fmt::Display for PoolWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cases => "cases",
            Self::Enrolments => "enrolments",
            Self::Institutions => "institutions",
        })
    }
}

/// One step of a split: what a party gets by it. The lines of a split sum to the net amount, the lines of a
/// party to what it is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareLine {
    /// The party.
    pub party: Party,
    /// Who that is; of the institutions' pool, one institution.
    pub organisation: OrganisationId,
    /// What it gets; negative for what it gives.
    pub amount: Money,
    /// To what the step belongs.
    pub stage: Stage,
    /// The step.
    pub why: Why,
}

/// What is being shared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// The charge.
    Charge,
    /// The data fee that was taken out of the vendor's part.
    DataFee,
    /// The institutions' pool, of the charge and of the data fee together.
    Pool,
}

/// Why a party gets an amount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// Its fixed part.
    Fixed,
    /// Its percentage of what the fixed parts left.
    Percentage {
        /// Per cent.
        percent: Decimal,
    },
    /// Raised to its minimum.
    Minimum {
        /// The minimum.
        minimum: Money,
    },
    /// The residual party: bears what the minimums lacked.
    Shortfall,
    /// Cut to its cap.
    Cap {
        /// The cap.
        cap: Money,
    },
    /// The residual party: gets what the caps left.
    Excess,
    /// The vendor: pays the data fee out of its part.
    DataFee {
        /// Per cent of its part.
        percent: Decimal,
    },
    /// A member of the consortium that sold: its part of the vendor's part.
    Consortium {
        /// Per cent of the vendor's part.
        percent: Decimal,
        /// The vendor's part, less a data fee.
        of: Money,
    },
    /// An institution: its part of the pool.
    Pool {
        /// Its weight.
        weight: u128,
        /// The weight of all institutions.
        of: u128,
        /// What the weights count.
        unit: PoolWeight,
    },
    /// The base operator: the pool stays with it, for no institution has a weight.
    PoolUnassigned {
        /// What there is none of.
        unit: PoolWeight,
    },
}

/// A part that cannot be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The share rule has no split for it.
    #[error("the share rule has no split for {charge_kind} (data of a provider: {with_provider})")]
    NoSplit {
        /// What was charged.
        charge_kind: ChargeKind,
        /// Whether the data are a data provider's.
        with_provider: bool,
    },
    /// The split names the data provider, but there is none: the rule was not checked at publication.
    #[error("the split of {charge_kind} names a data provider where there is none")]
    NoProvider {
        /// What was charged.
        charge_kind: ChargeKind,
    },
    /// The percentages cannot be used: the rule was not checked at publication.
    #[error("the percentages of the split cannot be used")]
    Percentages(#[from] AllocationError),
    /// An amount does not fit, or is in another currency.
    #[error("the shares cannot be counted")]
    Amount(#[from] MoneyError),
}

impl ShareLine {
    /// Why the party gets it, for people: such as "70 % of the rest".
    pub fn reason(&self) -> String {
        match self.stage {
            Stage::Charge | Stage::Pool => self.why.to_string(),
            Stage::DataFee => format!("of the data fee: {}", self.why),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed => f.write_str("fixed part"),
            Self::Percentage { percent } => write!(f, "{percent} % of the rest"),
            Self::Minimum { minimum } => write!(f, "raised to the minimum of {minimum}"),
            Self::Shortfall => f.write_str("bears what minimums lacked"),
            Self::Cap { cap } => write!(f, "cut to the cap of {cap}"),
            Self::Excess => f.write_str("gets what caps left"),
            Self::DataFee { percent } => write!(f, "pays a data fee of {percent} %"),
            Self::Consortium { percent, of } => write!(f, "{percent} % of the consortium's part of {of}"),
            Self::Pool { weight, of, unit } => write!(f, "institutions' pool, {weight} of {of} {unit}"),
            Self::PoolUnassigned { unit } => write!(f, "institutions' pool, unassigned: no {unit}"),
        }
    }
}
