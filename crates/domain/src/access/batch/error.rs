//! What can be wrong with a report of usage, whoever sends it.

use std::fmt;

use crate::access::{MOST_COUNTS, MOST_RECORDS};

/// Why a report of usage is malformed. The whole call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Epochs count from 1.
    #[error("an epoch is at least 1")]
    EpochZero,
    /// Nothing is reported.
    #[error("a report has at least one record")]
    NoRecords,
    /// More is reported than one event holds.
    #[error("a report has at most {MOST_RECORDS} records")]
    TooManyRecords,
    /// More counts than one event holds.
    #[error("a report has at most {MOST_COUNTS} institution counts")]
    TooManyCounts,
    /// A dictionary is longer than any report needs.
    #[error("{dictionary} has {entries} entries, at most {most} are allowed")]
    TooManyEntries {
        /// The dictionary.
        dictionary: Dictionary,
        /// How many entries it has.
        entries: usize,
        /// How many it may have.
        most: usize,
    },
    /// A dictionary names something twice.
    #[error("entry {index} of {dictionary} stands there before")]
    EntryTwice {
        /// The dictionary.
        dictionary: Dictionary,
        /// The index of the second one.
        index: usize,
    },
    /// A record is malformed.
    #[error("record {index}: {rule}")]
    Record {
        /// Its index in the call.
        index: usize,
        /// The rule that it breaks.
        rule: RecordRule,
    },
    /// An institution count is malformed.
    #[error("institution count {index}: {rule}")]
    Count {
        /// Its index in the call.
        index: usize,
        /// The rule that it breaks.
        rule: CountRule,
    },
}

/// What is listed once, so that records need but an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dictionary {
    /// The datasets.
    Datasets,
    /// The viewers.
    Viewers,
    /// The orders.
    Orders,
    /// The institutions.
    Institutions,
}

impl Dictionary {
    /// The field of a request that holds it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Datasets => "dataset_ids",
            Self::Viewers => "viewer_ids",
            Self::Orders => "order_ids",
            Self::Institutions => "institution_ids",
        }
    }
}

impl fmt::Display for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field())
    }
}

/// A rule that a record breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordRule {
    /// Sequences count from 1.
    #[error("a sequence is at least 1")]
    SequenceZero,
    /// It points outside the datasets.
    #[error("its dataset is not in the dictionary")]
    DatasetIndex,
    /// It points outside the viewers.
    #[error("its viewer is not in the dictionary")]
    ViewerIndex,
    /// It points outside the orders.
    #[error("its order is not in the dictionary")]
    OrderIndex,
    /// It does not say what was done, or names an export, which no meter sees.
    #[error("a record names the right browse, simple analysis or detailed analysis")]
    Right,
    /// It used nothing.
    #[error("a record is of at least one case")]
    NoCases,
    /// Its time is outside the calendar.
    #[error("its time is out of range")]
    OccurredAt,
    /// Its counts do not sum to its cases.
    #[error("its institution counts do not sum to its cases")]
    CountsDoNotSum,
}

impl RecordRule {
    /// The field of a record that breaks it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::SequenceZero => "sequence",
            Self::DatasetIndex => "dataset",
            Self::ViewerIndex => "viewer",
            Self::OrderIndex => "order",
            Self::Right => "right",
            Self::NoCases | Self::CountsDoNotSum => "cases",
            Self::OccurredAt => "occurred_at_us",
        }
    }
}

/// A rule that an institution count breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CountRule {
    /// It points outside the records.
    #[error("its record is not in the report")]
    RecordIndex,
    /// It points outside the institutions.
    #[error("its institution is not in the dictionary")]
    InstitutionIndex,
    /// It counts nothing.
    #[error("a count is of at least one case")]
    NoCases,
    /// The institution was counted for the same record before.
    #[error("its institution is counted for that record before")]
    InstitutionTwice,
}

impl CountRule {
    /// The field of a count that breaks it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::RecordIndex => "record",
            Self::InstitutionIndex | Self::InstitutionTwice => "institution",
            Self::NoCases => "cases",
        }
    }
}
