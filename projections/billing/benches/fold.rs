//! How many usage records a second the fold takes in, on one core: reports of 1,000 rows over 33 datasets in
//! of two classes, two rights, two verdicts, some for an order, in months that pass as a busy meter sends them.

use std::{hint::black_box, sync::Arc};

use billing::BillingFold;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::{
    access::{self, Counts, DatasetEntry, Period, UsageParts, UsageRecorded, UsageRow},
    contract::QuotaPeriod,
    id::{ContractId, DatasetId, OrderId, OrganisationId, PersonId, SourceId},
    terms::{DatasetClass, Right, Tier, Verdict},
    time::{Month, Timestamp},
};
use engine::{Fold, Shard};
use event_log::Position;
use events::{Category, Event, Metadata, Recorded};

const ROWS: u64 = 1_000;
const EVENTS: u64 = 2_048;
const DATASETS: u64 = 33;

fn instant(minutes: u64) -> Timestamp {
    let start = Month::new(2026, 4).map(Month::start).unwrap_or_default();
    Timestamp::from_micros(start.as_micros() + minutes as i64 * 60_000_000).unwrap_or_default()
}

/// A report; `number` says which, so that months go on and contracts take turns.
fn recorded(number: u64) -> Recorded {
    let class = |index: u64| DatasetClass::new(if index.is_multiple_of(3) { "controlled" } else { "open" });
    let datasets = (0..DATASETS).filter_map(|index| {
        let dataset = DatasetId::from_u128(u128::from(index));
        Some(DatasetEntry { dataset, class: class(index).ok()?, freeze: Some(1) })
    });
    let quota_period = QuotaPeriod { segment: 0, contract_year: 0 };
    let periods = Tier::new("basic").into_iter().map(|tier| Period { quota_period, tier });
    let rows = (0..ROWS).map(|row| {
        let mixed = (number * ROWS + row).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        UsageRow {
            sequence: number * ROWS + row + 1,
            occurred_at: instant(number * 40 + row / 30),
            cases: (mixed % 50) as u32 + 1,
            dataset: (mixed % DATASETS) as u16,
            viewer: 0,
            order: (mixed.is_multiple_of(64)).then_some(0),
            period: Some(0),
            right: if mixed.is_multiple_of(5) { Right::DetailedAnalysis } else { Right::SimpleAnalysis },
            verdict: if mixed.is_multiple_of(16) { Verdict::OverQuota } else { Verdict::InScope },
            conflict: None,
        }
    });
    let parts = UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 1,
        reported_at: instant(number),
        datasets: datasets.collect(),
        viewers: Arc::new([PersonId::from_u128(1)]),
        orders: Arc::new([OrderId::from_u128(1)]),
        periods: periods.collect(),
        rows: rows.collect(),
        named: Vec::new(),
        counts: Counts::default(),
    };
    let event = UsageRecorded::new(parts).expect("the report is well-formed");
    let contract = ContractId::from_u128(u128::from(number % 8));
    Recorded {
        position: Position(number + 1),
        frame: Position(number + 1),
        revision: number,
        stream: Category::Access.stream(contract),
        id: [0; 16],
        recorded_at: instant(number),
        metadata: Metadata {
            organisation: OrganisationId::from_u128(1),
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: instant(number),
            partition: Some(contract),
            audience: Vec::new(),
            traceparent: String::new(),
        },
        event: Event::Access(access::Event::UsageRecorded(event)),
    }
}

fn fold(criterion: &mut Criterion) {
    let events: Vec<Recorded> = (0..EVENTS).map(recorded).collect();
    let mut group = criterion.benchmark_group("billing fold");
    group.sample_size(20).throughput(Throughput::Elements(ROWS * EVENTS));
    group.bench_function("usage records", |bencher| {
        bencher.iter_batched(
            BillingFold::default,
            |mut fold| {
                for event in &events {
                    fold.apply(black_box(event));
                }
                (fold.take_history(), fold)
            },
            BatchSize::PerIteration,
        );
    });
    // One of two shards goes through the same events and takes in those of its contracts.
    let shard = Shard::new(0, 2).expect("a shard");
    let own = |event: &&Recorded| shard.takes(BillingFold::partition(event));
    group.bench_function("usage records, as one of two shards", |bencher| {
        bencher.iter_batched(
            BillingFold::default,
            |mut fold| {
                for event in events.iter().filter(own) {
                    fold.apply(black_box(event));
                }
                (fold.take_history(), fold)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, fold);
criterion_main!(benches);
