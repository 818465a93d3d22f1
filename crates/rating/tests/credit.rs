//! What a credit takes back from whom, through the public door.

use domain::{
    id::OrganisationId,
    share_rule::{Party, Split, SplitTable},
    terms::ChargeKind,
    time::Month,
};
use money::{Currency, Decimal, Money};
use proptest::prelude::*;
use rating::{Parties, PoolWeight, ShareLine, Why, by_organisation, difference, split_onto, split_part};

const BASE: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const PARTIES: Parties<'_> = Parties {
    base_operator: BASE,
    promoter: PROMOTER,
    seller: None,
    data_provider: None,
    institutions: &[],
    weighed_by: PoolWeight::Cases,
    data_fee_metered: false,
};

/// A split of the contract fee by so many per cent for the base operator, the rest to the promoter.
fn by_percent(base: u32) -> Split {
    Split {
        charge_kind: ChargeKind::contract_fee(),
        with_provider: None,
        fixed: vec![],
        percentages: vec![
            (Party::BaseOperator, Decimal::from(base)),
            (Party::Promoter, Decimal::from(100 - base)),
        ],
        minimums: vec![],
        caps: vec![],
        residual: Party::BaseOperator,
        data_fee: None,
    }
}

fn table(split: Split) -> SplitTable {
    SplitTable {
        name: "shares".parse().unwrap(),
        start: Month::new(2026, 4).unwrap(),
        splits: vec![split],
        charges: vec![],
    }
}

fn posted(standing: i64, net: i64, table: &SplitTable) -> Vec<ShareLine> {
    let kind = ChargeKind::contract_fee();
    split_onto(Money::jpy(standing), Money::jpy(net), table, &kind, &PARTIES).unwrap()
}

/// What base operator and promoter get in all.
fn both(lines: &[ShareLine]) -> [i64; 2] {
    let totals = by_organisation(lines).unwrap();
    [BASE, PROMOTER].map(|id| totals.get(&id).map_or(0, |amount| amount.minor_units()))
}

/// Of 1,000,000 yen the first 600,000 are the base operator's: half a million has left it 500,000.
#[test]
fn a_credit_takes_last_what_was_given_first() {
    let fixed = vec![(Party::BaseOperator, Money::jpy(600_000))];
    let percentages = vec![(Party::Promoter, Decimal::from(100))];
    let table = table(Split { fixed, percentages, ..by_percent(0) });
    let charge = posted(0, 1_000_000, &table);
    let credit = posted(1_000_000, -500_000, &table);
    assert_eq!(both(&charge), [600_000, 400_000]);
    assert_eq!(both(&credit), [-100_000, -400_000]);
    let why: Vec<_> = credit.iter().map(|line| line.why).collect();
    assert_eq!(why, [Why::Fixed, Why::Percentage { percent: Decimal::from(100) }]);
    // A second credit goes on where the first stopped.
    assert_eq!(both(&posted(500_000, -200_000, &table)), [-200_000, 0]);
    assert_eq!(both(&posted(1_000_000, -1_000_000, &table)), [-600_000, -400_000]);
}

/// Of 1,000 yen at 90/10 the promoter is raised from 100 to 300; of 400 that are left, from 40 to 300.
#[test]
fn a_credit_leaves_minimums_and_fills_caps() {
    let minimums = vec![(Party::Promoter, Money::jpy(300))];
    let table_of_minimum = table(Split { minimums, ..by_percent(90) });
    assert_eq!(both(&posted(0, 1_000, &table_of_minimum)), [700, 300]);
    assert_eq!(both(&posted(1_000, -600, &table_of_minimum)), [-600, 0]);
    let caps = vec![(Party::Promoter, Money::jpy(300))];
    let table_of_cap = table(Split { caps, ..by_percent(50) });
    assert_eq!(both(&posted(0, 1_000, &table_of_cap)), [700, 300]);
    assert_eq!(both(&posted(1_000, -600, &table_of_cap)), [-500, -100]);
}

/// 365,000 yen are 219,000 and 146,000; of 70,000 that are left, 42,000 and 28,000. Two yen at 60/40 are one
/// each and one yen is the base operator's, so the second is the promoter's; by itself it would be the base's.
#[test]
fn percentages_alone_are_kept_but_for_the_yen_that_does_not_divide() {
    let table = table(by_percent(60));
    assert_eq!(both(&posted(365_000, -295_000, &table)), [-177_000, -118_000]);
    assert_eq!(both(&posted(2, -1, &table)), [0, -1]);
    assert_eq!(both(&posted(0, -1, &table)), [-1, 0]);
}

fn amounts() -> impl Strategy<Value = Vec<(Party, Money)>> {
    prop::option::of((prop::bool::ANY, 0i64..5_000)).prop_map(|of| {
        let party = |base| if base { Party::BaseOperator } else { Party::Promoter };
        of.into_iter().map(|(base, yen)| (party(base), Money::jpy(yen))).collect()
    })
}

fn any_table() -> impl Strategy<Value = SplitTable> {
    (1u32..100, amounts(), 0i64..5_000, prop::option::of(0i64..5_000)).prop_map(
        |(base, fixed, minimum, more)| {
            let of_promoter = |yen| (Party::Promoter, Money::jpy(yen));
            let caps = more.into_iter().map(|more| of_promoter(minimum + more)).collect();
            table(Split { fixed, minimums: vec![of_promoter(minimum)], caps, ..by_percent(base) })
        },
    )
}

proptest! {
    #[test]
    fn every_credit_sums_to_its_net_and_all_leave_the_split_of_what_is_left(
        charged in 1i64..20_000,
        credits in prop::collection::vec(0i64..8_000, 0..5),
        table in any_table(),
    ) {
        let mut standing = charged;
        let mut lines = posted(0, charged, &table);
        for credit in credits {
            let credit = credit.min(standing);
            let more = posted(standing, -credit, &table);
            let sum = Money::sum(Currency::Jpy, more.iter().map(|line| line.amount));
            prop_assert_eq!(sum, Ok(Money::jpy(-credit)));
            lines.extend(more);
            standing -= credit;
        }
        let kind = ChargeKind::contract_fee();
        let left = split_part(Money::jpy(standing), &table, &kind, &PARTIES).unwrap();
        prop_assert_eq!(difference(&left, &lines), Ok(vec![]));
    }
}
