//! The shares of a month, by hand.

mod support;

use domain::{
    organisation::{Capacity, CapacityGrant},
    share_rule::default_splits,
    terms::{ChargeKind, Verdict},
};
use jiff::civil::date;
use proto::kiban::{
    common::v1 as common,
    revenue_share::v1::{GetRevenueSharesRequest, GetRevenueSharesResponse},
};
use support::*;

#[tokio::test]
async fn a_fee_is_shared_sixty_to_forty() {
    let world = World::forum().await;
    world.clock.set(on(4, 2));

    let answer = world.shares(month(4)).await;

    assert_eq!(yen(&answer.charged), 365_000);
    assert_eq!(yen(&answer.base_operator_total), 219_000);
    assert_eq!(totals(&answer), expected(&[(BASE, 219_000), (PROMOTER, 146_000)]));
    let [charge] = answer.charges.as_slice() else { panic!("one charge, not {:?}", answer.charges) };
    assert_eq!((charge.line_id.as_str(), charge.dataset_id.as_str()), ("contract-fee/0/-/-/-", ""));
    assert_eq!((charge.share_rule_id.clone(), charge.share_rule_version), (SHARE_RULE.to_string(), 1));
    assert_eq!((charge.charge_kind.as_str(), charge.unruled), ("contract-fee", false));
    assert_eq!(answer.parties[0].name, "Base Operator");
}

/// 13 cases cost 10 × 100 + 3 × 80 = 1,240 yen: 9 of the base operator's dataset, 858 (858.46), 4 of the
/// biobank's, 382 (381.54).
#[tokio::test]
async fn each_dataset_s_part_is_split_by_its_own_rule_down_to_the_institutions() {
    let world = World::forum().await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 9), used(on(5, 31), 1, 4)]).await;

    let answer = world.shares(month(5)).await;

    let [first, second] = answer.charges.as_slice() else { panic!("two, not {:?}", answer.charges) };
    let [base, promoter, biobank] = [BASE, PROMOTER, BIOBANK].map(|id| id.to_string());
    let [one, two, three] = HOSPITALS.map(|id| id.to_string());
    assert_eq!((first.dataset_id.clone(), yen(&first.net)), (DATASETS[0].to_string(), 858));
    // 600.6, 171.6 and 85.8: the pool has the largest remainder, of the other two the base the larger weight.
    let shares = [
        (base.clone(), 601, "70 % of the rest"),
        (promoter.clone(), 171, "20 % of the rest"),
        (one, 43, "institutions' pool, 5 of 10 cases"),
        (two, 26, "institutions' pool, 3 of 10 cases"),
        (three.clone(), 17, "institutions' pool, 2 of 10 cases"),
    ];
    assert_eq!(split(first), shares);
    assert_eq!((second.dataset_id.clone(), yen(&second.net)), (DATASETS[1].to_string(), 382));
    // 229.2, 38.2, 76.4 and 38.2.
    let shares = [
        (biobank, 229, "60 % of the rest"),
        (base, 38, "10 % of the rest"),
        (promoter, 77, "20 % of the rest"),
        (three, 38, "institutions' pool, 5 of 5 cases"),
    ];
    assert_eq!(split(second), shares);
    assert!(answer.charges.iter().all(|charge| charge.line_id == "data-usage/0/simple-analysis/wgs/-"));

    assert_eq!((yen(&answer.charged), yen(&answer.base_operator_total)), (1_240, 639));
    let [one, two, three] = HOSPITALS;
    let owed = [(BASE, 639), (PROMOTER, 248), (BIOBANK, 229), (three, 55), (one, 43), (two, 26)];
    assert_eq!(totals(&answer), expected(&owed));
}

/// Of 600 yen the pool is 60; of ten cases more, which nobody counted, the freeze says 5, 3 and 2 of ten.
#[tokio::test]
async fn the_pool_goes_by_cases_counted_and_else_by_the_freeze() {
    for (cases, counted, uncounted, pool) in [
        (6, [1, 2, 3], 0, [10, 20, 30]),
        (6, [0, 6, 0], 0, [0, 60, 0]),
        // 1,000 + 6 × 80 = 1,480: the pool of 148 by 6, 5 and 5 of 16.
        (6, [1, 2, 3], 10, [56, 46, 46]),
    ] {
        let world = World::forum().await;
        let known = Use { counted: counted.to_vec(), ..used(on(5, 4), 0, cases) };
        let mut uses = vec![known];
        uses.extend((uncounted > 0).then(|| used(on(5, 5), 0, uncounted)));
        world.report(CONTRACT, &uses).await;

        let answer = world.shares(month(5)).await;
        let owed = |hospital: domain::id::OrganisationId| {
            let owed = totals(&answer).into_iter().find(|(id, _)| *id == hospital.to_string());
            owed.map_or(0, |(_, yen)| yen)
        };
        assert_eq!(HOSPITALS.map(owed), pool, "{cases} cases by {counted:?} and {uncounted}");
    }
}

/// Five yen are 4/1/0, ten are 7/2/1: late use posts 3/1/1, where a split of five yen would be 4/1/0.
#[tokio::test]
async fn late_use_posts_the_difference_of_the_splits() {
    let world = World::forum().await;
    world.publish_prices(2, "1").await;
    let counted = |cases| Use { counted: vec![cases, 0, 0], ..used(on(5, 4), 0, cases) };
    let before = world.report(CONTRACT, &[counted(5)]).await;
    let early = world.shares(month(5)).await;
    world.clock.set(on(7, 9));
    world.report(CONTRACT, &[counted(5)]).await;
    let late = world.shares(month(5)).await;

    let hospital = HOSPITALS[0];
    assert_eq!(totals(&early), expected(&[(BASE, 4), (PROMOTER, 1)]));
    assert_eq!(totals(&late), expected(&[(BASE, 7), (PROMOTER, 2), (hospital, 1)]));
    assert_eq!(world.shares_at(month(5), before).await, early);

    let split = |yen| {
        let rule = domain::share_rule::SplitTable {
            name: domain::text::Name::new("shares").unwrap(),
            start: month(1),
            splits: default_splits(),
            charges: vec![],
        };
        let parties = rating::Parties {
            base_operator: BASE,
            promoter: PROMOTER,
            seller: None,
            data_provider: None,
            institutions: &[(hospital, 1)],
            weighed_by: rating::PoolWeight::Cases,
            data_fee_metered: false,
        };
        rating::split_part(money::Money::jpy(yen), &rule, &ChargeKind::data_usage(), &parties).unwrap()
    };
    let posted = rating::difference(&split(5), &split(10)).unwrap();
    let posted = rating::by_organisation(&posted).unwrap();
    assert_eq!(posted.len(), 3);
    for (organisation, amount) in posted {
        let owed = |answer: &GetRevenueSharesResponse| {
            let owed = totals(answer).into_iter().find(|(id, _)| *id == organisation.to_string());
            owed.map_or(0, |(_, yen)| yen)
        };
        assert_eq!(owed(&late) - owed(&early), amount.minor_units(), "{organisation}");
    }
}

#[tokio::test]
async fn a_month_is_shared_by_the_version_that_was_in_force_and_known() {
    let world = World::forum().await;
    world.clock.set(on(6, 20));
    let before = world.report(CONTRACT, &[used(on(5, 4), 0, 1), used(on(6, 4), 0, 1)]).await;
    world.clock.set(on(6, 25));
    world.publish_rule(2, month(6), vec![between(50, 50)]).await;

    for (asked, version, base) in [(month(5), 1, 70), (month(6), 2, 50)] {
        let answer = world.shares(asked).await;
        assert_eq!((answer.charges[0].share_rule_version, yen(&answer.base_operator_total)), (version, base));
    }
    let known = world.shares_at(month(6), before).await;
    assert_eq!((known.charges[0].share_rule_version, yen(&known.base_operator_total)), (1, 70));
    assert_eq!(known.as_of_position, before.to_string());

    let time = Some(common::as_of::Moment::Time(engine::wire_time(on(6, 21))));
    let as_of = Some(common::AsOf { moment: time });
    let asked = GetRevenueSharesRequest { as_of, ..world.request(month(6)) };
    assert_eq!(world.ask(BASE, asked).await.unwrap(), known);
}

#[tokio::test]
async fn what_no_rule_covers_the_base_operator_holds() {
    let unruled = World::unruled().await;
    let later = World::unruled().await;
    later.publish_rule(1, month(6), default_splits()).await;
    let without_split = World::unruled().await;
    let fee = default_splits().into_iter().filter(|split| split.charge_kind == ChargeKind::contract_fee());
    without_split.publish_rule(1, month(1), fee.collect()).await;

    for (world, named) in [(unruled, false), (later, false), (without_split, true)] {
        world.report(CONTRACT, &[used(on(5, 4), 0, 9), used(on(5, 5), 1, 1)]).await;
        let answer = world.shares(month(5)).await;
        assert_eq!(totals(&answer), expected(&[(BASE, 1_000)]));
        assert_eq!((yen(&answer.charged), answer.charges.len()), (1_000, 2));
        for charge in &answer.charges {
            assert!(charge.unruled);
            assert_eq!((!charge.share_rule_id.is_empty(), charge.share_rule_version), (named, named.into()));
        }
    }
}

/// The capacity ends within June and is held anew from July on.
#[tokio::test]
async fn the_base_operator_is_who_holds_the_capacity_in_the_month() {
    let world = World::empty();
    let held = |from, until| CapacityGrant { capacity: Capacity::BaseOperator, from, until };
    let [old, new] = [BASE, BIOBANK];
    world.organisation(PROMOTER, "Forum", Capacity::Promoter).await;
    world.register(old, "Old", held(date(2026, 3, 1), Some(date(2026, 6, 15)))).await;
    world.register(new, "New", held(date(2026, 7, 1), None)).await;
    world.publish_prices(1, "100").await;
    world.contract(CONTRACT).await;
    world.publish_rule(1, month(1), default_splits()).await;
    world.report(CONTRACT, &[5, 6, 7].map(|month| used(on(month, 20), 0, 1))).await;

    for (asked, holder) in [(5, old), (6, old), (7, new)] {
        let answer = world.ask(PROMOTER, world.request(month(asked))).await.unwrap();
        // Nobody knows the dataset: the pool stays with the base operator.
        assert_eq!(totals(&answer), expected(&[(holder, 80), (PROMOTER, 20)]), "month {asked}");
        assert_eq!(yen(&answer.base_operator_total), 80);
    }
}

/// Whoever charges, the promoter has its part.
#[tokio::test]
async fn the_promoter_has_its_part_of_what_the_base_operator_charges() {
    let world = World::forum().await;
    world.contract_of(BASE, OTHER_CONTRACT).await;
    world.report(OTHER_CONTRACT, &[used(on(5, 4), 0, 10)]).await;

    let answer = world.shares(month(5)).await;
    let [one, two, three] = HOSPITALS;
    let parties = [(BASE, 700), (PROMOTER, 200), (one, 50), (two, 30), (three, 20)];
    assert_eq!(totals(&answer), expected(&parties));
}

#[tokio::test]
async fn what_is_only_flagged_is_nobody_s() {
    let world = World::forum().await;
    let outside = Use { verdict: Verdict::OutsideContract, ..used(on(5, 4), 0, 9) };
    world.report(CONTRACT, &[outside]).await;

    let answer = world.shares(month(5)).await;
    assert_eq!((yen(&answer.charged), yen(&answer.base_operator_total)), (0, 0));
    assert_eq!((answer.parties.len(), answer.charges.len()), (0, 0));
}

#[tokio::test]
async fn a_month_sums_over_contracts_unless_one_is_asked_for() {
    let world = World::forum().await;
    world.contract(OTHER_CONTRACT).await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 1)]).await;
    world.report(OTHER_CONTRACT, &[used(on(5, 4), 0, 2)]).await;

    let all = world.shares(month(5)).await;
    assert_eq!((yen(&all.charged), yen(&all.base_operator_total)), (300, 210));
    for (contract, charged) in [(CONTRACT, 100), (OTHER_CONTRACT, 200)] {
        let asked = GetRevenueSharesRequest { contract_id: contract.to_string(), ..world.request(month(5)) };
        let one = world.ask(PROMOTER, asked.clone()).await.unwrap();
        assert_eq!(yen(&one.charged), charged);
        assert!(one.charges.iter().all(|charge| charge.contract_id == contract.to_string()));
        let moment = common::as_of::Moment::Position(all.as_of_position.clone());
        let as_of = Some(common::AsOf { moment: Some(moment) });
        assert_eq!(world.ask(BASE, GetRevenueSharesRequest { as_of, ..asked }).await.unwrap(), one);
    }
}
