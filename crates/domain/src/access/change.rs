//! What an event changes in the uses that stand: the one iterator for folds, whatever brought the use about.

use crate::{
    access::{
        AdmittedUse, Event, InstitutionCases, Period, QuotaKey, ReplacedUse, UsageRecorded, state::counts,
    },
    id::{DatasetId, OrderId},
    terms::{DatasetClass, Right, Verdict},
    time::Timestamp,
};

/// Whether a use stands from now on, or stands no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It stands.
    Added,
    /// It stands no more: it was settled by another, or reversed.
    TakenBack,
}

/// A use that an event adds or takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'e> {
    /// Which of the two.
    pub sign: Sign,
    /// The use.
    pub of: StandingUse<'e>,
}

/// A use as charges and shares know it. Views and admissions, settled or not, and metered records all look
/// alike here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingUse<'e> {
    /// What was done.
    pub right: Right,
    /// How it stood to the terms.
    pub verdict: Verdict,
    /// To how many cases; 1 for a view.
    pub cases: u32,
    /// The number of the dataset's freeze; `None` before the first.
    pub freeze: Option<u32>,
    /// The dataset.
    pub dataset: DatasetId,
    /// Its class.
    pub class: &'e DatasetClass,
    /// Where its cases count; `None`: no terms were agreed for its time.
    pub period: Option<&'e Period>,
    /// The instant that decides its month.
    pub occurred_at: Timestamp,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// Cases per institution, sorted by institution; empty if that is not known.
    pub institutions: &'e [InstitutionCases],
}

impl StandingUse<'_> {
    /// The quota against which the use counts, if it does: an analysis within the terms, over quota or not.
    pub fn quota(&self) -> Option<QuotaKey> {
        let period = self.period?.quota_period;
        counts(self.right, self.verdict).then_some(QuotaKey { period, right: self.right })
    }
}

impl Change<'_> {
    /// By how many cases more, or fewer, a quota is used since.
    pub fn used(&self, quota: QuotaKey) -> i64 {
        let cases = if self.of.quota() == Some(quota) { i64::from(self.of.cases) } else { 0 };
        match self.sign {
            Sign::Added => cases,
            Sign::TakenBack => -cases,
        }
    }
}

impl Event {
    /// What the event changes in the uses that stand, in order. Conflicts and refusals change nothing.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let single = match self {
            Self::DatasetViewed(admitted) | Self::AnalysisAdmitted(admitted) => {
                Some(Change { sign: Sign::Added, of: StandingUse::from(admitted) })
            }
            Self::UsageReversed(event) => {
                Some(Change { sign: Sign::TakenBack, of: StandingUse::from(&event.reversed) })
            }
            Self::SourceRegistered(_) | Self::AccessDenied(_) | Self::UsageRecorded(_) => None,
        };
        let recorded = match self {
            Self::UsageRecorded(event) => Some(event.changes()),
            Self::SourceRegistered(_)
            | Self::DatasetViewed(_)
            | Self::AnalysisAdmitted(_)
            | Self::AccessDenied(_)
            | Self::UsageReversed(_) => None,
        };
        single.into_iter().chain(recorded.into_iter().flatten())
    }
}

impl UsageRecorded {
    /// What the rows change in the uses that stand, in order: each that is no conflict adds its own, and one
    /// that settles an admission takes that back first.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let parts = self.parts();
        // Side tables are in the order of the rows, so one pass beside them is enough.
        let mut named = parts.named.iter().peekable();
        let mut counts = parts.counts.iter().peekable();
        parts.rows.iter().enumerate().flat_map(move |(index, row)| {
            let named = named.next_if(|named| named.row as usize == index);
            let replaced = named.and_then(|named| named.replaced.as_ref());
            let institutions = counts.next_if(|(row, _)| *row == index).map_or(&[][..], |(_, cases)| cases);
            let entry = self.dataset(row);
            let added = row.conflict.is_none().then(|| StandingUse {
                right: row.right,
                verdict: row.verdict,
                cases: row.cases,
                freeze: entry.freeze,
                dataset: entry.dataset,
                class: &entry.class,
                period: self.period(row),
                occurred_at: replaced.map_or(row.occurred_at, |replaced| replaced.occurred_at),
                order: self.order(row),
                institutions,
            });
            let taken_back = replaced.map(|of| Change { sign: Sign::TakenBack, of: of.into() });
            taken_back.into_iter().chain(added.map(|of| Change { sign: Sign::Added, of }))
        })
    }
}

impl<'e> From<&'e AdmittedUse> for StandingUse<'e> {
    fn from(admitted: &'e AdmittedUse) -> Self {
        Self {
            right: admitted.right,
            verdict: Verdict::InScope,
            cases: admitted.cases,
            freeze: admitted.freeze,
            dataset: admitted.dataset,
            class: &admitted.class,
            period: Some(&admitted.period),
            occurred_at: admitted.at,
            order: admitted.order,
            institutions: &[],
        }
    }
}

impl<'e> From<&'e ReplacedUse> for StandingUse<'e> {
    fn from(replaced: &'e ReplacedUse) -> Self {
        Self {
            right: replaced.right,
            verdict: replaced.verdict,
            cases: replaced.cases,
            freeze: replaced.freeze,
            dataset: replaced.dataset,
            class: &replaced.class,
            period: replaced.period.as_ref(),
            occurred_at: replaced.occurred_at,
            order: replaced.order,
            institutions: &replaced.institutions,
        }
    }
}
