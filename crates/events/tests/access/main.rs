//! Datasets and use in the log: golden bytes, everything reads back, nothing wrong is read, snapshots are
//! canonical.

mod fixture;
mod golden;
mod spoiled;

use domain::{
    access::*,
    id::OrganisationId,
    terms::{Right, Verdict},
    time::Timestamp,
};
use events::{Recordable, Snapshot};
use fixture::*;
use proptest::prelude::*;
use prost::Message;
use proto::kiban::access::v1 as form;

#[test]
fn the_columns_are_the_message_of_the_schema() {
    let bytes = recorded().encode();
    let message = form::UsageRecorded::decode(bytes.as_slice()).unwrap();
    assert_eq!(message.encode_to_vec(), bytes);
    assert_eq!(message.sequence_runs, [1, 2, 300, 1, 5, 1]);
    assert_eq!(message.right_and_verdict.as_ref(), [0x13, 0x13, 0x43, 0x13]);
    assert_eq!(message.occurred_at_delta_us, [5_000_000, -1_000_000, 1_000_000, 0]);
    assert_eq!((message.cases.as_slice(), message.dataset.as_slice()), (&[3; 4][..], &[1; 4][..]));
    assert_eq!((message.viewer.as_slice(), message.order.as_slice()), (&[0, 1, 0, 0][..], &[0, 1, 0, 0][..]));
    assert_eq!(message.period, [1, 1, 0, 2]);
    assert_eq!(message.conflicts, [form::ConflictRow { row: 3, reason: 2 }]);
    assert_eq!(
        (message.count_row, message.count_institution, message.count_cases),
        (vec![0, 0, 2], vec![0, 1, 1], vec![1, 2, 3])
    );
}

#[test]
fn snapshots_read_back_to_equal_bytes() {
    for length in 0..=history().len() {
        let state = folded(&history()[..length]);
        let bytes = state.encode();
        let read = Access::decode(&bytes).unwrap();
        assert_eq!(read, state);
        assert_eq!(read.encode(), bytes);
    }
}

fn any_row() -> impl Strategy<Value = UsageRow> {
    let right = prop::sample::select(Right::ALL);
    let verdict = prop::sample::select(Verdict::ALL);
    let sequence = prop_oneof![1..20u64, Just(u64::MAX), 1..u64::MAX];
    let micros = Timestamp::MIN.as_micros()..=Timestamp::MAX.as_micros();
    let conflict = prop::option::of(prop::sample::select(ConflictReason::ALL));
    let indexes = (0..2u16, 0..2u16, prop::option::of(0..1u16), prop::option::of(0..2u16));
    (sequence, micros, prop_oneof![Just(1), 1..u32::MAX], indexes, right, verdict, conflict).prop_map(
        |(sequence, micros, cases, (dataset, viewer, order, period), right, verdict, conflict)| UsageRow {
            sequence,
            occurred_at: at(micros),
            cases,
            dataset,
            viewer,
            order,
            period,
            right,
            verdict,
            conflict,
        },
    )
}

proptest! {
    #[test]
    fn every_report_reads_back(rows in prop::collection::vec((any_row(), 0..3u64), 1..40)) {
        let named = (0..).zip(&rows).filter(|(_, (_, admission))| *admission > 0).map(|(row, (of, admission))| {
            NamedAdmission { row, admission: *admission, replaced: of.conflict.is_none().then(replaced) }
        });
        let mut counts = Counts::default();
        for (index, (row, admission)) in rows.iter().enumerate().filter(|(_, (_, admission))| *admission != 1) {
            let part = |institution, cases| InstitutionCases { institution: OrganisationId::from_u128(institution), cases };
            let (some, rest) = (row.cases / 2, row.cases - row.cases / 2);
            match some {
                0 => counts.push(index, &[part(3, rest)]),
                some => counts.push(index, &[part(u128::from(*admission), some), part(5, rest)]),
            }
        }
        let parts = UsageParts { named: named.collect(), counts, rows: rows.iter().map(|(row, _)| *row).collect(), ..parts() };
        let event = Event::UsageRecorded(UsageRecorded::new(parts).unwrap());
        let bytes = event.encode();
        prop_assert_eq!(Event::decode(event.event_type(), &bytes), Ok(event));
        let message = form::UsageRecorded::decode(bytes.as_slice()).unwrap();
        prop_assert_eq!(message.encode_to_vec(), bytes);
    }

    #[test]
    fn damaged_bytes_never_panic(position in 0..400usize, byte: u8, cut in 0..400usize) {
        for event in history() {
            let mut bytes = event.encode();
            if let Some(damaged) = bytes.get_mut(position) {
                *damaged = byte;
            }
            bytes.truncate(cut.max(position + 1));
            if let Ok(read) = Event::decode(event.event_type(), &bytes) {
                // What can be read is what was written, in the one form that a writer gives it.
                let again = read.encode();
                prop_assert_eq!(Event::decode(event.event_type(), &again), Ok(read));
            }
        }
    }
}
