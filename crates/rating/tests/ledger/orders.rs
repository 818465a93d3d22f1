//! Service orders: what falls due, how it is parted, and the vendor's data fee, which is never taken twice.

use domain::{
    contract::{ContractKind, Event},
    id::{ConsortiumId, ContractId, OrderId},
    order::SellingConsortium,
    terms::ChargeKind,
};
use money::{Decimal, Money};
use rating::{
    Seller,
    ledger::{At, Fact, LineKey, Totals},
    statement::{Behind, DataFeeMode, Statement, behind, data_fee_mode, lines_of_order, parts, statement},
};

use crate::{dealings::*, fixture::*};

const SERVICE: &str = "service-order";

#[test]
fn what_is_accepted_or_stays_charged_is_one_line_an_order_and_month() {
    let other = OrderId::from_u128(51);
    let mut world = priced();
    world.learn(place(of_vendor(ORDER, on(4, 2, 0))));
    world.learn(place(of_vendor(other, on(4, 2, 0))));
    world.learn(accept(ORDER, 0, on(4, 20, 0)));
    world.learn(accept(other, 0, on(5, 3, 0)));
    world.learn(accept(other, 1, on(5, 9, 0)));
    world.learn(cancel(ORDER, vec![1], on(5, 31, 23)));
    let nothing = world.learn(cancel(OrderId::from_u128(52), vec![], on(5, 31, 23)));

    let line = |order: OrderId| format!("service-order/0/-/-/{order}");
    let april = stated(&world, month(4), on(6, 1, 0));
    assert_eq!(brief(&april, SERVICE), [(line(ORDER).as_str(), "1".to_owned(), 600)]);
    let may = stated(&world, month(5), on(6, 1, 0));
    let expected = [(line(ORDER), "1".to_owned(), 400), (line(other), "2".to_owned(), 1_000)];
    assert_eq!(
        brief(&may, SERVICE),
        expected.each_ref().map(|(id, count, yen)| (id.as_str(), count.clone(), *yen))
    );
    let both = &may.lines.last().unwrap();
    assert_eq!(both.description, format!("2 of 2 milestones of {other}: \"raw data\", \"report\""));
    let arithmetic = [
        "milestone 1 of 2, \"raw data\", 2026-05-03: 600 JPY",
        "milestone 2 of 2, \"report\", 2026-05-09: 400 JPY",
        "together 1000 JPY",
    ];
    assert_eq!(both.arithmetic, arithmetic);
    assert_eq!(stated(&world, month(6), on(7, 1, 0)).lines, []);

    // What came later is not known before.
    let before = nothing - 2;
    assert_eq!(brief(&known(&world.ledger, before, month(5), on(6, 1, 0)), SERVICE).len(), 1);
    assert_eq!(brief(&known(&world.ledger, before - 3, month(4), on(6, 1, 0)), SERVICE).len(), 0);
}

#[test]
fn a_line_follows_from_the_placing_and_what_fell_due_in_its_month() {
    let mut world = priced();
    let placing = world.learn(place(of_vendor(ORDER, on(4, 2, 0))));
    let first = world.learn(accept(ORDER, 0, on(4, 20, 0)));
    world.learn(accept(ORDER, 1, on(5, 9, 0)));
    let april = stated(&world, month(4), on(6, 1, 0));
    let view = world.ledger.as_of(u64::MAX);
    let at = |position| At { position, frame: position };
    let found = behind(&view, CONTRACT, month(4), of_kind(&april, SERVICE));
    let of = |position, quantity| Behind { at: at(position), quantity };
    assert_eq!(found, [of(placing, None), of(first, Some(1))]);
    let contract = view.contract(CONTRACT).unwrap();
    let all = lines_of_order(&view, &contract, view.placed(ORDER).unwrap()).unwrap();
    let all: Vec<_> = all.iter().map(|(month, line)| (*month, line.amount.minor_units())).collect();
    assert_eq!(all, [(month(4), 600), (month(5), 400)]);
}

#[test]
fn the_part_of_an_order_knows_its_sellers_and_its_dataset() {
    let mut world = priced();
    let shares = vec![(VENDOR, Decimal::from(70u32)), (INSTITUTIONS[0], Decimal::from(30u32))];
    let consortium = Some(SellingConsortium { id: ConsortiumId::from_u128(1), shares: shares.clone() });
    let order = of_vendor(ORDER, on(4, 2, 0));
    world.learn(place(domain::order::PlacedOrder { consortium, dataset: Some(DATASETS[1]), ..order }));
    world.learn(accept(ORDER, 0, on(4, 20, 0)));
    let april = stated(&world, month(4), on(6, 1, 0));
    let view = world.ledger.as_of(u64::MAX);
    let [part] = &parts(&view, PROMOTER, of_kind(&april, SERVICE)).unwrap()[..] else { panic!() };
    assert_eq!(part.seller, Some(Seller { vendor: VENDOR, inner: &shares }));
    assert_eq!((part.net, part.dataset), (Money::jpy(600), Some(DATASETS[1])));
    assert_eq!(part.parties(BASE, PROMOTER).data_provider, Some(INSTITUTIONS[2]));
    assert_eq!(part.institutions, [(INSTITUTIONS[2], 5)]);
}

const VENDORS_CONTRACT: ContractId = ContractId::from_u128(8);

/// The vendor's own contract, and its use of five cases for the order.
fn vendor_uses(world: &mut Tested) {
    for mut event in making(ContractKind::VendorParticipation) {
        if let Event::ContractApplied(applied) = &mut event {
            applied.applicant = VENDOR;
        }
        world.learn(Fact::Contract(VENDORS_CONTRACT, event));
    }
    world.position += 1;
    let at = At { position: world.position, frame: world.position };
    let used = recorded(&[Use { order: true, ..used(on(5, 2, 0), 5) }]);
    world.ledger.apply(at, VENDORS_CONTRACT, &used);
}

fn of_vendor_in_may(world: &Tested) -> Statement {
    let lines = |month| world.ledger.lines(VENDORS_CONTRACT, month);
    statement(&world.ledger.as_of(u64::MAX), VENDORS_CONTRACT, month(5), on(6, 1, 0), lines).unwrap().unwrap()
}

/// From May on 10 % of the vendor's part are a data fee; before, use is metered at 30 yen a case.
#[test]
fn a_data_fee_is_metered_or_taken_out_as_the_month_of_placing_says_and_never_both() {
    for (placed_at, mode, of_order, metered) in
        [(on(4, 30, 23), DataFeeMode::Metered, true, 150), (on(5, 1, 0), DataFeeMode::Percentage, false, 0)]
    {
        let mut world = priced();
        world.learn(reshare(2, month(5), |split| {
            if split.charge_kind == ChargeKind::service_order() {
                split.data_fee = Some(Decimal::from(10u32));
            }
        }));
        world.learn(place(of_vendor(ORDER, placed_at)));
        world.learn(accept(ORDER, 0, on(5, 20, 0)));
        vendor_uses(&mut world);

        let view = world.ledger.as_of(u64::MAX);
        assert_eq!(data_fee_mode(&view, view.placed(ORDER).unwrap()), mode);
        let may = stated(&world, month(5), on(6, 1, 0));
        let part = parts(&view, PROMOTER, of_kind(&may, SERVICE)).unwrap().remove(0);
        assert_eq!((part.data_fee_metered, part.rule.unwrap().number), (of_order, 2));
        let statement = of_vendor_in_may(&world);
        let fee = of_kind(&statement, "data-fee");
        assert_eq!(
            (fee.amount, fee.quantity.to_string(), fee.unpriced),
            (Money::jpy(metered), "5".to_owned(), false)
        );
        assert_eq!(fee.description.contains("taken out of the vendor's part"), !of_order);
    }
}

/// From May on 10 % of the vendor's part are a data fee.
fn taking_out() -> Tested {
    let mut world = priced();
    world.learn(reshare(2, month(5), |split| {
        if split.charge_kind == ChargeKind::service_order() {
            split.data_fee = Some(Decimal::from(10u32));
        }
    }));
    world
}

/// No percentage is taken out of what nobody pays: the use would cost nothing at all.
#[test]
fn use_for_an_order_of_which_nothing_is_charged_is_metered() {
    let (first, last) = (on(5, 3, 0), on(5, 9, 0));
    let cases = [
        (vec![], 0),
        (vec![decline(ORDER, first)], 150),
        (vec![cancel(ORDER, vec![], first)], 150),
        (vec![cancel(ORDER, vec![0], first)], 0),
        (vec![accept(ORDER, 0, first), cancel(ORDER, vec![], last)], 0),
        (vec![accept(ORDER, 0, first), accept(ORDER, 1, last)], 0),
    ];
    for (happened, metered) in cases {
        let mut world = taking_out();
        world.learn(place(of_vendor(ORDER, on(5, 1, 0))));
        vendor_uses(&mut world);
        let before = world.position;
        for fact in happened {
            world.learn(fact);
        }
        let statement = of_vendor_in_may(&world);
        let fee = of_kind(&statement, "data-fee");
        assert_eq!(fee.amount, Money::jpy(metered));
        assert_eq!(fee.description.contains("taken out of the vendor's part"), metered == 0);
        // While the order stood, it was the order's to pay.
        let lines = |month| world.ledger.lines(VENDORS_CONTRACT, month);
        let known = statement_as_of(&world, before, lines);
        assert_eq!(of_kind(&known, "data-fee").amount, Money::jpy(0));
    }
}

fn statement_as_of(
    world: &Tested,
    position: u64,
    lines: impl FnMut(domain::time::Month) -> Vec<(LineKey, Totals)>,
) -> Statement {
    statement(&world.ledger.as_of(position), VENDORS_CONTRACT, month(5), on(6, 1, 0), lines).unwrap().unwrap()
}

/// Metering refuses nothing, so anybody may name any order; the vendor of one has a part in its own affair alone.
#[test]
fn use_is_attributed_to_an_order_of_its_member_or_its_sellers_alone() {
    let sellers = |members: &[domain::id::OrganisationId]| {
        let shares = members.iter().map(|member| (*member, Decimal::from(50u32))).collect();
        Some(SellingConsortium { id: ConsortiumId::from_u128(1), shares })
    };
    let (stranger, other) = (INSTITUTIONS[0], INSTITUTIONS[1]);
    for (member, consortium, attributed) in [
        (MEMBER, None, true),
        (stranger, None, false),
        (stranger, sellers(&[VENDOR, MEMBER]), true),
        (stranger, sellers(&[VENDOR, other]), false),
    ] {
        let mut world = priced();
        let placed = of_vendor(ORDER, on(5, 1, 0));
        world.learn(place(domain::order::PlacedOrder { member, consortium, ..placed }));
        world.apply(&recorded(&[Use { order: true, ..used(on(5, 2, 0), 5) }]));
        let may = stated(&world, month(5), on(6, 1, 0));
        let line = of_kind(&may, "data-usage");
        assert_eq!(
            (line.order, line.amount),
            (Some(ORDER), Money::jpy(500)),
            "the line names it all the same"
        );
        let view = world.ledger.as_of(u64::MAX);
        let [part] = &parts(&view, PROMOTER, line).unwrap()[..] else { panic!("one part") };
        assert_eq!(part.seller.map(|seller| seller.vendor), attributed.then_some(VENDOR));
        assert_eq!(part.data_fee_metered, attributed);
    }
}

/// The fee of somebody else's order is nobody's excuse.
#[test]
fn use_for_an_order_that_the_vendor_does_not_sell_is_metered() {
    let mut world = taking_out();
    world.learn(place(domain::order::PlacedOrder {
        vendor: INSTITUTIONS[0],
        ..of_vendor(ORDER, on(5, 1, 0))
    }));
    vendor_uses(&mut world);
    assert_eq!(of_kind(&of_vendor_in_may(&world), "data-fee").amount, Money::jpy(150));
}
