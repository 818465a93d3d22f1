//! How events change what is known of the use under a contract.

use crate::{
    access::{
        Access, AdmittedUse, ConflictReason, Event, IntervalSet, Meter, OpenAdmission, QuotaKey, ReplacedUse,
        ReversalTarget, Run, Source, UsageRecorded, UsageReversed, state::counts,
    },
    terms::Right,
    time::Timestamp,
};

pub(super) fn evolve(mut state: Access, event: &Event) -> Access {
    match event {
        Event::SourceRegistered(event) => {
            let source =
                Source { name: event.name.clone(), registered_at: event.at, epochs: Default::default() };
            state.sources.insert(event.source, source);
            state.forget_late(event.at);
        }
        Event::DatasetViewed(event) | Event::AnalysisAdmitted(event) => state.admit(event),
        Event::AccessDenied(event) => state.forget_late(event.at),
        Event::UsageRecorded(event) => state.record(event),
        Event::UsageReversed(event) => state.reverse(event),
    }
    state
}

impl Access {
    fn admit(&mut self, event: &AdmittedUse) {
        let admitted = ReplacedUse::from(event);
        self.forget_late(event.at);
        self.last_admission = event.number;
        self.add(&admitted);
        self.open.insert(event.number, OpenAdmission { admitted, settle_until: event.settle_until });
    }

    fn record(&mut self, event: &UsageRecorded) {
        self.forget_late(event.parts().reported_at);
        self.count(event);
        for named in &event.parts().named {
            if let Some(replaced) = &named.replaced {
                self.take_back(replaced);
                self.open.remove(&named.admission);
                self.settled.insert(named.admission);
            }
        }
        self.remember(event);
    }

    /// Counts the cases of the rows, summed up by period and right first.
    fn count(&mut self, event: &UsageRecorded) {
        let parts = event.parts();
        let mut sums = vec![[0u64; 2]; parts.periods.len()];
        for row in &parts.rows {
            if let Some(period) =
                row.period.filter(|_| row.conflict.is_none() && counts(row.right, row.verdict))
            {
                let column = usize::from(row.right == Right::DetailedAnalysis);
                sums[usize::from(period)][column] += u64::from(row.cases);
            }
        }
        for (period, sums) in parts.periods.iter().zip(sums) {
            for (right, sum) in [Right::SimpleAnalysis, Right::DetailedAnalysis].into_iter().zip(sums) {
                self.add_cases(QuotaKey { period: period.quota_period, right }, sum);
            }
        }
    }

    /// Remembers which sequences have been seen.
    fn remember(&mut self, event: &UsageRecorded) {
        let parts = event.parts();
        // No history has usage of a source that was never registered; a fold must be total all the same.
        let Some(source) = self.sources.get_mut(&parts.source) else { return };
        let meter = source.epochs.entry(parts.epoch).or_insert_with(|| Meter {
            seen: IntervalSet::default(),
            reversed: IntervalSet::default(),
            conflicts: 0,
            last_reported_at: parts.reported_at,
        });
        meter.last_reported_at = meter.last_reported_at.max(parts.reported_at);
        let conflicts = parts.rows.iter().filter(|row| row.conflict == Some(ConflictReason::Content)).count();
        meter.conflicts += conflicts as u64;
        let mut runs = runs(event);
        if !runs.is_sorted() {
            runs.sort_unstable();
        }
        meter.seen.insert_sorted(&runs);
    }

    fn reverse(&mut self, event: &UsageReversed) {
        self.forget_late(event.at);
        self.take_back(&event.reversed);
        match event.target {
            ReversalTarget::Admission(number) => {
                self.open.remove(&number);
                self.reversed.insert(number);
            }
            ReversalTarget::Record(key) => {
                let source = self.sources.get_mut(&key.source);
                if let Some(meter) = source.and_then(|source| source.epochs.get_mut(&key.epoch)) {
                    meter.reversed.insert(key.sequence);
                }
            }
        }
    }

    /// Lets go of admissions that stand as admitted, oldest first: one that may be settled longer than those
    /// after it holds them back, which costs memory but no truth.
    fn forget_late(&mut self, now: Timestamp) {
        while self.open.first_key_value().is_some_and(|(_, open)| open.settle_until < now) {
            self.open.pop_first();
        }
    }

    fn add(&mut self, added: &ReplacedUse) {
        if let Some(quota) = added.quota() {
            self.add_cases(quota, u64::from(added.cases));
        }
    }

    fn add_cases(&mut self, quota: QuotaKey, cases: u64) {
        if cases > 0 {
            let used = self.used.entry(quota).or_default();
            *used = used.saturating_add(cases);
        }
    }

    fn take_back(&mut self, replaced: &ReplacedUse) {
        let Some(quota) = replaced.quota() else { return };
        if let Some(used) = self.used.get_mut(&quota) {
            *used = used.saturating_sub(u64::from(replaced.cases));
            if *used == 0 {
                self.used.remove(&quota);
            }
        }
    }
}

/// The sequences of an event in runs, in the order of the rows.
fn runs(event: &UsageRecorded) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    for row in &event.parts().rows {
        match runs.last_mut() {
            Some(run) if run.last.checked_add(1) == Some(row.sequence) => run.last = row.sequence,
            _ => runs.push(Run { first: row.sequence, last: row.sequence }),
        }
    }
    runs
}
