//! From the application to the last signature, through the public door.

use crate::support::{World, approval, by_machine, offer, signature, terms};
use domain::id::{ContractId, OrganisationId, PriceBookId, ShareRuleId};
use engine::{Caller, PLATFORM, Role, wire_time};
use event_log::{Page, Position};
use events::{Category, decode_frame};
use proto::kiban::{
    common::v1::{Money, VersionChoice},
    contract::v1::{
        ApplyForContractRequest, Contract, ContractKind, ContractStage, GetContractRequest,
        MinimumCommitment, RejectContractRequest, SignContractRequest, Terms,
        contract_service_server::ContractService,
    },
};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;
use world::{by, called, day, reason};

async fn get(world: &World, organisation: OrganisationId, id: &str) -> Result<(Contract, u64), Status> {
    let request = GetContractRequest { contract_id: id.into() };
    let reply = world.contracts.get_contract(by(organisation, request)).await?.into_inner();
    Ok((reply.contract.unwrap(), reply.revision))
}

#[tokio::test]
async fn a_contract_is_active_when_every_party_has_signed() {
    let world = World::new().await;
    let id = world.offered().await;
    let (contract, revision) = get(&world, world.pharma, &id).await.unwrap();
    assert_eq!((contract.stage(), revision), (ContractStage::Offered, 2));
    assert_eq!(contract.terms, Some(terms()), "what is offered is what was sent");
    assert_eq!(contract.approved_until, Some(wire_time(day(2026, 6, 1))));

    let sign = |party| world.contracts.sign_contract(by(party, signature(&id)));
    assert!(!sign(world.pharma).await.unwrap().into_inner().active);
    let (contract, _) = get(&world, world.promoter, &id).await.unwrap();
    assert_eq!(contract.signed_party_ids, [world.pharma.to_string()]);
    let last = sign(world.promoter).await.unwrap().into_inner();
    assert!(last.active);
    assert_eq!(last.receipt.unwrap().revision, 5, "the activation stands beside the last signature");

    let (contract, revision) = get(&world, world.pharma, &id).await.unwrap();
    assert_eq!((contract.stage(), revision), (ContractStage::Active, 5));
    assert_eq!(contract.signed_party_ids.len(), 2);
    assert_eq!(contract.activated_at, Some(wire_time(day(2026, 3, 2))));
    let again = world.contracts.sign_contract(by(
        world.pharma,
        SignContractRequest { command_id: "once more".into(), ..signature(&id) },
    ));
    let again = again.await.unwrap().into_inner();
    assert_eq!((again.active, again.receipt.unwrap().position.as_str()), (true, ""), "already so");
}

#[tokio::test]
async fn a_retry_gets_the_receipt_of_the_first_try() {
    let world = World::new().await;
    let first = world.apply(world.application("apply-1")).await.unwrap();
    world.contracts.approve_contract(by(world.promoter, approval(&first.contract_id))).await.unwrap();
    let retry = world.apply(world.application("apply-1")).await.unwrap();
    assert_eq!(retry.contract_id, first.contract_id);
    let (first, retry) = (first.receipt.unwrap(), retry.receipt.unwrap());
    assert!(!first.replayed && retry.replayed);
    assert_eq!((retry.revision, retry.position, retry.recorded_at), (0, first.position, first.recorded_at));

    let other =
        ApplyForContractRequest { purposes: vec!["biomarkers".into()], ..world.application("apply-1") };
    let outcome = world.apply(other).await;
    assert_eq!(outcome.as_ref().unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(reason(outcome), ("COMMAND_ID_REUSED".into(), "command_id".into()));
}

#[tokio::test]
async fn retries_of_signatures_say_what_the_first_try_said() {
    let world = World::new().await;
    let id = world.active().await;
    for (party, active) in [(world.pharma, false), (world.promoter, true)] {
        let reply = world.contracts.sign_contract(by(party, signature(&id))).await.unwrap().into_inner();
        assert_eq!((reply.active, reply.receipt.unwrap().replayed), (active, true));
    }
}

#[tokio::test]
async fn a_contract_that_moved_on_is_not_decided_blindly() {
    let world = World::new().await;
    let id = world.offered().await;
    let mut request = signature(&id);
    request.expected_revision = Some(1);
    let outcome = world.contracts.sign_contract(by(world.pharma, request.clone())).await;
    let details = outcome.as_ref().unwrap_err().get_error_details();
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!((metadata["expected_revision"].as_str(), metadata["actual_revision"].as_str()), ("1", "2"));
    assert_eq!(reason(outcome).0, "REVISION_MISMATCH");
    request.expected_revision = Some(2);
    assert!(world.contracts.sign_contract(by(world.pharma, request)).await.is_ok());
}

#[tokio::test]
async fn validation_writes_nothing() {
    let world = World::new().await;
    let before = world.log.head().position;
    let request = ApplyForContractRequest { validate_only: true, ..world.application("apply") };
    let checked = world.apply(request).await.unwrap();
    assert_eq!(checked.receipt.unwrap().position, "");
    assert_eq!(world.log.head().position, before);
    let made = world.apply(world.application("apply")).await.unwrap();
    assert_eq!(made.contract_id, checked.contract_id, "the id is known before");
    assert_eq!(world.log.head().position, Position(before.0 + 1));

    let wrong =
        ApplyForContractRequest { validate_only: true, purposes: vec![], ..world.application("wrong") };
    assert_eq!(reason(world.apply(wrong).await), ("INVALID_FIELD".into(), "purposes".into()));
}

#[tokio::test]
async fn strangers_do_not_learn_that_a_contract_exists() {
    let world = World::new().await;
    let id = world.offered().await;
    let missing = ContractId::from_u128(1).to_string();
    for contract_id in [&id, &missing] {
        let got = get(&world, world.rival, contract_id).await;
        assert_eq!(got.as_ref().unwrap_err().message(), format!("{contract_id} does not exist"));
        assert_eq!(reason(got).0, "NOT_FOUND");
        let signed = world.contracts.sign_contract(by(world.rival, signature(contract_id))).await;
        assert_eq!(reason(signed).0, "NOT_FOUND");
    }
}

#[tokio::test]
async fn callers_need_roles_and_decisions_persons() {
    let world = World::new().await;
    let id = world.apply(world.application("apply")).await.unwrap().contract_id;
    let researcher = Caller { organisation: world.pharma, person: None, roles: vec![Role::Researcher] };
    let applied = world.contracts.apply_for_contract(called(researcher, world.application("other"))).await;
    assert_eq!(reason(applied).0, "ROLE_REQUIRED");
    let approved = world.contracts.approve_contract(by_machine(world.promoter, approval(&id))).await;
    assert_eq!(reason(approved).0, "PERSON_REQUIRED");
    let own = world.contracts.approve_contract(by(world.pharma, approval(&id))).await;
    assert_eq!(reason(own).0, "CONFLICT_OF_INTEREST");
    let platform = world.contracts.approve_contract(by(PLATFORM, approval(&id))).await;
    assert_eq!(reason(platform).0, "NOT_YOURS");
}

#[tokio::test]
async fn a_rejection_says_why() {
    let world = World::new().await;
    let id = world.apply(world.application("apply")).await.unwrap().contract_id;
    let request = RejectContractRequest {
        command_id: "reject".into(),
        contract_id: id.clone(),
        reason: "no plan".into(),
        ..Default::default()
    };
    world.contracts.reject_contract(by(world.promoter, request)).await.unwrap();
    let (contract, _) = get(&world, world.pharma, &id).await.unwrap();
    assert_eq!((contract.stage(), contract.rejection_reason.as_str()), (ContractStage::Rejected, "no plan"));
    let outcome = world.contracts.offer_contract(by(world.promoter, offer(&id))).await;
    assert_eq!(reason(outcome).0, "WRONG_STAGE");
}

#[tokio::test]
async fn applications_are_refused_by_rule() {
    let world = World::new().await;
    let applying = |change: &dyn Fn(&mut ApplyForContractRequest)| {
        let mut request = world.application("apply");
        change(&mut request);
        world.apply(request)
    };
    let stranger = OrganisationId::from_u128(99).to_string();
    type Change<'a> = &'a dyn Fn(&mut ApplyForContractRequest);
    let cases: [(Change<'_>, &str, &str); 9] = [
        (&|request| request.command_id.clear(), "INVALID_COMMAND_ID", "command_id"),
        (&|request| request.kind = 99, "INVALID_FIELD", "kind"),
        (&|request| request.lane = 3, "INVALID_FIELD", "lane"),
        (&|request| request.kind = ContractKind::Investor.into(), "CAPACITY_REQUIRED", ""),
        (&|request| request.issuer_id = "promoter".into(), "INVALID_FIELD", "issuer_id"),
        (&|request| request.issuer_id = stranger.clone(), "NOT_AN_ISSUER", "issuer_id"),
        (&|request| request.issuer_id = world.pharma.to_string(), "INVALID_FIELD", "issuer_id"),
        (&|request| request.purposes.push("Cure!".into()), "INVALID_FIELD", "purposes[1]"),
        (&|request| request.purposes.push("insurance-underwriting".into()), "PURPOSE_PROHIBITED", "purposes"),
    ];
    for (change, text, field) in cases {
        let outcome = applying(change).await;
        assert_eq!(reason(outcome), (text.into(), field.into()), "{text} {field}");
    }
    let outcome = applying(&|request| request.purposes.push("employment-decisions".into())).await;
    let details = outcome.unwrap_err().get_error_details();
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["rule"], "T6-2");
    assert_eq!(metadata["prohibited_use"], "employment-decisions");
}

#[tokio::test]
async fn offers_are_refused_by_rule() {
    let world = World::new().await;
    let id = world.apply(world.application("apply")).await.unwrap().contract_id;
    world.contracts.approve_contract(by(world.promoter, approval(&id))).await.unwrap();
    for (change, text, field) in wrong_terms() {
        let mut request = offer(&id);
        change(request.terms.as_mut().unwrap());
        let outcome = world.contracts.offer_contract(by(world.promoter, request)).await;
        assert_eq!(reason(outcome.map(Response::into_inner)), (text.into(), field.into()), "{field}");
    }
    let mut request = offer(&id);
    request.further_party_ids = vec![OrganisationId::from_u128(99).to_string()];
    let outcome = world.contracts.offer_contract(by(world.promoter, request)).await;
    assert_eq!(reason(outcome), ("NOT_FOUND".into(), "further_party_ids".into()));
    let outcome = world.contracts.offer_contract(by(world.pharma, offer(&id))).await;
    assert_eq!(reason(outcome).0, "NOT_YOURS");
    world.clock.set(day(2026, 6, 1));
    let outcome = world.contracts.offer_contract(by(world.promoter, offer(&id))).await;
    assert_eq!(reason(outcome).0, "APPROVAL_LAPSED");
}

type WrongTerms = (fn(&mut Terms), &'static str, &'static str);

fn wrong_terms() -> Vec<WrongTerms> {
    fn book(terms: &mut Terms) -> &mut VersionChoice {
        terms.price_book.as_mut().unwrap()
    }
    fn rule(terms: &mut Terms) -> &mut VersionChoice {
        terms.share_rule.as_mut().unwrap()
    }
    fn commit(terms: &mut Terms, yen: i64, charge_kind: &str) {
        let amount = Some(Money { currency_code: "JPY".into(), minor_units: yen });
        terms.minimum_commitment = Some(MinimumCommitment { amount, charge_kinds: vec![charge_kind.into()] });
    }
    vec![
        (|terms| commit(terms, 0, "data-usage"), "AMOUNT_NOT_POSITIVE", "terms.minimum_commitment.amount"),
        (
            |terms| terms.minimum_commitment = Some(MinimumCommitment::default()),
            "INVALID_FIELD",
            "terms.minimum_commitment.amount",
        ),
        (|terms| commit(terms, 5, "Use"), "INVALID_FIELD", "terms.minimum_commitment.charge_kinds[0]"),
        (
            |terms| commit(terms, 5, "commitment-true-up"),
            "INVALID_FIELD",
            "terms.minimum_commitment.charge_kinds",
        ),
        (|terms| terms.paused_fees = 3, "INVALID_FIELD", "terms.paused_fees"),
        (|terms| terms.tier = "Gold".into(), "INVALID_FIELD", "terms.tier"),
        (|terms| terms.start = None, "INVALID_FIELD", "terms.start"),
        (|terms| terms.end = terms.start, "INVALID_FIELD", "terms.end"),
        (|terms| terms.dataset_classes.clear(), "INVALID_FIELD", "terms.dataset_classes"),
        (|terms| terms.countries.clear(), "INVALID_FIELD", "terms.countries"),
        (|terms| terms.countries.push("XX".into()), "INVALID_FIELD", "terms.countries[2]"),
        (|terms| terms.purposes.push("biomarkers".into()), "PURPOSE_NOT_APPROVED", "terms.purposes"),
        (|terms| terms.quotas[0].right = 1, "INVALID_FIELD", "terms.quotas[0].right"),
        (|terms| terms.quotas.push(terms.quotas[0]), "INVALID_FIELD", "terms.quotas[1].right"),
        (|terms| terms.quotas[0].cases_per_year = None, "INVALID_FIELD", "terms.quotas[0].cases_per_year"),
        (|terms| terms.price_book = None, "INVALID_FIELD", "terms.price_book"),
        (|terms| book(terms).id.clear(), "INVALID_FIELD", "terms.price_book.id"),
        (|terms| book(terms).id = PriceBookId::from_u128(1).to_string(), "NOT_FOUND", "terms.price_book.id"),
        (|terms| book(terms).pinned_version = 2, "NOT_FOUND", "terms.price_book.pinned_version"),
        (|terms| rule(terms).id = ShareRuleId::from_u128(1).to_string(), "NOT_FOUND", "terms.share_rule.id"),
        (|terms| rule(terms).pinned_version = 2, "NOT_FOUND", "terms.share_rule.pinned_version"),
    ]
}

#[tokio::test]
async fn events_name_the_case_and_all_whom_they_concern() {
    let world = World::new().await;
    let id = world.apply(world.application("apply")).await.unwrap().contract_id;
    world.contracts.approve_contract(by(world.promoter, approval(&id))).await.unwrap();
    let mut request = offer(&id);
    request.further_party_ids = vec![world.rival.to_string()];
    world.contracts.offer_contract(by(world.promoter, request)).await.unwrap();
    let contract: ContractId = id.parse().unwrap();
    let stream = Category::Contract.stream(contract);
    let frames = world.log.read_stream(&stream, 0, Page::default()).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    for (event, parties) in events.iter().zip([2, 2, 3]) {
        assert_eq!(event.metadata.partition, Some(contract));
        assert_eq!(event.metadata.correlation, Some(contract.to_bytes()));
        let mut concerned = vec![world.pharma, world.promoter, world.rival];
        concerned.truncate(parties);
        concerned.sort();
        assert_eq!(event.metadata.audience, concerned);
    }
    assert!(get(&world, world.rival, &id).await.is_ok(), "who is invited may look");
}
