//! What an application and its terms may say beside the usual, and who sees it.

use crate::support::{World, approval, offer, terms};
use domain::id::{OrganisationId, PersonId};
use engine::{Caller, Role};
use proto::kiban::{
    common::v1::Money,
    contract::v1::{
        ApplyForContractRequest, Contract, GetContractRequest, Lane, MinimumCommitment, OfferContractRequest,
        PausedFees, Terms, contract_service_server::ContractService,
    },
};
use world::{by, called};

/// The contract as a person with these roles sees it.
async fn seen(world: &World, organisation: OrganisationId, roles: &[Role], id: &str) -> Contract {
    let caller = Caller { organisation, person: Some(PersonId::from_u128(9)), roles: roles.to_vec() };
    let request = GetContractRequest { contract_id: id.into() };
    let reply = world.contracts.get_contract(called(caller, request)).await.unwrap();
    reply.into_inner().contract.unwrap()
}

#[tokio::test]
async fn reviewers_do_not_see_in_which_lane_an_application_is() {
    let world = World::new().await;
    for (command_id, lane, shown) in [
        ("fast", Lane::Expedited, Lane::Expedited),
        ("slow", Lane::Standard, Lane::Standard),
        ("bare", Lane::Unspecified, Lane::Standard),
    ] {
        let request = ApplyForContractRequest { lane: lane.into(), ..world.application(command_id) };
        let id = world.apply(request).await.unwrap().contract_id;
        for (organisation, roles, expected) in [
            (world.pharma, &[Role::Researcher][..], shown),
            (world.promoter, &[Role::Finance], shown),
            (world.promoter, &[Role::Contracts, Role::Finance], shown),
            (world.promoter, &[Role::Reviewer], Lane::Unspecified),
            (world.promoter, &[Role::Reviewer, Role::Finance], Lane::Unspecified),
            (world.promoter, &[Role::Contracts], Lane::Unspecified),
        ] {
            let contract = seen(&world, organisation, roles, &id).await;
            assert_eq!(contract.lane(), expected, "{command_id} {roles:?}");
        }
    }
}

#[tokio::test]
async fn a_party_that_is_not_the_applicant_does_not_see_the_lane() {
    let world = World::new().await;
    let request = ApplyForContractRequest { lane: Lane::Expedited.into(), ..world.application("fast") };
    let id = world.apply(request).await.unwrap().contract_id;
    world.contracts.approve_contract(by(world.promoter, approval(&id))).await.unwrap();
    let further_party_ids = vec![world.rival.to_string()];
    let request = OfferContractRequest { further_party_ids, ..offer(&id) };
    world.contracts.offer_contract(by(world.promoter, request)).await.unwrap();
    assert_eq!(seen(&world, world.rival, &[Role::Finance], &id).await.lane(), Lane::Unspecified);
}

#[tokio::test]
async fn terms_say_what_is_committed_and_what_a_pause_does() {
    let world = World::new().await;
    let id = world.apply(world.application("apply")).await.unwrap().contract_id;
    world.contracts.approve_contract(by(world.promoter, approval(&id))).await.unwrap();
    let amount = Some(Money { currency_code: "JPY".into(), minor_units: 20_000_000 });
    let committed = |charge_kinds| Terms {
        minimum_commitment: Some(MinimumCommitment { amount: amount.clone(), charge_kinds }),
        paused_fees: PausedFees::ByDays.into(),
        ..terms()
    };
    let request = OfferContractRequest { terms: Some(committed(vec![])), ..offer(&id) };
    world.contracts.offer_contract(by(world.promoter, request)).await.unwrap();
    let offered = seen(&world, world.pharma, &[], &id).await.terms.unwrap();
    assert_eq!(offered, committed(vec!["data-usage".into()]), "what counts is said");
}
