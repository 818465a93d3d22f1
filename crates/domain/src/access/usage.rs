//! What one report left behind: dictionaries, and one small row a record.

use std::sync::Arc;

use crate::{
    access::{ConflictReason, Content, Counts, InstitutionCases, MOST_RECORDS, Period},
    id::{DatasetId, OrderId, PersonId, SourceId},
    terms::{DatasetClass, Right, Verdict},
    time::Timestamp,
};

/// What one report of one source left behind: at least one row, and every index inside its dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecorded {
    parts: UsageParts,
}

/// The parts of [`UsageRecorded`], open to all readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageParts {
    /// The source.
    pub source: SourceId,
    /// Its epoch, from 1.
    pub epoch: u32,
    /// The revision of the contract by which the rows were judged.
    pub contract_revision: u64,
    /// When the report came in.
    pub reported_at: Timestamp,
    /// The datasets to which rows point; a dataset stands here once for each freeze.
    pub datasets: Vec<DatasetEntry>,
    /// The people to whom rows point.
    pub viewers: Arc<[PersonId]>,
    /// The orders to which rows point.
    pub orders: Arc<[OrderId]>,
    /// The periods to which rows point.
    pub periods: Vec<Period>,
    /// One row for each record that was new, or in conflict for the first time; in the order of the report.
    pub rows: Vec<UsageRow>,
    /// The rows that name an admission, in order.
    pub named: Vec<NamedAdmission>,
    /// Cases per institution, of the rows that know them.
    pub counts: Counts,
}

/// A dataset, and its freeze at the time of the use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetEntry {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its class.
    pub class: DatasetClass,
    /// The number of the freeze; `None` before the first.
    pub freeze: Option<u32>,
}

/// One record as it was stored. It occurred in the month of its own `occurred_at`, unless it settles an
/// admission: then it belongs to the admission's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRow {
    /// Its number in the source and epoch.
    pub sequence: u64,
    /// When it occurred, as reported.
    pub occurred_at: Timestamp,
    /// To how many cases something was done, at least 1.
    pub cases: u32,
    /// Index into the datasets.
    pub dataset: u16,
    /// Index into the viewers.
    pub viewer: u16,
    /// Index into the orders.
    pub order: Option<u16>,
    /// Index into the periods; `None`: no terms were agreed for its time.
    pub period: Option<u16>,
    /// What was done.
    pub right: Right,
    /// How it stood to the terms.
    pub verdict: Verdict,
    /// Why it is a conflict, if it is one: then it is shown, but neither billed nor counted.
    pub conflict: Option<ConflictReason>,
}

/// That a row names an admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAdmission {
    /// The index of the row.
    pub row: u32,
    /// The number of the admission, from 1.
    pub admission: u64,
    /// The use that the row replaces; `None` exactly if the row is a conflict and so replaces nothing.
    pub replaced: Option<ReplacedUse>,
}

/// A use that stood and stands no more: what a settlement replaces, or a reversal takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedUse {
    /// What was done.
    pub right: Right,
    /// The dataset.
    pub dataset: DatasetId,
    /// Its class.
    pub class: DatasetClass,
    /// The number of its freeze; `None` before the first.
    pub freeze: Option<u32>,
    /// To how many cases.
    pub cases: u32,
    /// Where they counted; `None`: no terms were agreed for its time.
    pub period: Option<Period>,
    /// How it stood to the terms.
    pub verdict: Verdict,
    /// The instant that decided its month and period.
    pub occurred_at: Timestamp,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// Cases per institution, sorted by institution; empty if that was not known.
    pub institutions: Vec<InstitutionCases>,
}

/// Parts that do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct Inconsistent {
    /// The index of the row.
    pub row: usize,
    /// What does not fit.
    pub what: &'static str,
}

impl UsageRecorded {
    /// Puts parts together, unless they do not fit: every reader relies on that.
    pub fn new(parts: UsageParts) -> Result<Self, Inconsistent> {
        check(&parts)?;
        Ok(Self { parts })
    }

    /// What the judge made of a well-formed batch needs no second check.
    pub(super) const fn judged(parts: UsageParts) -> Self {
        Self { parts }
    }

    /// Its parts.
    pub const fn parts(&self) -> &UsageParts {
        &self.parts
    }

    /// The admission that a row names, if it names one.
    pub fn named(&self, row: usize) -> Option<&NamedAdmission> {
        let named = &self.parts.named;
        if named.is_empty() {
            return None;
        }
        named.binary_search_by_key(&row, |named| named.row as usize).ok().and_then(|at| named.get(at))
    }

    /// The dataset of a row of this event.
    pub fn dataset(&self, row: &UsageRow) -> &DatasetEntry {
        &self.parts.datasets[usize::from(row.dataset)]
    }

    /// The period of a row of this event.
    pub fn period(&self, row: &UsageRow) -> Option<&Period> {
        row.period.map(|period| &self.parts.periods[usize::from(period)])
    }

    /// The order of a row of this event.
    pub fn order(&self, row: &UsageRow) -> Option<OrderId> {
        row.order.map(|order| self.parts.orders[usize::from(order)])
    }

    /// The content of a row, or `None` outside the rows.
    pub fn content_of(&self, row: usize) -> Option<Content<'_>> {
        (row < self.parts.rows.len()).then(|| self.content(row))
    }

    /// The instant that decides a row's month and period: the admission's if it settles one, or else its own.
    pub fn counts_at(&self, index: usize, row: &UsageRow) -> Timestamp {
        let replaced = self.named(index).and_then(|named| named.replaced.as_ref());
        replaced.map_or(row.occurred_at, |replaced| replaced.occurred_at)
    }

    /// The use of a row as a later reversal would take it back; `None` for a conflict, which never stood, and
    /// outside the rows.
    pub fn standing_use(&self, index: usize) -> Option<ReplacedUse> {
        let row = self.parts.rows.get(index).filter(|row| row.conflict.is_none())?;
        let entry = self.dataset(row);
        Some(ReplacedUse {
            right: row.right,
            dataset: entry.dataset,
            class: entry.class.clone(),
            freeze: entry.freeze,
            cases: row.cases,
            period: self.period(row).cloned(),
            verdict: row.verdict,
            occurred_at: self.counts_at(index, row),
            order: self.order(row),
            institutions: self.parts.counts.of(index).to_vec(),
        })
    }
}

fn check(parts: &UsageParts) -> Result<(), Inconsistent> {
    let wrong = |row, what| Err(Inconsistent { row, what });
    if parts.rows.is_empty() || parts.rows.len() > MOST_RECORDS {
        return wrong(parts.rows.len(), "an event has 1 to 5,000 rows");
    }
    let (datasets, viewers) = (parts.datasets.len(), parts.viewers.len());
    let (orders, periods) = (parts.orders.len(), parts.periods.len());
    let fits = |index: Option<u16>, length| index.is_none_or(|index| usize::from(index) < length);
    for (index, row) in parts.rows.iter().enumerate() {
        if usize::from(row.dataset) >= datasets || usize::from(row.viewer) >= viewers {
            return wrong(index, "its dataset or viewer is not in the dictionary");
        }
        if !fits(row.order, orders) || !fits(row.period, periods) {
            return wrong(index, "its order or period is not in the dictionary");
        }
        if row.sequence == 0 || row.cases == 0 {
            return wrong(index, "its sequence or cases are zero");
        }
    }
    check_named(parts)?;
    for (index, counts) in parts.counts.iter() {
        let sum: u64 = counts.iter().map(|part| u64::from(part.cases)).sum();
        if parts.rows.get(index).is_none_or(|row| u64::from(row.cases) != sum) {
            return wrong(index, "its institution counts do not sum to its cases");
        }
    }
    Ok(())
}

fn check_named(parts: &UsageParts) -> Result<(), Inconsistent> {
    let mut next = 0;
    for named in &parts.named {
        let index = named.row as usize;
        let what = match parts.rows.get(index) {
            None => "an admission is named by a row that is not there",
            Some(_) if index < next => "the rows that name admissions are not in order",
            Some(_) if named.admission == 0 => "admissions count from 1",
            Some(row) if row.conflict.is_some() != named.replaced.is_none() => {
                "a row replaces a use exactly if it names an admission and is no conflict"
            }
            Some(_) => {
                next = index + 1;
                continue;
            }
        };
        return Err(Inconsistent { row: index, what });
    }
    Ok(())
}
