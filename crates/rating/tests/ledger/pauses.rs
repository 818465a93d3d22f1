//! What pauses give back of the contract fee, and from whom.

use std::collections::BTreeMap;

use domain::{
    contract::{ContractKind, ContractPaused, ContractResumed, Event, PausedFees},
    id::OrganisationId,
    terms::ChargeKind,
    time::{Month, Timestamp},
};
use money::{Currency, Money};
use proptest::prelude::*;
use rating::{
    by_organisation,
    ledger::Fact,
    split_onto, split_part,
    statement::{StatementLine, behind, parts},
};

use crate::{dealings::*, fixture::*};

/// The contract in force, its fee by days; 1,000 yen a day in basic, 2,000 in premium.
fn by_days(events: Vec<Event>) -> Tested {
    let mut world = Tested::agreed(ContractKind::Member, |terms| terms.paused_fees = PausedFees::ByDays);
    for event in events {
        world.learn(Fact::Contract(CONTRACT, event));
    }
    world
}

fn paused(effective_at: Timestamp) -> Event {
    Event::ContractPaused(ContractPaused { reason: "an audit".parse().unwrap(), effective_at })
}

fn resumed(effective_at: Timestamp) -> Event {
    Event::ContractResumed(ContractResumed { effective_at })
}

fn fees(world: &Tested, month: Month) -> Vec<StatementLine> {
    stated(world, month, on(4, 1, 0).plus_days(365)).lines
}

/// Lines as: id, what stood before, what is charged.
fn brief(lines: &[StatementLine]) -> Vec<(&str, i64, i64)> {
    lines
        .iter()
        .map(|line| (line.id.as_str(), line.standing.minor_units(), line.amount.minor_units()))
        .collect()
}

const BASIC: &str = "contract-fee/0/-/-/-";
const PAUSED: &str = "contract-fee/0/-/-/paused-2026-04";

#[test]
fn paused_days_are_given_back_on_a_line_of_their_own_at_resumption() {
    let world = by_days(vec![paused(on(5, 10, 9)), resumed(on(6, 9, 9))]);
    assert_eq!(brief(&fees(&world, month(4))), [(BASIC, 0, 365_000)]);
    assert_eq!(brief(&fees(&world, month(5))), []);
    let june = fees(&world, month(6));
    assert_eq!(brief(&june), [(PAUSED, 365_000, -30_000)]);
    assert_eq!(
        june[0].description,
        "fee given back for a pause for tier basic, 2026-05-10 to 2026-06-08: 30 of 365 days"
    );
    let found = behind(&world.ledger.as_of(u64::MAX), CONTRACT, month(6), &june[0]);
    assert_eq!(found.len(), 3, "activation, pause and resumption");
}

/// Twice in one month, the first one in that of the charge itself.
#[test]
fn a_pause_in_the_month_of_the_charge_gives_back_of_what_stands_there() {
    let world =
        by_days(vec![paused(on(4, 3, 0)), resumed(on(4, 5, 0)), paused(on(4, 9, 0)), resumed(on(4, 10, 0))]);
    assert_eq!(brief(&fees(&world, month(4))), [(BASIC, 0, 365_000), (PAUSED, 365_000, -3_000)]);
}

/// 295 days are left on 10 June; ten of basic and five of premium were paused.
#[test]
fn each_tier_gives_back_its_own_paused_days() {
    let world =
        by_days(vec![paused(on(5, 31, 0)), tier_change("premium", on(6, 10, 0)), resumed(on(6, 15, 0))]);
    let june = fees(&world, month(6));
    let expected = [
        (BASIC, 365_000, -295_000),
        ("contract-fee/1/-/-/-", 0, 590_000),
        (PAUSED, 70_000, -10_000),
        ("contract-fee/1/-/-/paused-2026-06", 590_000, -10_000),
    ];
    assert_eq!(brief(&june), expected);
}

#[test]
fn fees_go_on_unless_the_terms_say_otherwise() {
    let mut world = Tested::new(ContractKind::Member);
    for event in [paused(on(5, 10, 9)), resumed(on(6, 9, 9))] {
        world.learn(Fact::Contract(CONTRACT, event));
    }
    assert_eq!(brief(&fees(&world, month(6))), []);
}

/// A history of pauses, and of changes of tier between them.
fn any_history() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::btree_set(1u32..300, 1..9).prop_map(|days| {
        let at = |day: u32| on(4, 1, 12).plus_days(day);
        let mut tiers = ["premium", "basic"].into_iter().cycle();
        let mut is_paused = false;
        let events = days.into_iter().map(|day| match day % 3 {
            0 => tier_change(tiers.next().unwrap_or("basic"), at(day)),
            _ if is_paused => {
                is_paused = false;
                resumed(at(day))
            }
            _ => {
                is_paused = true;
                paused(at(day))
            }
        });
        events.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// After each line its parties have in all what a split of what is left of its charge gives them.
    #[test]
    fn shares_sum_to_each_line_and_in_all_to_the_split_of_what_is_left(
        history in any_history(),
        fixed in 0i64..800_000,
    ) {
        let mut world = by_days(history);
        world.learn(reshare(2, month(1), |split| {
            if split.charge_kind == ChargeKind::contract_fee() {
                split.fixed = vec![(domain::share_rule::Party::BaseOperator, Money::jpy(fixed))];
            }
        }));
        let view = world.ledger.as_of(u64::MAX);
        let zero = Money::jpy(0);
        let mut segments = BTreeMap::<u32, (Money, BTreeMap<OrganisationId, Money>)>::new();
        let months = (4..16).filter_map(|index| Month::from_index(month(1).index() + index - 1));
        for line in months.flat_map(|month| fees(&world, month)) {
            let (net, owed) = segments.entry(line.segment).or_insert((zero, BTreeMap::new()));
            prop_assert_eq!(line.standing, if line.amount.is_negative() { *net } else { zero });
            *net = net.checked_add(line.amount).unwrap();
            prop_assert!(!net.is_negative());
            for part in parts(&view, PROMOTER, &line).unwrap() {
                let (table, parties) = (part.rule.unwrap().content, part.parties(BASE, PROMOTER));
                let shares = split_onto(part.standing, part.net, table, &line.charge_kind, &parties).unwrap();
                let sum = Money::sum(Currency::Jpy, shares.iter().map(|share| share.amount));
                prop_assert_eq!(sum, Ok(line.amount));
                for (organisation, amount) in by_organisation(&shares).unwrap() {
                    let total = owed.entry(organisation).or_insert(zero);
                    *total = total.checked_add(amount).unwrap();
                }
                let left = split_part(*net, table, &line.charge_kind, &parties).unwrap();
                let mut left = by_organisation(&left).unwrap();
                left.retain(|_, amount| !amount.is_zero());
                owed.retain(|_, amount| !amount.is_zero());
                prop_assert_eq!(&*owed, &left);
            }
        }
    }
}
