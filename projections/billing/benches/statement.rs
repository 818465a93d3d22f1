//! How long a month's statements take: of one contract with a thousand orders, of five hundred contracts, and of
//! the month in which five hundred minimum commitments fall due, each of which counts twelve months.

use std::{collections::BTreeSet, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{
    contract::{
        self, Commitment, ContractActivated, ContractApplied, ContractKind, ContractOffered, Lane,
        PausedFees, Quota, Quotas, Term, Terms,
    },
    country::Country,
    id::{ContractId, OrderId, OrganisationId, PriceBookId, ShareRuleId},
    listing::ServiceKind,
    order::{self, DeliveryAccepted, Milestone, PlacedOrder},
    terms::{DatasetClass, PriceBookChoice, Purpose, ShareRuleChoice, Tier},
    time::{Month, Timestamp},
};
use money::Money;
use rating::{
    ledger::{At, Fact, Ledger},
    statement::rate_month,
};

const MEMBER: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);

fn month(number: i8) -> Month {
    Month::new(2026, number).expect("a month")
}

/// The start of the contracts, and of the month with the orders.
fn start() -> Timestamp {
    month(4).start()
}

fn terms(commits: bool) -> Terms {
    let charge_kinds = Commitment::counted_by_default();
    let commitment = Commitment { amount: Money::jpy(10_000_000), charge_kinds };
    Terms {
        tier: Tier::new("basic").expect("a tier"),
        term: Term::new(start(), start().plus_days(365)).expect("a term"),
        purposes: Purpose::new("drug-discovery").into_iter().collect(),
        dataset_classes: DatasetClass::new("open").into_iter().collect(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: commits.then_some(commitment),
        paused_fees: PausedFees::GoOn,
    }
}

fn contract(id: ContractId, commits: bool) -> Vec<Fact> {
    let (kind, lane, at, terms) = (ContractKind::Member, Lane::Standard, start(), terms(commits));
    let (applicant, issuer, purposes) = (MEMBER, PROMOTER, terms.purposes.clone());
    let events = [
        contract::Event::ContractApplied(ContractApplied { id, kind, applicant, issuer, purposes, lane, at }),
        contract::Event::ContractOffered(ContractOffered { parties: [MEMBER, PROMOTER].into(), terms, at }),
        contract::Event::ContractActivated(ContractActivated { effective_at: at }),
    ];
    events.map(|event| Fact::Contract(id, event)).into()
}

/// An order of one milestone that was accepted.
fn order(id: OrderId, contract: ContractId) -> Vec<Fact> {
    let milestones = vec![Milestone { name: "report".parse().expect("a name"), amount: Money::jpy(1_000) }];
    let placed = PlacedOrder {
        id,
        contract,
        contract_revision: 2,
        member: MEMBER,
        vendor: OrganisationId::from_u128(3),
        vendor_contract: None,
        kind: ServiceKind::DataAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(1_000),
        milestones,
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: None,
        at: start(),
    };
    let accepted =
        order::Event::DeliveryAccepted(DeliveryAccepted { milestone: 0, at: start().plus_days(9) });
    let events = [order::Event::OrderPlaced(Box::new(placed)), accepted];
    events.map(|event| Fact::Order(id, event)).into()
}

fn ledger(contracts: u128, orders: u128, commits: bool) -> Ledger {
    let mut facts = Vec::new();
    for contract_number in 0..contracts {
        let id = ContractId::from_u128(contract_number);
        facts.extend(contract(id, commits));
        for number in 0..orders {
            facts.extend(order(OrderId::from_u128(contract_number * orders + number), id));
        }
    }
    let mut ledger = Ledger::default();
    for (position, fact) in (1..).zip(facts) {
        ledger.learn(At { position, frame: position }, fact);
    }
    ledger
}

fn statements(criterion: &mut Criterion) {
    let last = Month::new(2027, 3).expect("a month");
    let mut group = criterion.benchmark_group("statements of a month");
    for (name, ledger, month) in [
        ("one contract, 1,000 orders", ledger(1, 1_000, false), month(4)),
        ("500 contracts, 20 orders each", ledger(500, 20, false), month(4)),
        ("500 commitments fall due", ledger(500, 20, true), last),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let lines = |contract, month| ledger.lines(contract, month);
                let view = ledger.as_of(u64::MAX);
                let contracts = view.contracts().map(|contract| (contract, view));
                rate_month(contracts, black_box(month), last.end(), lines)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, statements);
criterion_main!(benches);
