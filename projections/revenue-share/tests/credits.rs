//! What tier changes take back from whom, by hand.

mod support;

use domain::{
    contract::{self, Quota, Quotas, TierChanged},
    share_rule::Party,
    terms::{ChargeKind, Tier},
    time::Timestamp,
};
use money::{Decimal, Money};
use support::*;

async fn change_tier(world: &World, name: &str, at: Timestamp) {
    let quotas = Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::UNLIMITED };
    let changed = TierChanged { tier: Tier::new(name).unwrap(), quotas, effective_at: at, at };
    world.append(CONTRACT, &[contract::Event::TierChanged(changed)]).await;
}

/// The charges of a month as: line, yen, what the base operator and the promoter get.
async fn charges(world: &World, number: i8) -> Vec<(String, i64, [i64; 2])> {
    let answer = world.shares(month(number)).await;
    let charges = answer.charges.iter().map(|charge| {
        let owed = [BASE, PROMOTER].map(|id| {
            let shares = split(charge).into_iter().filter(|(of, ..)| *of == id.to_string());
            shares.map(|(_, yen, _)| yen).sum()
        });
        (charge.line_id.clone(), yen(&charge.net), owed)
    });
    charges.collect()
}

/// The fee of a segment.
fn fee(segment: u32, net: i64, owed: [i64; 2]) -> (String, i64, [i64; 2]) {
    (format!("contract-fee/{segment}/-/-/-"), net, owed)
}

/// 5,000 yen a day, of each charge the first 600,000 to the base operator: 200 days are left on 13 September,
/// so that a million is given back, of which the base operator has nothing to bear, and a million charged;
/// half of that is given back on 22 December, when 100 days are left.
#[tokio::test]
async fn a_tier_change_posts_the_difference_of_the_splits() {
    let world = World::unruled().await;
    world.publish_fee(2, 1_825_000).await;
    let of_fee = domain::share_rule::Split {
        charge_kind: ChargeKind::contract_fee(),
        fixed: vec![(Party::BaseOperator, Money::jpy(600_000))],
        percentages: vec![(Party::Promoter, Decimal::from(100u32))],
        ..between(50, 50)
    };
    world.publish_rule(1, month(1), vec![of_fee]).await;
    change_tier(&world, "second", on(9, 13)).await;
    change_tier(&world, "third", on(12, 22)).await;
    world.clock.set(on(12, 31));

    assert_eq!(charges(&world, 4).await, [fee(0, 1_825_000, [600_000, 1_225_000])]);
    let september = [fee(0, -1_000_000, [0, -1_000_000]), fee(1, 1_000_000, [600_000, 400_000])];
    assert_eq!(charges(&world, 9).await, september);
    let december = [fee(1, -500_000, [-100_000, -400_000]), fee(2, 500_000, [500_000, 0])];
    assert_eq!(charges(&world, 12).await, december);
    let answer = world.shares(month(12)).await;
    let [base, promoter] = [BASE, PROMOTER].map(|id| id.to_string());
    let why = [(base, -100_000, "fixed part"), (promoter, -400_000, "100 % of the rest")];
    assert_eq!(split(&answer.charges[0]), why);
}

#[tokio::test]
async fn percentages_alone_take_back_what_they_gave() {
    let world = World::forum().await;
    change_tier(&world, "second", on(6, 10)).await;
    world.clock.set(on(6, 30));
    let june = [fee(0, -295_000, [-177_000, -118_000]), fee(1, 295_000, [177_000, 118_000])];
    assert_eq!(charges(&world, 6).await, june);
    let answer = world.shares(month(6)).await;
    assert_eq!((yen(&answer.charged), yen(&answer.base_operator_total)), (0, 0));
}
