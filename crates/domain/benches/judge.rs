//! How long it takes to decide a report of 1,000 records: the aim is 30 ns a record.

use std::{collections::BTreeSet, hint::black_box, sync::Arc};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::{
    Decider,
    access::{
        Access, Batch, BatchHeader, Command, ContractNow, Earlier, Event, RegisterSource, ReportUsage,
        ReportedRecord, outcomes,
    },
    contract::{
        self, Contract, ContractActivated, ContractApplied, ContractApproved, ContractKind, ContractOffered,
        Limit, Quota, Quotas, Term, Terms,
    },
    country::Country,
    dataset::{
        self, Cohort, ComposedCases, DataType, Dataset, DatasetCode, DatasetRegistered, Description,
        FreezeReleased,
    },
    fold,
    id::{ContractId, DatasetId, OrganisationId, PersonId, PriceBookId, ShareRuleId, SourceId},
    terms::{DatasetClass, PriceBookChoice, Purpose, Right, ShareRuleChoice, Tier},
    text::{Name, Text},
    time::Timestamp,
};

const RECORDS: u64 = 1_000;
const DAY: i64 = 86_400_000_000;
const VIEWERS: u32 = 20;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap_or_default()
}

fn contract() -> Contract {
    let quota = Quota { cases_per_year: Limit::Cases(10_000_000), max_cases_per_run: Limit::Unlimited };
    let terms = Terms {
        tier: Tier::new("standard").expect("a tier"),
        term: Term::new(at(0), at(1_000 * DAY)).expect("a term"),
        purposes: [Purpose::new("drug-discovery").expect("a purpose")].into(),
        dataset_classes: [DatasetClass::new("open").expect("a class")].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: quota, detailed_analysis: quota },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    };
    let parties: BTreeSet<_> = [1, 2].map(OrganisationId::from_u128).into();
    fold::<Contract>(&[
        contract::Event::ContractApplied(ContractApplied {
            id: ContractId::from_u128(1),
            kind: ContractKind::Member,
            applicant: OrganisationId::from_u128(1),
            issuer: OrganisationId::from_u128(2),
            purposes: terms.purposes.clone(),
            lane: Default::default(),
            at: at(0),
        }),
        contract::Event::ContractApproved(ContractApproved {
            by: PersonId::from_u128(1),
            valid_until: at(DAY),
            at: at(0),
        }),
        contract::Event::ContractOffered(ContractOffered { parties, terms, at: at(0) }),
        contract::Event::ContractActivated(ContractActivated { effective_at: at(0) }),
    ])
}

fn dataset(number: u128) -> Dataset {
    let freeze = |number: u32| {
        dataset::Event::FreezeReleased(FreezeReleased {
            number,
            composition: vec![ComposedCases { institution: OrganisationId::from_u128(9), cases: 100 }],
            consent: Default::default(),
            at: at(i64::from(number) * DAY),
        })
    };
    let registered = dataset::Event::DatasetRegistered(DatasetRegistered {
        id: DatasetId::from_u128(number),
        description: Description {
            code: DatasetCode::new("X").expect("a code"),
            name: Name::new("x").expect("a name"),
            provider: OrganisationId::from_u128(2),
            class: DatasetClass::new("open").expect("a class"),
            disease: Name::new("x").expect("a name"),
            cohort: Cohort::Case,
            data_types: [DataType::Tumour].into(),
            reference: Text::new("https://example.org").expect("a reference"),
        },
        at: at(0),
    });
    fold::<Dataset>(&[registered, freeze(1), freeze(2), freeze(400)])
}

fn report(datasets: u32, first: u64) -> ReportUsage {
    let ids: Vec<_> = (1..=u128::from(datasets)).map(DatasetId::from_u128).collect();
    let header = BatchHeader {
        source: SourceId::from_u128(1),
        epoch: 1,
        datasets: ids,
        viewers: (1..=u128::from(VIEWERS)).map(PersonId::from_u128).collect(),
        orders: vec![],
        institutions: vec![],
    };
    let records = (0..RECORDS).map(|index| ReportedRecord {
        sequence: first + index,
        dataset: index as u32 % datasets,
        viewer: index as u32 % VIEWERS,
        order: 0,
        right: Some(if index % 3 == 0 { Right::DetailedAnalysis } else { Right::SimpleAnalysis }),
        cases: 1 + index as u32 % 50,
        occurred_at_us: 300 * DAY + index as i64 * 1_234_567,
        settles_admission: 0,
    });
    ReportUsage {
        contract: ContractNow { contract: Arc::new(contract()), revision: 7 },
        datasets: (1..=u128::from(datasets)).map(|number| Arc::new(dataset(number))).collect(),
        batch: Arc::new(Batch::new(header, records, []).expect("well-formed")),
        earlier: Arc::new(Earlier::default()),
        at: at(900 * DAY),
    }
}

fn with_source() -> Access {
    let command = Command::RegisterSource(RegisterSource {
        source: SourceId::from_u128(1),
        name: Name::new("meter").expect("a name"),
        at: at(0),
    });
    let events = Access::decide(&Access::default(), command).expect("accepted");
    fold::<Access>(&events)
}

fn judge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report of 1,000 records");
    group.throughput(Throughput::Elements(RECORDS));
    for datasets in [1, 33] {
        let (state, command) = (with_source(), Command::ReportUsage(report(datasets, 1)));
        group.bench_function(format!("decide, {datasets} datasets"), |bencher| {
            bencher.iter(|| Access::decide(black_box(&state), black_box(command.clone())));
        });
        let mut state = state;
        let Ok(events) = Access::decide(&state, command.clone()) else { continue };
        group.bench_function(format!("evolve, {datasets} datasets"), |bencher| {
            bencher.iter_batched(
                with_source,
                |state| events.iter().fold(state, Access::evolve),
                BatchSize::SmallInput,
            );
        });
        let (batch, earlier) = (report(datasets, 1).batch, Earlier::default());
        let recorded = events.iter().find_map(|event| match event {
            Event::UsageRecorded(recorded) => Some(recorded),
            _ => None,
        });
        group.bench_function(format!("outcomes, {datasets} datasets"), |bencher| {
            bencher.iter(|| outcomes(black_box(&batch), &earlier, recorded));
        });
        group.bench_function(format!("changes, {datasets} datasets"), |bencher| {
            bencher.iter(|| {
                let cases =
                    |event: &Event| event.changes().map(|change| u64::from(change.of.cases)).sum::<u64>();
                black_box(&events).iter().map(cases).sum::<u64>()
            });
        });
        // A report out of order: every key is looked at by itself, but none is known.
        state = events.iter().fold(state, Access::evolve);
        state = [report(datasets, 10_001)].into_iter().fold(state, |state, report| {
            let events = Access::decide(&state, Command::ReportUsage(report)).unwrap_or_default();
            events.iter().fold(state, Access::evolve)
        });
        let command = Command::ReportUsage(report(datasets, 5_001));
        group.bench_function(format!("decide, filling a gap, {datasets} datasets"), |bencher| {
            bencher.iter(|| Access::decide(black_box(&state), black_box(command.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, judge);
criterion_main!(benches);
