//! The fee of the expedited lane, credits, and who deals with what.

use domain::{
    contract::{self, ContractApproved, ContractKind, Lane},
    credit::{self, CreditGranted},
    id::{CreditId, PersonId, ShareRuleId},
    organisation::Capacity,
    share_rule::{
        self, ChargeTerms, Dealer, PayoutTreatment, ShareRulePublished, SplitTable, default_splits,
    },
    terms::ChargeKind,
    text::Name,
    time::Month,
};
use money::Money;
use rating::{
    ledger::Fact,
    statement::{Dealt, behind, dealt, parts},
};

use crate::{dealings::*, fixture::*};

const REVIEW: &str = "expedited-review";

/// The contract applied for in the expedited lane on 2 March; the position after each of its events.
fn expedited() -> (Tested, Vec<u64>) {
    let mut world = Tested::default();
    world.learn(other_prices(1));
    world.learn(share_rule());
    let positions = making(ContractKind::Member).into_iter().map(|mut event| {
        if let contract::Event::ContractApplied(applied) = &mut event {
            applied.lane = Lane::Expedited;
        }
        world.learn(Fact::Contract(CONTRACT, event))
    });
    let positions = positions.collect();
    (world, positions)
}

/// Before there are terms nothing prices the fee; an offer does, signed or not.
#[test]
fn the_expedited_lane_is_charged_in_the_month_of_the_application_once_there_are_terms() {
    let (world, positions) = expedited();
    let at = |position| known(&world.ledger, position, month(3), on(4, 1, 0));
    let id = "expedited-review/0/-/-/-";
    let applied = at(positions[0]);
    assert_eq!(brief(&applied, REVIEW), [(id, "1".to_owned(), 0)]);
    assert!(of_kind(&applied, REVIEW).unpriced);
    for position in [positions[1], positions[2], u64::MAX] {
        let statement = at(position);
        assert_eq!(brief(&statement, REVIEW), [(id, "1".to_owned(), 20_000)]);
        let found = behind(&world.ledger.as_of(position), CONTRACT, month(3), of_kind(&statement, REVIEW));
        assert_eq!(found.iter().map(|fact| fact.at.position).collect::<Vec<_>>(), positions[..2]);
    }
    assert_eq!(stated(&world, month(4), on(4, 1, 0)).lines.iter().filter(|line| line.id == id).count(), 0);
}

/// What no decider lets happen, so that the charge is of something: terms are offered before somebody has approved.
#[test]
fn a_charge_that_is_kept_back_until_the_decision_leaves_what_sums() {
    let (mut world, _) = expedited();
    world.learn(credit(3_000, month(3)));
    let whole = stated(&world, month(3), on(4, 1, 0));
    let shown = |world: &Tested, may_see_lane| {
        let statement = stated(world, month(3), on(4, 1, 0));
        statement.shown(&world.ledger.as_of(u64::MAX), may_see_lane).unwrap()
    };
    assert_eq!(shown(&world, true), whole);
    let cut = shown(&world, false);
    assert_eq!(brief(&cut, REVIEW), []);
    assert_eq!((cut.lines.len() + 1, cut.total), (whole.lines.len(), Money::jpy(-3_000)));

    let (by, valid_until, at) = (PersonId::from_u128(1), on(5, 1, 0), on(3, 3, 0));
    let approved = ContractApproved { by, valid_until, at };
    world.learn(Fact::Contract(CONTRACT, contract::Event::ContractApproved(approved)));
    assert_eq!(shown(&world, false), whole);
}

#[test]
fn the_standard_lane_costs_nothing() {
    let mut world = Tested::default();
    world.learn(other_prices(1));
    making(ContractKind::Member).into_iter().for_each(|event| {
        world.learn(Fact::Contract(CONTRACT, event));
    });
    assert_eq!(stated(&world, month(3), on(4, 1, 0)).lines, []);
}

fn credit(yen: i64, of: Month) -> Fact {
    Fact::Credit(credit::Event::CreditGranted(CreditGranted {
        id: CreditId::from_u128(9),
        contract: CONTRACT,
        member: MEMBER,
        charge_kind: ChargeKind::publication_incentive(),
        amount: Money::jpy(yen),
        month: of,
        reason: "an early release".parse().unwrap(),
        granted_by: BASE,
        at: on(6, 2, 0),
    }))
}

#[test]
fn a_credit_is_less_than_nothing_and_borne_by_who_granted_it() {
    let mut world = priced();
    let granted = world.learn(credit(3_000, month(5)));
    let may = stated(&world, month(5), on(7, 1, 0));
    let id = format!("publication-incentive/0/-/-/{}", CreditId::from_u128(9));
    assert_eq!(brief(&may, "publication-incentive"), [(id.as_str(), "1".to_owned(), -3_000)]);
    assert_eq!(may.total, Money::jpy(-3_000));
    let view = world.ledger.as_of(u64::MAX);
    let [part] = &parts(&view, PROMOTER, &may.lines[0]).unwrap()[..] else { panic!() };
    assert_eq!((part.net, part.borne_by), (Money::jpy(-3_000), Some(BASE)));
    let found = behind(&view, CONTRACT, month(5), &may.lines[0]);
    assert_eq!(
        found.iter().map(|fact| (fact.at.position, fact.quantity)).collect::<Vec<_>>(),
        [(granted, Some(1))]
    );
    assert_eq!(known(&world.ledger, granted - 1, month(5), on(7, 1, 0)).lines, []);
}

#[test]
fn a_line_is_dealt_with_as_the_share_rule_says_and_else_as_usual() {
    let mut world = priced();
    world.learn(registration(PROMOTER, Capacity::Promoter, None));
    world.learn(registration(BASE, Capacity::BaseOperator, None));
    world.learn(place(of_vendor(ORDER, on(4, 2, 0))));
    world.learn(accept(ORDER, 0, on(4, 20, 0)));
    world.apply(&recorded(&[used(on(4, 2, 0), 5)]));
    let of = |world: &Tested| {
        let april = stated(world, month(4), on(5, 1, 0));
        ["service-order", "data-usage"].map(|kind| {
            let view = world.ledger.as_of(u64::MAX);
            let operators = view.operators(PROMOTER, month(4), on(5, 1, 0));
            dealt(&view, PROMOTER, operators, of_kind(&april, kind))
        })
    };
    let by =
        |issuer, collector, treatment| Dealt { issuer: Some(issuer), collector: Some(collector), treatment };
    let usual =
        [by(PROMOTER, PROMOTER, PayoutTreatment::Agency), by(PROMOTER, PROMOTER, PayoutTreatment::Resale)];
    assert_eq!(of(&world), usual);

    let terms =
        |charge_kind, issuer, collector, treatment| ChargeTerms { charge_kind, issuer, collector, treatment };
    let charges = vec![
        terms(ChargeKind::service_order(), Dealer::Vendor, Dealer::Promoter, PayoutTreatment::Resale),
        terms(ChargeKind::data_usage(), Dealer::Promoter, Dealer::BaseOperator, PayoutTreatment::Grant),
    ];
    let (name, start, splits) = (Name::new("shares").unwrap(), month(1), default_splits());
    let table = SplitTable { name, start, splits, charges };
    let (id, version, published_by, at) = (ShareRuleId::from_u128(1), 2, PROMOTER, on(3, 1, 0));
    let published = ShareRulePublished { id, version, table, published_by, at };
    world.learn(Fact::ShareRule(share_rule::Event::ShareRulePublished(published)));
    let changed = [by(VENDOR, PROMOTER, PayoutTreatment::Resale), by(PROMOTER, BASE, PayoutTreatment::Grant)];
    assert_eq!(of(&world), changed);
}
