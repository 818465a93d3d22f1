//! Shares under prices and splits that nobody has published.

mod support;

use domain::{
    share_rule::{Party, default_splits},
    terms::ChargeKind,
};
use engine::Role;
use event_log::EventLog;
use proptest::prelude::*;
use proto::kiban::{
    finance::v1::WhatIf,
    revenue_share::v1::{GetRevenueSharesRequest, GetRevenueSharesResponse},
};
use support::*;

/// 9 cases of the base operator's dataset and 4 of the biobank's.
async fn thirteen_cases() -> World {
    let world = World::forum().await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 9), used(on(5, 31), 1, 4)]).await;
    world
}

/// 1,240 yen as in force, now half and half: 429 and 429 of 858, 191 and 191 of 382.
#[tokio::test]
async fn other_splits_share_the_same_charges() {
    let world = thirteen_cases().await;
    let head = world.log.head().position;
    let real = world.shares(month(5)).await;

    let answer = world.supposed(month(5), &versions(None, Some(vec![between(50, 50)])), None).await;

    assert!(answer.hypothetical && !real.hypothetical);
    assert_eq!((yen(&answer.charged), yen(&answer.base_operator_total)), (1_240, 620));
    assert_eq!(totals(&answer), expected(&[(PROMOTER, 620), (BASE, 620)]));
    for charge in &answer.charges {
        assert_eq!((charge.share_rule_id.clone(), charge.share_rule_version), (SHARE_RULE.to_string(), 0));
        assert!(!charge.unruled);
    }
    assert_eq!(world.log.head().position, head, "a question is no event");
    assert_eq!(world.shares(month(5)).await, real);
}

/// 10 × 200 + 3 × 80 = 2,240 yen: 1,551 (1,550.77) and 689 (689.23), shared as in force. Of the first 1,086
/// (1,085.7), 310 (310.2) and 155 (155.1: 78, 46 and 31), of the second 413 (413.4), 69 (68.9), 138 (137.8) and
/// 69 (68.9).
#[tokio::test]
async fn other_prices_are_shared_as_the_rule_in_force_says() {
    let world = thirteen_cases().await;

    let answer = world.supposed(month(5), &versions(Some(&price_list("200", 0)), None), None).await;

    let [one, two, three] = HOSPITALS;
    let owed = [(BASE, 1_155), (PROMOTER, 448), (BIOBANK, 413), (three, 100), (one, 78), (two, 46)];
    assert_eq!(totals(&answer), expected(&owed));
    assert_eq!(yen(&answer.charged), 2_240);
    assert!(answer.charges.iter().all(|charge| charge.share_rule_version == 1));
}

#[tokio::test]
async fn all_contracts_that_are_asked_about_are_under_the_same_versions() {
    let world = World::forum().await;
    world.contract(OTHER_CONTRACT).await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 1)]).await;
    world.report(OTHER_CONTRACT, &[used(on(5, 4), 0, 2)]).await;
    let what_if = versions(Some(&price_list("1000", 0)), None);
    assert_eq!(yen(&world.supposed(month(5), &what_if, None).await.charged), 3_000);
    let contract_id = OTHER_CONTRACT.to_string();
    let request = GetRevenueSharesRequest { contract_id, what_if: Some(what_if), ..world.request(month(5)) };
    let one = world.ask_as(PROMOTER, vec![Role::Finance], request).await.unwrap();
    assert_eq!((yen(&one.charged), one.hypothetical), (2_000, true));
}

#[tokio::test]
async fn only_the_operators_finance_may_ask_and_with_versions_that_could_be_published() {
    let world = thirteen_cases().await;
    let asked =
        |what_if: WhatIf| GetRevenueSharesRequest { what_if: Some(what_if), ..world.request(month(5)) };
    let prices = || versions(Some(&price_list("200", 0)), None);
    let finance = || vec![Role::Finance];
    for (caller, roles, reason) in [
        (PHARMA, finance(), "CAPACITY_REQUIRED"),
        (HOSPITALS[0], finance(), "CAPACITY_REQUIRED"),
        (BASE, vec![Role::Contracts], "ROLE_REQUIRED"),
    ] {
        let answer = world.ask_as(caller, roles, asked(prices())).await;
        assert_eq!(refused(answer), (reason.to_owned(), "what_if".to_owned()), "{caller}");
    }
    let mut uneven = between(50, 50);
    uneven.percentages.pop();
    let mut bound = between(50, 50);
    bound.caps.push((Party::Vendor, money::Money::jpy(1)));
    for (what_if, reason, field) in [
        (WhatIf::default(), "INVALID_FIELD", "what_if"),
        (versions(None, Some(vec![])), "INVALID_FIELD", "what_if.shares.splits"),
        (
            versions(None, Some(vec![uneven])),
            "PERCENTAGES_NOT_HUNDRED",
            "what_if.shares.splits[0].percentages",
        ),
        (versions(None, Some(vec![bound])), "INVALID_BOUND", "what_if.shares.splits[0].caps[0].party"),
        (
            versions(Some(&price_list("-1", 0)), None),
            "NEGATIVE_AMOUNT",
            "what_if.prices.items[1].model.graduated.bands[0]",
        ),
    ] {
        let answer = world.ask_as(BASE, finance(), asked(what_if)).await;
        assert_eq!(refused(answer), (reason.to_owned(), field.to_owned()));
    }
}

/// What an answer says but for the numbers of the versions.
fn unnumbered(mut answer: GetRevenueSharesResponse) -> GetRevenueSharesResponse {
    for charge in &mut answer.charges {
        charge.share_rule_version = 0;
    }
    GetRevenueSharesResponse { hypothetical: true, ..answer }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_versions_in_force_give_the_real_answer(
        uses in prop::collection::vec((0usize..2, 1u32..40), 1..6),
        price in 1i64..500,
        base in 1u32..100,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::unruled().await;
            world.clock.set(on(5, 20));
            world.publish_prices(2, &price.to_string()).await;
            let mut splits = default_splits();
            splits.retain(|split| split.charge_kind != ChargeKind::data_usage());
            splits.push(between(base, 100 - base));
            world.publish_rule(1, month(1), splits.clone()).await;
            let uses: Vec<_> = uses.iter().map(|(dataset, cases)| used(on(5, 4), *dataset, *cases)).collect();
            world.report(CONTRACT, &uses).await;
            let what_if = versions(Some(&price_list(&price.to_string(), 365_000)), Some(splits));
            for asked in [month(4), month(5)] {
                let real = world.shares(asked).await;
                assert!(yen(&real.charged) > 0);
                assert_eq!(world.supposed(asked, &what_if, None).await, unnumbered(real));
            }
        });
    }
}
