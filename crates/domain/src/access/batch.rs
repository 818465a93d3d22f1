//! What one call of one source reports, well-formed by type (requirements §2.3).

mod check;
mod error;

use std::sync::Arc;

use crate::{
    id::{DatasetId, OrderId, OrganisationId, PersonId, SourceId},
    terms::Right,
    time::Timestamp,
};

pub use error::{BatchError, CountRule, Dictionary, RecordRule};

/// The most records of one call.
pub const MOST_RECORDS: usize = 5_000;
/// The most entries of one dictionary of a call.
pub const MOST_ENTRIES: usize = 5_000;
/// The most cases per institution that one call may tell apart.
pub const MOST_COUNTS: usize = 20_000;

/// Which meter reports, and the dictionaries to which its records point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchHeader {
    /// The source.
    pub source: SourceId,
    /// How often the source has started to count anew, from 1.
    pub epoch: u32,
    /// The datasets used; none twice.
    pub datasets: Vec<DatasetId>,
    /// The people who used them; nobody twice.
    pub viewers: Vec<PersonId>,
    /// The orders for which they were used; none twice.
    pub orders: Vec<OrderId>,
    /// The institutions whose cases were used; none twice.
    pub institutions: Vec<OrganisationId>,
}

/// One metered use as it was reported, nothing of it checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedRecord {
    /// Its number in the source and epoch.
    pub sequence: u64,
    /// Index into the datasets.
    pub dataset: u32,
    /// Index into the viewers.
    pub viewer: u32,
    /// Index into the orders plus one; 0: none.
    pub order: u32,
    /// What was done; `None` if it was not named.
    pub right: Option<Right>,
    /// To how many cases.
    pub cases: u32,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub occurred_at_us: i64,
    /// The number of the admission that it settles; 0: none.
    pub settles_admission: u64,
}

/// Cases of one record that came from one institution, nothing of it checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedCount {
    /// Index into the records.
    pub record: u32,
    /// Index into the institutions.
    pub institution: u32,
    /// How many.
    pub cases: u32,
}

/// What one call of one source reports: at least one record, every index inside its dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    source: SourceId,
    epoch: u32,
    pub(super) datasets: Arc<[DatasetId]>,
    pub(super) viewers: Arc<[PersonId]>,
    pub(super) orders: Arc<[OrderId]>,
    pub(super) records: Vec<Record>,
    /// The indexes of the records that name an admission, in order.
    pub(super) settling: Vec<u32>,
    pub(super) counts: Counts,
    /// Whether each sequence is above the one before, so that no two can be the same.
    pub(super) increasing: bool,
    /// The latest occurred-at.
    pub(super) latest: Timestamp,
}

/// One metered use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) sequence: u64,
    pub(super) occurred_at: Timestamp,
    /// 0: none.
    pub(super) settles: u64,
    pub(super) cases: u32,
    pub(super) dataset: u16,
    pub(super) viewer: u16,
    pub(super) order: Option<u16>,
    pub(super) right: Right,
}

/// So many cases came from one institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstitutionCases {
    /// The institution.
    pub institution: OrganisationId,
    /// How many, at least one.
    pub cases: u32,
}

/// The cases per institution of those rows that know them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    pub(super) rows: Vec<CountedRow>,
    pub(super) cases: Vec<InstitutionCases>,
}

/// Where the counts of one row stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountedRow {
    pub(super) row: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Batch {
    /// Checks what was reported. Malformed input refuses the whole call and names the first fault found.
    pub fn new(
        header: BatchHeader,
        records: impl IntoIterator<Item = ReportedRecord>,
        counts: impl IntoIterator<Item = ReportedCount>,
    ) -> Result<Self, BatchError> {
        check::check(header, records, counts)
    }

    /// The source that reports.
    pub const fn source(&self) -> SourceId {
        self.source
    }

    /// Its epoch, from 1.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The datasets of its dictionary.
    pub fn datasets(&self) -> &[DatasetId] {
        &self.datasets
    }

    /// The orders of its dictionary.
    pub fn orders(&self) -> &[OrderId] {
        &self.orders
    }

    /// The sequences of its records, in order.
    pub fn sequences(&self) -> impl Iterator<Item = u64> + '_ {
        self.records.iter().map(|record| record.sequence)
    }

    /// How many records it has, at least one.
    #[allow(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.records.len()
    }
}

impl Counts {
    /// Whether no row knows its counts.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The counts of a row, sorted by institution; empty if it does not know them.
    pub fn of(&self, row: usize) -> &[InstitutionCases] {
        if self.rows.is_empty() {
            return &[];
        }
        match self.rows.binary_search_by_key(&row, |counted| counted.row as usize) {
            Ok(at) => self.slice(self.rows[at]),
            Err(_) => &[],
        }
    }

    /// The rows that know their counts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[InstitutionCases])> {
        self.rows.iter().map(|counted| (counted.row as usize, self.slice(*counted)))
    }

    /// Adds the counts of a row after those that are there. Nothing is added for a row without counts or one
    /// that is not after the last.
    pub fn push(&mut self, row: usize, cases: &[InstitutionCases]) {
        let after = self.rows.last().is_none_or(|last| (last.row as usize) < row);
        if after && !cases.is_empty() {
            let start = self.cases.len() as u32;
            self.cases.extend_from_slice(cases);
            self.rows.push(CountedRow { row: row as u32, start, end: self.cases.len() as u32 });
        }
    }

    fn slice(&self, counted: CountedRow) -> &[InstitutionCases] {
        self.cases.get(counted.start as usize..counted.end as usize).unwrap_or_default()
    }
}
