//! The records that stand already under keys of a batch, and those that a reversal takes back.

use std::collections::HashMap;

use crate::{
    access::{AdmittedUse, ConflictReason, Content, InstitutionCases, ReplacedUse, UsageRecorded},
    id::{DatasetId, OrderId, PersonId},
    terms::{Right, Verdict},
    time::Timestamp,
};

/// The keys of a batch under which something stands already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repeats {
    /// Their sequences, sorted, none twice.
    pub sequences: Vec<u64>,
    /// How many conflicts the meter had stored when this was asked: by that the decision knows whether what
    /// was looked up is complete.
    pub conflicts: u64,
}

/// The records that stand already under keys of a batch: for each the first one, and every conflict that was
/// stored since.
///
/// Look up the [`Repeats`] of the batch, then [`add`](Self::add) each event that has rows of those sequences,
/// in the order of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earlier {
    repeats: Repeats,
    keys: HashMap<u64, EarlierKey>,
}

/// What stands under one key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct EarlierKey {
    /// The first record.
    pub(super) first: Option<EarlierRecord>,
    /// Others that were stored since, because their content is another.
    pub(super) conflicts: Vec<EarlierRecord>,
}

/// One record as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EarlierRecord {
    dataset: DatasetId,
    viewer: PersonId,
    order: Option<OrderId>,
    right: Right,
    cases: u32,
    admission: u64,
    institutions: Vec<InstitutionCases>,
    pub(super) occurred_at: Timestamp,
    pub(super) verdict: Verdict,
    /// Whether it was stored as a conflict itself, for what it wanted to settle.
    pub(super) conflicting: bool,
}

impl Earlier {
    /// Nothing looked up yet.
    pub fn new(repeats: Repeats) -> Self {
        Self { repeats, keys: HashMap::new() }
    }

    /// The sequences to look up, sorted.
    pub fn sequences(&self) -> &[u64] {
        &self.repeats.sequences
    }

    /// Takes what an event of the source and epoch holds under the keys that were asked for.
    pub fn add(&mut self, event: &UsageRecorded) {
        for (index, row) in event.parts().rows.iter().enumerate() {
            if self.repeats.sequences.binary_search(&row.sequence).is_err() {
                continue;
            }
            let record = EarlierRecord::of(event, index);
            let key = self.keys.entry(row.sequence).or_default();
            if row.conflict == Some(ConflictReason::Content) {
                key.conflicts.push(record);
            } else {
                key.first = key.first.take().or(Some(record));
            }
        }
    }

    /// Whether every first record that was asked for has been found.
    pub fn is_complete(&self) -> bool {
        self.repeats.sequences.iter().all(|sequence| self.first(*sequence).is_some())
    }

    /// Whether no conflict has been stored since the repeats were asked for.
    pub(super) const fn is_current(&self, conflicts: u64) -> bool {
        self.repeats.conflicts == conflicts
    }

    pub(super) fn key(&self, sequence: u64) -> Option<&EarlierKey> {
        self.keys.get(&sequence)
    }

    pub(super) fn first(&self, sequence: u64) -> Option<&EarlierRecord> {
        self.key(sequence)?.first.as_ref()
    }
}

impl EarlierKey {
    /// The stored conflict with a content.
    pub(super) fn conflict(&self, content: &Content<'_>) -> Option<&EarlierRecord> {
        self.conflicts.iter().find(|stored| stored.content() == *content)
    }
}

impl EarlierRecord {
    fn of(event: &UsageRecorded, index: usize) -> Self {
        let (content, row) = (event.content(index), &event.parts().rows[index]);
        Self {
            dataset: content.dataset,
            viewer: content.viewer,
            order: content.order,
            right: content.right,
            cases: content.cases,
            admission: content.admission,
            institutions: content.institutions.to_vec(),
            occurred_at: row.occurred_at,
            verdict: row.verdict,
            conflicting: row.conflict.is_some(),
        }
    }

    pub(super) fn content(&self) -> Content<'_> {
        Content {
            dataset: self.dataset,
            viewer: self.viewer,
            order: self.order,
            right: self.right,
            cases: self.cases,
            admission: self.admission,
            institutions: &self.institutions,
        }
    }
}

/// What a reversal wants to take back, as it was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A use that stands, unless it was reversed before.
    Use(ReplacedUse),
    /// A record that never stood, because it was stored as a conflict.
    Conflict(ConflictReason),
}

impl Found {
    /// The first record under a sequence, if this event of its source and epoch holds it.
    pub fn in_usage(event: &UsageRecorded, sequence: u64) -> Option<Self> {
        let first = event
            .parts()
            .rows
            .iter()
            .enumerate()
            .find(|(_, row)| row.sequence == sequence && row.conflict != Some(ConflictReason::Content))?;
        match first.1.conflict {
            Some(reason) => Some(Self::Conflict(reason)),
            None => event.standing_use(first.0).map(Self::Use),
        }
    }
}

impl From<&AdmittedUse> for Found {
    fn from(admitted: &AdmittedUse) -> Self {
        Self::Use(admitted.into())
    }
}
