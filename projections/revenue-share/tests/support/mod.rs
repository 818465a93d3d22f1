//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.
//!
//! One member contract in force from 2026-04-01, two datasets (one of the base operator, one of a biobank),
//! three institutions. 100 yen a case up to 10 cases, then 80 yen; 365,000 yen a year.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

use std::{collections::BTreeSet, ops::Deref};

use domain::{
    contract::{
        self, ContractActivated, ContractApplied, ContractKind, ContractOffered, Quota, Quotas, Terms,
    },
    dataset::{self, ComposedCases, FreezeReleased},
    id::{ContractId, DatasetId, OrganisationId, PriceBookId, ShareRuleId},
    organisation::{self, Capacity, CapacityGrant},
    price_book::{self, Band, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    share_rule::{self, Party, ShareRulePublished, Split, SplitTable},
    terms::{ChargeKind, DatasetClass, PriceBookChoice, ShareRuleChoice, Tier},
    text::{Name, Text},
    time::{Month, Timestamp},
};
use engine::Role;
use event_log::EventLog;
use events::Recordable;
use jiff::civil::date;
use money::{Currency, Decimal, Money};
use proto::kiban::{
    common::v1 as common,
    revenue_share::v1::{
        ChargeShares, GetRevenueSharesRequest, GetRevenueSharesResponse,
        revenue_share_service_server::RevenueShareService,
    },
};
use tonic::Status;
pub(crate) use world::{Past, reason as refused, roleless as by, with_roles};

mod compared;
pub(crate) mod course;
mod dealings;
mod supposed;
mod usage;

pub(crate) use compared::Compared;
pub(crate) use dealings::*;
pub(crate) use supposed::*;
pub(crate) use usage::{Use, recorded, used};

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const BIOBANK: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const HOSPITALS: [OrganisationId; 3] =
    [OrganisationId::from_u128(11), OrganisationId::from_u128(12), OrganisationId::from_u128(13)];
pub(crate) const CONTRACT: ContractId = ContractId::from_u128(21);
pub(crate) const OTHER_CONTRACT: ContractId = ContractId::from_u128(22);
/// Of the base operator, and of the biobank.
pub(crate) const DATASETS: [DatasetId; 2] = [DatasetId::from_u128(31), DatasetId::from_u128(32)];
pub(crate) const SHARE_RULE: ShareRuleId = ShareRuleId::from_u128(41);

/// What stands in the log, and the service over it.
pub(crate) struct World {
    pub(crate) past: Past,
    pub(crate) service: Compared,
}

impl Deref for World {
    type Target = Past;

    fn deref(&self) -> &Past {
        &self.past
    }
}

/// The start of a date of 2026 in Tokyo.
pub(crate) fn on(month: i8, day: i8) -> Timestamp {
    Timestamp::start_of_tokyo_date(date(2026, month, day))
}

pub(crate) fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

impl World {
    /// A log without an event, and the service over it.
    pub(crate) fn empty() -> Self {
        let past = Past::at(on(3, 1), PROMOTER);
        let service = Compared::new(&past);
        Self { past, service }
    }

    /// Everything but the share rule.
    pub(crate) async fn unruled() -> Self {
        let world = Self::empty();
        for (id, name, capacity) in [
            (PROMOTER, "Forum", Capacity::Promoter),
            (BASE, "Base Operator", Capacity::BaseOperator),
            (PHARMA, "Asahi Pharma", Capacity::Member),
            (BIOBANK, "Northern Biobank", Capacity::DataProvider),
            (HOSPITALS[0], "First Hospital", Capacity::MedicalInstitution),
            (HOSPITALS[1], "Second Hospital", Capacity::MedicalInstitution),
            (HOSPITALS[2], "Third Hospital", Capacity::MedicalInstitution),
        ] {
            world.organisation(id, name, capacity).await;
        }
        world.dataset(0, BASE, [5, 3, 2]).await;
        world.dataset(1, BIOBANK, [0, 0, 5]).await;
        world.publish_prices(1, "100").await;
        world.contract(CONTRACT).await;
        world
    }

    /// The forum under the default splits.
    pub(crate) async fn forum() -> Self {
        let world = Self::unruled().await;
        world.publish_rule(1, month(1), share_rule::default_splits()).await;
        world
    }

    /// Appends one frame; returns its last position.
    pub(crate) async fn append<E: Recordable>(&self, id: impl ToString, events: &[E]) -> u64 {
        self.past.append(id, events, &[]).await.last_position.0
    }

    pub(crate) async fn organisation(&self, id: OrganisationId, name: &str, capacity: Capacity) -> u64 {
        self.register(id, name, CapacityGrant { capacity, from: date(2026, 3, 1), until: None }).await
    }

    pub(crate) async fn register(&self, id: OrganisationId, name: &str, grant: CapacityGrant) -> u64 {
        self.past.organisation(id, name, grant).await.last_position.0
    }

    /// A dataset and its first freeze, with so many cases of each hospital.
    async fn dataset(&self, index: usize, provider: OrganisationId, cases: [u64; 3]) {
        let id = DATASETS[index];
        let description = world::description(&format!("SET-{index}"), "wgs", provider);
        let registered = dataset::DatasetRegistered { id, description, at: on(3, 1) };
        let parts = HOSPITALS.into_iter().zip(cases).filter(|(_, cases)| *cases > 0);
        let composition = parts.map(|(institution, cases)| ComposedCases { institution, cases }).collect();
        let freeze = FreezeReleased { number: 1, composition, consent: Default::default(), at: on(3, 1) };
        let events = [dataset::Event::DatasetRegistered(registered), dataset::Event::FreezeReleased(freeze)];
        self.append(id, &events).await;
    }

    /// A version of the price book, from January on; the first ten cases cost so many yen each.
    pub(crate) async fn publish_prices(&self, version: u32, first_band: &str) -> u64 {
        self.publish(version, first_band, 365_000).await
    }

    /// The same prices of cases, and a contract fee of so many yen a year.
    pub(crate) async fn publish_fee(&self, version: u32, fee: i64) -> u64 {
        self.publish(version, "100", fee).await
    }

    async fn publish(&self, version: u32, first_band: &str, fee: i64) -> u64 {
        let id = PriceBookId::from_u128(51);
        let prices = price_list(first_band, fee);
        let event = PriceBookPublished { id, version, prices, published_by: PROMOTER, at: on(3, 1) };
        self.append(id, &[price_book::Event::PriceBookPublished(event)]).await
    }

    pub(crate) async fn publish_rule(&self, version: u32, start: Month, splits: Vec<Split>) -> u64 {
        let event = ShareRulePublished {
            id: SHARE_RULE,
            version,
            table: SplitTable { name: Name::new("shares").unwrap(), start, splits, charges: vec![] },
            published_by: PROMOTER,
            at: on(3, 1),
        };
        self.append(SHARE_RULE, &[share_rule::Event::ShareRulePublished(event)]).await
    }

    /// A contract of the pharma company, in force for a year from 2026-04-01.
    pub(crate) async fn contract(&self, id: ContractId) -> u64 {
        self.contract_of(PROMOTER, id).await
    }

    /// The same, issued by somebody.
    pub(crate) async fn contract_of(&self, issuer: OrganisationId, id: ContractId) -> u64 {
        self.contract_with(ContractKind::Member, PHARMA, issuer, id, |_| {}).await
    }

    /// A contract of somebody, in force for a year from 2026-04-01, under changed terms.
    pub(crate) async fn contract_with(
        &self,
        kind: ContractKind,
        applicant: OrganisationId,
        issuer: OrganisationId,
        id: ContractId,
        change: impl FnOnce(&mut Terms),
    ) -> u64 {
        self.append(id, &making(kind, applicant, issuer, id, change)).await
    }

    pub(crate) async fn report(&self, contract: ContractId, uses: &[Use]) -> u64 {
        self.append(contract, &[recorded(uses)]).await
    }

    /// The whole month now, as the base operator sees it.
    pub(crate) async fn shares(&self, month: Month) -> GetRevenueSharesResponse {
        self.ask(BASE, self.request(month)).await.unwrap()
    }

    /// The whole month as it was known at a position.
    pub(crate) async fn shares_at(&self, month: Month, position: u64) -> GetRevenueSharesResponse {
        let as_of = as_of(position);
        self.ask(BASE, GetRevenueSharesRequest { as_of, ..self.request(month) }).await.unwrap()
    }

    /// A request that waits for everything that has been written.
    pub(crate) fn request(&self, month: Month) -> GetRevenueSharesRequest {
        GetRevenueSharesRequest {
            month: month.to_string(),
            min_position: self.log.head().position.to_string(),
            ..GetRevenueSharesRequest::default()
        }
    }

    pub(crate) async fn ask(
        &self,
        caller: OrganisationId,
        message: GetRevenueSharesRequest,
    ) -> Result<GetRevenueSharesResponse, Status> {
        let request = by(caller, message);
        Ok(self.service.get_revenue_shares(request).await?.into_inner())
    }
}

/// A contract of somebody until it is in force, for a year from 2026-04-01, under changed terms.
pub(crate) fn making(
    kind: ContractKind,
    applicant: OrganisationId,
    issuer: OrganisationId,
    id: ContractId,
    change: impl FnOnce(&mut Terms),
) -> [contract::Event; 3] {
    let (parties, at) = (BTreeSet::from([applicant, PROMOTER, BASE]), on(3, 2));
    let mut terms = Terms {
        dataset_classes: [class()].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(51)),
        share_rule: ShareRuleChoice::Follow(SHARE_RULE),
        ..world::terms("basic", on(4, 1))
    };
    change(&mut terms);
    let (purposes, lane) = (["drug-discovery".parse().unwrap()].into(), Default::default());
    let applied = ContractApplied { id, kind, applicant, issuer, purposes, lane, at };
    [
        contract::Event::ContractApplied(applied),
        contract::Event::ContractOffered(ContractOffered { parties, terms, at }),
        contract::Event::ContractActivated(ContractActivated { effective_at: on(4, 1) }),
    ]
}

/// Prices from January on: the first ten cases cost so many yen each, the contract fee so many a year.
pub(crate) fn price_list(first_band: &str, fee: i64) -> PriceList {
    let bands = vec![
        Band { up_to: Some(Decimal::from(10u32)), unit_price: first_band.parse().unwrap(), flat: None },
        Band { up_to: None, unit_price: Decimal::from(80u32), flat: None },
    ];
    let usage =
        PriceItem { key: PriceKey::any(ChargeKind::data_usage()), model: PriceModel::Graduated { bands } };
    let fee = PriceItem {
        key: PriceKey::any(ChargeKind::contract_fee()),
        model: PriceModel::Flat { amount: Money::jpy(fee) },
    };
    PriceList {
        name: Name::new("prices").unwrap(),
        currency: Currency::Jpy,
        start: month(1),
        items: [vec![fee, usage], other_items()].concat(),
        billed_verdicts: price_book::billed_by_default(),
    }
}

fn class() -> DatasetClass {
    DatasetClass::new("wgs").unwrap()
}

fn tier() -> Tier {
    Tier::new("basic").unwrap()
}

/// A split of data usage between base operator and promoter alone.
pub(crate) fn between(base: u32, promoter: u32) -> Split {
    Split {
        charge_kind: ChargeKind::data_usage(),
        with_provider: None,
        fixed: vec![],
        percentages: vec![
            (Party::BaseOperator, Decimal::from(base)),
            (Party::Promoter, Decimal::from(promoter)),
        ],
        minimums: vec![],
        caps: vec![],
        residual: Party::BaseOperator,
        data_fee: None,
    }
}

/// Yen of an amount that must be there.
pub(crate) fn yen(amount: &Option<common::Money>) -> i64 {
    let amount = amount.as_ref().unwrap();
    assert_eq!(amount.currency_code, "JPY");
    amount.minor_units
}

/// Who is owed what, in the order of the answer.
pub(crate) fn totals(answer: &GetRevenueSharesResponse) -> Vec<(String, i64)> {
    answer.parties.iter().map(|party| (party.organisation_id.clone(), yen(&party.amount))).collect()
}

/// The same, as it is expected.
pub(crate) fn expected(totals: &[(OrganisationId, i64)]) -> Vec<(String, i64)> {
    totals.iter().map(|(organisation, yen)| (organisation.to_string(), *yen)).collect()
}

/// The shares of a charge, in order.
pub(crate) fn split(charge: &ChargeShares) -> Vec<(String, i64, &str)> {
    let shares = charge.shares.iter();
    shares.map(|of| (of.organisation_id.clone(), yen(&of.amount), of.reason.as_str())).collect()
}
