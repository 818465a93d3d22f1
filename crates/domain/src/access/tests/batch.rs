//! What makes a report malformed, each rule by itself.

use super::fixture::*;
use crate::{access::*, id::DatasetId, terms::Right};

fn counts(parts: &[(u32, u32, u32)]) -> Vec<ReportedCount> {
    let count = |(record, institution, cases): &(u32, u32, u32)| ReportedCount {
        record: *record,
        institution: *institution,
        cases: *cases,
    };
    parts.iter().map(count).collect()
}

#[test]
fn malformed_records_name_index_field_and_rule() {
    let good = record(1);
    for (bad, rule, field) in [
        (ReportedRecord { sequence: 0, ..good }, RecordRule::SequenceZero, "sequence"),
        (ReportedRecord { dataset: 2, ..good }, RecordRule::DatasetIndex, "dataset"),
        (ReportedRecord { viewer: 2, ..good }, RecordRule::ViewerIndex, "viewer"),
        (ReportedRecord { order: 1, ..good }, RecordRule::OrderIndex, "order"),
        (ReportedRecord { right: None, ..good }, RecordRule::Right, "right"),
        (ReportedRecord { right: Some(Right::Export), ..good }, RecordRule::Right, "right"),
        (ReportedRecord { cases: 0, ..good }, RecordRule::NoCases, "cases"),
        (ReportedRecord { occurred_at_us: i64::MAX, ..good }, RecordRule::OccurredAt, "occurred_at_us"),
    ] {
        let refused = Batch::new(header(1), [record(1), bad], []);
        assert_eq!(refused, Err(BatchError::Record { index: 1, rule }));
        assert_eq!(rule.field(), field);
    }
}

#[test]
fn malformed_counts_name_index_and_rule() {
    for (bad, rule) in [
        ((2, 0, 1), CountRule::RecordIndex),
        ((0, 2, 1), CountRule::InstitutionIndex),
        ((0, 0, 0), CountRule::NoCases),
        ((1, 1, 4), CountRule::InstitutionTwice),
    ] {
        let refused = Batch::new(header(1), [record(1), record(2)], counts(&[(1, 1, 6), bad]));
        assert_eq!(refused, Err(BatchError::Count { index: 1, rule }));
    }
    let refused = Batch::new(header(1), [record(1), record(2)], counts(&[(0, 0, 10), (1, 1, 6), (1, 0, 5)]));
    assert_eq!(refused, Err(BatchError::Record { index: 1, rule: RecordRule::CountsDoNotSum }));
}

#[test]
fn malformed_calls() {
    let twice = BatchHeader { datasets: [3, 1, 2, 1, 3].map(DatasetId::from_u128).into(), ..header(1) };
    let long: Vec<_> = (0..=MOST_ENTRIES as u128).map(DatasetId::from_u128).collect();
    let entries = long.len();
    let too_long = BatchHeader { datasets: long, ..header(1) };
    let (dictionary, most) = (Dictionary::Datasets, MOST_ENTRIES);
    for (header, records, error) in [
        (header(0), vec![record(1)], BatchError::EpochZero),
        (header(1), vec![], BatchError::NoRecords),
        (header(1), (1..=5_001).map(record).collect(), BatchError::TooManyRecords),
        (twice, vec![record(1)], BatchError::EntryTwice { dictionary, index: 3 }),
        (too_long, vec![record(1)], BatchError::TooManyEntries { dictionary, entries, most }),
    ] {
        assert_eq!(Batch::new(header, records, []), Err(error));
    }
    let many = vec![ReportedCount { record: 0, institution: 0, cases: 1 }; MOST_COUNTS + 1];
    assert_eq!(Batch::new(header(1), [record(1)], many), Err(BatchError::TooManyCounts));
    assert_eq!(Batch::new(header(1), (1..=5_000).map(record), []).unwrap().len(), MOST_RECORDS);
}

#[test]
fn what_only_the_state_knows_is_malformed_too() {
    let world = World::new();
    let report = |batch| world.reporting(contract(), batch, NOW);
    let elsewhere = BatchHeader { source: crate::id::SourceId::from_u128(2), ..header(1) };
    let elsewhere = Batch::new(elsewhere, [record(1)], []).unwrap().into();
    let future = ReportedRecord { occurred_at_us: NOW + 1, ..record(2) };
    let unknown = ReportedRecord { settles_admission: 1, ..record(2) };
    let missing = ReportUsage { datasets: datasets()[..1].to_vec(), ..report(batch(&[record(1)])) };
    for (command, rejection) in [
        (report(elsewhere), Rejection::UnknownSource { source_id: crate::id::SourceId::from_u128(2) }),
        (
            report(batch(&[record(1), future])),
            Rejection::OccurredInFuture { index: 1, occurred_at: at(NOW + 1), now: at(NOW) },
        ),
        (
            report(batch(&[record(1), unknown])),
            Rejection::UnknownSettledAdmission { index: 1, admission: 1, newest: 0 },
        ),
        (missing, Rejection::UnknownDataset { index: 1, dataset: DatasetId::from_u128(2) }),
    ] {
        assert_eq!(world.decide(Command::ReportUsage(command)), Err(rejection));
    }
}
