//! What makes two records of one key the same (requirements §2.3).

use crate::{
    access::{Batch, InstitutionCases, UsageRecorded},
    id::{DatasetId, OrderId, PersonId},
    terms::Right,
};

/// The content of a record: every field but occurred-at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Content<'a> {
    /// What was used.
    pub dataset: DatasetId,
    /// Who used it.
    pub viewer: PersonId,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// What was done.
    pub right: Right,
    /// To how many cases.
    pub cases: u32,
    /// The number of the admission that it names; 0: none.
    pub admission: u64,
    /// How many cases came from which institution, sorted by institution; empty if that is not known.
    pub institutions: &'a [InstitutionCases],
}

impl Batch {
    /// The content of the record at an index inside the batch.
    pub(super) fn content(&self, index: usize) -> Content<'_> {
        let record = &self.records[index];
        Content {
            dataset: self.datasets[usize::from(record.dataset)],
            viewer: self.viewers[usize::from(record.viewer)],
            order: record.order.map(|order| self.orders[usize::from(order)]),
            right: record.right,
            cases: record.cases,
            admission: record.settles,
            institutions: self.counts.of(index),
        }
    }
}

impl UsageRecorded {
    /// The content of the row at an index inside the event.
    pub(super) fn content(&self, index: usize) -> Content<'_> {
        let parts = self.parts();
        let row = &parts.rows[index];
        Content {
            dataset: parts.datasets[usize::from(row.dataset)].dataset,
            viewer: parts.viewers[usize::from(row.viewer)],
            order: row.order.map(|order| parts.orders[usize::from(order)]),
            right: row.right,
            cases: row.cases,
            admission: self.named(index).map_or(0, |named| named.admission),
            institutions: parts.counts.of(index),
        }
    }
}
