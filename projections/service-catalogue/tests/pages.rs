//! Pages: whole and without a repeat in every order, and tokens that are good for nothing else.

mod support;

use proptest::prelude::*;
use proto::kiban::service_catalogue::v1::{
    SearchServicesRequest, SearchServicesResponse, ServiceOrder, catalogue_service_server::CatalogueService,
};
use support::*;

async fn all_pages(
    world: &World,
    request: &SearchServicesRequest,
) -> (Vec<u128>, Vec<SearchServicesResponse>) {
    let (mut seen, mut pages, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = world.search(SearchServicesRequest { page_token, ..request.clone() }).await;
        seen.extend(numbers(&page));
        page_token = page.next_page_token.clone();
        pages.push(page);
        if page_token.is_empty() {
            return (seen, pages);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However it is cut into pages, a list is the same, and each page counts the whole of it.
    #[test]
    fn pages_put_together_are_the_list(
        services in prop::collection::vec((0..4usize, 1..4u32, 0..3i64), 1..20),
        size in 1..7,
        order in 0..4,
        query in prop::sample::select(vec!["", "解析", "rna"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::forum().await;
            let titles = ["RNA解析", "タンパク質解析", "解析 rna rna", "RNA"];
            for (number, (title, days, price)) in (1..).zip(&services) {
                let content = omics(titles[*title], "記述");
                let content = if *price == 0 { content } else { priced(content, price * 1_000, *days) };
                world.list(number, if number % 2 == 0 { ALPHA } else { BETA }, content).await;
            }
            let request = SearchServicesRequest { query: query.into(), order_by: order, ..Default::default() };
            let whole = world.search(SearchServicesRequest { page_size: 1_000, ..request.clone() }).await;
            let (seen, pages) = all_pages(&world, &SearchServicesRequest { page_size: size, ..request }).await;
            assert_eq!(seen, numbers(&whole));
            assert_eq!(seen.len() as u64, whole.total);
            for page in pages {
                assert_eq!((page.total, page.facets), (whole.total, whole.facets.clone()));
            }
        });
    }
}

#[tokio::test]
async fn in_an_order_by_value_nothing_that_stood_is_missed_whatever_is_listed_meanwhile() {
    let world = World::forum().await;
    for number in 1..=6 {
        world.list(number, ALPHA, priced(omics("RNA", "x"), number as i64 * 1_000, 1)).await;
    }
    let request = SearchServicesRequest {
        page_size: 2,
        order_by: ServiceOrder::Price.into(),
        query: "rna".into(),
        ..Default::default()
    };
    let first = world.search(request.clone()).await;
    world.list(7, BETA, priced(omics("RNA", "x"), 500, 1)).await;
    world.list(8, BETA, priced(omics("RNA", "x"), 3_500, 1)).await;
    let page_token = first.next_page_token.clone();
    let second = world.search(SearchServicesRequest { page_token, ..request }).await;
    assert_eq!((numbers(&first), numbers(&second)), (vec![1, 2], vec![3, 8]));
    assert_eq!((first.total, second.total), (6, 8));
}

#[tokio::test]
async fn a_token_is_good_for_its_list_alone() {
    let world = World::forum().await;
    for number in 1..=3 {
        world.list(number, ALPHA, omics("RNA", "x")).await;
    }
    let request = SearchServicesRequest { page_size: 1, query: "rna".into(), ..Default::default() };
    let page_token = world.search(request.clone()).await.next_page_token;
    let same = SearchServicesRequest { page_token: page_token.clone(), ..request };
    assert_eq!(numbers(&world.search(SearchServicesRequest { page_size: 2, ..same.clone() }).await), [2, 3]);
    let cut = SearchServicesRequest { page_token: page_token[..page_token.len() - 2].into(), ..same.clone() };
    for (caller, request) in [
        (PHARMA, SearchServicesRequest { query: "dna".into(), ..same.clone() }),
        (PHARMA, SearchServicesRequest { max_turnaround_days: 3, ..same.clone() }),
        (PHARMA, SearchServicesRequest { order_by: ServiceOrder::Price.into(), ..same.clone() }),
        (ALPHA, same),
        (PHARMA, cut),
    ] {
        let refused = refused(world.catalogue.search_services(by(caller, request)).await);
        assert_eq!(refused, ("INVALID_PAGE_TOKEN".into(), "page_token".into()));
    }
}
