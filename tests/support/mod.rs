//! A small forum, founded over the wire: what scenarios and benchmarks start from.

#![allow(dead_code, reason = "each user needs a part of it")]

pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod topology;

use std::{path::Path, sync::Arc};

use engine::{Clock, PLATFORM};
use proto::kiban::{
    access::v1::{self as access, access_service_client::AccessServiceClient},
    common::v1::{Money, Right, Verdict, VersionChoice},
    contract::v1::{self as contract, contract_service_client::ContractServiceClient},
    finance::v1::{self as finance, finance_service_client::FinanceServiceClient},
    membership::v1::{self as membership, Capacity, membership_service_client::MembershipServiceClient},
};
use tonic::{Request, metadata::MetadataValue, transport::Channel};
pub(crate) use topology::Server;

/// Every role, for actors of whom the test is about something else.
pub(crate) const ROLES: &str = "administrator,contracts,reviewer,finance,researcher,meter";

/// A server on a directory and a free port: one process, or many where the crate of tests says so by its name.
pub(crate) async fn serve(data_dir: &Path, clock: Arc<dyn Clock>) -> Server {
    serve_sharded(data_dir, clock, 1).await
}

/// The same, with billing and revenue-share in so many shards.
pub(crate) async fn serve_sharded(data_dir: &Path, clock: Arc<dyn Clock>, shards: u32) -> Server {
    let shards = shards.try_into().expect("one shard at least");
    match topology::APART {
        false => Server::whole(data_dir, clock, shards).await,
        true => Server::apart(data_dir, clock, shards).await,
    }
}

/// A connection to a server.
pub(crate) async fn connect(server: &Server) -> Channel {
    let address = format!("http://{}", server.address());
    Channel::from_shared(address).expect("an address").tcp_nodelay(true).connect().await.expect("it answers")
}

/// A request of an organisation, by one person of it that may do anything there.
pub(crate) fn by<T>(organisation: &str, message: T) -> Request<T> {
    let caller = format!("organisation={organisation}; person=per_00000000000000000000000001; roles={ROLES}");
    let mut request = Request::new(message);
    let header: MetadataValue<_> = caller.parse().expect("a header");
    request.metadata_mut().insert("kiban-caller", header);
    request
}

/// Who is there, and what they agreed on.
pub(crate) struct Forum {
    /// The connection.
    pub(crate) channel: Channel,
    /// The organisations.
    pub(crate) base_operator: String,
    /// Runs the forum and issues contracts.
    pub(crate) promoter: String,
    /// They supply the cases.
    pub(crate) institutions: Vec<String>,
    /// Buys access.
    pub(crate) member: String,
    /// The member's contract, active.
    pub(crate) contract: String,
    /// Its datasets.
    pub(crate) datasets: Vec<String>,
    /// Its meter.
    pub(crate) source: String,
    /// What things cost.
    pub(crate) price_book: String,
    /// Who gets how much of it.
    pub(crate) share_rule: String,
}

impl Forum {
    /// Founds a forum with one member, one active contract, one meter and so many datasets of 1,000 cases.
    pub(crate) async fn found(channel: Channel, now: &dyn Clock, datasets: usize) -> Self {
        let base_operator = organisation(&channel, "Base operator", 1, &[Capacity::BaseOperator]).await;
        let promoter = organisation(&channel, "Promoter", 2, &[Capacity::Promoter]).await;
        let mut institutions = Vec::new();
        for number in 0..3 {
            let name = format!("Hospital {number}");
            let capacities = [Capacity::MedicalInstitution];
            institutions.push(organisation(&channel, &name, 10 + number, &capacities).await);
        }
        let member = organisation(&channel, "Pharma", 3, &[Capacity::Member]).await;
        let (price_book, share_rule) = publish(&channel, &promoter).await;
        let mut forum = Self {
            channel,
            base_operator,
            promoter,
            institutions,
            member,
            contract: String::new(),
            datasets: Vec::new(),
            source: String::new(),
            price_book,
            share_rule,
        };
        for number in 0..datasets {
            let dataset = forum.add_dataset(number).await;
            forum.datasets.push(dataset);
        }
        forum.contract = forum.sign(now, "first").await;
        forum.source = forum.add_source(&forum.contract, "meter").await;
        forum
    }

    /// An active contract of the member, without bounds.
    pub(crate) async fn sign(&self, now: &dyn Clock, name: &str) -> String {
        self.conclude(now, name, &self.member, contract::ContractKind::Member).await
    }

    /// An active contract of a kind, without bounds.
    pub(crate) async fn conclude(
        &self,
        now: &dyn Clock,
        name: &str,
        applicant: &str,
        kind: contract::ContractKind,
    ) -> String {
        let mut contracts = ContractServiceClient::new(self.channel.clone());
        let applied = contracts
            .apply_for_contract(by(
                applicant,
                contract::ApplyForContractRequest {
                    command_id: format!("apply-{name}"),
                    kind: kind.into(),
                    issuer_id: self.promoter.clone(),
                    purposes: vec!["drug-discovery".into()],
                    ..Default::default()
                },
            ))
            .await
            .expect("applied");
        let contract_id = applied.into_inner().contract_id;
        let valid_until = Some(seconds(now, 30 * 86_400));
        let approve = contract::ApproveContractRequest {
            command_id: format!("approve-{name}"),
            contract_id: contract_id.clone(),
            valid_until,
            ..Default::default()
        };
        contracts.approve_contract(by(&self.promoter, approve)).await.expect("approved");
        let offer = contract::OfferContractRequest {
            command_id: format!("offer-{name}"),
            contract_id: contract_id.clone(),
            terms: Some(self.terms(now)),
            ..Default::default()
        };
        contracts.offer_contract(by(&self.promoter, offer)).await.expect("offered");
        for party in [&*self.promoter, applicant] {
            let sign = contract::SignContractRequest {
                command_id: format!("sign-{name}"),
                contract_id: contract_id.clone(),
                ..Default::default()
            };
            contracts.sign_contract(by(party, sign)).await.expect("signed");
        }
        contract_id
    }

    /// A meter of a contract.
    pub(crate) async fn add_source(&self, contract_id: &str, name: &str) -> String {
        let register = access::RegisterSourceRequest {
            command_id: format!("source-{contract_id}-{name}").chars().take(64).collect(),
            contract_id: contract_id.into(),
            name: name.into(),
            ..Default::default()
        };
        let mut accesses = AccessServiceClient::new(self.channel.clone());
        accesses.register_source(by(&self.member, register)).await.expect("registered").into_inner().source_id
    }

    /// The terms of the member's contracts.
    pub(crate) fn terms(&self, now: &dyn Clock) -> contract::Terms {
        let quota = |right: Right| contract::Quota {
            right: right.into(),
            cases_per_year: Some(contract::quota::CasesPerYear::Unlimited(true)),
            max_cases_per_run: 0,
        };
        let follow = |id: &str| Some(VersionChoice { id: id.into(), pinned_version: 0 });
        contract::Terms {
            tier: "standard".into(),
            start: Some(seconds(now, 0)),
            end: Some(seconds(now, 3 * 365 * 86_400)),
            purposes: vec!["drug-discovery".into()],
            dataset_classes: vec!["wgs".into()],
            countries: vec!["JP".into()],
            quotas: vec![quota(Right::SimpleAnalysis), quota(Right::DetailedAnalysis)],
            price_book: follow(&self.price_book),
            share_rule: follow(&self.share_rule),
            minimum_commitment: None,
            paused_fees: Default::default(),
        }
    }

    async fn add_dataset(&self, number: usize) -> String {
        let mut accesses = AccessServiceClient::new(self.channel.clone());
        let register = access::RegisterDatasetRequest {
            command_id: format!("dataset-{number}"),
            code: format!("SET-{number}"),
            name: format!("Dataset {number}"),
            dataset_class: "wgs".into(),
            disease: "Lung Adenocarcinoma".into(),
            cohort: access::Cohort::Case.into(),
            data_types: vec![access::DataType::Germline.into(), access::DataType::Tumour.into()],
            reference: format!("https://data.example/{number}"),
            ..Default::default()
        };
        let registered = accesses.register_dataset(by(&self.base_operator, register)).await;
        let dataset_id = registered.expect("registered").into_inner().dataset_id;
        let cases = [500, 300, 200];
        let part = |(institution, cases): (&String, u64)| access::InstitutionCases {
            institution_id: institution.clone(),
            cases,
        };
        let freeze = access::ReleaseFreezeRequest {
            command_id: format!("freeze-{number}"),
            dataset_id: dataset_id.clone(),
            composition: self.institutions.iter().zip(cases).map(part).collect(),
            ..Default::default()
        };
        accesses.release_freeze(by(&self.base_operator, freeze)).await.expect("released");
        dataset_id
    }
}

/// A time so many seconds after the clock's.
pub(crate) fn seconds(now: &dyn Clock, more: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: now.now().as_micros() / 1_000_000 + more, nanos: 0 }
}

/// An organisation of Japan; the number is its own.
pub(crate) async fn organisation(
    channel: &Channel,
    name: &str,
    number: u64,
    capacities: &[Capacity],
) -> String {
    let grant = |capacity: &Capacity| membership::CapacityGrant {
        capacity: (*capacity).into(),
        from: "2020-01-01".into(),
        until: String::new(),
    };
    let register = membership::RegisterOrganisationRequest {
        command_id: format!("register-{number}"),
        name: name.into(),
        country: "JP".into(),
        sector: "pharma".into(),
        registration_number: corporate_number(number),
        capacities: capacities.iter().map(grant).collect(),
        ..Default::default()
    };
    let mut members = MembershipServiceClient::new(channel.clone());
    let registered = members.register_organisation(by(&PLATFORM.to_string(), register)).await;
    registered.expect("registered").into_inner().organisation_id
}

/// A corporate number (法人番号): twelve digits behind their check digit.
pub(crate) fn corporate_number(number: u64) -> String {
    let digits = format!("{number:012}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 2 })
        .sum();
    format!("{}{digits}", 9 - sum % 9)
}

async fn publish(channel: &Channel, promoter: &str) -> (String, String) {
    let mut finances = FinanceServiceClient::new(channel.clone());
    let prices = finance::CreatePriceBookRequest {
        command_id: "prices".into(),
        version: Some(price_book()),
        ..Default::default()
    };
    let created = finances.create_price_book(by(promoter, prices)).await.expect("published");
    let rule = finance::CreateShareRuleRequest {
        command_id: "shares".into(),
        version: Some(share_rule()),
        ..Default::default()
    };
    let ruled = finances.create_share_rule(by(promoter, rule)).await.expect("published");
    (created.into_inner().price_book_id, ruled.into_inner().share_rule_id)
}

fn price_book() -> finance::PriceBookVersion {
    use finance::price_model::Model;
    let item = |kind: &str, right: Right, model: Model| finance::PriceItem {
        charge_kind: kind.into(),
        right: right.into(),
        model: Some(finance::PriceModel { model: Some(model) }),
        ..Default::default()
    };
    let band = |up_to: &str, price: &str| finance::Band {
        up_to: up_to.into(),
        unit_price: price.into(),
        flat: None,
    };
    let bands = vec![band("1000", "120"), band("10000", "90.5"), band("", "60.25")];
    finance::PriceBookVersion {
        version: 0,
        name: "Standard prices".into(),
        currency_code: "JPY".into(),
        start: "2020-01".into(),
        items: vec![
            item("contract-fee", Right::Unspecified, Model::Flat(yen(1_200_000))),
            item("data-usage", Right::Browse, Model::PerUnit("5".into())),
            item("data-usage", Right::SimpleAnalysis, Model::Graduated(finance::Graduated { bands })),
            item("data-usage", Right::DetailedAnalysis, Model::PerUnit("300".into())),
        ],
        billed_verdicts: vec![Verdict::InScope.into(), Verdict::OverQuota.into()],
    }
}

fn share_rule() -> finance::ShareRuleVersion {
    use finance::PartyRole;
    let party = |role: PartyRole| finance::Party { party: Some(finance::party::Party::Role(role.into())) };
    let percentage = |role: PartyRole, percentage: &str| finance::PartyPercentage {
        party: Some(party(role)),
        percentage: percentage.into(),
    };
    let split = |kind: &str, percentages: Vec<finance::PartyPercentage>| finance::Split {
        charge_kind: kind.into(),
        provider_scope: finance::ProviderScope::Any.into(),
        percentages,
        residual: Some(party(PartyRole::BaseOperator)),
        ..Default::default()
    };
    finance::ShareRuleVersion {
        version: 0,
        name: "Default shares".into(),
        start: "2020-01".into(),
        splits: vec![
            split(
                "contract-fee",
                vec![percentage(PartyRole::BaseOperator, "60"), percentage(PartyRole::Promoter, "40")],
            ),
            split(
                "data-usage",
                vec![
                    percentage(PartyRole::BaseOperator, "70"),
                    percentage(PartyRole::Promoter, "20"),
                    percentage(PartyRole::InstitutionsPool, "10"),
                ],
            ),
        ],
        charges: vec![],
    }
}

/// An amount of yen.
pub(crate) fn yen(amount: i64) -> Money {
    Money { currency_code: "JPY".into(), minor_units: amount }
}
