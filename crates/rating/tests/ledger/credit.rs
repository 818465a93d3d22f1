//! Fees that tier changes give back, and from whom.

use std::collections::BTreeMap;

use domain::{
    contract::ContractKind,
    id::{OrganisationId, ShareRuleId},
    share_rule::{self, Party, ShareRulePublished, SplitTable, default_splits},
    terms::ChargeKind,
    text::Name,
    time::{Month, Timestamp},
};
use money::{Currency, Money};
use proptest::prelude::*;
use rating::{
    by_organisation,
    ledger::Fact,
    split_onto, split_part,
    statement::{StatementLine, parts, statement},
};

use crate::fixture::*;

type Tested = World<1_024, 64>;

/// The contract in force, with these changes of tier.
fn changed(changes: &[(&str, Timestamp)]) -> Tested {
    let mut world = Tested::new(ContractKind::Member);
    for (name, at) in changes {
        world.learn(Fact::Contract(CONTRACT, tier_change(name, *at)));
    }
    world
}

/// The fee lines of a month, at the end of the contract year.
fn fees(world: &Tested, month: Month) -> Vec<StatementLine> {
    let now = on(4, 1, 0).plus_days(365);
    statement(&world.ledger.as_of(u64::MAX), CONTRACT, month, now, |_| vec![]).unwrap().unwrap().lines
}

/// Lines as: segment, what stood before, what is charged.
fn brief(lines: &[StatementLine]) -> Vec<(u32, i64, i64)> {
    let yen = Money::minor_units;
    lines.iter().map(|line| (line.segment, yen(line.standing), yen(line.amount))).collect()
}

/// The default splits from April on; from June on, everything is the promoter's.
fn fixed_part_until_may(fixed: i64) -> [Fact; 2] {
    let publish = |version, start, change: &dyn Fn(&mut share_rule::Split)| {
        let mut splits = default_splits();
        splits.iter_mut().filter(|split| split.charge_kind == ChargeKind::contract_fee()).for_each(change);
        Fact::ShareRule(share_rule::Event::ShareRulePublished(ShareRulePublished {
            id: ShareRuleId::from_u128(1),
            version,
            table: SplitTable { name: Name::new("shares").unwrap(), start, splits, charges: vec![] },
            published_by: PROMOTER,
            at: on(3, 1, 0),
        }))
    };
    let fixed = vec![(Party::BaseOperator, Money::jpy(fixed))];
    [
        publish(2, month(4), &|split| split.fixed.clone_from(&fixed)),
        publish(3, month(6), &|split| split.percentages = vec![(Party::Promoter, 100u32.into())]),
    ]
}

/// Basic costs 1,000 yen a day and premium 2,000: 295 days are left on 10 June, 243 on 1 August.
#[test]
fn each_of_two_tier_changes_in_a_year_gives_back_of_what_stood_for_its_own_segment() {
    let world = changed(&[("premium", on(6, 10, 12)), ("basic", on(8, 1, 0))]);
    assert_eq!(brief(&fees(&world, month(4))), [(0, 0, 365_000)]);
    assert_eq!(brief(&fees(&world, month(6))), [(0, 365_000, -295_000), (1, 0, 590_000)]);
    assert_eq!(brief(&fees(&world, month(8))), [(1, 590_000, -486_000), (2, 0, 243_000)]);
}

/// 285 days are left on 20 June: the ten days of premium are one line, which is split once.
#[test]
fn what_is_charged_and_given_back_in_one_month_is_one_net_amount() {
    let world = changed(&[("premium", on(6, 10, 12)), ("basic", on(6, 20, 0))]);
    let june = fees(&world, month(6));
    assert_eq!(brief(&june), [(0, 365_000, -295_000), (1, 0, 20_000), (2, 0, 285_000)]);
}

/// April's 365,000 yen were 300,000 + 60 % of 65,000 for the base operator; of the 70,000 that are left it has
/// all. June's rule, under which the base operator would have no part, does not come into it.
#[test]
fn a_credit_is_shared_by_the_rule_of_its_charge() {
    let mut world = changed(&[("premium", on(6, 10, 12))]);
    fixed_part_until_may(300_000).into_iter().for_each(|fact| {
        world.learn(fact);
    });
    let view = world.ledger.as_of(u64::MAX);
    let lines = fees(&world, month(6));
    let owed = lines.iter().map(|line| {
        let part = parts(&view, PROMOTER, line).unwrap().remove(0);
        let (rule, parties) = (part.rule.unwrap(), part.parties(BASE, PROMOTER));
        let shares = split_onto(part.standing, part.net, rule.content, &line.charge_kind, &parties).unwrap();
        let totals = by_organisation(&shares).unwrap();
        (rule.number, [BASE, PROMOTER].map(|id| totals.get(&id).map_or(0, |yen| yen.minor_units())))
    });
    let owed: Vec<_> = owed.collect();
    assert_eq!(owed, [(2, [-269_000, -26_000]), (3, [0, 590_000])]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_each_line_and_in_all_to_the_split_of_what_is_left_of_each_segment(
        days in prop::collection::btree_set(1u32..59, 0..5),
        fixed in 0i64..800_000,
    ) {
        let changes = days.iter().zip(["premium", "basic"].into_iter().cycle());
        // At noon of a date of April or May, so that one rule shares everything.
        let at = |days: u32| Timestamp::from_micros(on(4, 1, 12).plus_days(days).as_micros()).unwrap();
        let changes: Vec<_> = changes.map(|(days, name)| (name, at(*days))).collect();
        let mut world = changed(&changes);
        fixed_part_until_may(fixed).into_iter().for_each(|fact| { world.learn(fact); });
        let view = world.ledger.as_of(u64::MAX);
        let mut segments = BTreeMap::<u32, (Money, BTreeMap<OrganisationId, Money>)>::new();
        for line in [4, 5].into_iter().flat_map(|number| fees(&world, month(number))) {
            let zero = Money::jpy(0);
            let (net, owed) = segments.entry(line.segment).or_insert((zero, BTreeMap::new()));
            prop_assert_eq!(line.standing, if line.amount.is_negative() { *net } else { zero });
            *net = net.checked_add(line.amount).unwrap();
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
        prop_assert_eq!(segments.len(), changes.len() + 1);
    }
}
