//! Recruitments: what falls due, and who shares the pool.

use domain::recruitment::Answer;
use money::Money;
use rating::{
    PoolWeight, Seller,
    ledger::Fact,
    statement::{Statement, behind, lines_of_recruitment, parts},
};

use crate::{dealings::*, fixture::*};

const REQUEST: &str = "recruitment-request";
const ENROLMENT: &str = "recruitment-enrolment";

/// Approved on 10 April; the second institution accepts, the first one declines; one enrolment in April, and of
/// three in June two after the change of tier.
fn recruited() -> Tested {
    let mut world = priced();
    world.learn(Fact::Contract(CONTRACT, tier_change("premium", on(6, 10, 12))));
    world.learn(request(VENDOR, on(4, 3, 0)));
    world.learn(approve(on(4, 10, 0)));
    world.learn(respond(0, Answer::Declined, on(4, 11, 0)));
    world.learn(respond(1, Answer::Accepted, on(4, 12, 0)));
    world.learn(enrol(1, 1, on(4, 20, 0)));
    world.learn(enrol(1, 2, on(6, 2, 0)));
    world.learn(enrol(2, 3, on(6, 11, 0)));
    world.learn(enrol(1, 4, on(6, 12, 0)));
    world
}

fn brief_of(statement: &Statement) -> Vec<(&str, String, i64)> {
    [brief(statement, REQUEST), brief(statement, ENROLMENT)].concat()
}

#[test]
fn a_request_is_charged_at_approval_and_each_enrolment_in_its_month_and_tier() {
    let world = recruited();
    let id = |kind: &str, segment| format!("{kind}/{segment}/-/-/{RECRUITMENT}");
    let one = "1".to_owned();
    let april = stated(&world, month(4), on(7, 1, 0));
    let [fee, first] = [id(REQUEST, 0), id(ENROLMENT, 0)];
    assert_eq!(brief_of(&april), [(fee.as_str(), one.clone(), 5_000), (first.as_str(), one.clone(), 1_000)]);
    let june = stated(&world, month(6), on(7, 1, 0));
    let second = id(ENROLMENT, 1);
    assert_eq!(brief_of(&june), [(first.as_str(), one, 1_000), (second.as_str(), "2".to_owned(), 1_600)]);
    assert_eq!(of_kind(&june, ENROLMENT).description, format!("1 enrolments for {RECRUITMENT}"));
}

#[test]
fn the_pool_of_the_request_is_of_those_who_take_part_and_that_of_enrolments_of_those_who_enrolled() {
    let world = recruited();
    let view = world.ledger.as_of(u64::MAX);
    let april = stated(&world, month(4), on(7, 1, 0));
    let part = parts(&view, PROMOTER, of_kind(&april, REQUEST)).unwrap().remove(0);
    assert_eq!((part.seller, part.weighed_by), (Some(Seller::alone(VENDOR)), PoolWeight::Institutions));
    assert_eq!((part.net, part.institutions), (Money::jpy(5_000), vec![(INSTITUTIONS[1], 1)]));
    let june = stated(&world, month(6), on(7, 1, 0));
    let second = june.lines.last().unwrap();
    let part = parts(&view, PROMOTER, second).unwrap().remove(0);
    assert_eq!(part.weighed_by, PoolWeight::Enrolments);
    assert_eq!(part.institutions, [(INSTITUTIONS[1], 1), (INSTITUTIONS[2], 1)]);
}

/// Before the institution answered, nobody takes part; before the enrolment, nothing is charged for it.
#[test]
fn what_comes_later_is_not_known_before() {
    let world = recruited();
    let answered = world.position - 4;
    let april = known(&world.ledger, answered - 1, month(4), on(7, 1, 0));
    assert_eq!(brief_of(&april).len(), 1);
    let view = world.ledger.as_of(answered - 1);
    let part = parts(&view, PROMOTER, of_kind(&april, REQUEST)).unwrap().remove(0);
    assert_eq!(part.institutions, []);
    assert_eq!(world.ledger.as_of(answered).participating(RECRUITMENT), [INSTITUTIONS[1]]);
}

#[test]
fn lines_follow_from_the_request_and_what_they_charge() {
    let world = recruited();
    let view = world.ledger.as_of(u64::MAX);
    let june = stated(&world, month(6), on(7, 1, 0));
    let quantities = |line| {
        let found = behind(&view, CONTRACT, month(6), line);
        found.iter().map(|behind| behind.quantity).collect::<Vec<_>>()
    };
    assert_eq!(quantities(of_kind(&june, ENROLMENT)), [None, Some(1)]);
    assert_eq!(quantities(june.lines.last().unwrap()), [None, Some(1), Some(1)]);
    let contract = view.contract(CONTRACT).unwrap();
    let lines = lines_of_recruitment(&view, &contract, RECRUITMENT).unwrap();
    let months: Vec<_> = lines.iter().map(|(month, line)| (*month, line.amount.minor_units())).collect();
    let expected = [(4, 5_000), (4, 1_000), (6, 1_000), (6, 1_600)];
    assert_eq!(months, expected.map(|(number, yen)| (month(number), yen)));
}

#[test]
fn what_has_no_price_is_shown_and_charged_nothing() {
    let mut world = Tested::new(domain::contract::ContractKind::Member);
    world.learn(request(PROMOTER, on(4, 3, 0)));
    world.learn(approve(on(4, 10, 0)));
    let april = stated(&world, month(4), on(5, 1, 0));
    let fee = of_kind(&april, REQUEST);
    assert_eq!((fee.amount, fee.unpriced), (Money::jpy(0), true));
    assert_eq!(parts(&world.ledger.as_of(u64::MAX), PROMOTER, fee).unwrap(), []);
}
