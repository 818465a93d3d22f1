//! Whatever the log holds: nothing is lost or made between statements and shares, and what was known at a
//! position is what was answered there.

mod support;

use event_log::{EventLog, Page, Position};
use events::decode_frame;
use money::Money;
use proptest::prelude::*;
use proto::kiban::revenue_share::v1::GetRevenueSharesResponse;
use rating::{ledger::Ledger, statement::rate_month};
use support::{course::*, *};

/// Every sum of an answer against every other.
fn check_sums(answer: &GetRevenueSharesResponse) {
    let charged = yen(&answer.charged);
    let parties: i64 = totals(answer).iter().map(|(_, yen)| yen).sum();
    let nets: i64 = answer.charges.iter().map(|charge| yen(&charge.net)).sum();
    assert_eq!((parties, nets), (charged, charged));
    let base = totals(answer).into_iter().find(|(id, _)| *id == BASE.to_string());
    assert_eq!(base.map_or(0, |(_, yen)| yen), yen(&answer.base_operator_total));
    for charge in &answer.charges {
        let shares: i64 = split(charge).iter().map(|(_, yen, _)| yen).sum();
        assert_eq!(shares, yen(&charge.net), "{charge:?}");
    }
    for (party, owed) in totals(answer) {
        let shares = answer.charges.iter().flat_map(split);
        let sum: i64 = shares.filter(|(id, ..)| *id == party).map(|(_, yen, _)| yen).sum();
        assert_eq!(sum, owed, "{party}");
    }
    assert!(totals(answer).is_sorted_by_key(|(id, yen)| (std::cmp::Reverse(*yen), id.clone())));
}

/// What the statements of a month sum to at a position, by a ledger that was folded up to there and no
/// further.
async fn charged(world: &World, position: u64, of: domain::time::Month) -> Money {
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    let mut ledger = Ledger::default();
    for recorded in frames.iter().flat_map(|frame| decode_frame(frame).unwrap()) {
        if recorded.position.0 <= position {
            events::ledger::apply(&mut ledger, &recorded);
        }
    }
    let now = engine::Clock::now(&*world.clock);
    let view = ledger.as_of(position);
    let contracts = view.contracts().map(|contract| (contract, view));
    let statements = rate_month(contracts, of, now, |contract, month| ledger.lines(contract, month)).unwrap();
    Money::sum(money::Currency::Jpy, statements.iter().map(|statement| statement.total)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_statements_now_and_at_every_earlier_position(
        steps in prop::collection::vec(a_step(), 1..16),
        what_if in other_versions(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut course = course().await;
            let mut answered = Vec::new();
            for (step, version) in steps.iter().zip(2..) {
                let Some(position) = course.carry_out(step, version).await else { continue };
                let world = &course.world;
                for asked in [4, 5, 6].map(month) {
                    let answer = world.shares(asked).await;
                    check_sums(&answer);
                    let charged = charged(world, position, asked).await;
                    assert_eq!(yen(&answer.charged), charged.minor_units());
                    let supposed = world.supposed(asked, &what_if, None).await;
                    check_sums(&supposed);
                    answered.push((asked, position, answer, supposed));
                }
            }
            for (asked, position, answer, supposed) in answered {
                assert_eq!(course.world.shares_at(asked, position).await, answer);
                assert_eq!(course.world.supposed(asked, &what_if, Some(position)).await, supposed);
            }
        });
    }
}
