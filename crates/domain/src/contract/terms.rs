//! What a contract is about: its kind, its term, what it grants.

use std::{collections::BTreeSet, fmt, str::FromStr};

use money::Money;

use crate::{
    country::Country,
    id::{OrganisationId, PersonId},
    organisation::Capacity,
    terms::{ChargeKind, DatasetClass, PriceBookChoice, Purpose, Right, ShareRuleChoice, Tier},
    time::Timestamp,
};

/// With whom a contract is made, and so what it is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContractKind {
    /// A member buys access and services.
    Member,
    /// A vendor lists services.
    VendorParticipation,
    /// An investor sees deal flow.
    Investor,
    /// A medical institution supplies cases and specimens.
    Supply,
    /// A biobank or group offers datasets of its own.
    DataProvider,
}

impl ContractKind {
    /// All of them, in order.
    pub const ALL: &'static [Self] =
        &[Self::Member, Self::VendorParticipation, Self::Investor, Self::Supply, Self::DataProvider];

    /// The name in texts for people and in canonical forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::VendorParticipation => "vendor-participation",
            Self::Investor => "investor",
            Self::Supply => "supply",
            Self::DataProvider => "data-provider",
        }
    }

    /// Whether its terms must name a class of datasets. Members come for the data. The others may come without
    /// using any; if they do use some, as a vendor does in its services, their terms name the classes like a
    /// member's, and what they do not name is not covered.
    pub const fn must_name_dataset_classes(self) -> bool {
        match self {
            Self::Member => true,
            Self::VendorParticipation | Self::Investor | Self::Supply | Self::DataProvider => false,
        }
    }

    /// The capacity that an applicant must hold.
    pub const fn applicant_capacity(self) -> Capacity {
        match self {
            Self::Member => Capacity::Member,
            Self::VendorParticipation => Capacity::Vendor,
            Self::Investor => Capacity::Investor,
            Self::Supply => Capacity::MedicalInstitution,
            Self::DataProvider => Capacity::DataProvider,
        }
    }
}

impl fmt::Display for ContractKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no kind of contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such kind of contract")]
pub struct UnknownKind;

impl FromStr for ContractKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

/// A stretch of time `[starts_at, ends_at)`, never empty.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Term {
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl Term {
    /// The term, unless it would hold no instant.
    pub fn new(starts_at: Timestamp, ends_at: Timestamp) -> Result<Self, InvalidTerm> {
        if starts_at < ends_at {
            Ok(Self { starts_at, ends_at })
        } else {
            Err(InvalidTerm { starts_at, ends_at })
        }
    }

    /// Its first instant.
    pub const fn starts_at(&self) -> Timestamp {
        self.starts_at
    }

    /// The first instant after it.
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }
}

/// A term that holds no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a term must end after it starts, but {ends_at} is not after {starts_at}")]
pub struct InvalidTerm {
    /// Where it would start.
    pub starts_at: Timestamp,
    /// Where it would end.
    pub ends_at: Timestamp,
}

/// How many cases, at most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Limit {
    /// So many; none if zero.
    Cases(u64),
    /// As many as there are.
    Unlimited,
}

impl Limit {
    /// Whether so many cases are within the limit.
    pub const fn admits(self, cases: u64) -> bool {
        match self {
            Self::Cases(most) => cases <= most,
            Self::Unlimited => true,
        }
    }
}

/// How many cases may be analysed with one right (requirements §2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quota {
    /// Cases of all runs of a contract year within one segment.
    pub cases_per_year: Limit,
    /// Cases of one run.
    pub max_cases_per_run: Limit,
}

impl Quota {
    /// No case at all.
    pub const NONE: Self = Self { cases_per_year: Limit::Cases(0), max_cases_per_run: Limit::Cases(0) };
    /// No bound.
    pub const UNLIMITED: Self =
        Self { cases_per_year: Limit::Unlimited, max_cases_per_run: Limit::Unlimited };
}

/// The quotas of the two rights that have one. Browsing is free, and an export is bounded by its approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quotas {
    /// For simple analyses.
    pub simple_analysis: Quota,
    /// For detailed analyses.
    pub detailed_analysis: Quota,
}

impl Quotas {
    /// The quota of a right, or `None` if the right has none and so no bound.
    pub const fn of(&self, right: Right) -> Option<Quota> {
        match right {
            Right::SimpleAnalysis => Some(self.simple_analysis),
            Right::DetailedAnalysis => Some(self.detailed_analysis),
            Right::Browse | Right::Export => None,
        }
    }
}

/// What the parties of a contract agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The level of membership.
    pub tier: Tier,
    /// From when until when.
    pub term: Term,
    /// What the data may be used for.
    pub purposes: BTreeSet<Purpose>,
    /// Which classes of datasets may be used; none, if the contract is for no use of data
    /// ([`ContractKind::must_name_dataset_classes`]).
    pub dataset_classes: BTreeSet<DatasetClass>,
    /// From which countries the data may be used, remote access included.
    pub countries: BTreeSet<Country>,
    /// How many cases may be analysed.
    pub quotas: Quotas,
    /// What use costs.
    pub price_book: PriceBookChoice,
    /// Who gets how much of it.
    pub share_rule: ShareRuleChoice,
    /// What is paid in a contract year at least; that of the terms in force when the year starts counts.
    pub minimum_commitment: Option<Commitment>,
    /// What a pause does to the contract fee.
    pub paused_fees: PausedFees,
}

/// What a member pays in a contract year at least (requirements §2.1: `commitment-true-up`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// For a whole contract year, above zero.
    pub amount: Money,
    /// The charges that count towards it; at least one.
    pub charge_kinds: BTreeSet<ChargeKind>,
}

impl Commitment {
    /// What counts towards a commitment that does not say it: metered use.
    pub fn counted_by_default() -> BTreeSet<ChargeKind> {
        BTreeSet::from([ChargeKind::data_usage()])
    }

    /// Whether charges of a kind can count: not what makes a commitment up, nor what is no charge at all.
    pub fn can_count(charge_kind: &ChargeKind) -> bool {
        ![ChargeKind::COMMITMENT_TRUE_UP, ChargeKind::PUBLICATION_INCENTIVE, ChargeKind::PUBLIC_FUNDING]
            .contains(&charge_kind.as_str())
    }
}

/// What a pause does to the contract fee.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum PausedFees {
    /// Nothing.
    #[default]
    GoOn,
    /// The fee of the paused days is given back (see [`FeeInstalment`](crate::contract::FeeInstalment)).
    ByDays,
}

/// How fast an application is reviewed (requirements §3.2). The lane changes the clock, never the criteria, and
/// reviewers do not see it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Lane {
    /// As it comes.
    #[default]
    Standard,
    /// Sooner, for the fee `expedited-review`, which falls due with the application.
    Expedited,
}

/// Who decides about an application: a person, for an organisation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reviewer {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The person.
    pub person: PersonId,
}
