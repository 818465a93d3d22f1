//! Datasets and use in the log: golden bytes, everything reads back, nothing wrong is read, snapshots are
//! canonical.

use std::collections::BTreeSet;

use domain::{
    Decider,
    access::*,
    contract::QuotaPeriod,
    country::Country,
    dataset::{self, Cohort, ComposedCases, DataType, DatasetCode, Description},
    id::{DatasetId, OrderId, OrganisationId, PersonId, SourceId},
    terms::{DatasetClass, Purpose, Right, Tier, Verdict},
    text::{Name, Reason, Text},
    time::Timestamp,
};
use events::{Defect, Recordable, Snapshot};
use proptest::prelude::*;
use prost::Message;
use proto::kiban::access::v1 as form;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn period(segment: u32, contract_year: u32) -> Period {
    Period { quota_period: QuotaPeriod { segment, contract_year }, tier: Tier::new("basic").unwrap() }
}

fn admitted(number: u64) -> AdmittedUse {
    AdmittedUse {
        number,
        contract_revision: 6,
        period: period(0, 1),
        dataset: DatasetId::from_u128(1),
        class: DatasetClass::new("open").unwrap(),
        freeze: Some(2),
        right: Right::SimpleAnalysis,
        cases: 30,
        viewer: PersonId::from_u128(2),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        order: Some(OrderId::from_u128(3)),
        at: at(1_000_000),
        settle_until: at(2_000_000),
        remaining: Some(0),
    }
}

fn replaced() -> ReplacedUse {
    ReplacedUse {
        verdict: Verdict::OverQuota,
        institutions: vec![InstitutionCases { institution: OrganisationId::from_u128(4), cases: 30 }],
        ..ReplacedUse::from(&admitted(1))
    }
}

fn row(sequence: u64) -> UsageRow {
    UsageRow {
        sequence,
        occurred_at: at(5_000_000),
        cases: 3,
        dataset: 1,
        viewer: 0,
        order: None,
        period: Some(0),
        right: Right::DetailedAnalysis,
        verdict: Verdict::InScope,
        conflict: None,
    }
}

fn parts() -> UsageParts {
    let entry = |number, freeze| DatasetEntry {
        dataset: DatasetId::from_u128(number),
        class: DatasetClass::new("open").unwrap(),
        freeze,
    };
    let mut counts = Counts::default();
    let part =
        |institution, cases| InstitutionCases { institution: OrganisationId::from_u128(institution), cases };
    counts.push(0, &[part(8, 1), part(9, 2)]);
    counts.push(2, &[part(9, 3)]);
    UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 5,
        reported_at: at(9_000_000),
        datasets: vec![entry(1, None), entry(2, Some(1))],
        viewers: [PersonId::from_u128(7), PersonId::from_u128(8)].into(),
        orders: [OrderId::from_u128(9)].into(),
        periods: vec![period(0, 0), period(1, 0)],
        rows: vec![
            row(1),
            UsageRow { occurred_at: at(4_000_000), order: Some(0), viewer: 1, ..row(2) },
            UsageRow { period: None, verdict: Verdict::AfterExpiry, ..row(300) },
            UsageRow { conflict: Some(ConflictReason::AlreadySettled), period: Some(1), ..row(5) },
        ],
        named: vec![
            NamedAdmission { row: 1, admission: 1, replaced: Some(replaced()) },
            NamedAdmission { row: 3, admission: 1, replaced: None },
        ],
        counts,
    }
}

fn recorded() -> Event {
    Event::UsageRecorded(UsageRecorded::new(parts()).unwrap())
}

fn registered() -> Event {
    Event::SourceRegistered(SourceRegistered {
        source: SourceId::from_u128(1),
        name: Name::new("meter").unwrap(),
        at: at(7),
    })
}

fn denied() -> Event {
    Event::AccessDenied(AccessDenied {
        reasons: vec![DenialReason::ContractPaused, DenialReason::RunTooLarge],
        contract_revision: 5,
        dataset: DatasetId::from_u128(1),
        right: Right::DetailedAnalysis,
        cases: 9,
        viewer: PersonId::from_u128(2),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        at: at(7),
    })
}

fn reversed(target: ReversalTarget) -> Event {
    Event::UsageReversed(UsageReversed {
        target,
        reason: Reason::new("metering error").unwrap(),
        reversed: ReplacedUse { period: None, ..replaced() },
        at: at(7),
    })
}

fn key() -> ReversalTarget {
    ReversalTarget::Record(RecordKey { source: SourceId::from_u128(1), epoch: 2, sequence: 3 })
}

fn dataset_registered() -> dataset::Event {
    dataset::Event::DatasetRegistered(dataset::DatasetRegistered {
        id: DatasetId::from_u128(1),
        description: Description {
            code: DatasetCode::new("TCGA-BRCA").unwrap(),
            name: Name::new("Breast").unwrap(),
            provider: OrganisationId::from_u128(2),
            class: DatasetClass::new("open").unwrap(),
            disease: Name::new("breast cancer").unwrap(),
            cohort: Cohort::Case,
            data_types: BTreeSet::from([DataType::Germline, DataType::Clinical]),
            reference: Text::new("https://example.org").unwrap(),
        },
        at: at(7),
    })
}

fn freeze_released() -> dataset::Event {
    let composition = vec![ComposedCases { institution: OrganisationId::from_u128(3), cases: 300 }];
    dataset::Event::FreezeReleased(dataset::FreezeReleased { number: 1, composition, at: at(8) })
}

/// The field that must be named, and how it is spoiled.
type Spoiled<M> = (&'static str, fn(&mut M));

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn assert_golden<E: Recordable + PartialEq + std::fmt::Debug>(event: &E, event_type: &str, golden: &str) {
    assert_eq!(event.event_type(), event_type);
    let golden: String = golden.split_whitespace().collect();
    assert_eq!(hex(&event.encode()), golden, "{event_type}");
    let digits: Vec<u32> = golden.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
    assert_eq!(E::decode(event_type, &bytes).as_ref(), Ok(event));
}

#[test]
fn source_registered_is_golden() {
    let event = registered();
    assert_golden(&event, "kiban.access.v1.SourceRegistered", GOLDEN_SOURCE_REGISTERED);
}

#[test]
fn dataset_viewed_is_golden() {
    let event = Event::DatasetViewed(AdmittedUse {
        right: Right::Browse,
        cases: 1,
        order: None,
        freeze: None,
        remaining: None,
        ..admitted(2)
    });
    assert_golden(&event, "kiban.access.v1.DatasetViewed", GOLDEN_DATASET_VIEWED);
}

#[test]
fn analysis_admitted_is_golden() {
    let event = Event::AnalysisAdmitted(admitted(1));
    assert_golden(&event, "kiban.access.v1.AnalysisAdmitted", GOLDEN_ANALYSIS_ADMITTED);
}

#[test]
fn access_denied_is_golden() {
    let event = denied();
    assert_golden(&event, "kiban.access.v1.AccessDenied", GOLDEN_ACCESS_DENIED);
}

#[test]
fn usage_recorded_is_golden() {
    let event = recorded();
    assert_golden(&event, "kiban.access.v1.UsageRecorded", GOLDEN_USAGE_RECORDED);
}

#[test]
fn record_reversed_is_golden() {
    let event = reversed(key());
    assert_golden(&event, "kiban.access.v1.UsageReversed", GOLDEN_RECORD_REVERSED);
}

#[test]
fn admission_reversed_is_golden() {
    let event = reversed(ReversalTarget::Admission(4));
    assert_golden(&event, "kiban.access.v1.UsageReversed", GOLDEN_ADMISSION_REVERSED);
}

#[test]
fn dataset_registered_is_golden() {
    let event = dataset_registered();
    assert_golden(&event, "kiban.access.v1.DatasetRegistered", GOLDEN_DATASET_REGISTERED);
}

#[test]
fn freeze_released_is_golden() {
    let event = freeze_released();
    assert_golden(&event, "kiban.access.v1.FreezeReleased", GOLDEN_FREEZE_RELEASED);
}

const GOLDEN_SOURCE_REGISTERED: &str = "0a100000000000000000000000000000000112056d657465721807";
const GOLDEN_DATASET_VIEWED: &str = "
    0a58080210061a05626173696328013210000000000000000000000000000000013a046f70656e480150015a10000000
    00000000000000000000000002620e647275672d646973636f766572796a024a5078c0843d800180897a";
const GOLDEN_ANALYSIS_ADMITTED: &str = "
    0a6f080110061a05626173696328013210000000000000000000000000000000013a046f70656e40024802501e5a1000
    000000000000000000000000000002620e647275672d646973636f766572796a024a5072100000000000000000000000
    000000000378c0843d800180897a880100";
const GOLDEN_ACCESS_DENIED: &str = "
    0a02020a10051a1000000000000000000000000000000001200328093210000000000000000000000000000000023a0e
    647275672d646973636f7665727942024a504807";
const GOLDEN_USAGE_RECORDED: &str = "
    0a10000000000000000000000000000000011001180520c0a8a5042a180a100000000000000000000000000000000112
    046f70656e2a1a0a100000000000000000000000000000000212046f70656e1801322000000000000000000000000000
    000007000000000000000000000000000000083a100000000000000000000000000000000942071a0562617369634209
    08011a0562617369634a070102ac020105015204131343135a0403030303620b80ade204ff887a80897a006a04010101
    017204000100007a0400010000820104010100028a01040803100292015b080110011a55080212100000000000000000
    00000000000000011a046f70656e2002281e380142056261736963480250c0843d5a1000000000000000000000000000
    00000362140a1000000000000000000000000000000004101e920104080310019a012000000000000000000000000000
    00000800000000000000000000000000000009a20103000002aa0103000101b20103010203";
const GOLDEN_RECORD_REVERSED: &str = "
    0a1000000000000000000000000000000001100218032a0e6d65746572696e67206572726f72324e0802121000000000
    0000000000000000000000011a046f70656e2002281e480250c0843d5a10000000000000000000000000000000036214
    0a1000000000000000000000000000000004101e68013807";
const GOLDEN_ADMISSION_REVERSED: &str = "
    20042a0e6d65746572696e67206572726f72324e08021210000000000000000000000000000000011a046f70656e2002
    281e480250c0843d5a100000000000000000000000000000000362140a1000000000000000000000000000000004101e
    68013807";
const GOLDEN_DATASET_REGISTERED: &str = "
    0a10000000000000000000000000000000011209544347412d425243411a064272656173742210000000000000000000
    000000000000022a046f70656e320d6272656173742063616e6365723801420201084a1368747470733a2f2f6578616d
    706c652e6f72675007";
const GOLDEN_FREEZE_RELEASED: &str = "080112150a100000000000000000000000000000000310ac021808";

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
fn what_is_wrong_with_usage_is_named() {
    let good = form::UsageRecorded::decode(recorded().encode().as_slice()).unwrap();
    let changes: Vec<Spoiled<form::UsageRecorded>> = vec![
        ("source", |message| message.source = vec![1; 15].into()),
        ("epoch", |message| message.epoch = 0),
        ("reported_at_us", |message| message.reported_at_us = i64::MIN),
        ("datasets.dataset_class", |message| message.datasets[0].dataset_class = "Ä".into()),
        ("viewers", |message| message.viewers = vec![1; 17].into()),
        ("rows", |message| message.viewers = vec![1; 16].into()),
        ("rows", |message| message.orders = vec![].into()),
        ("rows", |message| message.periods.truncate(1)),
        ("rows", |message| message.datasets.truncate(1)),
        ("tier", |message| message.periods[0].tier = String::new()),
        ("sequence_runs", |message| message.sequence_runs = vec![1, 3]),
        ("sequence_runs", |message| message.sequence_runs = vec![1, 0, 1, 4]),
        ("sequence_runs", |message| message.sequence_runs = vec![u64::MAX - 1, 4]),
        ("sequence_runs", |message| message.sequence_runs = vec![1, 5]),
        ("right_and_verdict", |message| message.right_and_verdict = vec![].into()),
        ("right_and_verdict", |message| message.right_and_verdict = vec![0x13; 5_001].into()),
        ("right_and_verdict", |message| message.right_and_verdict = vec![0x13, 0x13, 0x43, 0x15].into()),
        ("sequence_runs", |message| message.right_and_verdict = vec![0x13, 0x13, 0x43].into()),
        ("rows", |message| message.sequence_runs = vec![0, 4]),
        ("cases", |message| message.cases.truncate(3)),
        ("rows", |message| message.cases = vec![3, 3, 3, 0]),
        ("occurred_at_delta_us", |message| message.occurred_at_delta_us = vec![i64::MAX; 4]),
        ("dataset", |message| message.dataset = vec![1; 2]),
        ("dataset", |message| message.dataset = vec![70_000; 4]),
        ("viewer", |message| message.viewer.truncate(1)),
        ("order", |message| message.order.truncate(1)),
        ("period", |message| message.period.truncate(1)),
        ("period", |message| message.period.push(1)),
        ("conflicts", |message| message.conflicts[0].row = 4),
        ("conflicts", |message| message.conflicts[0].reason = 9),
        ("rows", |message| message.conflicts.clear()),
        ("rows", |message| message.settlements.reverse()),
        ("rows", |message| message.settlements[0].admission = 0),
        ("rows", |message| message.settlements[1].row = 9),
        ("rows", |message| message.settlements[0].replaced = None),
        ("institutions", |message| message.institutions = vec![1; 31].into()),
        ("count_institution", |message| message.count_institution[2] = 2),
        ("count_institution", |message| message.count_institution.swap(0, 1)),
        ("count_row", |message| message.count_row.reverse()),
        ("count_row", |message| message.count_cases.push(1)),
        ("rows", |message| message.count_cases[0] = 2),
        ("rows", |message| message.count_row[2] = 9),
    ];
    for (index, (field, change)) in changes.into_iter().enumerate() {
        let mut bad = good.clone();
        change(&mut bad);
        match Event::decode("kiban.access.v1.UsageRecorded", &bad.encode_to_vec()) {
            Err(Defect::Field { field: named, .. }) => assert_eq!(named, field, "change {index}"),
            other => panic!("change {index}: {other:?}"),
        }
    }
}

#[test]
fn what_is_wrong_with_other_events_is_named() {
    let empty: &[u8] = &[];
    for (event_type, field) in [
        ("SourceRegistered", "source"),
        ("DatasetViewed", "use"),
        ("AnalysisAdmitted", "use"),
        ("AccessDenied", "reasons"),
        ("UsageReversed", "admission"),
    ] {
        let decoded = Event::decode(&format!("kiban.access.v1.{event_type}"), empty);
        assert!(matches!(decoded, Err(Defect::Field { field: named, .. }) if named == field), "{decoded:?}");
    }
    for (event_type, field) in [("DatasetRegistered", "dataset"), ("FreezeReleased", "number")] {
        let decoded = dataset::Event::decode(&format!("kiban.access.v1.{event_type}"), empty);
        assert!(matches!(decoded, Err(Defect::Field { field: named, .. }) if named == field), "{decoded:?}");
    }
    let unknown = "kiban.access.v2.UsageRecorded";
    assert_eq!(Event::decode(unknown, empty), Err(Defect::UnknownType(unknown.into())));
    assert_eq!(dataset::Event::decode(unknown, empty), Err(Defect::UnknownType(unknown.into())));
}

fn folded(events: &[Event]) -> Access {
    events.iter().fold(Access::default(), Access::evolve)
}

fn history() -> Vec<Event> {
    vec![
        registered(),
        Event::AnalysisAdmitted(admitted(1)),
        recorded(),
        Event::DatasetViewed(admitted(2)),
        reversed(key()),
    ]
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

#[test]
fn a_snapshot_out_of_order_is_not_read() {
    let good = form::AccessSnapshot::decode(folded(&history()).encode().as_slice()).unwrap();
    let changes: Vec<Spoiled<form::AccessSnapshot>> = vec![
        ("settled_runs", |message| message.settled_runs = vec![2, 1]),
        ("settled_runs", |message| message.settled_runs = vec![1]),
        ("reversed_runs", |message| message.reversed_runs = vec![1, 2, 3, 4]),
        ("open", |message| message.open.push(message.open[0].clone())),
        ("open.admitted", |message| message.open[0].admitted = None),
        ("used", |message| message.used.push(message.used[0])),
        ("right", |message| message.used[0].right = 9),
        ("sources", |message| message.sources.push(message.sources[0].clone())),
        ("sources.name", |message| message.sources[0].name = String::new()),
        ("meters.seen_runs", |message| message.sources[0].meters[0].seen_runs = vec![3, 1]),
    ];
    for (field, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        let decoded = Access::decode(&bad.encode_to_vec());
        assert!(
            matches!(&decoded, Err(Defect::Field { field: named, .. }) if *named == field),
            "{field}: {decoded:?}"
        );
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
