//! Who sees what in the lists, and what the filters let pass.

mod support;

use domain::{
    contract::{ContractPaused, Event, TierChanged},
    dataset::{Cohort, DataType},
    id::{ContractId, DatasetId, OrganisationId},
    terms::DatasetClass,
    text::{Name, Reason},
};
use jiff::civil::date;
use proto::kiban::{
    access::v1 as access,
    contract::v1::ContractStage,
    directory::v1::{
        ListContractsRequest, ListDatasetsRequest, ListOrganisationsRequest,
        directory_service_server::DirectoryService,
    },
    membership::v1 as membership,
};
use support::*;

const OURS: ContractId = ContractId::from_u128(10);
const THEIRS: ContractId = ContractId::from_u128(11);

async fn organisations(
    world: &World,
    caller: OrganisationId,
    request: ListOrganisationsRequest,
) -> Vec<String> {
    let request = ListOrganisationsRequest { min_position: world.head(), ..request };
    let listed = message(world.directory.list_organisations(by(caller, request)).await);
    assert_eq!(listed.as_of_position, world.head());
    assert_eq!(listed.next_page_token, "");
    listed.organisations.into_iter().map(|organisation| organisation.id).collect()
}

async fn contracts(world: &World, caller: OrganisationId, request: ListContractsRequest) -> Vec<String> {
    let request = ListContractsRequest { min_position: world.head(), ..request };
    let listed = message(world.directory.list_contracts(by(caller, request)).await);
    listed.contracts.into_iter().map(|contract| contract.id).collect()
}

async fn datasets(world: &World, caller: OrganisationId, request: ListDatasetsRequest) -> Vec<String> {
    let request = ListDatasetsRequest { min_position: world.head(), ..request };
    let listed = message(world.directory.list_datasets(by(caller, request)).await);
    listed.datasets.into_iter().map(|dataset| dataset.id).collect()
}

#[tokio::test]
async fn organisations_are_seen_by_operators_themselves_and_those_who_share_a_contract() {
    let world = World::forum().await;
    let all = || ListOrganisationsRequest::default();
    assert_eq!(organisations(&world, PHARMA, all()).await, texts([PHARMA]));
    world.append(OURS, &[applied(OURS, PHARMA)], &[]).await;
    assert_eq!(organisations(&world, PHARMA, all()).await, texts([PROMOTER, PHARMA]));
    world.append(OURS, &agreed(PHARMA, "basic"), &[]).await;
    world.contract(THEIRS, RIVAL, "basic").await;
    for (caller, seen) in [
        (PROMOTER, vec![PROMOTER, BASE, PHARMA, RIVAL, BIOBANK]),
        (BASE, vec![PROMOTER, BASE, PHARMA, RIVAL, BIOBANK]),
        (PHARMA, vec![PROMOTER, BASE, PHARMA]),
        (RIVAL, vec![PROMOTER, BASE, RIVAL]),
        (BIOBANK, vec![BIOBANK]),
    ] {
        assert_eq!(organisations(&world, caller, all()).await, texts(seen), "seen by {caller}");
    }
}

#[tokio::test]
async fn organisations_are_filtered_by_capacity_of_today_and_name() {
    let world = World::forum().await;
    let member = || ListOrganisationsRequest {
        capacity: membership::Capacity::Member.into(),
        ..ListOrganisationsRequest::default()
    };
    let named = |text: &str| ListOrganisationsRequest {
        name_contains: text.into(),
        ..ListOrganisationsRequest::default()
    };
    assert_eq!(organisations(&world, BASE, member()).await, texts([PHARMA, RIVAL]));
    assert_eq!(organisations(&world, BASE, named("pharma")).await, texts([PHARMA, RIVAL]));
    assert_eq!(organisations(&world, BASE, named("促進機関 FORUM")).await, texts([PROMOTER]));
    assert!(organisations(&world, BASE, named("nobody")).await.is_empty());

    // The capacity has an end, which needs no event.
    world.clock.set(on(date(2027, 3, 31)));
    assert_eq!(organisations(&world, BASE, member()).await, texts([PHARMA, RIVAL]));
    world.clock.set(on(date(2027, 4, 1)));
    // The operators' capacities have ended too, so the platform asks.
    assert!(organisations(&world, engine::PLATFORM, member()).await.is_empty());
}

#[tokio::test]
async fn contracts_are_seen_by_whom_they_concern_and_by_operators() {
    let world = World::forum().await;
    world.contract(OURS, PHARMA, "basic").await;
    world.append(THEIRS, &[applied(THEIRS, RIVAL)], &[]).await;
    let all = || ListContractsRequest::default();
    assert_eq!(contracts(&world, PHARMA, all()).await, texts([OURS]));
    assert_eq!(contracts(&world, RIVAL, all()).await, texts([THEIRS]));
    assert_eq!(contracts(&world, BASE, all()).await, texts([OURS, THEIRS]));
    assert_eq!(contracts(&world, PROMOTER, all()).await, texts([OURS, THEIRS]));
    assert!(contracts(&world, BIOBANK, all()).await.is_empty());
}

#[tokio::test]
async fn stage_and_tier_are_those_of_the_moment_of_the_question() {
    let world = World::forum().await;
    world.contract(OURS, PHARMA, "basic").await;
    world.append(THEIRS, &[applied(THEIRS, RIVAL)], &[]).await;
    let changed = TierChanged {
        tier: tier("premium"),
        quotas: quotas(),
        effective_at: on(date(2026, 10, 1)),
        at: today(),
    };
    let paused =
        ContractPaused { reason: Reason::new("as agreed").unwrap(), effective_at: on(date(2026, 12, 1)) };
    world.append(OURS, &[Event::TierChanged(changed), Event::ContractPaused(paused)], &[]).await;
    let staged = |stage: ContractStage| ListContractsRequest {
        stage: stage.into(),
        ..ListContractsRequest::default()
    };
    let tiered = |tier: &str| ListContractsRequest { tier: tier.into(), ..ListContractsRequest::default() };
    for (now, stage, tier, other) in [
        (date(2026, 3, 31), ContractStage::NotYetInForce, "basic", "premium"),
        (date(2026, 4, 1), ContractStage::Active, "basic", "premium"),
        (date(2026, 10, 1), ContractStage::Active, "premium", "basic"),
        (date(2026, 12, 1), ContractStage::Paused, "premium", "basic"),
        (date(2027, 4, 1), ContractStage::Expired, "premium", "basic"),
    ] {
        world.clock.set(on(now));
        assert_eq!(contracts(&world, PHARMA, staged(stage)).await, texts([OURS]), "{now}");
        for wrong in [ContractStage::Applied, ContractStage::Offered, ContractStage::Terminated] {
            assert!(contracts(&world, PHARMA, staged(wrong)).await.is_empty(), "{now} {wrong:?}");
        }
        assert_eq!(contracts(&world, PHARMA, tiered(tier)).await, texts([OURS]), "{now}");
        assert!(contracts(&world, PHARMA, tiered(other)).await.is_empty(), "{now}");
    }
    assert_eq!(contracts(&world, RIVAL, staged(ContractStage::Applied)).await, texts([THEIRS]));
    assert!(contracts(&world, RIVAL, tiered("basic")).await.is_empty());
}

#[tokio::test]
async fn a_contract_is_listed_with_its_parties_and_terms() {
    let world = World::forum().await;
    world.contract(OURS, PHARMA, "basic").await;
    let request = ListContractsRequest { min_position: world.head(), ..Default::default() };
    let listed = message(world.directory.list_contracts(by(PHARMA, request)).await);
    let contract = &listed.contracts[0];
    assert_eq!(contract.stage(), ContractStage::Active);
    assert_eq!(contract.applicant_id, PHARMA.to_string());
    assert_eq!(contract.signed_party_ids, texts([PROMOTER, BASE, PHARMA]));
    assert_eq!(contract.party_ids, contract.signed_party_ids);
    let terms = contract.terms.as_ref().unwrap();
    assert_eq!((terms.tier.as_str(), terms.quotas.len()), ("basic", 1));
    assert_eq!(contract.ends_at, terms.end);
}

#[tokio::test]
async fn datasets_are_browsed_by_all_but_composition_and_place_are_not() {
    let world = World::forum().await;
    let id = DatasetId::from_u128(20);
    world.dataset(id, description("TCGA-BRCA", BIOBANK)).await;
    for (caller, whole) in [(BIOBANK, true), (PROMOTER, true), (BASE, true), (PHARMA, false), (RIVAL, false)]
    {
        let request = ListDatasetsRequest { min_position: world.head(), ..Default::default() };
        let listed = message(world.directory.list_datasets(by(caller, request)).await);
        let dataset = &listed.datasets[0];
        assert_eq!((dataset.id.as_str(), dataset.code.as_str()), (id.to_string().as_str(), "TCGA-BRCA"));
        assert_eq!(dataset.freezes[0].number, 1);
        assert_eq!(!dataset.freezes[0].composition.is_empty(), whole, "{caller}");
        assert_eq!(!dataset.reference.is_empty(), whole, "{caller}");
    }
}

#[tokio::test]
async fn datasets_are_filtered_by_facets() {
    let world = World::forum().await;
    let (brca, luad, control) =
        (DatasetId::from_u128(20), DatasetId::from_u128(21), DatasetId::from_u128(22));
    world.dataset(brca, description("TCGA-BRCA", BIOBANK)).await;
    let mut other = description("TCGA-LUAD", BASE);
    other.disease = Name::new("Lung Adenocarcinoma").unwrap();
    other.data_types = [DataType::Proteome].into();
    world.dataset(luad, other).await;
    let mut healthy = description("CTRL-1", BASE);
    healthy.cohort = Cohort::Control;
    healthy.class = DatasetClass::new("panel").unwrap();
    world.dataset(control, healthy).await;

    let any = ListDatasetsRequest::default;
    for (request, found) in [
        (any(), vec![brca, luad, control]),
        (ListDatasetsRequest { dataset_class: "wgs".into(), ..any() }, vec![brca, luad]),
        (ListDatasetsRequest { data_type: access::DataType::Proteome.into(), ..any() }, vec![luad]),
        (ListDatasetsRequest { cohort: access::Cohort::Control.into(), ..any() }, vec![control]),
        (ListDatasetsRequest { provider_id: BASE.to_string(), ..any() }, vec![luad, control]),
        (ListDatasetsRequest { contains: "tcga-".into(), ..any() }, vec![brca, luad]),
        (ListDatasetsRequest { contains: "ADENO".into(), ..any() }, vec![luad]),
        (ListDatasetsRequest { contains: "ctrl-1 gen".into(), ..any() }, vec![control]),
        (
            ListDatasetsRequest { contains: "breast".into(), provider_id: BASE.to_string(), ..any() },
            vec![control],
        ),
        (ListDatasetsRequest { contains: "nothing".into(), ..any() }, vec![]),
    ] {
        assert_eq!(datasets(&world, PHARMA, request.clone()).await, texts(found), "{request:?}");
    }
}

#[tokio::test]
async fn only_the_registered_may_ask() {
    let world = World::forum().await;
    let stranger = OrganisationId::from_u128(99);
    let answer = world.directory.list_datasets(by(stranger, ListDatasetsRequest::default())).await;
    assert_eq!(refused(answer).0, "CAPACITY_REQUIRED");
    let answer = world.directory.list_datasets(tonic::Request::new(ListDatasetsRequest::default())).await;
    assert_eq!(refused(answer).0, "UNAUTHENTICATED");
}

#[tokio::test]
async fn malformed_filters_name_the_field() {
    let world = World::forum().await;
    let long = "x".repeat(201);
    let organisations = |request| world.directory.list_organisations(by(PHARMA, request));
    let contracts = |request| world.directory.list_contracts(by(PHARMA, request));
    let datasets = |request| world.directory.list_datasets(by(PHARMA, request));
    let refusals = [
        refused(organisations(ListOrganisationsRequest { page_size: -1, ..Default::default() }).await),
        refused(organisations(ListOrganisationsRequest { capacity: 99, ..Default::default() }).await),
        refused(organisations(ListOrganisationsRequest { name_contains: long, ..Default::default() }).await),
        refused(contracts(ListContractsRequest { stage: 99, ..Default::default() }).await),
        refused(contracts(ListContractsRequest { tier: "Not A Tier".into(), ..Default::default() }).await),
        refused(contracts(ListContractsRequest { min_position: "soon".into(), ..Default::default() }).await),
        refused(datasets(ListDatasetsRequest { cohort: -1, ..Default::default() }).await),
        refused(datasets(ListDatasetsRequest { data_type: 99, ..Default::default() }).await),
        refused(datasets(ListDatasetsRequest { dataset_class: "É".into(), ..Default::default() }).await),
        refused(datasets(ListDatasetsRequest { provider_id: "org_1".into(), ..Default::default() }).await),
    ];
    let fields = [
        "page_size",
        "capacity",
        "name_contains",
        "stage",
        "tier",
        "min_position",
        "cohort",
        "data_type",
        "dataset_class",
        "provider_id",
    ];
    assert_eq!(refusals, fields.map(|field| ("INVALID_FIELD".to_owned(), field.to_owned())));

    let ahead = ListContractsRequest { min_position: "6".into(), ..Default::default() };
    assert_eq!(refused(contracts(ahead).await), ("POSITION_AHEAD".into(), "min_position".into()));
}
