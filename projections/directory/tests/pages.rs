//! Pages: complete and without a repeat whatever is entered meanwhile, and tokens that are good for nothing
//! else.

mod support;

use std::collections::BTreeSet;

use domain::{
    id::{DatasetId, OrganisationId},
    organisation::Capacity,
};
use proptest::prelude::*;
use proto::kiban::directory::v1::{
    ListContractsRequest, ListDatasetsRequest, ListOrganisationsRequest, ListOrganisationsResponse,
    directory_service_server::DirectoryService,
};
use support::*;

async fn page(world: &World, page_size: i32, page_token: &str) -> ListOrganisationsResponse {
    let request = ListOrganisationsRequest {
        page_size,
        page_token: page_token.into(),
        min_position: world.head(),
        ..Default::default()
    };
    message(world.directory.list_organisations(by(PROMOTER, request)).await)
}

#[tokio::test]
async fn a_page_holds_50_items_unless_asked_and_1000_at_most() {
    let world = World::forum().await;
    for number in 100..1_196 {
        world.organisation(OrganisationId::from_u128(number), "Member", Capacity::Member).await;
    }
    let sizes = [(0, 50), (1, 1), (1_000, 1_000), (i32::MAX, 1_000)];
    for (asked, held) in sizes {
        let first = page(&world, asked, "").await;
        assert_eq!(first.organisations.len(), held);
        assert!(!first.next_page_token.is_empty());
    }
    let first = page(&world, 1_000, "").await;
    // Another size may be asked for on the way; a page that ends with the list has no token.
    let second = page(&world, 101, &first.next_page_token).await;
    assert_eq!((second.organisations.len(), second.next_page_token.as_str()), (101, ""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Everything that stood at the first page comes exactly once, in order of ids, whatever is entered
    /// between the pages.
    #[test]
    fn pages_stay_whole_while_others_enter(
        before in prop::collection::btree_set(10_u128..200, 0..24),
        meanwhile in prop::collection::vec(10_u128..200, 0..24),
        size in 1..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::forum().await;
            for number in &before {
                world.organisation(OrganisationId::from_u128(*number), "Early", Capacity::Member).await;
            }
            let stood: BTreeSet<u128> = (1..=5).chain(before.iter().copied()).collect();
            let mut late = meanwhile.iter().filter(|number| !before.contains(number));
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let listed = page(&world, size, &token).await;
                seen.extend(listed.organisations.into_iter().map(|organisation| organisation.id));
                token = listed.next_page_token;
                if token.is_empty() {
                    break;
                }
                for number in late.by_ref().take(2) {
                    world.organisation(OrganisationId::from_u128(*number), "Late", Capacity::Member).await;
                }
            }
            assert!(seen.is_sorted_by(|one, next| one < next), "in order and without a repeat: {seen:?}");
            for number in stood {
                assert!(seen.contains(&OrganisationId::from_u128(number).to_string()), "{number} is missing");
            }
        });
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_list_its_filters_and_its_caller_only() {
    let world = World::forum().await;
    for number in 20..24 {
        world.dataset(DatasetId::from_u128(number), description("TCGA-BRCA", BIOBANK)).await;
    }
    let first = ListDatasetsRequest {
        page_size: 1,
        contains: "tcga".into(),
        min_position: world.head(),
        ..Default::default()
    };
    let listed = message(world.directory.list_datasets(by(PHARMA, first.clone())).await);
    let token = listed.next_page_token;
    let next = ListDatasetsRequest { page_token: token.clone(), ..first.clone() };
    let ask = |caller, request| world.directory.list_datasets(by(caller, request));
    let second = message(ask(PHARMA, next.clone()).await);
    assert_eq!(second.datasets[0].id, DatasetId::from_u128(21).to_string());

    let misused = ("INVALID_PAGE_TOKEN".to_owned(), "page_token".to_owned());
    assert_eq!(refused(ask(RIVAL, next.clone()).await), misused);
    assert_eq!(
        refused(ask(PHARMA, ListDatasetsRequest { contains: "TCGA".into(), ..next.clone() }).await),
        misused
    );
    assert_eq!(refused(ask(PHARMA, ListDatasetsRequest { cohort: 1, ..next.clone() }).await), misused);
    let contracts = ListContractsRequest { page_token: token.clone(), ..Default::default() };
    assert_eq!(refused(world.directory.list_contracts(by(PHARMA, contracts)).await), misused);
    let organisations = ListOrganisationsRequest { page_token: token.clone(), ..Default::default() };
    assert_eq!(refused(world.directory.list_organisations(by(PHARMA, organisations)).await), misused);

    let (binding, _) = token.split_at(32);
    for garbage in [
        "x",
        "zz",
        "あ",
        "00",
        binding,
        &token[1..],
        &format!("{token}f"),
        &format!("{binding}ff"),
        &format!("+{}", &token[1..]),
        &"00".repeat(10_000),
    ] {
        let request = ListDatasetsRequest { page_token: garbage.into(), ..first.clone() };
        assert_eq!(refused(ask(PHARMA, request).await), misused, "{garbage:.80}");
    }
}
