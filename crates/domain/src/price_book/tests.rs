use money::{Currency, Decimal, Money};

use super::*;
use crate::{
    fold,
    id::{OrganisationId, PriceBookId},
    terms::{ChargeKind, MOST_AMOUNT, MOST_UNIT_PRICE, Right, Tier},
    time::{Month, Timestamp},
    version::{MOST_VERSIONS, NotPublishable},
};

const OWNER: OrganisationId = OrganisationId::from_u128(1);
const OTHER: OrganisationId = OrganisationId::from_u128(2);
const BOOK: PriceBookId = PriceBookId::from_u128(9);

fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn band(up_to: Option<&str>, unit_price: &str) -> Band {
    Band { up_to: up_to.map(decimal), unit_price: decimal(unit_price), flat: None }
}

fn graduated(bands: Vec<Band>) -> PriceItem {
    PriceItem { key: PriceKey::any(ChargeKind::data_usage()), model: PriceModel::Graduated { bands } }
}

fn volume(bands: Vec<Band>) -> PriceItem {
    PriceItem { model: PriceModel::Volume { bands }, ..graduated(vec![]) }
}

fn package(size: &str, yen: i64) -> PriceItem {
    let model = PriceModel::Package { size: decimal(size), price: Money::jpy(yen) };
    PriceItem { model, ..graduated(vec![]) }
}

fn fee(tier: &str, yen: i64) -> PriceItem {
    let tier = Some(Tier::new(tier).unwrap());
    PriceItem {
        key: PriceKey { tier, ..PriceKey::any(ChargeKind::contract_fee()) },
        model: PriceModel::Flat { amount: Money::jpy(yen) },
    }
}

fn prices(start: Month, items: Vec<PriceItem>) -> PriceList {
    PriceList {
        name: "Prices of 2026".parse().unwrap(),
        currency: Currency::Jpy,
        start,
        items,
        billed_verdicts: billed_by_default(),
    }
}

fn publish(prices: PriceList, by: OrganisationId, closed_through: Option<Month>) -> Command {
    let at = Timestamp::default();
    Command::PublishPriceBook(PublishPriceBook { id: BOOK, prices, closed_through, published_by: by, at })
}

fn published(version: u32, prices: PriceList) -> Event {
    let at = Timestamp::default();
    Event::PriceBookPublished(PriceBookPublished { id: BOOK, version, prices, published_by: OWNER, at })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    PriceBook::decide(&fold::<PriceBook>(given), when)
}

fn some_prices(start: Month) -> PriceList {
    prices(start, vec![fee("basic", 1_000_000), graduated(vec![band(Some("100"), "50"), band(None, "40")])])
}

#[test]
fn versions_are_numbered_from_one() {
    let first = some_prices(month(4));
    assert_eq!(decide(&[], publish(first.clone(), OWNER, None)), Ok(vec![published(1, first.clone())]));
    let second = prices(month(6), vec![fee("basic", 1_100_000)]);
    assert_eq!(
        decide(&[published(1, first)], publish(second.clone(), OWNER, Some(month(5)))),
        Ok(vec![published(2, second)])
    );
}

#[test]
fn the_newest_version_published_again_is_already_so_even_after_its_month_was_closed() {
    let given = [published(1, some_prices(month(4)))];
    assert_eq!(decide(&given, publish(some_prices(month(4)), OWNER, Some(month(8)))), Ok(vec![]));
}

#[test]
fn a_later_version_may_start_earlier_and_then_wins() {
    let given = [
        published(1, some_prices(month(1))),
        published(2, prices(month(6), vec![fee("basic", 2)])),
        published(3, prices(month(4), vec![fee("basic", 3)])),
    ];
    let book = fold::<PriceBook>(&given);
    let numbers = [1, 3, 4, 6, 12].map(|number| book.version_for(month(number)).map(|found| found.number));
    assert_eq!(numbers, [Some(1), Some(1), Some(3), Some(3), Some(3)]);
    assert_eq!(book.version_for(Month::new(2025, 12).unwrap()), None);
    assert_eq!(book.version(2).map(|version| version.prices.start), Some(month(6)));
    assert_eq!((book.version(0), book.version(4)), (None, None));
}

#[test]
fn a_price_book_is_refused_for_its_place() {
    let given = [published(1, some_prices(month(4)))];
    let next = prices(month(6), vec![fee("basic", 1)]);
    for (command, rejection) in [
        (
            publish(next.clone(), OTHER, None),
            Rejection::NotPublishable(NotPublishable::NotOwner { owner: OWNER }),
        ),
        (
            publish(next.clone(), OWNER, Some(month(6))),
            Rejection::NotPublishable(NotPublishable::StartInClosedPeriod {
                start: month(6),
                closed_through: month(6),
            }),
        ),
        (
            publish(next, OWNER, Some(month(7))),
            Rejection::NotPublishable(NotPublishable::StartInClosedPeriod {
                start: month(6),
                closed_through: month(7),
            }),
        ),
    ] {
        assert_eq!(decide(&given, command), Err(rejection));
    }
    let full = [published(MOST_VERSIONS, some_prices(month(4)))];
    assert_eq!(
        decide(&full, publish(prices(month(6), vec![fee("basic", 1)]), OWNER, None)),
        Err(Rejection::NotPublishable(NotPublishable::TooManyVersions { most: MOST_VERSIONS }))
    );
}

#[test]
fn a_price_book_is_refused_for_its_items() {
    let per_unit = |price: &str| PriceItem {
        key: PriceKey { right: Some(Right::Browse), ..PriceKey::any(ChargeKind::data_usage()) },
        model: PriceModel::PerUnit { price: decimal(price) },
    };
    for (items, rejection) in [
        (vec![], Rejection::NoItems),
        (
            vec![fee("basic", 1); MOST_ITEMS + 1],
            Rejection::TooManyItems { items: MOST_ITEMS + 1, most: MOST_ITEMS },
        ),
        (
            vec![fee("basic", 1), fee("gold", 1), fee("basic", 2)],
            Rejection::DuplicateItem { item: 2, first: 0 },
        ),
        (vec![per_unit("1"), fee("basic", -1)], Rejection::NegativePrice { item: 1 }),
        (vec![per_unit("-0.1")], Rejection::NegativePrice { item: 0 }),
        (vec![package("10", -1)], Rejection::NegativePrice { item: 0 }),
        (vec![package("0", 1)], Rejection::PackageWithoutSize { item: 0, size: Decimal::ZERO }),
        (vec![package("-0.5", 1)], Rejection::PackageWithoutSize { item: 0, size: decimal("-0.5") }),
    ] {
        assert_eq!(decide(&[], publish(prices(month(4), items), OWNER, None)), Err(rejection));
    }
}

#[test]
fn a_price_book_is_refused_for_its_bands() {
    let fined = Band { flat: Some(Money::jpy(-1)), ..band(None, "1") };
    for (bands, defect) in [
        (vec![], BandDefect::NoBands),
        (
            vec![band(None, "1"); MOST_BANDS + 1],
            BandDefect::TooManyBands { bands: MOST_BANDS + 1, most: MOST_BANDS },
        ),
        (vec![band(Some("10"), "1")], BandDefect::LastNotOpen { band: 0 }),
        (
            vec![band(Some("10"), "1"), band(None, "1"), band(None, "1")],
            BandDefect::OpenBeforeLast { band: 1 },
        ),
        (
            vec![band(Some("0"), "1"), band(None, "1")],
            BandDefect::NotAscending { band: 0, up_to: Decimal::ZERO, above: Decimal::ZERO },
        ),
        (
            vec![band(Some("10"), "1"), band(Some("10.0"), "1"), band(None, "1")],
            BandDefect::NotAscending { band: 1, up_to: decimal("10"), above: decimal("10") },
        ),
        (vec![band(Some("10"), "-1"), band(None, "1")], BandDefect::NegativePrice { band: 0 }),
        (vec![band(Some("10"), "1"), fined], BandDefect::NegativePrice { band: 1 }),
    ] {
        for (model, price) in [(Banded::Graduated, graduated(bands.clone())), (Banded::Volume, volume(bands))]
        {
            let items = vec![fee("basic", 1), price];
            let rejection = Rejection::Bands { item: 1, model, defect };
            assert_eq!(decide(&[], publish(prices(month(4), items), OWNER, None)), Err(rejection));
        }
    }
}

#[test]
fn a_price_book_is_refused_for_a_price_or_an_amount_that_is_too_high() {
    let (most, above) = (Money::jpy(MOST_AMOUNT), Money::jpy(MOST_AMOUNT + 1));
    let dearest = MOST_UNIT_PRICE.to_string();
    let mistyped = format!("{MOST_UNIT_PRICE}.000000001");
    let price = decimal(&mistyped);
    let per_unit =
        |price: &str| PriceItem { model: PriceModel::PerUnit { price: decimal(price) }, ..graduated(vec![]) };
    let with_flat = |flat| Band { flat: Some(flat), ..band(None, &dearest) };
    let in_packages = |size, yen| {
        let (size, price) = (decimal(size), Money::jpy(yen));
        (package(&size.to_string(), yen), Excess::Package { size, price })
    };
    for item in [
        fee("basic", MOST_AMOUNT),
        per_unit(&dearest),
        graduated(vec![with_flat(most)]),
        volume(vec![with_flat(most)]),
        package("1000", MOST_AMOUNT),
        package("0.000000001", 1),
        package("1000000000", 0),
    ] {
        assert!(decide(&[], publish(prices(month(4), vec![item]), OWNER, None)).is_ok());
    }
    for (item, excess) in [
        (fee("gold", MOST_AMOUNT + 1), Excess::Amount { amount: above }),
        (per_unit(&mistyped), Excess::UnitPrice { price }),
        (package("100000", MOST_AMOUNT + 1), Excess::Amount { amount: above }),
        in_packages("999.999999999", MOST_AMOUNT),
        in_packages("0.000000001", 2),
    ] {
        let items = vec![fee("basic", 1), item];
        let rejection = Rejection::TooHigh { item: 1, excess };
        assert_eq!(decide(&[], publish(prices(month(4), items), OWNER, None)), Err(rejection));
    }
    for (last, excess) in [
        (band(None, &mistyped), Excess::UnitPrice { price }),
        (with_flat(above), Excess::Amount { amount: above }),
    ] {
        let bands = vec![band(Some("10"), "1"), last];
        for (model, price) in [(Banded::Graduated, graduated(bands.clone())), (Banded::Volume, volume(bands))]
        {
            let rejection =
                Rejection::Bands { item: 0, model, defect: BandDefect::TooHigh { band: 1, excess } };
            assert_eq!(decide(&[], publish(prices(month(4), vec![price]), OWNER, None)), Err(rejection));
        }
    }
}

#[test]
fn a_band_may_end_between_whole_numbers() {
    let bands = || vec![band(Some("0.5"), "1"), band(Some("0.75"), "1"), band(None, "1")];
    for item in [graduated(bands()), volume(bands()), package("0.25", 0)] {
        assert!(decide(&[], publish(prices(month(4), vec![item]), OWNER, None)).is_ok());
    }
}

#[test]
fn only_what_was_published_can_be_revised() {
    let revise = |prices| match publish(prices, OWNER, None) {
        Command::PublishPriceBook(command) | Command::RevisePriceBook(command) => {
            Command::RevisePriceBook(command)
        }
    };
    let (first, second) = (some_prices(month(4)), some_prices(month(6)));
    assert_eq!(
        decide(&[], revise(first.clone())),
        Err(Rejection::NotPublishable(NotPublishable::NotPublished))
    );
    assert_eq!(decide(&[published(1, first)], revise(second.clone())), Ok(vec![published(2, second)]));
}
