//! The checks that need nothing but the report itself.

use super::{
    Batch, BatchError, BatchHeader, CountRule, CountedRow, Counts, Dictionary, InstitutionCases, MOST_COUNTS,
    MOST_ENTRIES, MOST_RECORDS, Record, RecordRule, ReportedCount, ReportedRecord,
};
use crate::{
    id::{Id, OrganisationId},
    terms::Right,
    time::Timestamp,
};

pub(super) fn check(
    header: BatchHeader,
    reported: impl IntoIterator<Item = ReportedRecord>,
    counts: impl IntoIterator<Item = ReportedCount>,
) -> Result<Batch, BatchError> {
    check_header(&header)?;
    let sizes = Sizes {
        datasets: header.datasets.len() as u32,
        viewers: header.viewers.len() as u32,
        orders: header.orders.len() as u32,
    };
    let reported = reported.into_iter();
    let mut records = Vec::with_capacity(reported.size_hint().0.min(MOST_RECORDS));
    let (mut settling, mut increasing, mut latest, mut last) = (vec![], true, Timestamp::MIN, 0);
    for (index, record) in reported.enumerate() {
        if index == MOST_RECORDS {
            return Err(BatchError::TooManyRecords);
        }
        let record = check_record(&sizes, record).map_err(|rule| BatchError::Record { index, rule })?;
        if record.settles > 0 {
            settling.push(index as u32);
        }
        increasing &= record.sequence > last;
        last = record.sequence;
        latest = latest.max(record.occurred_at);
        records.push(record);
    }
    if records.is_empty() {
        return Err(BatchError::NoRecords);
    }
    let counts = check_counts(&records, &header.institutions, counts)?;
    Ok(Batch {
        source: header.source,
        epoch: header.epoch,
        datasets: header.datasets.into(),
        viewers: header.viewers.into(),
        orders: header.orders.into(),
        records,
        settling,
        counts,
        increasing,
        latest,
    })
}

/// How long the dictionaries are to which records point.
struct Sizes {
    datasets: u32,
    viewers: u32,
    orders: u32,
}

fn check_header(header: &BatchHeader) -> Result<(), BatchError> {
    if header.epoch == 0 {
        return Err(BatchError::EpochZero);
    }
    check_dictionary(Dictionary::Datasets, &header.datasets)?;
    check_dictionary(Dictionary::Viewers, &header.viewers)?;
    check_dictionary(Dictionary::Orders, &header.orders)?;
    check_dictionary(Dictionary::Institutions, &header.institutions)
}

fn check_dictionary<K>(dictionary: Dictionary, entries: &[Id<K>]) -> Result<(), BatchError> {
    if entries.len() > MOST_ENTRIES {
        return Err(BatchError::TooManyEntries { dictionary, entries: entries.len(), most: MOST_ENTRIES });
    }
    // Dictionaries that come sorted, as a careful source sends them, need no second look.
    if entries.windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(());
    }
    let mut sorted: Vec<(Id<K>, usize)> = entries.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    match sorted.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).min() {
        Some(index) => Err(BatchError::EntryTwice { dictionary, index }),
        None => Ok(()),
    }
}

fn check_record(sizes: &Sizes, record: ReportedRecord) -> Result<Record, RecordRule> {
    if record.sequence == 0 {
        return Err(RecordRule::SequenceZero);
    }
    if record.dataset >= sizes.datasets {
        return Err(RecordRule::DatasetIndex);
    }
    if record.viewer >= sizes.viewers {
        return Err(RecordRule::ViewerIndex);
    }
    if record.order > sizes.orders {
        return Err(RecordRule::OrderIndex);
    }
    if record.cases == 0 {
        return Err(RecordRule::NoCases);
    }
    let right = match record.right {
        Some(right @ (Right::Browse | Right::SimpleAnalysis | Right::DetailedAnalysis)) => right,
        Some(Right::Export) | None => return Err(RecordRule::Right),
    };
    Ok(Record {
        sequence: record.sequence,
        occurred_at: Timestamp::from_micros(record.occurred_at_us).ok_or(RecordRule::OccurredAt)?,
        settles: record.settles_admission,
        cases: record.cases,
        // Dictionaries have at most 5,000 entries.
        dataset: record.dataset as u16,
        viewer: record.viewer as u16,
        order: record.order.checked_sub(1).map(|order| order as u16),
        right,
    })
}

fn check_counts(
    records: &[Record],
    institutions: &[OrganisationId],
    reported: impl IntoIterator<Item = ReportedCount>,
) -> Result<Counts, BatchError> {
    let mut sorted: Vec<(u32, InstitutionCases, usize)> = vec![];
    for (index, count) in reported.into_iter().enumerate() {
        if index == MOST_COUNTS {
            return Err(BatchError::TooManyCounts);
        }
        let refused = |rule| BatchError::Count { index, rule };
        if count.record as usize >= records.len() {
            return Err(refused(CountRule::RecordIndex));
        }
        let institution = institutions.get(count.institution as usize);
        let institution = *institution.ok_or_else(|| refused(CountRule::InstitutionIndex))?;
        if count.cases == 0 {
            return Err(refused(CountRule::NoCases));
        }
        sorted.push((count.record, InstitutionCases { institution, cases: count.cases }, index));
    }
    // The order of a record's counts carries no meaning: sorted, equal contents are equal values.
    sorted.sort_unstable_by_key(|(record, part, index)| (*record, part.institution, *index));
    let same = |one: &(u32, InstitutionCases, usize), other: &(u32, InstitutionCases, usize)| {
        one.0 == other.0 && one.1.institution == other.1.institution
    };
    let twice = sorted.windows(2).filter(|pair| same(&pair[0], &pair[1])).map(|pair| pair[1].2).min();
    if let Some(index) = twice {
        return Err(BatchError::Count { index, rule: CountRule::InstitutionTwice });
    }
    grouped(records, &sorted)
}

/// Groups sorted counts by record and checks their sums.
fn grouped(records: &[Record], sorted: &[(u32, InstitutionCases, usize)]) -> Result<Counts, BatchError> {
    let mut counts = Counts::default();
    for group in sorted.chunk_by(|one, other| one.0 == other.0) {
        let Some((row, ..)) = group.first() else { continue };
        let sum: u64 = group.iter().map(|(_, part, _)| u64::from(part.cases)).sum();
        if records.get(*row as usize).is_none_or(|record| u64::from(record.cases) != sum) {
            return Err(BatchError::Record { index: *row as usize, rule: RecordRule::CountsDoNotSum });
        }
        let start = counts.cases.len() as u32;
        counts.cases.extend(group.iter().map(|(_, part, _)| *part));
        counts.rows.push(CountedRow { row: *row, start, end: counts.cases.len() as u32 });
    }
    Ok(counts)
}
