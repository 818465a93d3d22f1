//! Splits, differences and datasets' parts, through the public door.

mod properties;

use domain::{
    id::{DatasetId, OrganisationId},
    share_rule::{Party, Split, SplitTable, default_splits},
    terms::ChargeKind,
    time::Month,
};
use money::{Currency, Decimal, Money, MoneyError};
use rating::{
    Parties, PoolWeight, Seller, ShareLine, SplitError, Stage, Why, allocate_to_datasets, by_organisation,
    difference, split_part,
};

const BASE: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const VENDOR: OrganisationId = OrganisationId::from_u128(3);
const PROVIDER: OrganisationId = OrganisationId::from_u128(4);
const HOSPITAL_A: OrganisationId = OrganisationId::from_u128(11);
const HOSPITAL_B: OrganisationId = OrganisationId::from_u128(12);
const CASES: &[(OrganisationId, u128)] = &[(HOSPITAL_A, 412), (HOSPITAL_B, 686)];

fn parties<'p>() -> Parties<'p> {
    Parties {
        base_operator: BASE,
        promoter: PROMOTER,
        seller: Some(Seller::alone(VENDOR)),
        data_provider: None,
        institutions: CASES,
        weighed_by: PoolWeight::Cases,
        data_fee_metered: false,
    }
}

fn table(splits: Vec<Split>) -> SplitTable {
    SplitTable {
        name: "shares".parse().unwrap(),
        start: Month::new(2026, 4).unwrap(),
        splits,
        charges: vec![],
    }
}

/// The default splits, with a changed one for service orders.
fn with_order_split(change: impl FnOnce(&mut Split)) -> SplitTable {
    let mut splits = default_splits();
    splits.iter_mut().find(|split| split.charge_kind == ChargeKind::service_order()).map(change);
    table(splits)
}

fn shares(
    yen: i64,
    table: &SplitTable,
    kind: ChargeKind,
    parties: &Parties<'_>,
) -> Vec<(OrganisationId, i64)> {
    let lines = split_part(Money::jpy(yen), table, &kind, parties).unwrap();
    let totals = by_organisation(&lines).unwrap();
    totals.into_iter().map(|(organisation, amount)| (organisation, amount.minor_units())).collect()
}

fn bound(party: Party, yen: i64) -> Vec<(Party, Money)> {
    vec![(party, Money::jpy(yen))]
}

#[test]
fn usage_goes_to_base_promoter_and_institutions() {
    let table = table(default_splits());
    // 10 % of 10,980 are 1,098 yen for 1,098 cases.
    let expected = vec![(BASE, 7_686), (PROMOTER, 2_196), (HOSPITAL_A, 412), (HOSPITAL_B, 686)];
    assert_eq!(shares(10_980, &table, ChargeKind::data_usage(), &parties()), expected);
    let provided = Parties { data_provider: Some(PROVIDER), ..parties() };
    assert_eq!(
        shares(10_980, &table, ChargeKind::data_usage(), &provided),
        [(BASE, 1_098), (PROMOTER, 2_196), (PROVIDER, 6_588), (HOSPITAL_A, 412), (HOSPITAL_B, 686)]
    );
}

#[test]
fn every_line_says_why() {
    let lines =
        split_part(Money::jpy(10_980), &table(default_splits()), &ChargeKind::data_usage(), &parties())
            .unwrap();
    let reasons: Vec<_> = lines.iter().map(ShareLine::reason).collect();
    assert_eq!(
        reasons,
        [
            "70 % of the rest",
            "20 % of the rest",
            "institutions' pool, 412 of 1098 cases",
            "institutions' pool, 686 of 1098 cases"
        ]
    );
}

#[test]
fn a_pool_without_cases_stays_with_the_base_operator_as_a_line_of_its_own() {
    let nobody = [(HOSPITAL_A, 0)];
    for institutions in [&[][..], &nobody[..]] {
        let parties = Parties { institutions, ..parties() };
        let lines =
            split_part(Money::jpy(1_000), &table(default_splits()), &ChargeKind::data_usage(), &parties)
                .unwrap();
        let pool = lines.last().unwrap();
        assert_eq!((pool.party, pool.organisation), (Party::BaseOperator, BASE));
        assert_eq!(
            (pool.amount, pool.stage, pool.why),
            (Money::jpy(100), Stage::Pool, Why::PoolUnassigned { unit: PoolWeight::Cases })
        );
        assert_eq!(lines.len(), 3);
    }
}

#[test]
fn without_a_vendor_the_promoter_executes() {
    let parties = Parties { seller: None, ..parties() };
    let kind = ChargeKind::recruitment_enrolment();
    let of = shares(10_000, &table(default_splits()), kind, &parties);
    assert_eq!(of[..2], [(BASE, 2_500), (PROMOTER, 1_500)]);
}

#[test]
fn fixed_parts_come_first_and_reach_as_far_as_the_amount() {
    let table = with_order_split(|split| {
        split.fixed = vec![(Party::Promoter, Money::jpy(300)), (Party::BaseOperator, Money::jpy(200))];
    });
    let kind = ChargeKind::service_order;
    let of = |yen| shares(yen, &table, kind(), &parties());
    assert_eq!(of(1_500), [(BASE, 300), (PROMOTER, 350), (VENDOR, 850)]);
    assert_eq!(of(400), [(BASE, 100), (PROMOTER, 300)]);
    assert_eq!(of(0), []);
}

#[test]
fn bounds_are_settled_with_the_residual_party() {
    let minimum = with_order_split(|split| split.minimums = bound(Party::Promoter, 100));
    let cap = with_order_split(|split| split.caps = bound(Party::Vendor, 500));
    let kind = ChargeKind::service_order;
    assert_eq!(shares(1_000, &minimum, kind(), &parties()), [(BASE, 50), (PROMOTER, 100), (VENDOR, 850)]);
    assert_eq!(shares(1_000, &cap, kind(), &parties()), [(BASE, 450), (PROMOTER, 50), (VENDOR, 500)]);
    // What the residual party has does not bound what it bears.
    assert_eq!(shares(100, &minimum, kind(), &parties()), [(BASE, -85), (PROMOTER, 100), (VENDOR, 85)]);
    let lines = split_part(Money::jpy(1_000), &minimum, &kind(), &parties()).unwrap();
    let whys: Vec<_> = lines.iter().skip(3).map(|line| (line.organisation, line.amount, line.why)).collect();
    let raised = Why::Minimum { minimum: Money::jpy(100) };
    assert_eq!(whys, [(PROMOTER, Money::jpy(50), raised), (BASE, Money::jpy(-50), Why::Shortfall)]);
}

#[test]
fn a_data_fee_comes_out_of_the_vendors_part_after_its_bounds() {
    let table = with_order_split(|split| {
        split.caps = bound(Party::Vendor, 8_000);
        split.data_fee = Some(Decimal::from(10u32));
    });
    let kind = ChargeKind::service_order;
    // The vendor's 8,500 are cut to 8,000; its fee of 800 goes 560 to the base, 160 to the promoter, 80 to
    // the pool, of which 412 of 1,098 cases are 30.02.
    assert_eq!(
        shares(10_000, &table, kind(), &parties()),
        [(BASE, 2_060), (PROMOTER, 660), (VENDOR, 7_200), (HOSPITAL_A, 30), (HOSPITAL_B, 50)]
    );
    let metered = Parties { data_fee_metered: true, ..parties() };
    assert_eq!(shares(10_000, &table, kind(), &metered), [(BASE, 1_500), (PROMOTER, 500), (VENDOR, 8_000)]);
    let lines = split_part(Money::jpy(10_000), &table, &kind(), &parties()).unwrap();
    assert!(lines.iter().any(|line| line.reason() == "of the data fee: 70 % of the rest"));
}

#[test]
fn ties_go_by_party_id() {
    let table = table(vec![Split {
        percentages: vec![
            (Party::Promoter, Decimal::from(50u32)),
            (Party::BaseOperator, Decimal::from(50u32)),
        ],
        ..default_splits().remove(0)
    }]);
    let kind = ChargeKind::contract_fee;
    assert_eq!(shares(1, &table, kind(), &parties()), [(BASE, 1), (PROMOTER, 0)]);
    let swapped = Parties { base_operator: PROMOTER, promoter: BASE, ..parties() };
    assert_eq!(shares(1, &table, kind(), &swapped), [(BASE, 1), (PROMOTER, 0)]);
}

#[test]
fn a_correction_posts_the_difference_of_the_splits() {
    let table = table(default_splits());
    let kind = ChargeKind::data_usage();
    let split = |yen, parties: &Parties<'_>| split_part(Money::jpy(yen), &table, &kind, parties).unwrap();
    let old = split(10_980, &parties());
    // The same total with other cases: only the institutions' lines change.
    let cases = [(HOSPITAL_A, 413), (HOSPITAL_B, 685)];
    let posted = difference(&old, &split(10_980, &Parties { institutions: &cases, ..parties() })).unwrap();
    let posted: Vec<_> = posted.iter().map(|line| (line.organisation, line.amount, line.reason())).collect();
    assert_eq!(
        posted,
        [
            (HOSPITAL_A, Money::jpy(1), "institutions' pool, 413 of 1098 cases".to_owned()),
            (HOSPITAL_B, Money::jpy(-1), "institutions' pool, 685 of 1098 cases".to_owned()),
        ]
    );
    assert_eq!(difference(&old, &old), Ok(vec![]));
    // A split of the difference would give the promoter 0 of 1 yen; the splits of 2 and 3 differ by 1.
    let posted = difference(&split(2, &parties()), &split(3, &parties())).unwrap();
    assert_eq!(by_organisation(&posted).unwrap().get(&PROMOTER), Some(&Money::jpy(1)));
    assert_eq!(shares(1, &table, kind.clone(), &parties())[1], (PROMOTER, 0));
}

#[test]
fn what_cannot_be_split_is_refused() {
    let kind = ChargeKind::publication_incentive();
    assert_eq!(
        split_part(Money::jpy(1), &table(default_splits()), &kind, &parties()),
        Err(SplitError::NoSplit { charge_kind: kind, with_provider: false })
    );
    let unchecked = with_order_split(|split| split.residual = Party::DataProvider);
    let unchecked = SplitTable {
        splits: unchecked
            .splits
            .into_iter()
            .map(|split| Split { minimums: bound(Party::Promoter, 100), ..split })
            .collect(),
        ..unchecked
    };
    let kind = ChargeKind::service_order();
    assert_eq!(
        split_part(Money::jpy(1), &unchecked, &kind, &parties()),
        Err(SplitError::NoProvider { charge_kind: kind.clone() })
    );
    assert_eq!(
        split_part(Money::jpy(i64::MIN), &unchecked, &kind, &parties()),
        Err(SplitError::Amount(MoneyError::Overflow))
    );
}

#[test]
fn datasets_get_their_part_by_cases() {
    let [a, b, c] = [1, 2, 3].map(DatasetId::from_u128);
    assert_eq!(
        allocate_to_datasets(Money::jpy(15), &[(a, 2), (b, 38), (c, 60)]),
        Ok(vec![(a, Money::jpy(0)), (b, Money::jpy(6)), (c, Money::jpy(9))])
    );
}
