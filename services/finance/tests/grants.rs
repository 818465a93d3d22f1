//! Credits and public funding, as callers see them.

mod support;

use std::sync::Arc;

use domain::{
    contract::ContractKind,
    id::{ContractId, OrganisationId},
};
use engine::{Gate, PLATFORM, Role};
use event_log::Position;
use finance::Finance;
use proto::kiban::finance::v1::{finance_service_server::FinanceService, *};
use support::*;
use tonic::Code;
use world::Race;

/// The member's, in force since 1 April 2026.
const CONTRACT: ContractId = ContractId::from_u128(10);
/// The member's, not signed by all.
const UNSIGNED: ContractId = ContractId::from_u128(11);
/// The vendor's.
const OTHERS: ContractId = ContractId::from_u128(12);

/// The forum on 15 April 2026 with these contracts.
async fn forum() -> World {
    let world = world().await;
    let april = month("2026-04").start();
    world.contract(CONTRACT, ContractKind::Member, MEMBER, april).await;
    world.unsigned(UNSIGNED, april).await;
    world.contract(OTHERS, ContractKind::VendorParticipation, VENDOR, april).await;
    world
}

fn credit(command_id: &str) -> GrantCreditRequest {
    GrantCreditRequest {
        command_id: command_id.into(),
        validate_only: false,
        contract_id: CONTRACT.to_string(),
        charge_kind: String::new(),
        amount: Some(yen(300_000)),
        reason: "finding released six months early".into(),
        month: String::new(),
    }
}

fn funding(command_id: &str) -> AgreeFundingRequest {
    AgreeFundingRequest {
        command_id: command_id.into(),
        validate_only: false,
        funder: "ministry".into(),
        amount: Some(yen(91_000_000)),
        start: "2026-04".into(),
        end: "2026-07".into(),
        reason: "operation of the base".into(),
    }
}

#[tokio::test]
async fn a_credit_is_granted_and_read_by_those_whom_it_concerns() {
    let World { finance, .. } = forum().await;
    let granted = finance.grant_credit(by(BASE, credit("a"))).await.unwrap().into_inner();
    assert!(granted.credit_id.starts_with("crd_"), "{}", granted.credit_id);
    let get = |organisation| {
        let request = GetCreditRequest { credit_id: granted.credit_id.clone() };
        finance.get_credit(as_role(organisation, Role::Researcher, request))
    };
    for organisation in [MEMBER, BASE, PROMOTER] {
        let got = get(organisation).await.unwrap().into_inner().credit.unwrap();
        assert_eq!((got.month.as_str(), got.charge_kind.as_str()), ("2026-04", "publication-incentive"));
        assert_eq!((got.amount, got.contract_id), (Some(yen(300_000)), CONTRACT.to_string()));
        assert_eq!((got.member_id, got.granted_by_id), (MEMBER.to_string(), BASE.to_string()));
    }
    assert_eq!(refused(get(VENDOR).await).1, "NOT_FOUND");
    let again = finance.grant_credit(by(BASE, credit("a"))).await.unwrap().into_inner();
    assert_eq!((again.credit_id, again.receipt.unwrap().replayed), (granted.credit_id, true));
}

#[tokio::test]
async fn credits_are_refused_by_rule() {
    let World { finance, .. } = forum().await;
    finance.close_period(by(PROMOTER, close("march", "2026-03"))).await.unwrap();
    type Change = fn(&mut GrantCreditRequest);
    let table: Vec<(Change, Code, &str, &str)> = vec![
        (|credit| credit.contract_id.clear(), Code::InvalidArgument, "INVALID_FIELD", "contract_id"),
        (
            |credit| credit.contract_id = ContractId::from_u128(1).to_string(),
            Code::NotFound,
            "NOT_FOUND",
            "contract_id",
        ),
        (
            |credit| credit.contract_id = OTHERS.to_string(),
            Code::FailedPrecondition,
            "WRONG_CONTRACT_KIND",
            "contract_id",
        ),
        (
            |credit| credit.contract_id = UNSIGNED.to_string(),
            Code::FailedPrecondition,
            "CONTRACT_NOT_IN_FORCE",
            "contract_id",
        ),
        (
            |credit| credit.charge_kind = "data-usage".into(),
            Code::InvalidArgument,
            "NOT_A_CREDIT",
            "charge_kind",
        ),
        (|credit| credit.amount = Some(yen(0)), Code::InvalidArgument, "AMOUNT_NOT_POSITIVE", "amount"),
        (
            |credit| credit.amount = Some(yen(i64::MAX)),
            Code::FailedPrecondition,
            "AMOUNT_OUT_OF_RANGE",
            "amount",
        ),
        (|credit| credit.amount = None, Code::InvalidArgument, "INVALID_FIELD", "amount"),
        (|credit| credit.reason.clear(), Code::InvalidArgument, "INVALID_FIELD", "reason"),
        (|credit| credit.month = "May".into(), Code::InvalidArgument, "INVALID_FIELD", "month"),
        (|credit| credit.month = "2026-05".into(), Code::FailedPrecondition, "MONTH_NOT_ALLOWED", "month"),
        (|credit| credit.month = "2026-03".into(), Code::FailedPrecondition, "MONTH_NOT_ALLOWED", "month"),
    ];
    for (change, code, reason, field) in table {
        let mut request = credit("a");
        change(&mut request);
        let answer = finance.grant_credit(by(BASE, request)).await;
        assert_eq!(refused(answer), (code, reason.into(), vec![field.into()]));
    }
    for (organisation, role, reason) in [
        (PROMOTER, Role::Finance, "CAPACITY_REQUIRED"),
        (MEMBER, Role::Finance, "CAPACITY_REQUIRED"),
        (PLATFORM, Role::Finance, "CAPACITY_REQUIRED"),
        (BASE, Role::Contracts, "ROLE_REQUIRED"),
    ] {
        let answer = finance.grant_credit(as_role(organisation, role, credit("a"))).await;
        assert_eq!(refused(answer).1, reason, "{organisation} {role}");
    }
}

#[tokio::test]
async fn no_credit_stands_in_a_month_that_the_issuer_of_the_contract_has_closed() {
    let World { finance, clock, .. } = forum().await;
    clock.set(month("2026-05").start());
    finance.close_period(by(BASE, close("base", "2026-04"))).await.unwrap();
    let in_april = |command_id| GrantCreditRequest { month: "2026-04".into(), ..credit(command_id) };
    assert!(finance.grant_credit(by(BASE, in_april("a"))).await.is_ok(), "the promoter issues the contract");
    finance.close_period(by(PROMOTER, close("promoter", "2026-04"))).await.unwrap();
    let answer = finance.grant_credit(by(BASE, in_april("b"))).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "PERIOD_CLOSED".into(), vec!["month".into()]));
    assert!(finance.grant_credit(by(BASE, credit("c"))).await.is_ok(), "the present month is open");
}

/// A service that loses a race: before its next append somebody closes April.
fn behind(world: &Arc<World>, closer: OrganisationId) -> (Finance, Arc<Race>) {
    let race = Race::on(world.log.clone());
    let gate = Arc::new(Gate::new(race.clone(), world.clock.clone()));
    let faster = world.clone();
    race.before_the_next_append(async move {
        faster.finance.close_period(by(closer, close("faster", "2026-04"))).await.unwrap();
    });
    (Finance::new(race.clone(), gate), race)
}

#[tokio::test]
async fn a_month_that_is_closed_between_decision_and_append_takes_no_credit_and_no_funding() {
    let world = Arc::new(forum().await);
    world.clock.set(month("2026-05").start());
    let (finance, race) = behind(&world, PROMOTER);
    let in_april = GrantCreditRequest { month: "2026-04".into(), ..credit("a") };
    let answer = finance.grant_credit(by(BASE, in_april)).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "PERIOD_CLOSED".into(), vec!["month".into()]));
    assert!(race.is_run());

    let (finance, race) = behind(&world, BASE);
    let answer = finance.agree_funding(by(BASE, funding("b"))).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "PERIOD_CLOSED".into(), vec!["start".into()]));
    assert!(race.is_run());
}

#[tokio::test]
async fn funding_is_recorded_and_read_by_the_operators() {
    let World { finance, .. } = forum().await;
    let agreed = finance.agree_funding(by(BASE, funding("a"))).await.unwrap().into_inner();
    assert!(agreed.funding_id.starts_with("fnd_"), "{}", agreed.funding_id);
    let get = |organisation| {
        let request = GetFundingRequest { funding_id: agreed.funding_id.clone() };
        finance.get_funding(as_role(organisation, Role::Finance, request))
    };
    for organisation in [BASE, PROMOTER] {
        let got = get(organisation).await.unwrap().into_inner().funding.unwrap();
        assert_eq!((got.funder.as_str(), got.recipient_id), ("ministry", BASE.to_string()));
        let months: Vec<_> = got
            .months
            .iter()
            .map(|month| (month.month.as_str(), month.amount.as_ref().unwrap().minor_units))
            .collect();
        assert_eq!(months, [("2026-04", 30_000_000), ("2026-05", 31_000_000), ("2026-06", 30_000_000)]);
    }
    assert_eq!(refused(get(MEMBER).await).1, "NOT_FOUND");
}

#[tokio::test]
async fn funding_is_refused_by_rule() {
    let World { finance, .. } = forum().await;
    finance.close_period(by(BASE, close("march", "2026-03"))).await.unwrap();
    type Change = fn(&mut AgreeFundingRequest);
    let table: Vec<(Change, &str, &str)> = vec![
        (|funding| funding.funder.clear(), "INVALID_FIELD", "funder"),
        (|funding| funding.amount = Some(yen(-1)), "AMOUNT_NOT_POSITIVE", "amount"),
        (|funding| funding.amount = Some(yen(i64::MAX)), "AMOUNT_OUT_OF_RANGE", "amount"),
        (|funding| funding.start = "2026".into(), "INVALID_FIELD", "start"),
        (|funding| funding.end = funding.start.clone(), "INVALID_FIELD", "end"),
        (|funding| funding.end = "2036-05".into(), "INVALID_FIELD", "end"),
        (|funding| funding.reason.clear(), "INVALID_FIELD", "reason"),
        (|funding| funding.start = "2026-03".into(), "PERIOD_CLOSED", "start"),
    ];
    for (change, reason, field) in table {
        let mut request = funding("a");
        change(&mut request);
        let (_, found, fields) = refused(finance.agree_funding(by(BASE, request)).await);
        assert_eq!((found.as_str(), fields), (reason, vec![field.to_owned()]));
    }
    let promoter = finance.agree_funding(by(PROMOTER, funding("a"))).await;
    assert_eq!(refused(promoter).1, "CAPACITY_REQUIRED");
    let contracts = finance.agree_funding(as_role(BASE, Role::Contracts, funding("a"))).await;
    assert_eq!(refused(contracts).1, "ROLE_REQUIRED");
}

#[tokio::test]
async fn validation_writes_nothing() {
    let World { finance, log, .. } = forum().await;
    let before: Position = log.head().position;
    let credit = GrantCreditRequest { validate_only: true, ..credit("a") };
    assert_eq!(
        finance.grant_credit(by(BASE, credit)).await.unwrap().into_inner().receipt.unwrap().position,
        ""
    );
    let funding = AgreeFundingRequest { validate_only: true, ..funding("b") };
    assert!(finance.agree_funding(by(BASE, funding)).await.is_ok());
    assert_eq!(log.head().position, before);
}
