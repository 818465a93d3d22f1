//! What is known of the use under one contract: what decisions need, and nothing per record.

use std::collections::BTreeMap;

use crate::{
    access::{AdmittedUse, Batch, IntervalSet, Repeats, ReplacedUse, Run, StandingUse},
    contract::{Contract, Limit, QuotaPeriod},
    id::SourceId,
    terms::{Right, Verdict},
    text::Name,
    time::Timestamp,
};

/// All use under one contract. It begins with its first event; before that nothing has been used.
///
/// The fields are open so that `events` can give the state a form outside; only `evolve` changes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// The number of the newest admission; 0 before the first.
    pub last_admission: u64,
    /// Admissions that may still be settled, by number. What is past its time leaves when a later event
    /// passes by.
    pub open: BTreeMap<u64, OpenAdmission>,
    /// The numbers of admissions that a record has settled.
    pub settled: IntervalSet,
    /// The numbers of admissions that were reversed.
    pub reversed: IntervalSet,
    /// Cases that count against quotas; no entry for none.
    pub used: BTreeMap<QuotaKey, u64>,
    /// The meters.
    pub sources: BTreeMap<SourceId, Source>,
}

/// Against what cases count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaKey {
    /// The segment and contract year.
    pub period: QuotaPeriod,
    /// Simple or detailed analysis.
    pub right: Right,
}

/// An admission that may still be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAdmission {
    /// The use that stands until then.
    pub admitted: ReplacedUse,
    /// The last instant at which it may be settled.
    pub settle_until: Timestamp,
}

/// A meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// When it was entered.
    pub registered_at: Timestamp,
    /// What it has sent, by epoch.
    pub epochs: BTreeMap<u32, Meter>,
}

/// What a source has sent in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The sequences that were seen.
    pub seen: IntervalSet,
    /// Those whose record was reversed.
    pub reversed: IntervalSet,
    /// How many records were stored because another content stands under their key.
    pub conflicts: u64,
    /// When its last report with anything new came in.
    pub last_reported_at: Timestamp,
}

/// What is left of one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemainingQuota {
    /// Simple or detailed analysis.
    pub right: Right,
    /// How many cases; nothing at all rather than a negative number where meters went beyond.
    pub cases: Limit,
}

impl Access {
    /// The cases that count against a quota.
    pub fn used(&self, period: QuotaPeriod, right: Right) -> u64 {
        self.used.get(&QuotaKey { period, right }).copied().unwrap_or(0)
    }

    /// What is left of the quotas agreed for an instant, suspended or not; empty before the start and after the
    /// end of the contract.
    pub fn remaining(&self, contract: &Contract, at: Timestamp) -> Vec<RemainingQuota> {
        let agreed = contract.timeline().and_then(|timeline| timeline.stretch_at(at).agreed);
        let Some((phase, period)) = agreed else { return vec![] };
        let left = |right| {
            let cases = match phase.terms.quotas.of(right)?.cases_per_year {
                Limit::Cases(limit) => Limit::Cases(limit.saturating_sub(self.used(period, right))),
                Limit::Unlimited => Limit::Unlimited,
            };
            Some(RemainingQuota { right, cases })
        };
        Right::ALL.iter().copied().filter_map(left).collect()
    }

    /// The meter of a source in an epoch, if it has sent anything.
    pub fn meter(&self, source: SourceId, epoch: u32) -> Option<&Meter> {
        self.sources.get(&source)?.epochs.get(&epoch)
    }

    /// The keys of a batch under which something stands already: their records must be looked up before the
    /// batch can be decided.
    pub fn repeats(&self, batch: &Batch) -> Repeats {
        let Some(meter) = self.meter(batch.source(), batch.epoch()) else { return Repeats::default() };
        let mut sequences: Vec<u64> = if meter.all_after(batch) {
            vec![]
        } else {
            batch.sequences().filter(|sequence| meter.seen.contains(*sequence)).collect()
        };
        sequences.sort_unstable();
        sequences.dedup();
        Repeats { sequences, conflicts: meter.conflicts }
    }
}

impl Source {
    /// The highest epoch in which it has sent anything.
    pub fn newest_epoch(&self) -> Option<u32> {
        self.epochs.last_key_value().map(|(epoch, _)| *epoch)
    }

    /// When its last report with anything new came in, in whatever epoch.
    pub fn last_reported_at(&self) -> Option<Timestamp> {
        self.epochs.values().map(|meter| meter.last_reported_at).max()
    }
}

impl Meter {
    /// One past the highest sequence seen.
    pub fn next_sequence(&self) -> u64 {
        self.seen.max().unwrap_or(0).saturating_add(1)
    }

    /// The sequences below the highest one that never came.
    pub fn gaps(&self) -> impl Iterator<Item = Run> + '_ {
        self.seen.gaps(1)
    }

    /// Whether each sequence of a batch is certain to be new, because it lies above all that were seen.
    pub(super) fn all_after(&self, batch: &Batch) -> bool {
        batch.increasing
            && batch
                .sequences()
                .next()
                .is_some_and(|first| first >= self.next_sequence() && !self.seen.contains(first))
    }
}

impl ReplacedUse {
    /// The quota against which the use counts, if it does: an analysis within the terms, over quota or not.
    pub fn quota(&self) -> Option<QuotaKey> {
        StandingUse::from(self).quota()
    }
}

impl From<&AdmittedUse> for ReplacedUse {
    fn from(admitted: &AdmittedUse) -> Self {
        Self {
            right: admitted.right,
            dataset: admitted.dataset,
            class: admitted.class.clone(),
            freeze: admitted.freeze,
            cases: admitted.cases,
            period: Some(admitted.period.clone()),
            verdict: Verdict::InScope,
            occurred_at: admitted.at,
            order: admitted.order,
            institutions: vec![],
        }
    }
}

/// Whether a use counts against a quota.
pub(super) const fn counts(right: Right, verdict: Verdict) -> bool {
    matches!(right, Right::SimpleAnalysis | Right::DetailedAnalysis)
        && matches!(verdict, Verdict::InScope | Verdict::OverQuota)
}
