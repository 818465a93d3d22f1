//! A contract of each kind opens a door, and no other does: a vendor lists, an investor sees a deal, an institution is
//! invited and a data provider offers datasets only under a contract of its own of that kind that is in force now.

use proto::kiban::{
    access::v1::{Cohort, DataType, RegisterDatasetRequest, access_service_client::AccessServiceClient},
    contract::v1::{ContractKind, PauseContractRequest, contract_service_client::ContractServiceClient},
    deal_flow::v1::{SearchDealsRequest, deal_flow_service_client::DealFlowServiceClient},
    membership::v1::Capacity,
    order::v1::{
        ListServiceRequest, ListingContent, SpecimenArchiveAttributes, listing_content::Attributes,
        listing_service_client::ListingServiceClient,
    },
};
use tonic::Status;
use tonic_types::StatusExt;

use crate::{
    World,
    support::{by, organisation},
};

/// The reason of a refusal.
fn reason<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    let status = outcome.expect_err("this door is closed");
    status.get_error_details().error_info().expect("a reason").reason.clone()
}

/// Tries a door with another's contract, with the member's own, with the right one, and with that one paused.
async fn try_door<T: std::fmt::Debug>(
    world: &World,
    who: &str,
    kind: ContractKind,
    call: impl AsyncFn(&World, &str, String, &str) -> Result<T, Status>,
) {
    let World { forum, clock, .. } = world;
    let others = call(world, who, forum.contract.clone(), "others").await;
    assert_eq!(reason(others), "NOT_FOUND", "{kind:?}: somebody else's contract");
    let other_kind = forum.conclude(&**clock, &format!("member-{kind:?}"), who, ContractKind::Member).await;
    assert_eq!(reason(call(world, who, other_kind, "kind").await), "WRONG_CONTRACT_KIND", "{kind:?}");
    let contract = forum.conclude(&**clock, &format!("{kind:?}"), who, kind).await;
    call(world, who, contract.clone(), "open").await.unwrap_or_else(|status| panic!("{kind:?}: {status:?}"));
    let pause = PauseContractRequest {
        command_id: format!("pause-{kind:?}"),
        contract_id: contract.clone(),
        reason: "a check".into(),
        ..Default::default()
    };
    let mut contracts = ContractServiceClient::new(forum.channel.clone());
    contracts.pause_contract(by(&forum.promoter, pause)).await.expect("paused");
    assert_eq!(reason(call(world, who, contract, "paused").await), "CONTRACT_NOT_IN_FORCE", "{kind:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_of_each_kind_opens_its_door_and_no_other() {
    let world = World::found().await;
    let channel = &world.forum.channel;
    let all = [Capacity::Member, Capacity::Vendor, Capacity::Investor, Capacity::DataProvider];
    let who = organisation(channel, "Everything", 77, &all).await;
    try_door(&world, &who, ContractKind::VendorParticipation, list_service).await;
    try_door(&world, &who, ContractKind::Investor, search_deals).await;
    try_door(&world, &who, ContractKind::DataProvider, register_dataset).await;
    world.server.stop().await;
}

async fn list_service(world: &World, who: &str, contract_id: String, name: &str) -> Result<(), Status> {
    let archive = SpecimenArchiveAttributes {
        materials: vec!["plasma".into()],
        storage_temperature_celsius: -80,
        capacity: 100,
    };
    let list = ListServiceRequest {
        command_id: format!("list-{name}"),
        contract_id,
        content: Some(ListingContent {
            code: format!("ARCHIVE-{name}"),
            title: "検体の超低温保管".into(),
            description: "specimen archive".into(),
            minimum_quantity: 1,
            attributes: Some(Attributes::SpecimenArchive(archive)),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut listings = ListingServiceClient::new(world.forum.channel.clone());
    listings.list_service(by(who, list)).await.map(|_| ())
}

async fn search_deals(world: &World, who: &str, contract_id: String, _: &str) -> Result<(), Status> {
    let mut deals = DealFlowServiceClient::new(world.forum.channel.clone());
    let search = SearchDealsRequest { contract_id, ..Default::default() };
    deals.search_deals(by(who, search)).await.map(|_| ())
}

async fn register_dataset(world: &World, who: &str, contract_id: String, name: &str) -> Result<(), Status> {
    let register = RegisterDatasetRequest {
        command_id: format!("dataset-{name}"),
        code: format!("COHORT-{name}"),
        name: "住民コホート".into(),
        dataset_class: "cohort".into(),
        disease: "none".into(),
        cohort: Cohort::Control.into(),
        data_types: vec![DataType::Germline.into()],
        reference: "https://data.example/cohort".into(),
        contract_id,
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(world.forum.channel.clone());
    accesses.register_dataset(by(who, register)).await.map(|_| ())
}
