//! What may be published can be rated: the dearest price of each form, for the largest record of use.

use domain::{
    price_book::{Band, PriceItem, PriceKey, PriceList, PriceModel, billed_by_default},
    terms::{ChargeKind, MOST_AMOUNT, MOST_UNIT_PRICE},
    time::Month,
};
use money::{Currency, Decimal, Money};
use rating::rate;

#[test]
fn the_dearest_prices_that_may_be_published_are_rated_for_twice_the_largest_record_of_use() {
    let (dearest, most) = (Decimal::from(MOST_UNIT_PRICE), Money::jpy(MOST_AMOUNT));
    let band = |up_to| Band { up_to, unit_price: dearest, flat: Some(most) };
    let bands = || vec![band(Some(Decimal::ONE)), band(Some(Decimal::HUNDRED)), band(None)];
    let package = |size: &str, price| PriceModel::Package { size: size.parse().unwrap(), price };
    for model in [
        PriceModel::Flat { amount: most },
        PriceModel::PerUnit { price: dearest },
        PriceModel::Graduated { bands: bands() },
        PriceModel::Volume { bands: bands() },
        package("0.000000001", Money::jpy(1)),
        package("1000", most),
    ] {
        let key = PriceKey::any(ChargeKind::data_usage());
        let prices = PriceList {
            name: "prices".parse().unwrap(),
            currency: Currency::Jpy,
            start: Month::new(2026, 4).unwrap(),
            items: vec![PriceItem { key, model: model.clone() }],
            billed_verdicts: billed_by_default(),
        };
        assert_eq!(prices.check(), Ok(()));
        for cases in [1, u64::from(u32::MAX), 2 * u64::from(u32::MAX)] {
            let rated = rate(&model, Currency::Jpy, &Decimal::from_u64(cases).unwrap(), None);
            assert!(rated.is_ok(), "{cases} by {model:?}: {rated:?}");
        }
    }
}
