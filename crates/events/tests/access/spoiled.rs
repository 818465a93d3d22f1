//! What is wrong with bytes is named, and nothing wrong is read.

use domain::{access::*, dataset};
use events::{Defect, Recordable, Snapshot};
use prost::Message;
use proto::kiban::access::v1 as form;

use crate::fixture::*;

/// The field that must be named, and how it is spoiled.
type Spoiled<M> = (&'static str, fn(&mut M));

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
