//! What a line holds.

use domain::{
    id::{DatasetId, OrganisationId},
    terms::Verdict,
};

/// What tells the cases of one line apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell {
    /// The dataset.
    pub dataset: DatasetId,
    /// The number of its freeze at the time of the use; `None` before the first.
    pub freeze: Option<u32>,
    /// How the use stood to the terms.
    pub verdict: Verdict,
}

/// What a line holds: cases and records, never yen. What has come to nothing is not there, so that equal
/// content is equal whatever led to it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Totals {
    /// Uses that stand: admissions that are not settled, and records.
    records: i64,
    /// Sorted by cell.
    cells: Vec<(Cell, i64)>,
    /// Sorted.
    counted: Vec<((Cell, OrganisationId), i64)>,
}

impl Totals {
    /// How many uses stand.
    pub const fn records(&self) -> i64 {
        self.records
    }

    /// The cases by cell, sorted.
    pub fn cells(&self) -> &[(Cell, i64)] {
        &self.cells
    }

    /// Of those cases, the ones of which the usage itself said from which institution they came; sorted.
    pub fn counted(&self) -> &[((Cell, OrganisationId), i64)] {
        &self.counted
    }

    /// The cases used with one of these verdicts.
    pub fn cases(&self, mut counts: impl FnMut(Verdict) -> bool) -> i64 {
        let cells = self.cells.iter().filter(|(cell, _)| counts(cell.verdict));
        cells.fold(0, |sum, (_, cases)| sum.wrapping_add(*cases))
    }

    /// What it holds of these verdicts, records left out.
    pub fn only(&self, mut counts: impl FnMut(Verdict) -> bool) -> Self {
        let cells = self.cells.iter().filter(|(cell, _)| counts(cell.verdict)).copied().collect();
        let counted = self.counted.iter().filter(|((cell, _), _)| counts(cell.verdict)).copied().collect();
        Self { records: 0, cells, counted }
    }

    /// The same with one more use.
    pub fn with_use(mut self, cell: Cell, cases: u32) -> Self {
        self.add_records(1);
        self.add_cases(cell, cases.into());
        self
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.cells.is_empty() && self.counted.is_empty()
    }

    /// Adds what another holds.
    pub fn add_all(&mut self, other: &Self) {
        self.add_records(other.records);
        for (cell, cases) in &other.cells {
            self.add_cases(*cell, *cases);
        }
        for ((cell, institution), cases) in &other.counted {
            self.add_counted(*cell, *institution, *cases);
        }
    }

    // Sums wrap rather than fail: no log can hold so many cases, and folds are total.

    pub(super) fn add_records(&mut self, records: i64) {
        self.records = self.records.wrapping_add(records);
    }

    pub(super) fn add_cases(&mut self, cell: Cell, cases: i64) {
        add(&mut self.cells, cell, cases);
    }

    pub(super) fn add_counted(&mut self, cell: Cell, institution: OrganisationId, cases: i64) {
        add(&mut self.counted, (cell, institution), cases);
    }
}

fn add<K: Ord + Copy>(sums: &mut Vec<(K, i64)>, key: K, more: i64) {
    if more == 0 {
        return;
    }
    match sums.binary_search_by(|(other, _)| other.cmp(&key)) {
        Ok(at) => {
            let sum = sums[at].1.wrapping_add(more);
            if sum == 0 {
                sums.remove(at);
            } else {
                sums[at].1 = sum;
            }
        }
        Err(at) => sums.insert(at, (key, more)),
    }
}
