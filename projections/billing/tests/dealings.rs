//! Lines of no use through the gRPC trait: each explained down to its events, each as of any position.

mod support;

use domain::{
    contract::{
        self, Commitment, ContractPaused, ContractResumed, ContractTerminated, Lane, PausedFees, Terms,
    },
    credit::{self, CreditGranted},
    id::{ContractId, CreditId, PriceBookId, RecruitmentId},
    order::{self, DeliveryAccepted, OrderCancelled},
    recruitment::{
        self, ParticipantEnrolled, PatientRecruitmentRequested, RecruitmentApproved, RequestedRecruitment,
        Sought, Triage,
    },
    terms::ChargeKind,
};
use money::Money;
use proto::kiban::{
    billing::v1::{
        ExplainLineRequest, ExplainLineResponse, GetStatementRequest, Statement, StatementLine,
        billing_service_server::BillingService,
    },
    common::v1::{AsOf, as_of},
    finance::v1::PayoutTreatment,
};
use support::*;

const OTHER: ContractId = ContractId::from_u128(8);

async fn world() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    (world, folder)
}

async fn stated(world: &World, contract: ContractId, month: &str, position: Option<u64>) -> Statement {
    let moment = position.map(|position| as_of::Moment::Position(position.to_string()));
    let request = GetStatementRequest {
        contract_id: contract.to_string(),
        month: month.into(),
        as_of: Some(AsOf { moment }),
        min_position: world.head(),
        what_if: None,
    };
    world.billing.get_statement(from(PHARMA, request)).await.unwrap().into_inner().statement.unwrap()
}

async fn explained(world: &World, contract: ContractId, month: &str, line: &str) -> ExplainLineResponse {
    let request = ExplainLineRequest {
        contract_id: contract.to_string(),
        month: month.into(),
        line_id: line.into(),
        min_position: world.head(),
        ..ExplainLineRequest::default()
    };
    world.billing.explain_line(from(PHARMA, request)).await.unwrap().into_inner()
}

fn line<'s>(statement: &'s Statement, kind: &str) -> &'s StatementLine {
    statement.lines.iter().find(|line| line.charge_kind == kind).unwrap()
}

fn yen(line: &StatementLine) -> i64 {
    line.amount.as_ref().unwrap().minor_units
}

/// The events as: type without its package, quantity.
fn events(explained: &ExplainLineResponse) -> Vec<(&str, &str)> {
    let short = |name: &'_ str| name.rfind('.').map_or(0, |dot| dot + 1);
    let events = explained.events.iter();
    events.map(|event| (&event.event_type[short(&event.event_type)..], event.quantity.as_str())).collect()
}

#[tokio::test]
async fn an_order_is_explained_by_its_placing_and_what_was_accepted() {
    let (world, _folder) = world().await;
    world.append(ORDER, &[ordered()]).await;
    let accepted = |milestone| order::Event::DeliveryAccepted(DeliveryAccepted { milestone, at: april(9) });
    let first = world.append(ORDER, &[accepted(0)]).await.last_position.0;
    let reason = "not needed".parse().unwrap();
    let cancelled = OrderCancelled { by: PHARMA, reason, charged: vec![1], at: april(12) };
    world.append(ORDER, &[order::Event::OrderCancelled(cancelled)]).await;

    let statement = stated(&world, CONTRACT, "2026-04", None).await;
    let found = line(&statement, "service-order");
    assert_eq!((yen(found), found.quantity.as_str(), found.order_id.clone()), (100, "2", ORDER.to_string()));
    assert_eq!(
        (found.issuer_id.clone(), found.collector_id.clone()),
        (PROMOTER.to_string(), PROMOTER.to_string())
    );
    assert_eq!(found.payout_treatment(), PayoutTreatment::Agency);
    assert_eq!(line(&statement, "contract-fee").payout_treatment(), PayoutTreatment::Resale);
    let why = explained(&world, CONTRACT, "2026-04", &found.line_id).await;
    let expected = [("OmicsAnalysisOrdered", ""), ("DeliveryAccepted", "1"), ("OrderCancelled", "1")];
    assert_eq!(events(&why), expected);
    assert_eq!(why.arithmetic.last().unwrap(), "together 100 JPY");
    assert_eq!(yen(line(&stated(&world, CONTRACT, "2026-04", Some(first)).await, "service-order")), 60);
}

#[tokio::test]
async fn a_recruitment_is_explained_by_what_fell_due() {
    let (world, _folder) = world().await;
    world.append(PriceBookId::from_u128(1), &[prices_of_recruitment()]).await;
    let id = RecruitmentId::from_u128(71);
    let request = RequestedRecruitment {
        member: PHARMA,
        executor: RIVAL,
        executor_contract: None,
        study_title: "a study".parse().unwrap(),
        sought: Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap()),
        participants_wanted: 100,
    };
    let (contract, contract_revision, triage, at) = (CONTRACT, 2, Triage::NotNeeded, april(3));
    let requested = PatientRecruitmentRequested { id, contract, contract_revision, request, triage, at };
    let by = domain::id::PersonId::from_u128(1);
    let ethics_approval = "2026-17".parse().unwrap();
    let approved = RecruitmentApproved { by, ethics_approval, valid_until: april(30), at: april(4) };
    let enrolled = |number| {
        recruitment::Event::ParticipantEnrolled(ParticipantEnrolled {
            institution: RIVAL,
            pseudonym: format!("P-{number:08}").parse().unwrap(),
            contract_revision: 2,
            at: april(9),
        })
    };
    let requested = recruitment::Event::PatientRecruitmentRequested(requested);
    let approved = recruitment::Event::RecruitmentApproved(approved);
    world.append(id, &[requested, approved, enrolled(1)]).await;
    world.append(id, &[enrolled(2)]).await;

    let statement = stated(&world, CONTRACT, "2026-04", None).await;
    let enrolments = line(&statement, "recruitment-enrolment");
    assert_eq!((yen(enrolments), enrolments.recruitment_id.clone()), (2_000, id.to_string()));
    let why = explained(&world, CONTRACT, "2026-04", &enrolments.line_id).await;
    let each = ("ParticipantEnrolled", "1");
    assert_eq!(events(&why), [("PatientRecruitmentRequested", ""), each, each]);
    let fee = line(&statement, "recruitment-request");
    let why = explained(&world, CONTRACT, "2026-04", &fee.line_id).await;
    assert_eq!((yen(fee), events(&why)[1]), (5_000, ("RecruitmentApproved", "1")));
}

#[tokio::test]
async fn a_credit_is_explained_by_its_granting() {
    let (world, _folder) = world().await;
    let id = CreditId::from_u128(9);
    let granted = credit::Event::CreditGranted(CreditGranted {
        id,
        contract: CONTRACT,
        member: PHARMA,
        charge_kind: ChargeKind::publication_incentive(),
        amount: Money::jpy(3_000),
        month: "2026-04".parse().unwrap(),
        reason: "an early release".parse().unwrap(),
        granted_by: PROMOTER,
        at: april(20),
    });
    let before = stated(&world, CONTRACT, "2026-04", None).await;
    world.append(id, &[granted]).await;
    let statement = stated(&world, CONTRACT, "2026-04", None).await;
    let found = line(&statement, "publication-incentive");
    assert_eq!((yen(found), found.description.clone()), (-3_000, format!("{id}: an early release")));
    let total = |statement: &Statement| statement.total.as_ref().unwrap().minor_units;
    assert_eq!(total(&statement), total(&before) - 3_000);
    let why = explained(&world, CONTRACT, "2026-04", &found.line_id).await;
    assert_eq!(events(&why), [("CreditGranted", "1")]);
}

#[tokio::test]
async fn the_expedited_lane_and_a_pause_are_explained_by_the_contract() {
    let (world, _folder) = world().await;
    world.append(PriceBookId::from_u128(1), &[prices_of_recruitment()]).await;
    let terms = Terms { paused_fees: PausedFees::ByDays, ..terms() };
    world.append(OTHER, &making_of(OTHER, Lane::Expedited, terms)).await;
    let reason = "an audit".parse().unwrap();
    let paused = ContractPaused { reason, effective_at: april(3) };
    let resumed = ContractResumed { effective_at: april(13) };
    world.append(OTHER, &[contract::Event::ContractPaused(paused)]).await;
    world.append(OTHER, &[contract::Event::ContractResumed(resumed)]).await;
    let statement = stated(&world, OTHER, "2026-04", None).await;
    let review = line(&statement, "expedited-review");
    let why = explained(&world, OTHER, "2026-04", &review.line_id).await;
    assert_eq!((yen(review), events(&why)), (20_000, vec![("ContractApplied", ""), ("ContractOffered", "")]));
    let why = explained(&world, OTHER, "2026-04", "contract-fee/0/-/-/paused-2026-04").await;
    assert_eq!(yen(why.line.as_ref().unwrap()), -10_000);
    let expected = ["ContractActivated", "ContractPaused", "ContractResumed"];
    assert_eq!(events(&why), expected.map(|name| (name, "")));
}

/// The commitment of the contract counts what its lines held at the position: more than two blocks of positions
/// ago, from rows on disk as well as from memory.
#[tokio::test]
async fn a_commitment_counts_what_was_known_at_every_position() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("billing.db");
    let mut world = World::new(&store).await;
    let charge_kinds = Commitment::counted_by_default();
    let commitment = Commitment { amount: Money::jpy(365_000_000), charge_kinds };
    let terms = Terms { minimum_commitment: Some(commitment), ..terms() };
    world.append(OTHER, &making_of(OTHER, Lane::Standard, terms)).await;
    let reason = "enough".parse().unwrap();
    let ended = ContractTerminated { by: PHARMA, reason, effective_at: april(16), at: april(2) };
    world.append(OTHER, &[contract::Event::ContractTerminated(ended)]).await;
    let mut sums = vec![];
    let mut sum = 0;
    for _ in 1..=2_200u32 {
        sum += 1;
        sums.push((world.append(OTHER, &[usage(3, 1)]).await.last_position.0, sum));
    }
    for _ in 0..2 {
        for (position, cases) in sums.iter().step_by(173).chain(sums.last()) {
            let statement = stated(&world, OTHER, "2026-04", Some(*position)).await;
            // 100 yen a case up to 1,000 cases with 500 yen besides, then 80; 15 of 365 days are committed.
            let used = if *cases <= 1_000 { cases * 100 } else { 100_000 + (cases - 1_000) * 80 } + 500;
            assert_eq!(yen(line(&statement, "data-usage")), used);
            assert_eq!(yen(line(&statement, "commitment-true-up")), 15_000_000 - used, "at {position}");
        }
        world = world.restart(&store).await;
    }
    let why = explained(&world, OTHER, "2026-04", "commitment-true-up/0/-/-/year-0").await;
    let expected = ["ContractOffered", "ContractActivated", "ContractTerminated"];
    assert_eq!(events(&why), expected.map(|name| (name, "")));
    assert_eq!(why.arithmetic[1], "counted: data-usage/0/simple-analysis/open/- of 2026-04: 196500 JPY");
}
