//! Prices and quantities, through the public door.

use domain::{
    price_book::{Band, PriceItem, PriceKey, PriceList, PriceModel, billed_by_default},
    terms::{ChargeKind, DatasetClass, Right, Tier},
    time::{Month, Timestamp},
};
use money::{Currency, Decimal, Fraction, Money, MoneyError};
use proptest::prelude::*;
use rating::{RatedLine, RatingError, days_between, find_price, rate, rate_fee};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn band(up_to: Option<&str>, unit_price: &str, flat: Option<i64>) -> Band {
    Band { up_to: up_to.map(decimal), unit_price: decimal(unit_price), flat: flat.map(Money::jpy) }
}

/// 50 yen up to 100, 40 up to 1,000 and 1,000 yen once, 30.5 above.
fn graduated() -> PriceModel {
    let bands =
        vec![band(Some("100"), "50", None), band(Some("1000"), "40", Some(1_000)), band(None, "30.5", None)];
    PriceModel::Graduated { bands }
}

fn rated(model: &PriceModel, quantity: &str) -> RatedLine {
    rate(model, Currency::Jpy, &decimal(quantity), None).unwrap()
}

#[test]
fn amounts_are_rounded_once_half_up() {
    let flat = PriceModel::Flat { amount: Money::jpy(700) };
    let per_unit = PriceModel::PerUnit { price: decimal("0.5") };
    for (model, quantity, yen) in [
        (&flat, "1", 700),
        (&flat, "12", 700),
        (&flat, "0", 0),
        (&per_unit, "0", 0),
        (&per_unit, "3", 2),
        (&per_unit, "0.9", 0),
        (&per_unit, "1000001", 500_001),
        (&graduated(), "0", 0),
        (&graduated(), "100", 5_000),
        (&graduated(), "100.5", 6_020),
        (&graduated(), "1000", 42_000),
        (&graduated(), "1001", 42_031),
        (&graduated(), "1000.25", 42_008),
    ] {
        assert_eq!(rated(model, quantity).amount, Money::jpy(yen), "{model:?} × {quantity}");
    }
}

#[test]
fn each_band_takes_its_part() {
    let line = rated(&graduated(), "1001.5");
    let bands: Vec<_> =
        line.bands.iter().map(|used| (used.quantity.to_string(), used.amount.to_string())).collect();
    let expected = [("100", "5000"), ("900", "37000"), ("1.5", "45.75")];
    assert_eq!(bands, expected.map(|(quantity, amount)| (quantity.to_owned(), amount.to_owned())));
    assert_eq!(
        line.arithmetic,
        [
            "above 0 to 100: 100 × 50 = 5000",
            "above 100 to 1000: 900 × 40 + 1000 JPY = 37000",
            "above 1000: 1.5 × 30.5 = 45.75",
            "together 42045.75",
            "42045.75 rounded half-up: 42046 JPY",
        ]
    );
}

/// All of it at 50 yen up to 100, at 40 and 1,000 yen once up to 1,000.5, at 30.5 above.
fn volume() -> PriceModel {
    let bands = vec![
        band(Some("100"), "50", None),
        band(Some("1000.5"), "40", Some(1_000)),
        band(None, "30.5", None),
    ];
    PriceModel::Volume { bands }
}

#[test]
fn a_volume_price_prices_all_by_the_band_into_which_it_falls() {
    for (quantity, yen) in [
        ("0", 0),
        ("0.5", 25),
        ("100", 5_000),
        ("100.000000001", 5_000),
        ("101", 5_040),
        ("1000.5", 41_020),
        ("1000.6", 30_518),
        ("2000", 61_000),
    ] {
        assert_eq!(rated(&volume(), quantity).amount, Money::jpy(yen), "{quantity}");
    }
    let line = rated(&volume(), "250");
    assert_eq!(line.bands.len(), 1);
    assert_eq!((line.bands[0].from, line.bands[0].quantity), (decimal("100"), decimal("250")));
    assert_eq!(
        line.arithmetic,
        ["all above 100 to 1000.5: 250 × 40 + 1000 JPY = 11000", "11000 rounded half-up: 11000 JPY"]
    );
    assert!(rated(&volume(), "0").bands.is_empty());
    let one_price = PriceModel::Volume { bands: vec![band(None, "3", None)] };
    assert_eq!(rated(&one_price, "2").arithmetic[0], "all 2 × 3 = 6");
}

#[test]
fn each_package_that_is_started_costs_the_whole_of_it() {
    let package = |size: &str| PriceModel::Package { size: decimal(size), price: Money::jpy(900) };
    for (size, quantity, packages) in [
        ("10", "0", 0),
        ("10", "0.000000001", 1),
        ("10", "10", 1),
        ("10", "10.1", 2),
        ("10", "100", 10),
        ("12.5", "25", 2),
        ("12.5", "25.01", 3),
        ("0.1", "0.3", 3),
        ("3", "10", 4),
    ] {
        let line = rated(&package(size), quantity);
        assert_eq!(line.amount, Money::jpy(900 * packages), "{quantity} in {size}");
        assert!(line.bands.is_empty());
    }
    assert_eq!(
        rated(&package("12.5"), "26").arithmetic,
        ["26 in packages of 12.5: 3 started", "3 × 900 JPY = 2700", "2700 rounded half-up: 2700 JPY"]
    );
}

#[test]
fn a_yearly_fee_goes_by_days() {
    let fee = PriceModel::Flat { amount: Money::jpy(1_000_000) };
    let line = rate_fee(&fee, Currency::Jpy, 100, 365).unwrap();
    assert_eq!(line.amount, Money::jpy(273_973));
    assert_eq!(line.exact, Fraction::new(100_000_000, 365).unwrap());
    assert_eq!(line.arithmetic[1], "1000000 × 20/73 = 20000000/73");
    assert_eq!(rate_fee(&fee, Currency::Jpy, 366, 366).unwrap().amount, Money::jpy(1_000_000));
    assert_eq!(rate_fee(&fee, Currency::Jpy, 0, 365).unwrap().amount, Money::jpy(0));
    for (days, days_in_year) in [(366, 365), (0, 0)] {
        assert_eq!(
            rate_fee(&fee, Currency::Jpy, days, days_in_year),
            Err(RatingError::DaysOutOfYear { days, days_in_year })
        );
    }
}

#[test]
fn days_are_dates_in_tokyo() {
    let april = Month::new(2026, 4).unwrap();
    let at = |micros: i64| Timestamp::from_micros(april.start().as_micros() + micros).unwrap();
    let hour = 3_600_000_000;
    assert_eq!(days_between(april.start(), april.end()), 30);
    assert_eq!(days_between(at(23 * hour), at(24 * hour)), 1);
    assert_eq!(days_between(at(hour), at(23 * hour)), 0);
    assert_eq!(days_between(at(-1), at(0)), 1);
    assert_eq!(days_between(april.end(), april.start()), 0);
}

#[test]
fn what_cannot_be_rated_is_refused() {
    assert_eq!(
        rate(&graduated(), Currency::Jpy, &decimal("-1"), None),
        Err(RatingError::NegativeQuantity { quantity: decimal("-1") })
    );
    let closed = PriceModel::Graduated { bands: vec![band(Some("5"), "1", None)] };
    assert_eq!(
        rate(&closed, Currency::Jpy, &decimal("5.1"), None),
        Err(RatingError::BandsEnd { quantity: decimal("5.1") })
    );
    let closed = PriceModel::Volume { bands: vec![band(Some("5"), "1", None)] };
    assert_eq!(
        rate(&closed, Currency::Jpy, &decimal("5.1"), None),
        Err(RatingError::BandsEnd { quantity: decimal("5.1") })
    );
    for size in ["0", "-2"] {
        let empty = PriceModel::Package { size: decimal(size), price: Money::jpy(1) };
        assert_eq!(
            rate(&empty, Currency::Jpy, &decimal("1"), None),
            Err(RatingError::EmptyPackage { size: decimal(size) })
        );
    }
    let small = PriceModel::Package { size: decimal("0.000000001"), price: Money::jpy(i64::MAX) };
    assert_eq!(
        rate(&small, Currency::Jpy, &decimal("1"), None),
        Err(RatingError::Amount(MoneyError::Overflow))
    );
    let dear = PriceModel::PerUnit { price: decimal("999999999999999999") };
    assert_eq!(
        rate(&dear, Currency::Jpy, &decimal("1000"), None),
        Err(RatingError::Amount(MoneyError::Overflow))
    );
}

/// A list with a price for every mixture of named and unnamed keys; each price is its specificity in yen.
fn every_key() -> PriceList {
    let mut items = vec![];
    for tier in [None, Some(Tier::new("gold").unwrap())] {
        for dataset_class in [None, Some(DatasetClass::new("rare").unwrap())] {
            for right in [None, Some(Right::DetailedAnalysis)] {
                let key = PriceKey {
                    charge_kind: ChargeKind::data_usage(),
                    tier: tier.clone(),
                    dataset_class: dataset_class.clone(),
                    right,
                };
                let price = Decimal::from(u32::from(key.specificity()));
                items.push(PriceItem { key, model: PriceModel::PerUnit { price } });
            }
        }
    }
    PriceList {
        name: "all".parse().unwrap(),
        currency: Currency::Jpy,
        start: Month::new(2026, 4).unwrap(),
        items,
        billed_verdicts: billed_by_default(),
    }
}

#[test]
fn the_most_specific_price_counts_whatever_the_order() {
    let mut prices = every_key();
    for _ in 0..2 {
        for (tier, class, right, expected) in [
            ("gold", "rare", Right::DetailedAnalysis, 0b111),
            ("gold", "rare", Right::Browse, 0b110),
            ("gold", "open", Right::DetailedAnalysis, 0b101),
            ("gold", "open", Right::Browse, 0b100),
            ("basic", "rare", Right::DetailedAnalysis, 0b011),
            ("basic", "rare", Right::Browse, 0b010),
            ("basic", "open", Right::DetailedAnalysis, 0b001),
            ("basic", "open", Right::Browse, 0b000),
        ] {
            let of = PriceKey {
                charge_kind: ChargeKind::data_usage(),
                tier: Some(Tier::new(tier).unwrap()),
                dataset_class: Some(DatasetClass::new(class).unwrap()),
                right: Some(right),
            };
            let found = find_price(&prices, &of).map(|item| item.key.specificity());
            assert_eq!(found, Some(expected), "{tier} {class} {right}");
        }
        prices.items.reverse();
    }
    // A named tier weighs more than class and right together.
    prices.items.retain(|item| matches!(item.key.specificity(), 0b100 | 0b011));
    let of = every_key().items.into_iter().map(|item| item.key).max_by_key(PriceKey::specificity).unwrap();
    assert_eq!(find_price(&prices, &of).map(|item| item.key.specificity()), Some(0b100));
}

#[test]
fn a_charge_without_a_price_has_none() {
    assert_eq!(find_price(&every_key(), &PriceKey::any(ChargeKind::contract_fee())), None);
    // A price that names a tier does not apply to a charge that has none.
    let untiered = PriceKey::any(ChargeKind::data_usage());
    assert_eq!(find_price(&every_key(), &untiered).map(|item| item.key.specificity()), Some(0));
}

/// Numbers below ten million with up to nine decimals.
fn number() -> impl Strategy<Value = Decimal> {
    (0u64..10_000_000, 0u32..1_000_000_000).prop_map(|(whole, part)| decimal(&format!("{whole}.{part:09}")))
}

fn bands() -> impl Strategy<Value = Vec<Band>> {
    let ends = prop::collection::btree_set(number(), 0..6);
    let prices = prop::collection::vec((number(), prop::option::of(0i64..1_000_000)), 7);
    (ends, prices).prop_map(|(mut ends, prices)| {
        ends.remove(&Decimal::ZERO);
        let ends = ends.into_iter().map(Some).chain([None]);
        ends.zip(prices)
            .map(|(up_to, (unit_price, flat))| Band { up_to, unit_price, flat: flat.map(Money::jpy) })
            .collect()
    })
}

proptest! {
    #[test]
    fn bands_take_exactly_the_quantity(bands in bands(), quantity in number()) {
        let line = rate(&PriceModel::Graduated { bands }, Currency::Jpy, &quantity, None).unwrap();
        let taken = line.bands.iter().try_fold(Decimal::ZERO, |sum, used| sum.checked_add(used.quantity));
        prop_assert_eq!(taken, Some(quantity));
        let exact = line.bands.iter().fold(Fraction::zero(), |sum, used| &sum + &used.amount);
        prop_assert_eq!(&exact, &line.exact);
        for used in &line.bands {
            prop_assert!(used.quantity > Decimal::ZERO);
            prop_assert!(used.to.is_none_or(|to| used.from.checked_add(used.quantity).unwrap() <= to));
        }
    }

    #[test]
    fn more_never_costs_less(bands in bands(), one in number(), other in number()) {
        let model = PriceModel::Graduated { bands };
        let exact = |quantity| rate(&model, Currency::Jpy, &quantity, None).unwrap();
        let (less, more) = (exact(one.min(other)), exact(one.max(other)));
        prop_assert!(less.exact <= more.exact && less.amount <= more.amount);
    }

    #[test]
    fn bands_of_one_price_are_a_price_per_unit(bands in bands(), price in number(), quantity in number()) {
        let bands = bands.into_iter().map(|band| Band { unit_price: price, flat: None, ..band }).collect();
        let graduated = rate(&PriceModel::Graduated { bands }, Currency::Jpy, &quantity, None).unwrap();
        let per_unit = rate(&PriceModel::PerUnit { price }, Currency::Jpy, &quantity, None).unwrap();
        prop_assert_eq!(graduated.exact, per_unit.exact);
    }

    #[test]
    fn a_volume_price_takes_the_whole_quantity_in_one_band(bands in bands(), quantity in number()) {
        let line = rate(&PriceModel::Volume { bands: bands.clone() }, Currency::Jpy, &quantity, None).unwrap();
        prop_assert_eq!(line.bands.len(), usize::from(!quantity.is_zero()));
        for used in &line.bands {
            prop_assert_eq!(used.quantity, quantity);
            prop_assert!(used.from < quantity && used.to.is_none_or(|to| quantity <= to));
            prop_assert_eq!(&used.amount, &line.exact);
            let named = bands.iter().find(|band| band.up_to == used.to).unwrap();
            let per_unit = PriceModel::PerUnit { price: named.unit_price };
            let units = rate(&per_unit, Currency::Jpy, &quantity, None).unwrap().exact;
            let flat = named.flat.map_or(Fraction::zero(), Fraction::from);
            prop_assert_eq!(&units + &flat, line.exact.clone());
        }
    }

    #[test]
    fn more_at_a_volume_price_costs_less_only_where_a_band_is_cheaper(
        bands in bands(),
        one in number(),
        other in number(),
    ) {
        let rated = |bands: &[Band], quantity| {
            rate(&PriceModel::Volume { bands: bands.to_vec() }, Currency::Jpy, &quantity, None).unwrap()
        };
        let (less, more) = (rated(&bands, one.min(other)), rated(&bands, one.max(other)));
        let band_of = |line: &RatedLine| line.bands.first().map(|used| used.to);
        if band_of(&less) == band_of(&more) {
            prop_assert!(less.exact <= more.exact);
        }
        let mut rising = bands;
        for index in 1..rising.len() {
            let before = rising[index - 1].clone();
            rising[index].unit_price = rising[index].unit_price.max(before.unit_price);
            rising[index].flat = rising[index].flat.max(before.flat);
        }
        let (less, more) = (rated(&rising, one.min(other)), rated(&rising, one.max(other)));
        prop_assert!(less.exact <= more.exact && less.amount <= more.amount);
    }

    #[test]
    fn packages_hold_the_quantity_and_no_package_is_for_nothing(
        size in number(),
        yen in 0i64..1_000_000,
        quantity in number(),
    ) {
        let size = size.checked_add(decimal("0.5")).unwrap();
        let model = PriceModel::Package { size, price: Money::jpy(yen) };
        let counted = PriceModel::Package { size, price: Money::jpy(1) };
        let packages = rate(&counted, Currency::Jpy, &quantity, None).unwrap().exact;
        let held = &packages * &size.into();
        let quantity_exact = Fraction::from(quantity);
        prop_assert!(quantity_exact <= held && (packages.is_zero() || &held - &size.into() < quantity_exact));
        let line = rate(&model, Currency::Jpy, &quantity, None).unwrap();
        prop_assert_eq!(line.exact, &packages * &yen.into());
    }

    #[test]
    fn segments_of_a_year_sum_to_the_fee_but_for_their_rounding(yen in 0i64..1_000_000_000_000, days in 0u32..=365) {
        let fee = PriceModel::Flat { amount: Money::jpy(yen) };
        let first = rate_fee(&fee, Currency::Jpy, days, 365).unwrap();
        let second = rate_fee(&fee, Currency::Jpy, 365 - days, 365).unwrap();
        prop_assert_eq!(&first.exact + &second.exact, Fraction::from(yen));
        let sum = first.amount.checked_add(second.amount).unwrap().minor_units();
        prop_assert!((sum - yen).abs() <= 1);
    }
}
