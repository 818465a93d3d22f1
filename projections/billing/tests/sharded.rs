//! In however many shards it is folded: together they hold the bytes of one, and every answer is the same. (The service
//! that these tests ask is one over four layouts, which must agree; see `support/compared.rs`.)

mod support;

use billing::BillingFold;
use domain::{
    contract::{self, Commitment, ContractKind, ContractTerminated, Lane, Terms},
    credit::{self, CreditGranted},
    dataset::{DatasetRegistered, Event},
    id::{ContractId, CreditId, DatasetId, OrderId, PersonId, PriceBookId, RecruitmentId, ShareRuleId},
    order::{self, DeliveryAccepted, PlacedOrder},
    price_book,
    recruitment::{
        self, ParticipantEnrolled, PatientRecruitmentRequested, RecruitmentApproved, RequestedRecruitment,
        Sought, Triage,
    },
    share_rule::{self, ShareRulePublished, SplitTable, default_splits},
    terms::ChargeKind,
    time::Timestamp,
};
use engine::Role;
use money::{Decimal, Money};
use proptest::prelude::*;
use proto::kiban::{
    billing::v1::{
        EstimateUsageRequest, ExplainLineRequest, GetStatementRequest, billing_service_server::BillingService,
    },
    common::v1::{self as common, AsOf, as_of},
    finance::v1::WhatIf,
};
use support::*;
use world::{in_shards, together};

/// Three of the member, and one of the vendor.
const CONTRACTS: [ContractId; 4] =
    [CONTRACT, ContractId::from_u128(8), ContractId::from_u128(9), ContractId::from_u128(10)];
const DATASET: DatasetId = DatasetId::from_u128(21);

/// What happens next; `under` says under which of the contracts, days are of April.
#[derive(Debug, Clone)]
enum Step {
    Use { under: usize, day: u32, cases: u32, order: Option<prop::sample::Index> },
    Order { under: usize },
    Accept { order: prop::sample::Index, day: u32 },
    Recruit { under: usize, enrolled: Vec<u32> },
    Credit { under: usize, yen: i64 },
    Reprice(u32),
    DataFee(Option<u32>),
}

fn a_step() -> impl Strategy<Value = Step> {
    let (days, members) = (2u32..19, 0..CONTRACTS.len() - 1);
    let order = || any::<prop::sample::Index>();
    prop_oneof![
        6 => (0..CONTRACTS.len(), days.clone(), 1u32..2_000, prop::option::of(order()))
            .prop_map(|(under, day, cases, order)| Step::Use { under, day, cases, order }),
        2 => members.clone().prop_map(|under| Step::Order { under }),
        2 => (order(), days.clone()).prop_map(|(order, day)| Step::Accept { order, day }),
        1 => (members.clone(), prop::collection::vec(days, 0..4))
            .prop_map(|(under, enrolled)| Step::Recruit { under, enrolled }),
        1 => (members, 1i64..9_000).prop_map(|(under, yen)| Step::Credit { under, yen }),
        1 => (1u32..300).prop_map(Step::Reprice),
        1 => prop::option::of(1u32..100).prop_map(Step::DataFee),
    ]
}

/// A contract whose first year commits to something and ends within the month, and one of the vendor.
async fn course(world: &World) {
    let amount = Money::jpy(365_000_000);
    let commitment = Commitment { amount, charge_kinds: Commitment::counted_by_default() };
    let committed = Terms { minimum_commitment: Some(commitment), ..terms() };
    world.append(CONTRACTS[1], &making_of(CONTRACTS[1], Lane::Standard, committed)).await;
    let reason = "enough".parse().unwrap();
    let ended = ContractTerminated { by: PHARMA, reason, effective_at: april(16), at: april(2) };
    world.append(CONTRACTS[1], &[contract::Event::ContractTerminated(ended)]).await;
    world.append(CONTRACTS[2], &making_of(CONTRACTS[2], Lane::Expedited, terms())).await;
    let mut of_vendor = making_of(CONTRACTS[3], Lane::Standard, terms());
    if let contract::Event::ContractApplied(applied) = &mut of_vendor[0] {
        (applied.kind, applied.applicant) = (ContractKind::VendorParticipation, RIVAL);
    }
    world.append(CONTRACTS[3], &of_vendor).await;
    let description = world::description("SET-1", "open", PROMOTER);
    let registered = DatasetRegistered { id: DATASET, description, at: april(1) };
    world.append(DATASET, &[Event::DatasetRegistered(registered)]).await;
    world.append(PriceBookId::from_u128(1), &[prices_of_recruitment()]).await;
}

/// The default splits with a part of what a vendor earns by an order as its data fee, or with the fee by use.
fn data_fee(version: u32, percentage: Option<u32>) -> share_rule::Event {
    let mut splits = default_splits();
    for split in splits.iter_mut().filter(|split| split.charge_kind == ChargeKind::service_order()) {
        split.data_fee = percentage.map(Decimal::from);
    }
    let start = "2026-01".parse().unwrap();
    share_rule::Event::ShareRulePublished(ShareRulePublished {
        id: ShareRuleId::from_u128(1),
        version,
        table: SplitTable { name: "shares".parse().unwrap(), start, splits, charges: vec![] },
        published_by: PROMOTER,
        at: april(1),
    })
}

fn recruited(id: RecruitmentId, contract: ContractId, enrolled: &[u32]) -> Vec<recruitment::Event> {
    let request = RequestedRecruitment {
        member: PHARMA,
        executor: RIVAL,
        executor_contract: None,
        study_title: "a study".parse().unwrap(),
        sought: Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap()),
        participants_wanted: 100,
    };
    let (contract_revision, triage, at) = (2, Triage::NotNeeded, april(2));
    let requested = PatientRecruitmentRequested { id, contract, contract_revision, request, triage, at };
    let approved = RecruitmentApproved {
        by: PersonId::from_u128(1),
        ethics_approval: "2026-17".parse().unwrap(),
        valid_until: april(30),
        at: april(3),
    };
    let enrolled = (0..).zip(enrolled).map(|(number, day)| {
        let pseudonym = format!("P-{number:08}").parse().unwrap();
        let at = april(*day);
        recruitment::Event::ParticipantEnrolled(ParticipantEnrolled {
            institution: RIVAL,
            pseudonym,
            contract_revision,
            at,
        })
    });
    let began = [
        recruitment::Event::PatientRecruitmentRequested(requested),
        recruitment::Event::RecruitmentApproved(approved),
    ];
    began.into_iter().chain(enrolled).collect()
}

fn credited(id: CreditId, contract: ContractId, yen: i64, at: Timestamp) -> credit::Event {
    credit::Event::CreditGranted(CreditGranted {
        id,
        contract,
        member: PHARMA,
        charge_kind: ChargeKind::publication_incentive(),
        amount: Money::jpy(yen),
        month: "2026-04".parse().unwrap(),
        reason: "an early release".parse().unwrap(),
        granted_by: PROMOTER,
        at,
    })
}

/// Carries out the steps; returns the orders.
async fn carry_out(world: &World, steps: &[Step]) -> Vec<OrderId> {
    let mut orders: Vec<OrderId> = Vec::new();
    for (step, number) in steps.iter().zip(3u32..) {
        let id = u128::from(number) + 1_000;
        match step {
            Step::Use { under, day, cases, order } => {
                let order = order.filter(|_| !orders.is_empty()).map(|order| *order.get(&orders));
                world.append(CONTRACTS[*under], &[usage_for(order, *day, *cases)]).await;
            }
            Step::Order { under } => {
                let placed =
                    PlacedOrder { id: OrderId::from_u128(id), contract: CONTRACTS[*under], ..placed() };
                orders.push(placed.id);
                world.append(placed.id, &[order::Event::OmicsAnalysisOrdered(Box::new(placed))]).await;
            }
            Step::Accept { order, day } if !orders.is_empty() => {
                let accepted = DeliveryAccepted { milestone: number % 2, at: april(*day) };
                world.append(order.get(&orders), &[order::Event::DeliveryAccepted(accepted)]).await;
            }
            Step::Accept { .. } => {}
            Step::Recruit { under, enrolled } => {
                let id = RecruitmentId::from_u128(id);
                world.append(id, &recruited(id, CONTRACTS[*under], enrolled)).await;
            }
            Step::Credit { under, yen } => {
                let id = CreditId::from_u128(id);
                world.append(id, &[credited(id, CONTRACTS[*under], *yen, april(20))]).await;
            }
            Step::Reprice(yen) => {
                world.append(PriceBookId::from_u128(1), &[prices(number, 4, *yen)]).await;
            }
            Step::DataFee(percentage) => {
                world.append(ShareRuleId::from_u128(1), &[data_fee(number, *percentage)]).await;
            }
        }
    }
    orders
}

/// Every statement and every line with its pages, about now or about a moment.
async fn ask_all(world: &World, as_of: Option<AsOf>, what_if: Option<WhatIf>) {
    for contract in CONTRACTS {
        let asked = GetStatementRequest {
            contract_id: contract.to_string(),
            month: "2026-04".into(),
            as_of: as_of.clone(),
            min_position: world.head(),
            what_if: what_if.clone(),
        };
        let asked = with_roles(PROMOTER, &[Role::Finance], asked);
        let Ok(answer) = world.billing.get_statement(asked).await else { continue };
        for line in answer.into_inner().statement.unwrap().lines {
            let mut page_token = String::new();
            loop {
                let asked = ExplainLineRequest {
                    contract_id: contract.to_string(),
                    month: "2026-04".into(),
                    line_id: line.line_id.clone(),
                    as_of: as_of.clone(),
                    min_position: world.head(),
                    page_size: 2,
                    page_token,
                    what_if: what_if.clone(),
                };
                let asked = with_roles(PROMOTER, &[Role::Finance], asked);
                page_token = world.billing.explain_line(asked).await.unwrap().into_inner().next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
    }
}

async fn estimate_all(world: &World, orders: &[OrderId]) {
    let orders = orders.iter().map(|order| order.to_string());
    for order_id in orders.chain([String::new()]) {
        for contract in CONTRACTS {
            let asked = EstimateUsageRequest {
                contract_id: contract.to_string(),
                dataset_id: DATASET.to_string(),
                right: common::Right::SimpleAnalysis.into(),
                cases: 700,
                min_position: world.head(),
                order_id: order_id.clone(),
            };
            world.billing.estimate_usage(from(PROMOTER, asked)).await.unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shards_hold_the_bytes_of_one_and_answer_as_one(
        steps in prop::collection::vec(a_step(), 1..24),
        first_band in 1u32..300,
        earlier in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = folder.path().join("billing.db");
            let mut world = World::new(&store).await;
            course(&world).await;
            let orders = carry_out(&world, &steps).await;
            let events = world.events().await;
            let (whole, _) = together(&in_shards::<BillingFold>(&events, 1));
            let whole = events::ledger::encode(&whole);
            for count in [2, 3, 7] {
                let (ledger, _) = together(&in_shards::<BillingFold>(&events, count));
                assert!(events::ledger::encode(&ledger) == whole, "in {count} shards");
            }
            let price_book::Event::PriceBookPublished(other) = prices(1, 4, first_band);
            let prices = Some(events::finance_form::price_book_version(0, &other.prices));
            let position = as_of::Moment::Position((earlier.index(events.len()) + 1).to_string());
            for _ in 0..2 {
                ask_all(&world, None, None).await;
                ask_all(&world, Some(AsOf { moment: Some(position.clone()) }), None).await;
                ask_all(&world, None, Some(WhatIf { prices: prices.clone(), shares: None })).await;
                estimate_all(&world, &orders).await;
                world = world.restart(&store).await;
            }
        });
    }
}
