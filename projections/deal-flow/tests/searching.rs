//! Teasers, and who may browse them.

mod support;

use deal_flow::DealFlow;
use domain::{
    id::{OrganisationId, VentureId},
    venture::{DevelopmentStage, Teaser},
};
use jiff::civil::date;
use money::Money;
use proto::kiban::{
    common::v1 as common,
    deal_flow::v1::{
        DealFilter, SearchDealsRequest, SearchDealsResponse, deal_flow_service_server::DealFlowService,
    },
    venture::v1 as wire,
};
use support::*;

fn request(world: &World, filter: Option<DealFilter>) -> SearchDealsRequest {
    SearchDealsRequest {
        min_position: world.head(),
        contract_id: AGREEMENT.to_string(),
        filter,
        ..Default::default()
    }
}

/// The numbers of the ventures that are found.
fn numbers(found: &SearchDealsResponse) -> Vec<u128> {
    let ids = found.deals.iter().map(|deal| deal.venture_id.parse::<VentureId>().unwrap());
    ids.map(|id| id.as_u128()).collect()
}

async fn search(
    deals: &DealFlow,
    by_whom: OrganisationId,
    request: SearchDealsRequest,
) -> SearchDealsResponse {
    message(deals.search_deals(by(by_whom, request)).await)
}

fn yen(minor_units: i64) -> Option<common::Money> {
    Some(common::Money { currency_code: "JPY".into(), minor_units })
}

#[tokio::test]
async fn teasers_are_found_by_each_filter() {
    let world = World::forum().await;
    let seed = Teaser {
        stage: DevelopmentStage::Platform,
        indication: "diagnosis of all cancers".parse().unwrap(),
        modality: "ai".parse().unwrap(),
        round: "seed".parse().unwrap(),
        amount_sought: Money::jpy(100_000_000),
        ..teaser("two")
    };
    world.list(1, LISTER, teaser("one")).await;
    world.list(2, OTHER_LISTER, seed).await;
    let stages = |stages: &[wire::DevelopmentStage]| DealFilter {
        stages: stages.iter().map(|stage| *stage as i32).collect(),
        ..Default::default()
    };
    let indication = |text: &str| DealFilter { indication_contains: text.into(), ..Default::default() };
    let amount = |min_amount, max_amount| DealFilter { min_amount, max_amount, ..Default::default() };
    let cases: Vec<(DealFilter, &[u128])> = vec![
        (DealFilter::default(), &[1, 2]),
        (stages(&[wire::DevelopmentStage::Preclinical]), &[1]),
        (stages(&[wire::DevelopmentStage::Preclinical, wire::DevelopmentStage::Platform]), &[1, 2]),
        (stages(&[wire::DevelopmentStage::Marketed]), &[]),
        (indication("CANCER"), &[1, 2]),
        (indication("膵癌"), &[1]),
        (DealFilter { modality: "ai".into(), ..Default::default() }, &[2]),
        (DealFilter { round: "series-a".into(), ..Default::default() }, &[1]),
        (amount(yen(100_000_001), None), &[1]),
        (amount(yen(100_000_000), yen(800_000_000)), &[1, 2]),
        (amount(None, yen(799_999_999)), &[2]),
        (DealFilter { modality: "ai".into(), ..indication("膵癌") }, &[]),
    ];
    for (filter, expected) in cases {
        let found = search(&world.deals, INVESTOR, request(&world, Some(filter.clone()))).await;
        assert_eq!(numbers(&found), expected, "{filter:?}");
    }
    let found = search(&world.deals, INVESTOR, request(&world, None)).await;
    let deal = &found.deals[0];
    assert_eq!((deal.lister_id.as_str(), deal.card_number), (LISTER.to_string().as_str(), 1));
    assert_eq!(deal.teaser.as_ref().unwrap().title, "one");
}

#[tokio::test]
async fn the_newest_card_is_shown_and_none_that_was_taken_back() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    world.list(2, LISTER, teaser("two")).await;
    world.revise(1, 2, Teaser { round: "series-b".parse().unwrap(), ..teaser("anew") }).await;
    world.withdraw(2).await;
    let found = search(&world.deals, INVESTOR, request(&world, None)).await;
    assert_eq!(numbers(&found), [1]);
    let deal = &found.deals[0];
    assert_eq!((deal.teaser.as_ref().unwrap().title.as_str(), deal.card_number), ("anew", 2));
    assert_eq!(deal.revised_at, Some(events::wire::time(on(date(2026, 6, 2)))));
    let before = DealFilter { round: "series-a".into(), ..Default::default() };
    let found = search(&world.deals, INVESTOR, request(&world, Some(before))).await;
    assert!(found.deals.is_empty(), "what a card said before is not found");
}

#[tokio::test]
async fn pages_follow_each_other_and_belong_to_their_question() {
    let world = World::forum().await;
    for number in 1..=5 {
        world.list(number, LISTER, teaser("one")).await;
    }
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let asked = SearchDealsRequest { page_size: 2, page_token: token, ..request(&world, None) };
        let found = search(&world.deals, INVESTOR, asked).await;
        seen.extend(numbers(&found));
        token = found.next_page_token;
        if token.is_empty() {
            break;
        }
        let filter = Some(DealFilter { round: "seed".into(), ..Default::default() });
        let other = SearchDealsRequest { page_token: token.clone(), ..request(&world, filter) };
        let answer = world.deals.search_deals(by(INVESTOR, other)).await;
        assert_eq!(refused(answer).0, "INVALID_PAGE_TOKEN");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn without_an_agreement_nothing_is_shown() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    let answer = async |by_whom, contract_id: String| {
        let asked = SearchDealsRequest { contract_id, ..request(&world, None) };
        world.deals.search_deals(by(by_whom, asked)).await
    };
    let field = || "contract_id".to_owned();
    let agreement = AGREEMENT.to_string();
    assert_eq!(refused(answer(RIVAL, agreement.clone()).await), ("NOT_FOUND".into(), field()));
    assert_eq!(refused(answer(RIVAL, String::new()).await), ("INVALID_FIELD".into(), field()));
    assert_eq!(refused(answer(LISTER, String::new()).await), ("INVALID_FIELD".into(), field()));
    // The promoter is a party of the agreement, and no investor under it; as an operator it needs none.
    assert_eq!(refused(answer(PROMOTER, agreement.clone()).await), ("NOT_YOURS".into(), field()));
    assert_eq!(numbers(&message(answer(PROMOTER, String::new()).await)), [1]);

    // The agreement ends by the clock, with no event.
    world.clock.set(on(date(2027, 4, 1)));
    assert_eq!(refused(answer(INVESTOR, agreement).await), ("CONTRACT_ENDED".into(), field()));
}

#[tokio::test]
async fn a_terminated_agreement_is_seen_in_the_log_at_once() {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    world.terminate().await;
    let answer = world.deals.search_deals(by(INVESTOR, request(&world, None))).await;
    assert_eq!(refused(answer), ("CONTRACT_ENDED".into(), "contract_id".into()));
}

#[tokio::test]
async fn wrong_filters_are_refused_by_field() {
    let world = World::forum().await;
    let usd = Some(common::Money { currency_code: "USD".into(), minor_units: 1 });
    let yen = |minor_units| Some(common::Money { currency_code: "JPY".into(), minor_units });
    let cases = [
        (DealFilter { stages: vec![1, 0], ..Default::default() }, "filter.stages[1]"),
        (DealFilter { stages: vec![1; 8], ..Default::default() }, "filter.stages"),
        (DealFilter { modality: "Anti Body".into(), ..Default::default() }, "filter.modality"),
        (DealFilter { round: "A!".into(), ..Default::default() }, "filter.round"),
        (DealFilter { min_amount: usd, ..Default::default() }, "filter.min_amount.currency_code"),
        (DealFilter { min_amount: yen(2), max_amount: yen(1), ..Default::default() }, "filter.min_amount"),
        (
            DealFilter { indication_contains: "x".repeat(201), ..Default::default() },
            "filter.indication_contains",
        ),
    ];
    for (filter, field) in cases {
        let answer = world.deals.search_deals(by(INVESTOR, request(&world, Some(filter)))).await;
        assert_eq!(refused(answer), ("INVALID_FIELD".into(), field.into()));
    }
}
