//! What has happened under one contract.

use crate::{
    access::{DenialReason, UsageRecorded, usage::ReplacedUse},
    contract::QuotaPeriod,
    country::Country,
    id::{DatasetId, OrderId, PersonId, SourceId},
    terms::{DatasetClass, Purpose, Right, Tier},
    text::{Name, Reason},
    time::Timestamp,
};

/// An event of the use under one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A meter was entered.
    SourceRegistered(SourceRegistered),
    /// A dataset's description was looked at; the leave to do so is an admission.
    DatasetViewed(AdmittedUse),
    /// An analysis may begin; its cases are taken from the quota.
    AnalysisAdmitted(AdmittedUse),
    /// Use was refused before it began.
    AccessDenied(AccessDenied),
    /// A meter reported.
    UsageRecorded(UsageRecorded),
    /// A record or an admission was taken back.
    UsageReversed(UsageReversed),
}

/// A meter was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRegistered {
    /// Its id.
    pub source: SourceId,
    /// Its name.
    pub name: Name,
    /// When.
    pub at: Timestamp,
}

/// The segment and contract year to which a use belongs, and the tier of that time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Where its cases count.
    pub quota_period: QuotaPeriod,
    /// The tier.
    pub tier: Tier,
}

/// What an admission stands on and what it admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedUse {
    /// Its number: 1, 2, 3… for each contract, over views and analyses.
    pub number: u64,
    /// The revision of the contract on which it stood.
    pub contract_revision: u64,
    /// Where its cases count.
    pub period: Period,
    /// The dataset.
    pub dataset: DatasetId,
    /// Its class.
    pub class: DatasetClass,
    /// The number of its freeze in force; `None` before the first.
    pub freeze: Option<u32>,
    /// What may be done.
    pub right: Right,
    /// To how many cases; 1 for a view.
    pub cases: u32,
    /// Who uses it.
    pub viewer: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// From where.
    pub country: Country,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// When, and so the month and the period to which the use belongs.
    pub at: Timestamp,
    /// The last instant at which a metered record may settle it; after that it stands as admitted.
    pub settle_until: Timestamp,
    /// What is left of the quota after it; `None` if that is unlimited, as it is for views.
    pub remaining: Option<u64>,
}

/// Use was refused before it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDenied {
    /// Why: all reasons that apply, sorted, none twice, at least one.
    pub reasons: Vec<DenialReason>,
    /// The revision of the contract on which it stood.
    pub contract_revision: u64,
    /// The dataset.
    pub dataset: DatasetId,
    /// What was to be done.
    pub right: Right,
    /// To how many cases; 1 for a view.
    pub cases: u32,
    /// Who asked.
    pub viewer: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// From where.
    pub country: Country,
    /// When.
    pub at: Timestamp,
}

/// What a reversal takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversalTarget {
    /// The record with this key.
    Record(RecordKey),
    /// The unsettled admission with this number.
    Admission(u64),
}

/// The key of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The source.
    pub source: SourceId,
    /// Its epoch, from 1.
    pub epoch: u32,
    /// Its sequence, from 1.
    pub sequence: u64,
}

/// A record or an admission was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReversed {
    /// Which.
    pub target: ReversalTarget,
    /// Why.
    pub reason: Reason,
    /// The use that stands no more.
    pub reversed: ReplacedUse,
    /// When.
    pub at: Timestamp,
}
