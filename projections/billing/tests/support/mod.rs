//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

use std::{collections::BTreeSet, ops::Deref, path::Path};

use domain::{
    access::{self, Counts, DatasetEntry, Period, UsageParts, UsageRecorded, UsageRow},
    contract::{
        self, ContractActivated, ContractApplied, ContractKind, ContractOffered, Lane, Quota, QuotaPeriod,
        Quotas, Terms,
    },
    id::{ContractId, DatasetId, OrderId, OrganisationId, PersonId, PriceBookId, SourceId},
    listing::ServiceKind,
    order::{self, Milestone, OmicsModality, PlacedOrder},
    organisation::{Capacity, CapacityGrant},
    price_book::{self, Band, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    terms::{ChargeKind, DatasetClass, Right, Tier, Verdict},
    text::Name,
    time::{Month, Timestamp},
};
use event_log::Appended;
use events::Recordable;
use money::{Currency, Decimal, Money};
pub(crate) use world::{Past, roleless as from, with_roles};

mod compared;

pub(crate) use compared::Compared;

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const RIVAL: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const CONTRACT: ContractId = ContractId::from_u128(7);

/// What stands in the log, and the service over it.
pub(crate) struct World {
    past: Past,
    pub(crate) billing: Compared,
}

impl Deref for World {
    type Target = Past;

    fn deref(&self) -> &Past {
        &self.past
    }
}

pub(crate) fn april(day: u32) -> Timestamp {
    Month::new(2026, 4).unwrap().start().plus_days(day - 1)
}

impl World {
    /// The promoter, two members, a contract of the first in force from April on, and prices.
    pub(crate) async fn new(store: &Path) -> Self {
        let past = Past::at(april(20), PROMOTER);
        let billing = Compared::new(&past, store);
        let world = Self { past, billing };
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
        self.billing.stop().await;
        let billing = Compared::new(&self.past, store);
        Self { billing, ..self }
    }

    /// Appends one frame, of which nobody is told.
    pub(crate) async fn append<E: Recordable>(&self, id: impl ToString, events: &[E]) -> Appended {
        self.past.append(id, events, &[]).await
    }

    async fn organisation(&self, id: OrganisationId, capacity: Capacity) {
        let grant = CapacityGrant { capacity, from: april(1).tokyo_date(), until: None };
        self.past.organisation(id, "somebody", grant).await;
    }

    /// A report of one row.
    pub(crate) async fn used(&self, day: u32, cases: u32) -> Appended {
        self.append(CONTRACT, &[usage(day, cases)]).await
    }
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
    usage_for(None, day, cases)
}

/// Use for an order, or for none.
pub(crate) fn usage_for(order: Option<OrderId>, day: u32, cases: u32) -> access::Event {
    let row = UsageRow {
        sequence: 1,
        occurred_at: april(day),
        cases,
        dataset: 0,
        viewer: 0,
        order: order.map(|_| 0),
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
        orders: order.into_iter().collect(),
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
    let quotas = Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED };
    Terms { quotas, ..world::terms("basic", april(1)) }
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
