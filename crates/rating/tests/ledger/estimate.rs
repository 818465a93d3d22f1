//! What one more use would cost, against the statement once it has happened.

use domain::{
    access::{AdmittedUse, Event},
    contract::ContractKind,
    id::DatasetId,
    price_book::{self, Band, PriceModel},
    terms::Right,
    time::Month,
};
use money::{Decimal, Money};
use proptest::prelude::*;
use rating::{
    ledger::Fact,
    statement::{Estimate, Statement, SupposedUse, estimate, statement},
};

use crate::fixture::*;

type Tested = World<1_024, 64>;

/// The use that an admission is.
fn supposed(admitted: &AdmittedUse) -> SupposedUse {
    let AdmittedUse { dataset, right, cases, order, at, .. } = *admitted;
    SupposedUse { dataset, right, cases, order, at }
}

fn estimated(world: &Tested, of: &SupposedUse) -> Option<Estimate> {
    let lines = |month| world.ledger.lines(CONTRACT, month);
    estimate(&world.ledger.as_of(u64::MAX), CONTRACT, of, lines).unwrap()
}

fn stated(world: &Tested, month: Month) -> Statement {
    let lines = |month| world.ledger.lines(CONTRACT, month);
    statement(&world.ledger.as_of(u64::MAX), CONTRACT, month, on(5, 1, 0), lines).unwrap().unwrap()
}

/// Prices of cases by a model, beside the fees of the fixture.
fn priced(model: PriceModel) -> Fact {
    let Fact::PriceBook(price_book::Event::PriceBookPublished(mut event)) = prices(2, month(4), 100) else {
        panic!("prices")
    };
    for item in event.prices.items.iter_mut().filter(|item| item.key.right.is_some()) {
        item.model = model.clone();
    }
    Fact::PriceBook(price_book::Event::PriceBookPublished(event))
}

/// The first 10 cases cost 100 yen each and more of them 80: 8 cases and then 5 cost 2 × 100 + 3 × 80 more.
#[test]
fn an_estimate_goes_on_through_the_bands_of_its_line() {
    let mut world = Tested::new(ContractKind::Member);
    let first = estimated(&world, &supposed(&admitted(1, 1, on(4, 3, 0)))).unwrap();
    assert_eq!((first.before, first.amount), (None, Money::jpy(100)));
    assert_eq!(first.after.description, "simple-analysis of class open: 1 case");
    world.apply(&Event::AnalysisAdmitted(admitted(1, 8, on(4, 3, 0))));
    let more = estimated(&world, &supposed(&admitted(2, 5, on(4, 4, 0)))).unwrap();
    assert_eq!(more.before.unwrap().amount, Money::jpy(800));
    assert_eq!((more.amount, more.after.amount), (Money::jpy(440), Money::jpy(1_240)));
    assert_eq!(more.after.description, "simple-analysis of class open: 13 cases");
}

#[test]
fn what_has_no_price_costs_nothing_and_what_is_not_known_has_no_estimate() {
    let world = Tested::new(ContractKind::Member);
    let detailed = SupposedUse { right: Right::DetailedAnalysis, ..supposed(&admitted(1, 5, on(4, 3, 0))) };
    let unpriced = estimated(&world, &detailed).unwrap();
    assert!(unpriced.after.unpriced);
    assert_eq!(unpriced.amount, Money::jpy(0));
    let unknown = SupposedUse { dataset: DatasetId::from_u128(99), ..detailed };
    assert_eq!(estimated(&world, &unknown), None);
    let lines = |month| world.ledger.lines(CONTRACT, month);
    assert_eq!(estimate(&world.ledger.as_of(0), CONTRACT, &detailed, lines), Ok(None));
}

fn models() -> impl Strategy<Value = PriceModel> {
    let price = || {
        (0i64..50_000)
            .prop_map(|mils| -> Decimal { format!("{}.{:03}", mils / 1_000, mils % 1_000).parse().unwrap() })
    };
    let bands = || {
        (1u32..40, price(), price(), prop::option::of(0i64..1_000)).prop_map(|(end, below, above, flat)| {
            let flat = flat.map(Money::jpy);
            vec![
                Band { up_to: Some(end.into()), unit_price: below, flat },
                Band { up_to: None, unit_price: above, flat: None },
            ]
        })
    };
    prop_oneof![
        bands().prop_map(|bands| PriceModel::Graduated { bands }),
        bands().prop_map(|bands| PriceModel::Volume { bands }),
        (0i64..9_999).prop_map(|yen| PriceModel::Flat { amount: Money::jpy(yen) }),
        price().prop_map(|price| PriceModel::PerUnit { price }),
    ]
}

/// Uses of April: of which dataset, how many cases, whether for the order, on which day.
fn uses() -> impl Strategy<Value = Vec<(usize, u32, bool, u32)>> {
    prop::collection::vec((0usize..2, 1u32..30, any::<bool>(), 1u32..29), 1..12)
}

proptest! {
    /// Whatever the price: what stands and the estimate are what stands later.
    #[test]
    fn the_estimate_and_the_line_are_the_later_line(model in models(), uses in uses()) {
        let mut world = Tested::new(ContractKind::Member);
        world.learn(priced(model));
        world.learn(ordered());
        for (number, (dataset, cases, for_order, day)) in (1..).zip(uses) {
            let next = AdmittedUse {
                dataset: DATASETS[dataset],
                freeze: Some(if dataset == 0 { 2 } else { 1 }),
                order: for_order.then_some(ORDER),
                ..admitted(number, cases, on(4, day, 0))
            };
            let before = stated(&world, month(4));
            let Estimate { before: stood, after, amount } = estimated(&world, &supposed(&next)).unwrap();
            prop_assert_eq!(stood.as_ref(), before.lines.iter().find(|line| line.id == after.id));
            world.apply(&Event::AnalysisAdmitted(next));
            let later = stated(&world, month(4));
            prop_assert_eq!(Some(&after), later.lines.iter().find(|line| line.id == after.id));
            prop_assert_eq!(before.total.checked_add(amount), Ok(later.total));
        }
    }
}
