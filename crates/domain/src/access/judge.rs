//! How each metered record stands to the terms in force when it occurred.
//!
//! This is the hottest code of the platform: terms and freezes are looked up once per stretch in which they do
//! not change, and nothing is allocated per record.

use std::collections::BTreeSet;

use crate::{
    access::{
        Access, Batch, ConflictReason, Counts, DatasetEntry, NamedAdmission, OpenAdmission, Period,
        Rejection, ReplacedUse, ReportUsage, UsageParts, UsageRecorded, UsageRow,
    },
    contract::{Limit, Quota, Standing, Stretch, Timeline},
    dataset::RegisteredDataset,
    terms::{Right, Verdict},
    time::Timestamp,
};

/// Judges the records of one report in order.
pub(super) struct Judge<'c> {
    state: &'c Access,
    command: &'c ReportUsage,
    batch: &'c Batch,
    timeline: Option<&'c Timeline>,
    datasets: Vec<&'c RegisteredDataset>,
    /// The stretches of the contract that records fell into so far, and the last one of them that did.
    terms: Vec<TermsStretch>,
    current: usize,
    /// For each dataset the freeze into which its last record fell.
    freezes: Vec<FreezeStretch>,
    entries: Vec<DatasetEntry>,
    periods: Vec<Period>,
    /// The cases that count in each period, of simple and of detailed analyses.
    used: Vec<[u64; 2]>,
    rows: Vec<UsageRow>,
    named: Vec<NamedAdmission>,
    counts: Counts,
    settled: BTreeSet<u64>,
}

/// What the contract grants from one change to the next.
struct TermsStretch {
    from: Timestamp,
    until: Option<Timestamp>,
    /// The verdict on everything, if the contract is not in force.
    not_in_force: Option<Verdict>,
    period: Option<u16>,
    /// By the index of the batch's datasets: whether its class is covered.
    covered: Vec<bool>,
    /// Of simple and of detailed analyses.
    quotas: [Quota; 2],
}

/// The freeze of one dataset from one release to the next.
struct FreezeStretch {
    from: Timestamp,
    until: Option<Timestamp>,
    entry: u16,
    /// The entries that stand for other freezes of the dataset.
    entries: Vec<(Option<u32>, u16)>,
}

/// How a record is judged, beside when and what.
#[derive(Clone, Copy)]
enum Counting {
    /// Its cases count.
    Counted,
    /// It is a conflict: it is judged, but does not count.
    Aside,
    /// It settles an admission: its cases count, and so many of them were admitted.
    Settling(u32),
}

impl<'c> Judge<'c> {
    pub(super) fn new(state: &'c Access, command: &'c ReportUsage) -> Result<Self, Rejection> {
        let batch = &*command.batch;
        let mut datasets = Vec::with_capacity(batch.datasets.len());
        for (index, dataset) in batch.datasets.iter().enumerate() {
            let known = command.datasets.get(index).and_then(|known| known.registered());
            let known = known.filter(|known| known.id == *dataset);
            datasets.push(known.ok_or(Rejection::UnknownDataset { index, dataset: *dataset })?);
        }
        let nothing =
            || FreezeStretch { from: Timestamp::MAX, until: Some(Timestamp::MIN), entry: 0, entries: vec![] };
        Ok(Self {
            state,
            command,
            batch,
            timeline: command.contract.contract.timeline(),
            freezes: datasets.iter().map(|_| nothing()).collect(),
            entries: Vec::with_capacity(datasets.len()),
            datasets,
            terms: vec![],
            current: 0,
            periods: vec![],
            used: vec![],
            rows: Vec::with_capacity(batch.len()),
            named: vec![],
            counts: Counts::default(),
            settled: BTreeSet::new(),
        })
    }

    /// Takes every record as new.
    pub(super) fn take_all(&mut self) {
        for index in 0..self.batch.records.len() {
            self.take_new(index);
        }
    }

    /// Takes a record under a key that was not seen before.
    pub(super) fn take_new(&mut self, index: usize) {
        match self.batch.records[index].settles {
            0 => {
                let occurred_at = self.batch.records[index].occurred_at;
                self.push(index, occurred_at, Counting::Counted, None);
            }
            admission => self.take_settling(index, admission),
        }
    }

    /// Takes a record that is stored for showing only.
    pub(super) fn take_conflict(&mut self, index: usize, reason: ConflictReason) {
        let record = &self.batch.records[index];
        if record.settles > 0 {
            self.name(record.settles, None);
        }
        self.push(index, record.occurred_at, Counting::Aside, Some(reason));
    }

    /// What the report leaves behind; nothing if no record was taken.
    pub(super) fn finish(self) -> Option<UsageRecorded> {
        if self.rows.is_empty() {
            return None;
        }
        Some(UsageRecorded::judged(UsageParts {
            source: self.batch.source(),
            epoch: self.batch.epoch(),
            contract_revision: self.command.contract.revision,
            reported_at: self.command.at,
            datasets: self.entries,
            viewers: self.batch.viewers.clone(),
            orders: self.batch.orders.clone(),
            periods: self.periods,
            rows: self.rows,
            named: self.named,
            counts: self.counts,
        }))
    }

    fn take_settling(&mut self, index: usize, admission: u64) {
        let open = match self.settlement_of(admission) {
            Ok(open) => open,
            Err(reason) => return self.take_conflict(index, reason),
        };
        let admitted = &open.admitted;
        self.give_back(admitted);
        self.settled.insert(admission);
        self.name(admission, Some(admitted.clone()));
        // The record belongs to the admission's period, and so is judged by the terms of that instant.
        let same_right = admitted.right == self.batch.records[index].right;
        let counting = Counting::Settling(if same_right { admitted.cases } else { 0 });
        self.push(index, admitted.occurred_at, counting, None);
        let period = admitted.period.as_ref().map(|period| self.period(period));
        if let Some(row) = self.rows.last_mut() {
            row.period = period;
        }
    }

    /// The admission that a new record may settle, or why it may not.
    fn settlement_of(&self, admission: u64) -> Result<&'c OpenAdmission, ConflictReason> {
        if self.settled.contains(&admission) || self.state.settled.contains(admission) {
            return Err(ConflictReason::AlreadySettled);
        }
        if self.state.reversed.contains(admission) {
            return Err(ConflictReason::AdmissionReversed);
        }
        let open = self.state.open.get(&admission);
        open.filter(|open| self.command.at <= open.settle_until).ok_or(ConflictReason::SettlementLate)
    }

    fn name(&mut self, admission: u64, replaced: Option<ReplacedUse>) {
        self.named.push(NamedAdmission { row: self.rows.len() as u32, admission, replaced });
    }

    fn give_back(&mut self, admitted: &ReplacedUse) {
        if let (Some(period), Some(column)) = (&admitted.period, column(admitted.right)) {
            let period = usize::from(self.period(period));
            self.used[period][column] = self.used[period][column].saturating_sub(u64::from(admitted.cases));
        }
    }

    /// Judges a record as of an instant and adds its row.
    fn push(
        &mut self,
        index: usize,
        instant: Timestamp,
        counting: Counting,
        conflict: Option<ConflictReason>,
    ) {
        let record = self.batch.records[index];
        let dataset = usize::from(record.dataset);
        if !holds(self.freezes[dataset].from, self.freezes[dataset].until, instant) {
            self.find_freeze(dataset, instant);
        }
        if !self.terms.get(self.current).is_some_and(|terms| holds(terms.from, terms.until, instant)) {
            self.find_terms(instant);
        }
        let terms = &self.terms[self.current];
        let verdict = terms.verdict(&mut self.used, dataset, record.right, record.cases, counting);
        if !self.batch.counts.is_empty() {
            self.counts.push(self.rows.len(), self.batch.counts.of(index));
        }
        self.rows.push(UsageRow {
            sequence: record.sequence,
            occurred_at: record.occurred_at,
            cases: record.cases,
            dataset: self.freezes[dataset].entry,
            viewer: record.viewer,
            order: record.order,
            period: terms.period,
            right: record.right,
            verdict,
            conflict,
        });
    }

    #[cold]
    fn find_freeze(&mut self, dataset: usize, instant: Timestamp) {
        let known = self.datasets[dataset];
        let (freeze, from, until) = known.freeze_stretch_at(instant);
        let number = freeze.map(|freeze| freeze.number);
        let stretch = &mut self.freezes[dataset];
        let entry = stretch.entries.iter().find(|(freeze, _)| *freeze == number).map(|(_, entry)| *entry);
        let entry = entry.unwrap_or_else(|| {
            // At most one entry a record, so the index fits.
            let entry = self.entries.len() as u16;
            let class = known.description.class.clone();
            self.entries.push(DatasetEntry { dataset: known.id, class, freeze: number });
            stretch.entries.push((number, entry));
            entry
        });
        (stretch.from, stretch.until, stretch.entry) = (from, until, entry);
    }

    #[cold]
    fn find_terms(&mut self, instant: Timestamp) {
        let known = self.terms.iter().position(|terms| holds(terms.from, terms.until, instant));
        self.current = known.unwrap_or_else(|| {
            let terms = match self.timeline {
                Some(timeline) => self.terms_of(timeline.stretch_at(instant)),
                None => TermsStretch::never_signed(),
            };
            self.terms.push(terms);
            self.terms.len() - 1
        });
    }

    fn terms_of(&mut self, stretch: Stretch<'_>) -> TermsStretch {
        let not_in_force = match stretch.standing {
            Standing::InForce { .. } => None,
            Standing::NotActive(_) => Some(Verdict::OutsideContract),
            Standing::Expired { .. } | Standing::Terminated { .. } => Some(Verdict::AfterExpiry),
        };
        let (from, until) = (stretch.from, stretch.until);
        let Some((phase, quota_period)) = stretch.agreed else {
            return TermsStretch { from, until, not_in_force, ..TermsStretch::never_signed() };
        };
        let (classes, quotas) = (&phase.terms.dataset_classes, &phase.terms.quotas);
        let covered = self.datasets.iter().map(|known| classes.contains(&known.description.class)).collect();
        TermsStretch {
            from,
            until,
            not_in_force,
            period: Some(self.period(&Period { quota_period, tier: phase.terms.tier.clone() })),
            covered,
            quotas: [quotas.simple_analysis, quotas.detailed_analysis],
        }
    }

    /// The index of a period, with what has been used in it so far.
    fn period(&mut self, period: &Period) -> u16 {
        let known = self.periods.iter().position(|known| known == period);
        // At most two periods a record, its own and that of what it settles, so the index fits.
        known.unwrap_or_else(|| {
            let used = |right| self.state.used(period.quota_period, right);
            self.used.push([used(Right::SimpleAnalysis), used(Right::DetailedAnalysis)]);
            self.periods.push(period.clone());
            self.periods.len() - 1
        }) as u16
    }
}

impl TermsStretch {
    /// What a contract grants that not every party has signed.
    const fn never_signed() -> Self {
        Self {
            from: Timestamp::MIN,
            until: None,
            not_in_force: Some(Verdict::OutsideContract),
            period: None,
            covered: vec![],
            quotas: [Quota::NONE; 2],
        }
    }

    fn verdict(
        &self,
        used: &mut [[u64; 2]],
        dataset: usize,
        right: Right,
        cases: u32,
        counting: Counting,
    ) -> Verdict {
        if let Some(verdict) = self.not_in_force {
            return verdict;
        }
        let (true, Some(period)) = (self.covered[dataset], self.period) else {
            return Verdict::OutsideContract;
        };
        let Some(column) = column(right) else { return Verdict::InScope };
        let quota = self.quotas[column];
        if quota.cases_per_year == Limit::Cases(0) {
            return Verdict::OutsideContract;
        }
        let counted = &mut used[usize::from(period)][column];
        let total = counted.saturating_add(u64::from(cases));
        let admitted = match counting {
            Counting::Counted => 0,
            Counting::Settling(admitted) => admitted,
            Counting::Aside => 0,
        };
        match counting {
            Counting::Counted | Counting::Settling(_) => *counted = total,
            Counting::Aside => {}
        }
        let beyond = !quota.cases_per_year.admits(total) || !quota.max_cases_per_run.admits(u64::from(cases));
        if beyond && cases > admitted { Verdict::OverQuota } else { Verdict::InScope }
    }
}

/// Where the cases of a right count; `None`: nowhere.
const fn column(right: Right) -> Option<usize> {
    match right {
        Right::SimpleAnalysis => Some(0),
        Right::DetailedAnalysis => Some(1),
        Right::Browse | Right::Export => None,
    }
}

fn holds(from: Timestamp, until: Option<Timestamp>, instant: Timestamp) -> bool {
    from <= instant && until.is_none_or(|until| instant < until)
}
