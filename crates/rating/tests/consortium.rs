//! Several vendors that sell as one: how their part is parted.

use domain::{
    id::OrganisationId,
    share_rule::{Party, SplitTable, default_splits},
    terms::ChargeKind,
    time::Month,
};
use money::{Currency, Decimal, Money};
use proptest::prelude::*;
use rating::{Parties, PoolWeight, Seller, ShareLine, Stage, by_organisation, split_part};

const BASE: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const LEAD: OrganisationId = OrganisationId::from_u128(3);
const SECOND: OrganisationId = OrganisationId::from_u128(4);
const THIRD: OrganisationId = OrganisationId::from_u128(5);

/// The default splits; with a data fee of so many per cent of the vendor's part.
fn table(data_fee: Option<u32>) -> SplitTable {
    let mut splits = default_splits();
    for split in splits.iter_mut().filter(|split| split.charge_kind == ChargeKind::service_order()) {
        split.data_fee = data_fee.map(Decimal::from);
    }
    SplitTable {
        name: "shares".parse().unwrap(),
        start: Month::new(2026, 4).unwrap(),
        splits,
        charges: vec![],
    }
}

fn sold_by<'p>(inner: &'p [(OrganisationId, Decimal)]) -> Parties<'p> {
    Parties {
        base_operator: BASE,
        promoter: PROMOTER,
        seller: Some(Seller { vendor: LEAD, inner }),
        data_provider: None,
        institutions: &[],
        weighed_by: PoolWeight::Cases,
        data_fee_metered: false,
    }
}

fn inner(percentages: [&str; 3]) -> Vec<(OrganisationId, Decimal)> {
    [LEAD, SECOND, THIRD].into_iter().zip(percentages.map(|percent| percent.parse().unwrap())).collect()
}

fn shares(yen: i64, data_fee: Option<u32>, inner: &[(OrganisationId, Decimal)]) -> Vec<ShareLine> {
    split_part(Money::jpy(yen), &table(data_fee), &ChargeKind::service_order(), &sold_by(inner)).unwrap()
}

/// Of 10,000 yen the vendor's part is 8,500: 33.3 % of it are 2,830.5, twice, and 33.4 % are 2,839.
#[test]
fn the_vendors_part_goes_to_the_members_by_the_inner_split() {
    let lines = shares(10_000, None, &inner(["33.3", "33.3", "33.4"]));
    let of: Vec<_> = lines.iter().map(|line| (line.organisation, line.amount.minor_units())).collect();
    assert_eq!(of, [(BASE, 1_000), (PROMOTER, 500), (LEAD, 2_831), (SECOND, 2_830), (THIRD, 2_839)]);
    let last = lines.last().unwrap();
    assert_eq!((last.party, last.stage), (Party::Vendor, Stage::Charge));
    assert_eq!(last.reason(), "33.4 % of the consortium's part of 8500 JPY");
}

/// 10 % of 8,500 are the data fee, so 7,650 are parted.
#[test]
fn the_data_fee_is_taken_before_the_part_is_parted() {
    let lines = shares(10_000, Some(10), &inner(["50", "30", "20"]));
    let of = by_organisation(&lines).unwrap();
    assert_eq!(of[&LEAD], Money::jpy(3_825));
    assert_eq!(of[&SECOND], Money::jpy(2_295));
    assert_eq!(of[&THIRD], Money::jpy(1_530));
    // 1,000 and 70 % of 850, the pool of the fee without cases, and the promoter's 500 and 20 %.
    assert_eq!((of[&BASE], of[&PROMOTER]), (Money::jpy(1_000 + 595 + 85), Money::jpy(500 + 170)));
}

#[test]
fn a_vendor_by_itself_has_no_inner_split() {
    let lines = shares(10_000, None, &[]);
    assert_eq!(by_organisation(&lines).unwrap()[&LEAD], Money::jpy(8_500));
}

proptest! {
    #[test]
    fn what_the_members_get_is_what_a_vendor_alone_would_have(
        yen in -50_000i64..50_000,
        first in 1u32..50,
        second in 1u32..50,
        data_fee in prop::option::of(1u32..=100),
    ) {
        let rest = (100 - first - second).to_string();
        let inner = inner([&first.to_string(), &second.to_string(), &rest]);
        let sum = |lines: &[ShareLine]| Money::sum(Currency::Jpy, lines.iter().map(|line| line.amount)).unwrap();
        let of_vendor = |lines: Vec<ShareLine>| -> Vec<ShareLine> {
            lines.into_iter().filter(|line| line.party == Party::Vendor).collect()
        };
        let lines = shares(yen, data_fee, &inner);
        prop_assert_eq!(sum(&lines), Money::jpy(yen));
        prop_assert_eq!(sum(&of_vendor(lines)), sum(&of_vendor(shares(yen, data_fee, &[]))));
    }
}
