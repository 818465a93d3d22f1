//! A forum in one process: a log in memory, a clock that stands, and the services over both.

use std::sync::Arc;

use contract::Contracts;
use domain::{
    id::{OrganisationId, PriceBookId, ShareRuleId},
    organisation::Capacity,
    price_book::{
        self, PriceBook, PriceItem, PriceKey, PriceList, PriceModel, PublishPriceBook, billed_by_default,
    },
    share_rule::{self, PublishShareRule, ShareRule, SplitTable, default_splits},
    terms::ChargeKind,
    time::Month,
};
use engine::{ManualClock, Role, wire_time};
use event_log::{EventFeed, EventLog};
use events::Category;
use money::{Currency, Money};
use proto::kiban::{
    common::v1::{Right, VersionChoice},
    contract::v1::{
        ApplyForContractRequest, ApplyForContractResponse, ApproveContractRequest, ContractKind, Lane,
        OfferContractRequest, PausedFees, Quota, SignContractRequest, Terms,
        contract_service_server::ContractService, quota::CasesPerYear,
    },
};
use tonic::{Request, Response, Status};
use world::{by, day, with_roles};

pub(crate) const BOOK: PriceBookId = PriceBookId::from_u128(4);
pub(crate) const RULE: ShareRuleId = ShareRuleId::from_u128(5);

pub(crate) struct World {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) feed: Arc<dyn EventFeed>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) contracts: Contracts,
    pub(crate) promoter: OrganisationId,
    pub(crate) pharma: OrganisationId,
    pub(crate) rival: OrganisationId,
}

impl World {
    /// A promoter, two pharma members, a price book and a share rule with one version each.
    pub(crate) async fn new() -> Self {
        let forum = world::World::new();
        let promoter = forum.register(1, Capacity::Promoter).await;
        let pharma = forum.register(2, Capacity::Member).await;
        let rival = forum.register(3, Capacity::Member).await;
        publish_price_book(&forum, promoter).await;
        publish_share_rule(&forum, promoter).await;
        let world::World { log, feed, clock, gate } = forum;
        let contracts = Contracts::new(log.clone(), gate);
        Self { log, feed, clock, contracts, promoter, pharma, rival }
    }

    pub(crate) fn application(&self, command_id: &str) -> ApplyForContractRequest {
        ApplyForContractRequest {
            command_id: command_id.into(),
            validate_only: false,
            kind: ContractKind::Member.into(),
            issuer_id: self.promoter.to_string(),
            purposes: vec!["drug-discovery".into()],
            lane: Lane::Standard.into(),
        }
    }

    /// The pharma member applies.
    pub(crate) async fn apply(
        &self,
        request: ApplyForContractRequest,
    ) -> Result<ApplyForContractResponse, Status> {
        self.contracts.apply_for_contract(by(self.pharma, request)).await.map(Response::into_inner)
    }

    /// A contract that is approved and offered.
    pub(crate) async fn offered(&self) -> String {
        let contract_id = self.apply(self.application("apply")).await.unwrap().contract_id;
        let request = approval(&contract_id);
        self.contracts.approve_contract(by(self.promoter, request)).await.unwrap();
        let request = offer(&contract_id);
        self.contracts.offer_contract(by(self.promoter, request)).await.unwrap();
        contract_id
    }

    /// A contract that both parties have signed.
    pub(crate) async fn active(&self) -> String {
        let contract_id = self.offered().await;
        for party in [self.pharma, self.promoter] {
            self.contracts.sign_contract(by(party, signature(&contract_id))).await.unwrap();
        }
        contract_id
    }
}

/// A request by a machine with every role.
pub(crate) fn by_machine<T>(organisation: OrganisationId, request: T) -> Request<T> {
    with_roles(organisation, &Role::ALL, request)
}

pub(crate) fn approval(contract_id: &str) -> ApproveContractRequest {
    ApproveContractRequest {
        command_id: "approve".into(),
        contract_id: contract_id.into(),
        valid_until: Some(wire_time(day(2026, 6, 1))),
        ..Default::default()
    }
}

pub(crate) fn offer(contract_id: &str) -> OfferContractRequest {
    OfferContractRequest {
        command_id: "offer".into(),
        contract_id: contract_id.into(),
        terms: Some(terms()),
        ..Default::default()
    }
}

pub(crate) fn signature(contract_id: &str) -> SignContractRequest {
    SignContractRequest {
        command_id: format!("sign {contract_id}"),
        contract_id: contract_id.into(),
        ..Default::default()
    }
}

pub(crate) fn terms() -> Terms {
    let unlimited = Some(CasesPerYear::Unlimited(true));
    Terms {
        tier: "standard".into(),
        start: Some(wire_time(day(2026, 3, 1))),
        end: Some(wire_time(day(2027, 3, 1))),
        purposes: vec!["drug-discovery".into()],
        dataset_classes: vec!["open".into()],
        countries: vec!["JP".into(), "US".into()],
        quotas: vec![Quota {
            right: Right::SimpleAnalysis.into(),
            cases_per_year: unlimited,
            max_cases_per_run: 500,
        }],
        price_book: Some(VersionChoice { id: BOOK.to_string(), pinned_version: 1 }),
        share_rule: Some(VersionChoice { id: RULE.to_string(), pinned_version: 0 }),
        minimum_commitment: None,
        paused_fees: PausedFees::GoOn.into(),
    }
}

async fn publish_price_book(forum: &world::World, owner: OrganisationId) {
    let prices = PriceList {
        name: "prices".parse().unwrap(),
        currency: Currency::Jpy,
        start: Month::new(2026, 1).unwrap(),
        items: vec![PriceItem {
            key: PriceKey::any(ChargeKind::contract_fee()),
            model: PriceModel::Flat { amount: Money::jpy(1_000_000) },
        }],
        billed_verdicts: billed_by_default(),
    };
    let at = day(2026, 1, 1);
    let command = PublishPriceBook { id: BOOK, prices, closed_through: None, published_by: owner, at };
    let command = price_book::Command::PublishPriceBook(command);
    forum.run::<PriceBook>(&Category::PriceBook.stream(BOOK), command).await;
}

async fn publish_share_rule(forum: &world::World, owner: OrganisationId) {
    let start = Month::new(2026, 1).unwrap();
    let table =
        SplitTable { name: "shares".parse().unwrap(), start, splits: default_splits(), charges: vec![] };
    let at = day(2026, 1, 1);
    let command = PublishShareRule { id: RULE, table, closed_through: None, published_by: owner, at };
    let command = share_rule::Command::PublishShareRule(command);
    forum.run::<ShareRule>(&Category::ShareRule.stream(RULE), command).await;
}
