//! Minimum commitments: what a contract year lacks, by hand.

use std::collections::BTreeSet;

use domain::{
    contract::{Commitment, ContractKind, ContractTerminated, Event, Term},
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::Money;
use rating::{
    ledger::Fact,
    statement::{Statement, months_behind},
};

use crate::{dealings::*, fixture::*};

const TRUE_UP: &str = "commitment-true-up";

/// A contract from an instant on that commits to so much a year.
fn committed(yen: i64, from: Timestamp, kinds: &[ChargeKind]) -> Tested {
    let charge_kinds: BTreeSet<_> = kinds.iter().cloned().collect();
    let mut world = Tested::agreed(ContractKind::Member, |terms| {
        let charge_kinds = charge_kinds.clone();
        terms.minimum_commitment = Some(Commitment { amount: Money::jpy(yen), charge_kinds });
        terms.term = Term::new(from, from.plus_days(730)).unwrap();
    });
    world.learn(other_prices(2));
    world
}

fn usage_from_april(yen: i64) -> Tested {
    committed(yen, on(4, 1, 0), &[ChargeKind::data_usage()])
}

fn terminate(at: Timestamp) -> Fact {
    let reason = "enough".parse().unwrap();
    Fact::Contract(
        CONTRACT,
        Event::ContractTerminated(ContractTerminated { by: MEMBER, reason, effective_at: at, at }),
    )
}

fn march() -> Month {
    Month::new(2027, 3).unwrap()
}

/// The true-ups of a month as: id, quantity, yen.
fn true_ups(statement: &Statement) -> Vec<(&str, String, i64)> {
    brief(statement, TRUE_UP)
}

/// 700 yen of use in April and 500 in March count, a fee does not; the year is over on 1 April.
#[test]
fn what_a_contract_year_lacks_is_charged_in_the_month_in_which_it_ends() {
    let mut world = usage_from_april(10_000);
    world.apply(&recorded(&[used(on(4, 2, 0), 7), used(march().start(), 5)]));
    let last = Timestamp::from_micros(march().end().as_micros() - 1).unwrap();
    assert_eq!(true_ups(&stated(&world, march(), last)), []);
    let statement = stated(&world, march(), march().end());
    assert_eq!(true_ups(&statement), [("commitment-true-up/0/-/-/year-0", "1".to_owned(), 8_800)]);
    let line = of_kind(&statement, TRUE_UP);
    let arithmetic = [
        "committed: 10000 JPY × 365/365 = 10000",
        "counted: data-usage/0/simple-analysis/open/- of 2026-04: 700 JPY",
        "counted: data-usage/0/simple-analysis/open/- of 2027-03: 500 JPY",
        "counted together: 1200 JPY",
        "8800 rounded half-up: 8800 JPY",
    ];
    assert_eq!(line.arithmetic, arithmetic);
    assert_eq!(
        line.description,
        "minimum commitment of 10000 JPY, 2026-04-01 to 2027-03-31: 365 of 365 days; 1200 JPY were charged"
    );
    // The next month has none of it, and what is not yet over asks for no more months.
    let view = world.ledger.as_of(u64::MAX);
    assert_eq!(true_ups(&stated(&world, march().next(), march().next().end())), []);
    assert_eq!(months_behind(&view, CONTRACT, march(), last), []);
    let months = months_behind(&view, CONTRACT, march(), march().end());
    assert_eq!((months.len(), months[0], months[11]), (12, month(4), march()));
}

#[test]
fn late_use_makes_it_less_and_too_much_use_makes_it_nothing() {
    let mut world = usage_from_april(1_000);
    let lacking = |world: &Tested| true_ups(&stated(world, march(), march().end()))[0].2;
    assert_eq!(lacking(&world), 1_000);
    world.apply(&recorded(&[used(on(7, 2, 0), 6)]));
    assert_eq!(lacking(&world), 400);
    world.apply(&recorded(&[used(on(7, 3, 0), 6)]));
    assert_eq!(lacking(&world), 0);
}

/// From 1 April to 30 September are 183 days: 10,000 × 183 / 365 = 5,013.70.
#[test]
fn a_shortened_year_commits_by_its_days() {
    let mut world = usage_from_april(10_000);
    world.apply(&recorded(&[used(on(4, 2, 0), 7)]));
    let known_before = world.position;
    world.learn(terminate(on(10, 1, 0)));
    let september = stated(&world, month(9), on(10, 1, 0));
    let expected = [("commitment-true-up/0/-/-/year-0", "183/365".to_owned(), 4_314)];
    assert_eq!(true_ups(&september), expected);
    assert_eq!(true_ups(&stated(&world, march(), march().end())), []);
    assert_eq!(true_ups(&known(&world.ledger, known_before, month(9), on(10, 1, 0))), []);
}

/// From 15 April on: the first year counts the months from April to March, the last one all the rest; both end
/// in one month if the contract ends soon after the first.
#[test]
fn each_month_is_counted_once() {
    let mut world = committed(365_000, on(4, 15, 0), &[ChargeKind::data_usage()]);
    let april = Month::new(2027, 4).unwrap();
    let uses = [on(4, 20, 0), april.start(), april.start().plus_days(17)];
    world.apply(&recorded(&uses.map(|at| used(at, 1))));
    world.learn(terminate(april.start().plus_days(19)));
    let statement = stated(&world, april, april.end());
    let [first, last] = &true_ups(&statement)[..] else { panic!("two years end") };
    assert_eq!((first.0, first.2), ("commitment-true-up/0/-/-/year-0", 365_000 - 100));
    // Five days of 366, and two uses in April 2027.
    assert_eq!((last.0, last.1.as_str()), ("commitment-true-up/0/-/-/year-1", "5/366"));
    assert_eq!(last.2, 4_986 - 200);
}

#[test]
fn only_the_named_kinds_count() {
    let mut world =
        committed(10_000, on(4, 1, 0), &[ChargeKind::service_order(), ChargeKind::recruitment_request()]);
    world.learn(place(of_vendor(ORDER, on(4, 2, 0))));
    world.learn(accept(ORDER, 0, on(4, 20, 0)));
    world.learn(request(VENDOR, on(4, 3, 0)));
    world.learn(approve(on(5, 10, 0)));
    world.apply(&recorded(&[used(on(4, 2, 0), 7)]));
    assert_eq!(true_ups(&stated(&world, march(), march().end()))[0].2, 10_000 - 600 - 5_000);
}

#[test]
fn without_a_commitment_nothing_is_made_up() {
    let world = priced();
    assert_eq!(true_ups(&stated(&world, march(), march().end().plus_days(400))), []);
    assert_eq!(world.ledger.as_of(u64::MAX).committed().count(), 0);
    assert_eq!(usage_from_april(1).ledger.as_of(u64::MAX).committed().collect::<Vec<_>>(), [CONTRACT]);
}
