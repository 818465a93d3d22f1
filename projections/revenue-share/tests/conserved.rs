//! Whatever the log holds: nothing is lost or made between statements and shares, and what was known at a
//! position is what was answered there.

mod support;

use domain::{
    id::ContractId,
    terms::{Right, Verdict},
};
use event_log::{EventLog, Page, Position};
use events::decode_frame;
use money::Money;
use proptest::prelude::*;
use proto::kiban::revenue_share::v1::GetRevenueSharesResponse;
use rating::{ledger::Ledger, statement::rate_month};
use support::*;

/// One report: whose, and what was used.
#[derive(Debug, Clone)]
enum Step {
    Report { other: bool, uses: Vec<Use> },
    Reprice(u32),
    Reshare { base: u32 },
}

fn a_use() -> impl Strategy<Value = Use> {
    let counted = prop_oneof![
        Just(None),
        prop::collection::vec(0u32..40, 3)
            .prop_filter("counts of cases", |c| c.iter().sum::<u32>() > 0)
            .prop_map(Some),
    ];
    let right = prop::sample::select(vec![Right::Browse, Right::SimpleAnalysis, Right::DetailedAnalysis]);
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    (4i8..7, 1i8..29, 0usize..2, 1u32..90, right, verdict, counted).prop_map(
        |(month, day, dataset, cases, right, verdict, counted)| {
            let cases = counted.as_ref().map_or(cases, |counted| counted.iter().sum());
            let counted = counted.unwrap_or_default();
            Use { right, verdict, counted, ..used(on(month, day), dataset, cases) }
        },
    )
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<bool>(), prop::collection::vec(a_use(), 1..6))
            .prop_map(|(other, uses)| Step::Report { other, uses }),
        1 => (1u32..500).prop_map(Step::Reprice),
        1 => (1u32..100).prop_map(|base| Step::Reshare { base }),
    ]
}

async fn carry_out(world: &World, step: &Step, version: u32) -> u64 {
    match step {
        Step::Report { other, uses } => {
            let contract: ContractId = if *other { OTHER_CONTRACT } else { CONTRACT };
            world.report(contract, uses).await
        }
        Step::Reprice(yen) => world.publish_prices(version, &yen.to_string()).await,
        Step::Reshare { base } => {
            world.publish_rule(version, month(5), vec![between(*base, 100 - *base)]).await
        }
    }
}

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
    let statements =
        rate_month(&ledger.as_of(position), of, now, |contract, month| ledger.lines(contract, month))
            .unwrap();
    Money::sum(money::Currency::Jpy, statements.iter().map(|statement| statement.total)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_statements_now_and_at_every_earlier_position(
        steps in prop::collection::vec(a_step(), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::forum().await;
            world.contract(OTHER_CONTRACT).await;
            world.clock.set(on(7, 1));
            let mut answered = Vec::new();
            for (step, version) in steps.iter().zip(2..) {
                let position = carry_out(&world, step, version).await;
                for asked in [4, 5, 6].map(month) {
                    let answer = world.shares(asked).await;
                    check_sums(&answer);
                    let charged = charged(&world, position, asked).await;
                    assert_eq!(yen(&answer.charged), charged.minor_units());
                    answered.push((asked, position, answer));
                }
            }
            for (asked, position, answer) in answered {
                assert_eq!(world.shares_at(asked, position).await, answer);
            }
        });
    }
}
