//! How long it takes to write and to read a report of 1,000 records: the aim is 20 ns a record each.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::{
    access::{Counts, DatasetEntry, Event, Period, UsageParts, UsageRecorded, UsageRow},
    contract::QuotaPeriod,
    id::{DatasetId, PersonId, SourceId},
    terms::{DatasetClass, Right, Tier, Verdict},
    time::Timestamp,
};
use events::Recordable;

const RECORDS: u64 = 1_000;

fn recorded() -> Event {
    let rows = (0..RECORDS).map(|index| UsageRow {
        sequence: 1_000_000 + index,
        occurred_at: Timestamp::from_micros(1_774_000_000_000_000 + index as i64 * 1_234_567)
            .unwrap_or_default(),
        cases: 1 + index as u32 % 200,
        dataset: (index % 33) as u16,
        viewer: (index % 20) as u16,
        order: None,
        period: Some(0),
        right: if index % 3 == 0 { Right::DetailedAnalysis } else { Right::SimpleAnalysis },
        verdict: Verdict::InScope,
        conflict: None,
    });
    let class = DatasetClass::new("open").expect("a class");
    let dataset = |number| DatasetEntry {
        dataset: DatasetId::from_u128(number),
        class: class.clone(),
        freeze: Some(1),
    };
    let parts = UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 7,
        reported_at: Timestamp::from_micros(1_775_000_000_000_000).unwrap_or_default(),
        datasets: (0..33).map(dataset).collect(),
        viewers: (0..20).map(PersonId::from_u128).collect(),
        orders: [].into(),
        periods: vec![Period {
            quota_period: QuotaPeriod { segment: 0, contract_year: 1 },
            tier: Tier::new("standard").expect("a tier"),
        }],
        rows: rows.collect(),
        named: vec![],
        counts: Counts::default(),
    };
    Event::UsageRecorded(UsageRecorded::new(parts).expect("consistent"))
}

fn usage(criterion: &mut Criterion) {
    let event = recorded();
    let bytes = event.encode();
    let mut group = criterion.benchmark_group(format!("event of 1,000 records, {} bytes", bytes.len()));
    group.throughput(Throughput::Elements(RECORDS));
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(&event).encode()));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| Event::decode(event.event_type(), black_box(&bytes)));
    });
    group.finish();
}

criterion_group!(benches, usage);
criterion_main!(benches);
