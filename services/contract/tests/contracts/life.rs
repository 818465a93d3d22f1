//! From the last signature to the end, through the public door.

use crate::support::{World, signature, terms};
use domain::{id::OrganisationId, time::Timestamp};
use engine::wire_time;
use proto::kiban::contract::v1::{
    ChangeTierRequest, Contract, ContractStage, GetContractRequest, PauseContractRequest,
    RenewContractRequest, ResumeContractRequest, TerminateContractRequest, Terms,
    contract_service_server::ContractService,
};
use world::{by, day, reason};

async fn get(world: &World, id: &str) -> Contract {
    let request = GetContractRequest { contract_id: id.into() };
    world.contracts.get_contract(by(world.pharma, request)).await.unwrap().into_inner().contract.unwrap()
}

fn change_tier(id: &str, effective_at: Option<Timestamp>) -> ChangeTierRequest {
    ChangeTierRequest {
        command_id: "change".into(),
        contract_id: id.into(),
        tier: "premium".into(),
        effective_at: effective_at.map(wire_time),
        ..Default::default()
    }
}

fn pause(id: &str) -> PauseContractRequest {
    PauseContractRequest {
        command_id: "pause".into(),
        contract_id: id.into(),
        reason: "audit".into(),
        ..Default::default()
    }
}

fn resume(id: &str) -> ResumeContractRequest {
    ResumeContractRequest { command_id: "resume".into(), contract_id: id.into(), ..Default::default() }
}

fn renew(id: &str) -> RenewContractRequest {
    RenewContractRequest {
        command_id: "renew".into(),
        contract_id: id.into(),
        end: Some(wire_time(day(2028, 3, 1))),
        ..Default::default()
    }
}

fn terminate(id: &str, effective_at: Option<Timestamp>) -> TerminateContractRequest {
    TerminateContractRequest {
        command_id: "terminate".into(),
        contract_id: id.into(),
        reason: "merger".into(),
        effective_at: effective_at.map(wire_time),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_contract_expires_by_the_clock_alone() {
    let world = World::new().await;
    let id = world.active().await;
    let head = world.log.head().position;
    world.clock.set(day(2027, 3, 1));
    assert_eq!(get(&world, &id).await.stage(), ContractStage::Expired);
    assert_eq!(world.log.head().position, head, "no event was needed");
    let outcome = world.contracts.pause_contract(by(world.promoter, pause(&id))).await;
    assert_eq!(reason(outcome).0, "CONTRACT_ENDED");
}

#[tokio::test]
async fn an_offer_lapses_by_the_clock_alone() {
    let world = World::new().await;
    let id = world.offered().await;
    world.clock.set(day(2026, 6, 1));
    assert_eq!(get(&world, &id).await.stage(), ContractStage::Lapsed);
    let outcome = world.contracts.sign_contract(by(world.pharma, signature(&id))).await;
    assert_eq!(reason(outcome).0, "APPROVAL_LAPSED");
}

#[tokio::test]
async fn the_issuer_pauses_and_resumes() {
    let world = World::new().await;
    let id = world.active().await;
    world.contracts.pause_contract(by(world.promoter, pause(&id))).await.unwrap();
    assert_eq!(get(&world, &id).await.stage(), ContractStage::Paused);
    let outcome = world.contracts.resume_contract(by(world.pharma, resume(&id))).await;
    assert_eq!(reason(outcome).0, "NOT_YOURS");
    world.contracts.resume_contract(by(world.promoter, resume(&id))).await.unwrap();
    assert_eq!(get(&world, &id).await.stage(), ContractStage::Active);
}

#[tokio::test]
async fn a_tier_change_shows_when_it_takes_effect() {
    let world = World::new().await;
    let id = world.active().await;
    let past = world.contracts.change_tier(by(world.promoter, change_tier(&id, Some(day(2026, 3, 1))))).await;
    assert_eq!(reason(past), ("EFFECTIVE_TIME_NOT_ALLOWED".into(), "effective_at".into()));
    let request = change_tier(&id, Some(day(2026, 5, 1)));
    world.contracts.change_tier(by(world.promoter, request)).await.unwrap();
    assert_eq!(get(&world, &id).await.terms, Some(terms()));
    world.clock.set(day(2026, 5, 1));
    let changed = Terms { tier: "premium".into(), quotas: vec![], ..terms() };
    assert_eq!(get(&world, &id).await.terms, Some(changed), "no quota means no case");
}

#[tokio::test]
async fn a_renewal_goes_on_where_the_term_ends() {
    let world = World::new().await;
    let id = world.active().await;
    let neither = RenewContractRequest { end: None, ..renew(&id) };
    let both = RenewContractRequest { terms: Some(terms()), ..renew(&id) };
    let early = RenewContractRequest { end: Some(wire_time(day(2026, 12, 1))), ..renew(&id) };
    let gap = RenewContractRequest { end: None, ..both.clone() };
    for (request, text, field) in [
        (neither, "INVALID_FIELD", "end"),
        (both, "INVALID_FIELD", "end"),
        (early, "RENEWAL_TERM_NOT_ALLOWED", "end"),
        (
            RenewContractRequest { terms: Some(from_june(terms())), ..gap },
            "RENEWAL_TERM_NOT_ALLOWED",
            "terms.start",
        ),
    ] {
        let outcome = world.contracts.renew_contract(by(world.promoter, request)).await;
        assert_eq!(reason(outcome), (text.into(), field.into()));
    }
    world.contracts.renew_contract(by(world.promoter, renew(&id))).await.unwrap();
    world.clock.set(day(2027, 3, 1));
    let contract = get(&world, &id).await;
    assert_eq!(contract.stage(), ContractStage::Active);
    assert_eq!(contract.ends_at, Some(wire_time(day(2028, 3, 1))));
}

fn from_june(terms: Terms) -> Terms {
    Terms { start: Some(wire_time(day(2027, 6, 1))), end: Some(wire_time(day(2028, 6, 1))), ..terms }
}

#[tokio::test]
async fn a_party_ends_the_contract_with_notice() {
    let world = World::new().await;
    let id = world.active().await;
    let late =
        world.contracts.terminate_contract(by(world.pharma, terminate(&id, Some(day(2027, 3, 1))))).await;
    assert_eq!(reason(late), ("EFFECTIVE_TIME_NOT_ALLOWED".into(), "effective_at".into()));
    let request = terminate(&id, Some(day(2026, 4, 1)));
    world.contracts.terminate_contract(by(world.pharma, request)).await.unwrap();
    assert_eq!(get(&world, &id).await.stage(), ContractStage::Active);
    world.clock.set(day(2026, 4, 1));
    let contract = get(&world, &id).await;
    assert_eq!(
        (contract.stage(), contract.ends_at),
        (ContractStage::Terminated, Some(wire_time(day(2026, 4, 1))))
    );
}

#[tokio::test]
async fn before_the_last_signature_nothing_can_be_changed() {
    let world = World::new().await;
    let id = world.offered().await;
    let promoter: OrganisationId = world.promoter;
    let outcomes = [
        world.contracts.change_tier(by(promoter, change_tier(&id, None))).await.map(|_| ()),
        world.contracts.pause_contract(by(promoter, pause(&id))).await.map(|_| ()),
        world.contracts.resume_contract(by(promoter, resume(&id))).await.map(|_| ()),
        world.contracts.renew_contract(by(promoter, renew(&id))).await.map(|_| ()),
        world.contracts.terminate_contract(by(promoter, terminate(&id, None))).await.map(|_| ()),
    ];
    for outcome in outcomes {
        assert_eq!(reason(outcome).0, "WRONG_STAGE");
    }
}
