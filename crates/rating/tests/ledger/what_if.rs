//! Statements and parts under versions that nobody has published, against calculation by hand and against the
//! versions in force.

use domain::{
    contract::ContractKind,
    id::{PriceBookId, ShareRuleId},
    period::{self, PeriodClosed},
    price_book::{self, Band, PriceItem, PriceList, PriceModel},
    share_rule::{self, SplitTable},
    terms::{ChargeKind, PriceBookChoice, ShareRuleChoice, Verdict},
    time::{Month, Timestamp},
};
use money::{Decimal, Money};
use proptest::prelude::*;
use rating::{
    ledger::{Fact, WhatIf},
    statement::{DataFeeMode, Statement, data_fee_mode, parts, statement},
};

use crate::{dealings::*, fixture::*};

const USAGE: &str = "data-usage";
const FEE: &str = "contract-fee";

/// The statement as everything is known at the end of the contract year, under other versions.
fn supposed(world: &Tested, month: Month, what_if: &WhatIf) -> Statement {
    let lines = |month| world.ledger.lines(CONTRACT, month);
    let view = world.ledger.as_of(u64::MAX).under(what_if);
    statement(&view, CONTRACT, month, year_end(), lines).unwrap().unwrap()
}

fn year_end() -> Timestamp {
    on(4, 1, 0).plus_days(365)
}

/// What a fact would publish.
fn list_of(fact: Fact) -> PriceList {
    let Fact::PriceBook(price_book::Event::PriceBookPublished(event)) = fact else { panic!("prices") };
    event.prices
}

fn table_of(fact: Fact) -> SplitTable {
    let Fact::ShareRule(share_rule::Event::ShareRulePublished(event)) = fact else { panic!("shares") };
    event.table
}

fn under_prices(list: PriceList) -> WhatIf {
    WhatIf { prices: Some(list), shares: None }
}

/// The prices of the fixture from a month on, the fees doubled and cases by volume: 100 yen each up to 10 cases,
/// else 90 yen each.
fn by_volume(start: Month) -> PriceList {
    let mut list = list_of(prices(0, start, 100));
    for PriceItem { key, model } in &mut list.items {
        *model = match model {
            PriceModel::Flat { amount } => PriceModel::Flat { amount: amount.checked_add(*amount).unwrap() },
            _ => PriceModel::Volume {
                bands: vec![
                    Band { up_to: Some(10u32.into()), unit_price: 100u32.into(), flat: None },
                    Band { up_to: None, unit_price: 90u32.into(), flat: None },
                ],
            },
        };
        key.right = None;
    }
    list
}

/// 10 × 100 + 5 × 80 = 1,400 by bands, 15 × 90 = 1,350 by volume; a fee of 365,000 doubled.
#[test]
fn what_was_used_costs_what_the_other_prices_say() {
    let mut world = Tested::new(ContractKind::Member);
    world.apply(&recorded(&[used(on(4, 4, 0), 9), used(on(4, 9, 0), 6)]));
    let yen = |of: &Statement| [FEE, USAGE].map(|kind| of_kind(of, kind).amount.minor_units());
    let real = stated(&world, month(4), year_end());
    assert_eq!((yen(&real), real.total), ([365_000, 1_400], Money::jpy(366_400)));
    let asked = supposed(&world, month(4), &under_prices(by_volume(month(1))));
    assert_eq!((yen(&asked), asked.total), ([730_000, 1_350], Money::jpy(731_350)));
    let line = of_kind(&asked, USAGE);
    assert_eq!(line.price_book, Some((PriceBookId::from_u128(1), 0)), "nobody has published it");
    assert_eq!((line.quantity.to_string(), line.unpriced), ("15".to_owned(), false));
    assert_eq!(stated(&world, month(4), year_end()), real, "asking changes nothing");
}

/// Premium from 10 June on: 295 days are left. Basic gives 365,000 × 295 / 365 = 295,000 back, at the price of
/// April; premium costs 730,000 × 295 / 365 = 590,000, or 1,180,000 if the fees of June are doubled.
#[test]
fn other_prices_apply_from_their_start_on_and_a_credit_keeps_the_price_of_its_charge() {
    let mut world = Tested::new(ContractKind::Member);
    world.learn(Fact::Contract(CONTRACT, tier_change("premium", on(6, 10, 12))));
    let fees = |statement: &Statement| -> Vec<i64> {
        statement.lines.iter().map(|line| line.amount.minor_units()).collect()
    };
    for (start, april, june) in [
        (month(7), [365_000], [-295_000, 590_000]),
        (month(6), [365_000], [-295_000, 1_180_000]),
        (month(4), [730_000], [-590_000, 1_180_000]),
    ] {
        let what_if = under_prices(by_volume(start));
        assert_eq!(fees(&supposed(&world, month(4), &what_if)), april, "from {start}");
        assert_eq!(fees(&supposed(&world, month(6), &what_if)), june, "from {start}");
    }
}

#[test]
fn neither_a_pin_nor_a_closed_month_keeps_other_versions_away() {
    let mut world = Tested::agreed(ContractKind::Member, |terms| {
        terms.price_book = PriceBookChoice::Pin(PriceBookId::from_u128(1), 1);
        terms.share_rule = ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 1);
    });
    world.apply(&recorded(&[used(on(4, 4, 0), 15)]));
    let closed = PeriodClosed { issuer: PROMOTER, month: month(4), at: on(5, 2, 0) };
    world.learn(Fact::Period(period::Event::PeriodClosed(closed)));
    let shares = table_of(reshare(0, month(4), |_| {}));
    let what_if = WhatIf { prices: Some(by_volume(month(4))), shares: Some(shares) };
    let april = supposed(&world, month(4), &what_if);
    assert_eq!((of_kind(&april, USAGE).amount, april.closed), (Money::jpy(1_350), true));
    let view = world.ledger.as_of(u64::MAX).under(&what_if);
    let part = parts(&view, PROMOTER, of_kind(&april, USAGE)).unwrap().remove(0);
    assert_eq!(part.rule.unwrap().number, 0);
}

/// A contract whose price book does not exist is priced, too.
#[test]
fn what_has_no_price_may_have_one() {
    let mut world = Tested::agreed(ContractKind::Member, |terms| {
        terms.price_book = PriceBookChoice::Follow(PriceBookId::from_u128(9));
    });
    world.apply(&recorded(&[used(on(4, 4, 0), 15)]));
    assert!(of_kind(&stated(&world, month(4), year_end()), USAGE).unpriced);
    let april = supposed(&world, month(4), &under_prices(by_volume(month(4))));
    assert_eq!(of_kind(&april, USAGE).amount, Money::jpy(1_350));
}

/// Verdicts stay; which of them are billed is what the prices say: 15 × 80 more after expiry.
#[test]
fn verdicts_stay_as_recorded_and_the_prices_say_which_are_billed() {
    let mut world = Tested::new(ContractKind::Member);
    let late = Use { verdict: Verdict::AfterExpiry, ..used(on(4, 9, 0), 15) };
    world.apply(&recorded(&[used(on(4, 4, 0), 15), late]));
    let mut list = list_of(prices(0, month(1), 100));
    let asked = supposed(&world, month(4), &under_prices(list.clone()));
    let line = of_kind(&asked, USAGE);
    assert_eq!(
        (line.amount, line.flagged.as_slice()),
        (Money::jpy(1_400), &[(Verdict::AfterExpiry, 15)][..])
    );
    list.billed_verdicts.insert(Verdict::AfterExpiry);
    let asked = supposed(&world, month(4), &under_prices(list));
    let line = of_kind(&asked, USAGE);
    assert_eq!((line.amount, line.flagged.as_slice()), (Money::jpy(2_600), &[][..]));
}

/// The data fee of an order is one or the other under the other shares as well.
#[test]
fn other_shares_decide_how_the_data_fee_of_an_order_is_taken() {
    let mut world = priced();
    world.learn(place(of_vendor(ORDER, on(5, 1, 0))));
    world.learn(accept(ORDER, 0, on(5, 20, 0)));
    let fee = reshare(0, month(5), |split| {
        if split.charge_kind == ChargeKind::service_order() {
            split.data_fee = Some(Decimal::from(10u32));
        }
    });
    let what_if = WhatIf { prices: None, shares: Some(table_of(fee)) };
    let real = world.ledger.as_of(u64::MAX);
    for (view, mode, metered) in
        [(real, DataFeeMode::Metered, true), (real.under(&what_if), DataFeeMode::Percentage, false)]
    {
        assert_eq!(data_fee_mode(&view, view.placed(ORDER).unwrap()), mode);
        let may = stated(&world, month(5), year_end());
        let part = parts(&view, PROMOTER, of_kind(&may, "service-order")).unwrap().remove(0);
        assert_eq!(part.data_fee_metered, metered);
    }
}

/// What an answer says but for the number of the versions.
fn unnumbered(mut statement: Statement) -> Statement {
    for line in &mut statement.lines {
        line.price_book = line.price_book.map(|(id, _)| (id, 0));
    }
    statement
}

proptest! {
    /// Two versions, of which the second starts in May; the tier may change.
    #[test]
    fn under_the_versions_in_force_an_answer_is_the_real_one(
        uses in prop::collection::vec((4i8..7, 1u32..28, 1u32..40), 0..6),
        change in prop::option::of((4i8..7, 1u32..28)),
        price in 1u32..300,
        base in 1u32..100,
    ) {
        let mut world = Tested::new(ContractKind::Member);
        let second = prices(2, month(5), price);
        let reshared = reshare(2, month(5), |split| {
            if let [(_, first), (_, second)] = &mut split.percentages[..] {
                (*first, *second) = (base.into(), (100 - base).into());
            }
        });
        let what_if = WhatIf { prices: Some(list_of(second.clone())), shares: Some(table_of(reshared.clone())) };
        world.learn(second);
        world.learn(reshared);
        if let Some((of_month, day)) = change {
            world.learn(Fact::Contract(CONTRACT, tier_change("premium", on(of_month, day, 0))));
        }
        for (of_month, day, cases) in uses {
            world.apply(&recorded(&[used(on(of_month, day, 0), cases)]));
        }
        let real_view = world.ledger.as_of(u64::MAX);
        let other_view = real_view.under(&what_if);
        for of_month in [4, 5, 6].map(month) {
            let real = stated(&world, of_month, year_end());
            let asked = supposed(&world, of_month, &what_if);
            prop_assert_eq!(unnumbered(real.clone()), unnumbered(asked.clone()));
            for (real, asked) in real.lines.iter().zip(&asked.lines) {
                let real = parts(&real_view, PROMOTER, real).unwrap();
                let asked = parts(&other_view, PROMOTER, asked).unwrap();
                for (real, asked) in real.iter().zip(&asked) {
                    prop_assert_eq!((real.net, real.standing), (asked.net, asked.standing));
                    prop_assert_eq!(real.rule.map(|rule| rule.content), asked.rule.map(|rule| rule.content));
                }
                prop_assert_eq!(real.len(), asked.len());
            }
        }
    }
}
