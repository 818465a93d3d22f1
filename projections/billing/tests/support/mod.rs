//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use billing::{Billing, BillingFold};
use domain::{
    access::{self, Counts, DatasetEntry, Period, UsageParts, UsageRecorded, UsageRow},
    contract::{
        self, ContractActivated, ContractApplied, ContractKind, ContractOffered, Lane, Quota, QuotaPeriod,
        Quotas, Term, Terms,
    },
    country::Country,
    id::{ContractId, DatasetId, OrderId, OrganisationId, PersonId, PriceBookId, ShareRuleId, SourceId},
    listing::ServiceKind,
    order::{self, Milestone, OmicsModality, PlacedOrder},
    organisation::{self, Capacity, CapacityGrant, OrganisationRegistered, RegistrationNumber},
    price_book::{self, Band, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    terms::{ChargeKind, DatasetClass, PriceBookChoice, Purpose, Right, ShareRuleChoice, Tier, Verdict},
    text::Name,
    time::{Month, Timestamp},
};
use engine::{CALLER_HEADER, Caller, Folds, Gate, ManualClock, Projection, Role, RunningFolds, Store};
use event_log::{
    Append, AppendOutcome, Appended, EventLog, ExpectedRevision, MemoryLog, NewEvent, StreamName,
};
use events::{Metadata, Recordable};
use money::{Currency, Decimal, Money};
use tonic::Request;

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const RIVAL: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const CONTRACT: ContractId = ContractId::from_u128(7);

pub(crate) struct World {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) billing: Billing,
    pub(crate) folds: RunningFolds,
    next: AtomicU64,
}

pub(crate) fn april(day: u32) -> Timestamp {
    Month::new(2026, 4).unwrap().start().plus_days(day - 1)
}

fn serve(log: &Arc<MemoryLog>, clock: &Arc<ManualClock>, store: &Path) -> (Billing, RunningFolds) {
    let projection = Projection::<BillingFold>::open(Store::open(store).unwrap()).unwrap();
    let mut folds = Folds::default();
    folds.add(&projection);
    let folds = folds.run(log.clone());
    let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
    (Billing::new(projection, log.clone(), gate, clock.clone()), folds)
}

impl World {
    /// The promoter, two members, a contract of the first in force from April on, and prices.
    pub(crate) async fn new(store: &Path) -> Self {
        let log = MemoryLog::new(Arc::new(|| april(20).as_micros()));
        let clock = Arc::new(ManualClock::at(april(20)));
        let (billing, folds) = serve(&log, &clock, store);
        let world = Self { log, clock, billing, folds, next: AtomicU64::new(1) };
        world.organisation(PROMOTER, Capacity::Promoter).await;
        world.organisation(PHARMA, Capacity::Member).await;
        world.organisation(RIVAL, Capacity::Member).await;
        let [applied, offered, activated] = making();
        world.append(CONTRACT, &[applied]).await;
        world.append(CONTRACT, &[offered, activated]).await;
        world.append(PriceBookId::from_u128(1), &[prices(1, 4, 100)]).await;
        world
    }

    /// The same log, served by a new process.
    pub(crate) async fn restart(self, store: &Path) -> Self {
        self.folds.stop().await;
        let (billing, folds) = serve(&self.log, &self.clock, store);
        Self { billing, folds, ..self }
    }

    pub(crate) async fn append<E: Recordable>(&self, id: impl ToString, events: &[E]) -> Appended {
        let metadata = Metadata {
            organisation: PROMOTER,
            person: None,
            command: None,
            causation: None,
            correlation: None,
            occurred_at: april(20),
            partition: None,
            audience: vec![],
            traceparent: String::new(),
        };
        let events = events.iter().map(|event| NewEvent {
            id: u128::from(self.next.fetch_add(1, Ordering::SeqCst)).to_be_bytes(),
            event_type: event.event_type().into(),
            metadata: metadata.encode().into(),
            payload: event.encode().into(),
        });
        let append = Append {
            stream: StreamName::new(format!("{}-{}", E::CATEGORY, id.to_string())).unwrap(),
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: events.collect(),
        };
        match self.log.append(append).await.unwrap() {
            AppendOutcome::Appended(appended) | AppendOutcome::AlreadyAppended(appended) => appended,
        }
    }

    async fn organisation(&self, id: OrganisationId, capacity: Capacity) {
        let from = april(1).tokyo_date();
        let registered = organisation::Event::OrganisationRegistered(OrganisationRegistered {
            id,
            name: Name::new("somebody").unwrap(),
            country: Country::JAPAN,
            sector: None,
            registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
            capacities: vec![CapacityGrant { capacity, from, until: None }],
            at: april(1),
        });
        self.append(id, &[registered]).await;
    }

    /// A report of one row.
    pub(crate) async fn used(&self, day: u32, cases: u32) -> Appended {
        self.append(CONTRACT, &[usage(day, cases)]).await
    }

    /// The end of the log: who asks for it reads its own writes.
    pub(crate) fn head(&self) -> String {
        self.log.head().position.to_string()
    }
}

/// A request of a caller who has no role.
pub(crate) fn from<T>(organisation: OrganisationId, message: T) -> Request<T> {
    with_roles(organisation, &[], message)
}

/// A request of a caller with these roles.
pub(crate) fn with_roles<T>(organisation: OrganisationId, roles: &[Role], message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = Caller { organisation, person: None, roles: roles.to_vec() };
    request.metadata_mut().insert(CALLER_HEADER, caller.to_string().parse().unwrap());
    request
}

pub(crate) const ORDER: OrderId = OrderId::from_u128(50);

/// An order of two milestones.
pub(crate) fn placed() -> PlacedOrder {
    let milestone = |name: &str, yen| Milestone { name: Name::new(name).unwrap(), amount: Money::jpy(yen) };
    PlacedOrder {
        id: ORDER,
        contract: CONTRACT,
        contract_revision: 2,
        member: PHARMA,
        vendor: RIVAL,
        vendor_contract: None,
        kind: ServiceKind::OmicsAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(100),
        milestones: vec![milestone("raw data", 60), milestone("report", 40)],
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: Some(OmicsModality::ALL[0]),
        at: april(2),
    }
}

pub(crate) fn ordered() -> order::Event {
    order::Event::OmicsAnalysisOrdered(Box::new(placed()))
}

pub(crate) fn usage(day: u32, cases: u32) -> access::Event {
    let row = UsageRow {
        sequence: 1,
        occurred_at: april(day),
        cases,
        dataset: 0,
        viewer: 0,
        order: None,
        period: Some(0),
        right: Right::SimpleAnalysis,
        verdict: Verdict::InScope,
        conflict: None,
    };
    let quota_period = QuotaPeriod { segment: 0, contract_year: 0 };
    let class = DatasetClass::new("open").unwrap();
    let parts = UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 2,
        reported_at: april(20),
        datasets: vec![DatasetEntry { dataset: DatasetId::from_u128(21), class, freeze: None }],
        viewers: [PersonId::from_u128(1)].into(),
        orders: [].into(),
        periods: vec![Period { quota_period, tier: Tier::new("basic").unwrap() }],
        rows: vec![row],
        named: vec![],
        counts: Counts::default(),
    };
    access::Event::UsageRecorded(UsageRecorded::new(parts).unwrap())
}

/// 365,000 yen a year; usage at a price up to 1,000 cases with 500 yen besides, then at 80 yen.
pub(crate) fn prices(version: u32, start: i8, first_band: u32) -> price_book::Event {
    let fee = PriceItem {
        key: PriceKey::any(ChargeKind::contract_fee()),
        model: PriceModel::Flat { amount: Money::jpy(365_000) },
    };
    let flat = Some(Money::jpy(500));
    let bands = vec![
        Band { up_to: Some(Decimal::from(1_000u32)), unit_price: Decimal::from(first_band), flat },
        Band { up_to: None, unit_price: Decimal::from(80u32), flat: None },
    ];
    let usage =
        PriceItem { key: PriceKey::any(ChargeKind::data_usage()), model: PriceModel::Graduated { bands } };
    price_book::Event::PriceBookPublished(PriceBookPublished {
        id: PriceBookId::from_u128(1),
        version,
        prices: PriceList {
            name: Name::new("prices").unwrap(),
            currency: Currency::Jpy,
            start: Month::new(2026, start).unwrap(),
            items: vec![fee, usage],
            billed_verdicts: price_book::billed_by_default(),
        },
        published_by: PROMOTER,
        at: april(1),
    })
}

/// The next version: 5,000 yen for a recruitment request, 1,000 for an enrolment, 20,000 for the expedited lane.
pub(crate) fn prices_of_recruitment() -> price_book::Event {
    let price_book::Event::PriceBookPublished(mut event) = prices(2, 1, 100);
    let item = |kind, model| PriceItem { key: PriceKey::any(kind), model };
    let flat = |yen| PriceModel::Flat { amount: Money::jpy(yen) };
    event.prices.items.extend([
        item(ChargeKind::recruitment_request(), flat(5_000)),
        item(ChargeKind::recruitment_enrolment(), PriceModel::PerUnit { price: Decimal::from(1_000u32) }),
        item(ChargeKind::expedited_review(), flat(20_000)),
    ]);
    price_book::Event::PriceBookPublished(event)
}

/// The terms of the contract: for a year from April on.
pub(crate) fn terms() -> Terms {
    Terms {
        tier: Tier::new("basic").unwrap(),
        term: Term::new(april(1), april(1).plus_days(365)).unwrap(),
        purposes: [Purpose::new("drug-discovery").unwrap()].into(),
        dataset_classes: [DatasetClass::new("open").unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}

fn making() -> [contract::Event; 3] {
    making_of(CONTRACT, Lane::Standard, terms())
}

/// A contract of the member until it is in force.
pub(crate) fn making_of(id: ContractId, lane: Lane, terms: Terms) -> [contract::Event; 3] {
    let at = april(1);
    let (kind, applicant, issuer, purposes) =
        (ContractKind::Member, PHARMA, PROMOTER, terms.purposes.clone());
    [
        contract::Event::ContractApplied(ContractApplied { id, kind, applicant, issuer, purposes, lane, at }),
        contract::Event::ContractOffered(ContractOffered { parties: [PHARMA, PROMOTER].into(), terms, at }),
        contract::Event::ContractActivated(ContractActivated { effective_at: at }),
    ]
}
