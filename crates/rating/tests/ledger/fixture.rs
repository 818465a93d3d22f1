//! One world for the tests of the ledger: a contract from April 2026 on, two datasets, events by hand.

use std::collections::BTreeSet;

use domain::{
    access::{
        AdmittedUse, ConflictReason, Counts, DatasetEntry, Event, InstitutionCases, NamedAdmission, Period,
        RecordKey, ReplacedUse, ReversalTarget, UsageParts, UsageRecorded, UsageReversed, UsageRow,
    },
    contract::{
        self, ContractActivated, ContractApplied, ContractKind, ContractOffered, Quota, QuotaPeriod, Quotas,
        Term, Terms, TierChanged,
    },
    country::Country,
    dataset::{self, Cohort, ComposedCases, DatasetCode, Description, FreezeReleased},
    id::{ContractId, DatasetId, OrderId, OrganisationId, PersonId, PriceBookId, ShareRuleId, SourceId},
    listing::ServiceKind,
    order::{self, Milestone, OmicsModality, PlacedOrder},
    organisation::{self, Capacity, CapacityGrant, OrganisationRegistered, RegistrationNumber},
    price_book::{self, Band, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    share_rule::{self, ShareRulePublished, SplitTable, default_splits},
    terms::{ChargeKind, DatasetClass, PriceBookChoice, Purpose, Right, ShareRuleChoice, Tier, Verdict},
    text::{Name, Reason, Text},
    time::{Month, Timestamp},
};
use money::{Currency, Decimal, Money};
use rating::ledger::{At, Fact, LedgerOf};

pub(crate) const CONTRACT: ContractId = ContractId::from_u128(7);
pub(crate) const MEMBER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const ORDER: OrderId = OrderId::from_u128(50);
pub(crate) const DATASETS: [DatasetId; 2] = [DatasetId::from_u128(21), DatasetId::from_u128(22)];
pub(crate) const INSTITUTIONS: [OrganisationId; 3] =
    [OrganisationId::from_u128(31), OrganisationId::from_u128(32), OrganisationId::from_u128(33)];

pub(crate) fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

/// The start of a date of 2026, and so many hours later.
pub(crate) fn on(month: i8, day: u32, hours: i64) -> Timestamp {
    let start = self::month(month).start().plus_days(day - 1);
    Timestamp::from_micros(start.as_micros() + hours * 3_600_000_000).unwrap()
}

pub(crate) fn class() -> DatasetClass {
    DatasetClass::new("open").unwrap()
}

pub(crate) fn tier(name: &str) -> Tier {
    Tier::new(name).unwrap()
}

pub(crate) fn terms() -> Terms {
    Terms {
        tier: tier("basic"),
        term: Term::new(on(4, 1, 0), on(4, 1, 0).plus_days(365)).unwrap(),
        purposes: BTreeSet::from([Purpose::new("drug-discovery").unwrap()]),
        dataset_classes: BTreeSet::from([class()]),
        countries: BTreeSet::from([Country::JAPAN]),
        quotas: quotas(),
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}

pub(crate) fn quotas() -> Quotas {
    Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED }
}

/// The contract's events until it is in force.
pub(crate) fn making(kind: ContractKind) -> Vec<contract::Event> {
    let at = on(3, 2, 0);
    vec![
        contract::Event::ContractApplied(ContractApplied {
            id: CONTRACT,
            kind,
            applicant: MEMBER,
            issuer: PROMOTER,
            purposes: terms().purposes,
            lane: Default::default(),
            at,
        }),
        contract::Event::ContractOffered(ContractOffered {
            parties: BTreeSet::from([MEMBER, PROMOTER, BASE]),
            terms: terms(),
            at,
        }),
        contract::Event::ContractActivated(ContractActivated { effective_at: on(4, 1, 0) }),
    ]
}

pub(crate) fn tier_change(name: &str, effective_at: Timestamp) -> contract::Event {
    contract::Event::TierChanged(TierChanged {
        tier: tier(name),
        quotas: quotas(),
        effective_at,
        at: effective_at,
    })
}

pub(crate) fn registered(index: usize, provider: OrganisationId) -> Fact {
    let description = Description {
        code: DatasetCode::new(&format!("SET-{index}")).unwrap(),
        name: Name::new("a dataset").unwrap(),
        provider,
        class: class(),
        disease: Name::new("a disease").unwrap(),
        cohort: Cohort::Case,
        data_types: BTreeSet::new(),
        reference: Text::new("https://example.org/set").unwrap(),
    };
    let event = dataset::DatasetRegistered { id: DATASETS[index], description, at: on(3, 1, 0) };
    Fact::Dataset(DATASETS[index], dataset::Event::DatasetRegistered(event))
}

pub(crate) fn frozen(index: usize, number: u32, cases: [u64; 3]) -> Fact {
    let composition = INSTITUTIONS.into_iter().zip(cases).filter(|(_, cases)| *cases > 0);
    let composition = composition.map(|(institution, cases)| ComposedCases { institution, cases }).collect();
    let event = FreezeReleased { number, composition, consent: Default::default(), at: on(3, 1, 1) };
    Fact::Dataset(DATASETS[index], dataset::Event::FreezeReleased(event))
}

/// 100 yen a case up to 10 cases, then 80 yen; 365,000 yen a year for basic and 730,000 for premium.
pub(crate) fn prices(version: u32, start: Month, first_band: u32) -> Fact {
    let fee = |name, amount| PriceItem {
        key: PriceKey { tier: Some(tier(name)), ..PriceKey::any(ChargeKind::contract_fee()) },
        model: PriceModel::Flat { amount: Money::jpy(amount) },
    };
    let bands = vec![
        Band { up_to: Some(Decimal::from(10u32)), unit_price: Decimal::from(first_band), flat: None },
        Band { up_to: None, unit_price: Decimal::from(80u32), flat: None },
    ];
    let usage = PriceItem {
        key: PriceKey { right: Some(Right::SimpleAnalysis), ..PriceKey::any(ChargeKind::data_usage()) },
        model: PriceModel::Graduated { bands },
    };
    let prices = PriceList {
        name: Name::new("prices").unwrap(),
        currency: Currency::Jpy,
        start,
        items: vec![fee("basic", 365_000), fee("premium", 730_000), usage],
        billed_verdicts: price_book::billed_by_default(),
    };
    Fact::PriceBook(price_book::Event::PriceBookPublished(PriceBookPublished {
        id: PriceBookId::from_u128(1),
        version,
        prices,
        published_by: PROMOTER,
        at: on(3, 1, 0),
    }))
}

pub(crate) fn share_rule() -> Fact {
    let table = SplitTable {
        name: Name::new("shares").unwrap(),
        start: month(1),
        splits: default_splits(),
        charges: vec![],
    };
    Fact::ShareRule(share_rule::Event::ShareRulePublished(ShareRulePublished {
        id: ShareRuleId::from_u128(1),
        version: 1,
        table,
        published_by: PROMOTER,
        at: on(3, 1, 0),
    }))
}

/// An organisation with a capacity from April on, or from a later day.
pub(crate) fn registration(id: OrganisationId, capacity: Capacity, from: Option<Timestamp>) -> Fact {
    let from = from.unwrap_or(on(4, 1, 0)).tokyo_date();
    let event = OrganisationRegistered {
        id,
        name: Name::new("somebody").unwrap(),
        country: Country::JAPAN,
        sector: None,
        registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
        capacities: vec![CapacityGrant { capacity, from, until: None }],
        at: on(3, 1, 0),
    };
    Fact::Organisation(id, organisation::Event::OrganisationRegistered(event))
}

/// An order of one milestone that the member places with itself.
pub(crate) fn placed() -> PlacedOrder {
    PlacedOrder {
        id: ORDER,
        contract: CONTRACT,
        contract_revision: 2,
        member: MEMBER,
        vendor: MEMBER,
        vendor_contract: None,
        kind: ServiceKind::OmicsAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(1),
        milestones: vec![milestone("report", 1)],
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: Some(OmicsModality::ALL[0]),
        at: on(4, 1, 0),
    }
}

pub(crate) fn milestone(name: &str, yen: i64) -> Milestone {
    Milestone { name: Name::new(name).unwrap(), amount: Money::jpy(yen) }
}

pub(crate) fn ordered() -> Fact {
    Fact::Order(ORDER, order::Event::OmicsAnalysisOrdered(Box::new(placed())))
}

pub(crate) fn period(segment: u32) -> Period {
    Period { quota_period: QuotaPeriod { segment, contract_year: 0 }, tier: tier("basic") }
}

pub(crate) fn admitted(number: u64, cases: u32, at: Timestamp) -> AdmittedUse {
    AdmittedUse {
        number,
        contract_revision: 2,
        period: period(0),
        dataset: DATASETS[0],
        class: class(),
        freeze: Some(1),
        right: Right::SimpleAnalysis,
        cases,
        viewer: PersonId::from_u128(1),
        purpose: Purpose::new("drug-discovery").unwrap(),
        country: Country::JAPAN,
        order: None,
        at,
        settle_until: at.plus_days(30),
        remaining: None,
    }
}

/// The use that an admission stands for.
pub(crate) fn standing(admitted: &AdmittedUse) -> ReplacedUse {
    ReplacedUse {
        right: admitted.right,
        dataset: admitted.dataset,
        class: admitted.class.clone(),
        freeze: admitted.freeze,
        cases: admitted.cases,
        period: Some(admitted.period.clone()),
        verdict: Verdict::InScope,
        occurred_at: admitted.at,
        order: admitted.order,
        institutions: vec![],
    }
}

/// A row in few words.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) at: Timestamp,
    pub(crate) cases: u32,
    pub(crate) dataset: u16,
    pub(crate) right: Right,
    pub(crate) verdict: Verdict,
    pub(crate) segment: Option<u16>,
    pub(crate) order: bool,
    pub(crate) conflict: bool,
    /// Cases by institution; they sum to the cases, or none are known.
    pub(crate) counted: Vec<u32>,
    pub(crate) settles: Option<ReplacedUse>,
}

pub(crate) fn used(at: Timestamp, cases: u32) -> Use {
    Use {
        at,
        cases,
        dataset: 0,
        right: Right::SimpleAnalysis,
        verdict: Verdict::InScope,
        segment: Some(0),
        order: false,
        conflict: false,
        counted: vec![],
        settles: None,
    }
}

/// The report of these rows. Datasets 0 and 1 are the first freezes of both, 2 the second freeze of the first.
pub(crate) fn recorded(uses: &[Use]) -> Event {
    let entry = |dataset: DatasetId, freeze| DatasetEntry { dataset, class: class(), freeze: Some(freeze) };
    let mut counts = Counts::default();
    let mut named = vec![];
    let mut rows = vec![];
    for (index, of) in uses.iter().enumerate() {
        let parts = INSTITUTIONS.into_iter().zip(of.counted.iter().copied()).filter(|(_, cases)| *cases > 0);
        let parts: Vec<_> =
            parts.map(|(institution, cases)| InstitutionCases { institution, cases }).collect();
        counts.push(index, &parts);
        if let Some(replaced) = &of.settles {
            let replaced = Some(replaced.clone());
            named.push(NamedAdmission { row: index as u32, admission: 1, replaced });
        }
        rows.push(UsageRow {
            sequence: index as u64 + 1,
            occurred_at: of.at,
            cases: of.cases,
            dataset: of.dataset,
            viewer: 0,
            order: of.order.then_some(0),
            period: of.segment,
            right: of.right,
            verdict: of.verdict,
            conflict: of.conflict.then_some(ConflictReason::Content),
        });
    }
    let parts = UsageParts {
        source: SourceId::from_u128(1),
        epoch: 1,
        contract_revision: 2,
        reported_at: on(5, 1, 0),
        datasets: vec![entry(DATASETS[0], 1), entry(DATASETS[1], 1), entry(DATASETS[0], 2)],
        viewers: [PersonId::from_u128(1)].into(),
        orders: [ORDER].into(),
        periods: vec![period(0), period(1)],
        rows,
        named,
        counts,
    };
    Event::UsageRecorded(UsageRecorded::new(parts).unwrap())
}

pub(crate) fn reversed(reversed: ReplacedUse) -> Event {
    let key = RecordKey { source: SourceId::from_u128(1), epoch: 1, sequence: 1 };
    Event::UsageReversed(UsageReversed {
        target: ReversalTarget::Record(key),
        reason: Reason::new("metered twice").unwrap(),
        reversed,
        at: on(5, 1, 0),
    })
}

/// A ledger that counts its own positions, one event a frame.
#[derive(Default)]
pub(crate) struct World<const BLOCK: u64, const COPY: usize> {
    pub(crate) ledger: LedgerOf<BLOCK, COPY>,
    pub(crate) position: u64,
}

impl<const BLOCK: u64, const COPY: usize> World<BLOCK, COPY> {
    /// The contract in force, both datasets with their freezes, prices and shares.
    pub(crate) fn new(kind: ContractKind) -> Self {
        Self::agreed(kind, |_| {})
    }

    /// The same, under other terms; it comes into force when their term starts.
    pub(crate) fn agreed(kind: ContractKind, change: impl Fn(&mut Terms)) -> Self {
        let mut world = Self::default();
        let mut starts_at = on(4, 1, 0);
        for mut event in making(kind) {
            match &mut event {
                contract::Event::ContractOffered(offer) => {
                    change(&mut offer.terms);
                    starts_at = offer.terms.term.starts_at();
                }
                contract::Event::ContractActivated(activated) => activated.effective_at = starts_at,
                _ => {}
            }
            world.learn(Fact::Contract(CONTRACT, event));
        }
        for fact in [
            registered(0, BASE),
            registered(1, INSTITUTIONS[2]),
            frozen(0, 1, [3, 1, 0]),
            frozen(0, 2, [1, 1, 1]),
            frozen(1, 1, [0, 0, 5]),
            prices(1, month(1), 100),
            share_rule(),
        ] {
            world.learn(fact);
        }
        world
    }

    pub(crate) fn learn(&mut self, fact: Fact) -> u64 {
        self.position += 1;
        self.ledger.learn(At { position: self.position, frame: self.position }, fact);
        self.position
    }

    pub(crate) fn apply(&mut self, event: &Event) -> u64 {
        self.position += 1;
        self.ledger.apply(At { position: self.position, frame: self.position }, CONTRACT, event);
        self.position
    }
}
