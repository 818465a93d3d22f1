//! Where records stand: a table on disk that finds the old reports of repeats. One row a run of sequences,
//! never one a record; rebuilt from the log at will.

use std::collections::BTreeMap;

use domain::{
    access::{AdmittedUse, ConflictReason, Event, UsageRecorded},
    id::{ContractId, SourceId},
};
use engine::{Fold, HistoryRow, Store, StoreError};
use events::{Category, Defect, Recorded};

/// The index. In memory are only the rows that have not been handed to the disk yet.
#[derive(Default)]
pub struct UsageIndex {
    fresh: BTreeMap<(Vec<u8>, u64), Vec<u8>>,
}

/// A run of records of one event.
pub(crate) struct RunFound {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) position: u64,
}

/// The first byte of a key.
const RUN: u8 = b'r';
const CONFLICT: u8 = b'c';
const ADMISSION: u8 = b'a';

impl UsageIndex {
    /// The run that holds the record with a sequence.
    pub(crate) fn run(
        &self,
        store: &Store,
        source: SourceId,
        epoch: u32,
        sequence: u64,
    ) -> Result<Option<RunFound>, StoreError> {
        let first = record_key(RUN, source, epoch, 0);
        let last = record_key(RUN, source, epoch, sequence);
        let fresh = self.fresh.range((first.clone(), 0)..=(last.clone(), u64::MAX)).next_back();
        let fresh = fresh.map(|((key, position), value)| (key.clone(), *position, value.clone()));
        let kept = store.greatest_row(&first, &last)?.map(|row| (row.key, row.position, row.value));
        // Runs do not overlap, so the one that starts last below the sequence is the only candidate.
        let candidate = fresh.into_iter().chain(kept).max();
        Ok(candidate.and_then(|(key, position, value)| {
            let (first, last) = (ending(&key)?, ending(&value)?);
            (sequence <= last).then_some(RunFound { first, last, position })
        }))
    }

    /// The events that hold conflicts under a sequence.
    pub(crate) fn conflicts(
        &self,
        store: &Store,
        source: SourceId,
        epoch: u32,
        sequence: u64,
    ) -> Result<Vec<u64>, StoreError> {
        let key = record_key(CONFLICT, source, epoch, sequence);
        let mut positions: Vec<u64> =
            store.rows(&key, 0, u64::MAX)?.into_iter().map(|row| row.position).collect();
        let fresh = self.fresh.range((key.clone(), 0)..=(key, u64::MAX));
        positions.extend(fresh.map(|((_, position), _)| *position));
        Ok(positions)
    }

    /// The event that holds an admission.
    pub(crate) fn admission(
        &self,
        store: &Store,
        contract: ContractId,
        number: u64,
    ) -> Result<Option<u64>, StoreError> {
        let key = admission_key(contract, number);
        let mut fresh = self.fresh.range((key.clone(), 0)..=(key.clone(), u64::MAX));
        if let Some(((_, position), _)) = fresh.next() {
            return Ok(Some(*position));
        }
        Ok(store.last_row(&key, u64::MAX)?.map(|row| row.position))
    }

    fn add_usage(&mut self, position: u64, recorded: &UsageRecorded) {
        let parts = recorded.parts();
        let (source, epoch) = (parts.source, parts.epoch);
        let mut run: Option<(u64, u64)> = None;
        let mut runs = Vec::new();
        for row in &parts.rows {
            if row.conflict == Some(ConflictReason::Content) {
                self.fresh.insert((record_key(CONFLICT, source, epoch, row.sequence), position), Vec::new());
                continue;
            }
            run = match run {
                Some((first, last)) if last.checked_add(1) == Some(row.sequence) => {
                    Some((first, row.sequence))
                }
                ended => {
                    runs.extend(ended);
                    Some((row.sequence, row.sequence))
                }
            };
        }
        runs.extend(run);
        for (first, last) in runs {
            let key = record_key(RUN, source, epoch, first);
            self.fresh.insert((key, position), last.to_be_bytes().to_vec());
        }
    }

    fn add_admission(&mut self, contract: Option<ContractId>, position: u64, admitted: &AdmittedUse) {
        if let Some(contract) = contract {
            self.fresh.insert((admission_key(contract, admitted.number), position), Vec::new());
        }
    }
}

impl Fold for UsageIndex {
    const NAME: &'static str = "usage-index";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Access];

    fn apply(&mut self, event: &Recorded) {
        let events::Event::Access(access) = &event.event else { return };
        let position = event.position.0;
        match access {
            Event::UsageRecorded(recorded) => self.add_usage(position, recorded),
            Event::DatasetViewed(admitted) | Event::AnalysisAdmitted(admitted) => {
                self.add_admission(event.stream.id().parse().ok(), position, admitted);
            }
            Event::SourceRegistered(_) | Event::AccessDenied(_) | Event::UsageReversed(_) => {}
        }
    }

    /// Everything is in the table.
    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }

    fn decode(_bytes: &[u8]) -> Result<Self, Defect> {
        Ok(Self::default())
    }

    fn take_history(&mut self) -> Vec<HistoryRow> {
        std::mem::take(&mut self.fresh)
            .into_iter()
            .map(|((key, position), value)| HistoryRow { key, position, value })
            .collect()
    }
}

fn record_key(kind: u8, source: SourceId, epoch: u32, sequence: u64) -> Vec<u8> {
    [&[kind][..], &source.to_bytes(), &epoch.to_be_bytes(), &sequence.to_be_bytes()].concat()
}

fn admission_key(contract: ContractId, number: u64) -> Vec<u8> {
    [&[ADMISSION][..], &contract.to_bytes(), &number.to_be_bytes()].concat()
}

/// The number in the last eight bytes.
fn ending(bytes: &[u8]) -> Option<u64> {
    bytes.last_chunk().copied().map(u64::from_be_bytes)
}
