//! Statements against calculation by hand.

use domain::{
    access::Event,
    contract::ContractKind,
    id::{DatasetId, OrganisationId},
    organisation::Capacity,
    period::{self, PeriodClosed},
    terms::{Right, Verdict},
    time::{Month, Timestamp},
};
use money::Money;
use rating::{
    Seller,
    ledger::Fact,
    split_part,
    statement::{Part, Statement, StatementLine, parts, rate_month, statement},
};

use crate::fixture::*;

type Tested = World<1_024, 64>;

fn stated(world: &Tested, month: Month, now: Timestamp) -> Statement {
    known(world, u64::MAX, month, now)
}

/// The statement under what was known at a position, but for use.
fn known(world: &Tested, position: u64, month: Month, now: Timestamp) -> Statement {
    let lines = |month| world.ledger.lines(CONTRACT, month);
    statement(&world.ledger.as_of(position), CONTRACT, month, now, lines).unwrap().unwrap()
}

/// A line as: id, quantity, yen.
fn brief(statement: &Statement) -> Vec<(&str, String, i64)> {
    let lines = statement.lines.iter();
    lines.map(|line| (line.id.as_str(), line.quantity.to_string(), line.amount.minor_units())).collect()
}

fn line<'s>(statement: &'s Statement, id: &str) -> &'s StatementLine {
    statement.lines.iter().find(|line| line.id == id).unwrap()
}

const SIMPLE: &str = "data-usage/0/simple-analysis/open/-";

/// April: 8 cases are admitted and 6 of them used in May; 7 are used and reversed; 9 are over quota; 4 come
/// after expiry; one record conflicts, one view is free.
fn april() -> Tested {
    let mut world = Tested::new(ContractKind::Member);
    let admission = admitted(1, 8, on(4, 20, 0));
    world.apply(&Event::AnalysisAdmitted(admission.clone()));
    world.apply(&Event::DatasetViewed(domain::access::AdmittedUse {
        right: Right::Browse,
        cases: 1,
        ..admitted(2, 1, on(4, 21, 0))
    }));
    world.apply(&recorded(&[
        Use { settles: Some(standing(&admission)), ..used(on(5, 2, 0), 6) },
        used(on(4, 25, 0), 7),
        Use { dataset: 1, verdict: Verdict::OverQuota, ..used(on(4, 26, 0), 9) },
        Use { verdict: Verdict::AfterExpiry, segment: None, ..used(on(4, 30, 23), 4) },
        Use { conflict: true, ..used(on(4, 27, 0), 1_000) },
    ]));
    world.apply(&reversed(standing(&admitted(1, 7, on(4, 25, 0)))));
    world
}

#[test]
fn a_month_by_hand() {
    let world = april();
    let statement = stated(&world, month(4), on(5, 10, 0));
    assert_eq!(
        brief(&statement),
        [
            ("contract-fee/0/-/-/-", "1".to_owned(), 365_000),
            ("data-usage/0/browse/open/-", "1".to_owned(), 0),
            // 10 × 100 + 5 × 80 for 6 + 9 cases.
            (SIMPLE, "15".to_owned(), 1_400),
        ]
    );
    let usage = line(&statement, SIMPLE);
    assert_eq!(usage.flagged, [(Verdict::AfterExpiry, 4)]);
    assert_eq!(usage.price_book.map(|(_, version)| version), Some(1));
    assert_eq!(usage.bands.len(), 2);
    assert!(!usage.unpriced && line(&statement, "data-usage/0/browse/open/-").unpriced);
    assert_eq!((statement.total, statement.conflicts, statement.closed), (Money::jpy(366_400), 1, false));
    // The settled record is April's, so May has nothing.
    assert_eq!(brief(&stated(&world, month(5), on(5, 10, 0))), []);
}

#[test]
fn late_usage_and_a_close_are_seen_from_their_positions_on() {
    let mut world = april();
    let before = world.position;
    let closed = PeriodClosed { issuer: PROMOTER, month: month(4), at: on(5, 3, 0) };
    world.learn(Fact::Period(period::Event::PeriodClosed(closed)));
    world.apply(&recorded(&[used(on(4, 1, 0), 1)]));
    let now = on(5, 10, 0);
    let statement = stated(&world, month(4), now);
    assert_eq!(line(&statement, SIMPLE).amount, Money::jpy(1_480));
    assert!(statement.closed && !known(&world, before, month(4), now).closed);
    assert!(!stated(&world, month(5), now).closed);
}

#[test]
fn a_tier_change_starts_a_segment_and_settles_the_fee_by_days() {
    let mut world = Tested::new(ContractKind::Member);
    world.learn(Fact::Contract(CONTRACT, tier_change("premium", on(6, 10, 12))));
    world.apply(&recorded(&[
        used(on(6, 10, 11), 12),
        Use { segment: Some(1), ..used(on(6, 10, 13), 12) },
        // Without terms: to the segment that had started before, flagged.
        Use { segment: None, verdict: Verdict::OutsideContract, ..used(on(6, 11, 0), 3) },
    ]));
    let june = stated(&world, month(6), on(7, 1, 0));
    let id = "data-usage/1/simple-analysis/open/-";
    // 295 days are left on 10 June; basic costs 1,000 yen a day, premium 2,000.
    assert_eq!(
        brief(&june),
        [
            ("contract-fee/0/-/-/-", "-59/73".to_owned(), -295_000),
            ("contract-fee/1/-/-/-", "59/73".to_owned(), 590_000),
            (SIMPLE, "12".to_owned(), 1_160),
            (id, "12".to_owned(), 1_160),
        ]
    );
    assert_eq!(line(&june, id).flagged, [(Verdict::OutsideContract, 3)]);
    assert_eq!(line(&june, id).tier, Some(tier("premium")));
    assert_eq!(
        line(&june, "contract-fee/0/-/-/-").description,
        "fee given back for tier basic, 2026-06-10 to 2027-03-31: 295 of 365 days"
    );
    // Before the change is due nothing of it is charged.
    let early = stated(&world, month(6), on(6, 10, 11));
    assert_eq!(early.lines.iter().filter(|line| line.right.is_none()).count(), 0);
}

#[test]
fn several_instalments_of_one_segment_are_one_line() {
    let mut world = Tested::new(ContractKind::Member);
    world.learn(Fact::Contract(CONTRACT, tier_change("premium", on(4, 3, 0))));
    let april = stated(&world, month(4), on(4, 30, 0));
    // 365 days less 363: two days of basic.
    assert_eq!(
        brief(&april),
        [
            ("contract-fee/0/-/-/-", "2/365".to_owned(), 2_000),
            ("contract-fee/1/-/-/-", "363/365".to_owned(), 726_000),
        ]
    );
    let steps = &line(&april, "contract-fee/0/-/-/-").arithmetic;
    assert_eq!(
        steps.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "fee for tier basic, 2026-04-01 to 2027-03-31: 365 of 365 days",
            "flat price 365000 JPY",
            "365000 × 1/1 = 365000",
            "fee given back for tier basic, 2026-04-03 to 2027-03-31: 363 of 365 days",
            "flat price 365000 JPY",
            "365000 × 363/365 = 363000",
            "given back: -363000",
            "together 2000",
            "2000 rounded half-up: 2000 JPY",
        ]
    );
}

#[test]
fn a_version_rates_from_its_month_and_position_on() {
    let mut world = april();
    world.apply(&recorded(&[used(on(6, 1, 0), 12)]));
    let before = world.position;
    world.learn(prices(2, month(5), 200));
    let (now, usage) = (on(7, 1, 0), |statement: &Statement| line(statement, SIMPLE).amount.minor_units());
    assert_eq!(usage(&stated(&world, month(4), now)), 1_400);
    assert_eq!(usage(&stated(&world, month(6), now)), 2_160);
    assert_eq!(usage(&known(&world, before, month(6), now)), 1_160);
}

/// The promoter charges, and has closed April; the base operator, who publishes, has closed nothing.
#[test]
fn a_version_does_not_touch_months_that_the_issuer_has_closed() {
    let mut world = april();
    world.apply(&recorded(&[used(on(5, 1, 0), 12)]));
    let closed = PeriodClosed { issuer: PROMOTER, month: month(4), at: on(5, 3, 0) };
    world.learn(Fact::Period(period::Event::PeriodClosed(closed)));
    world.learn(prices(2, month(4), 200));
    let usage = |month| {
        let statement = stated(&world, month, on(6, 1, 0));
        (line(&statement, SIMPLE).amount.minor_units(), line(&statement, SIMPLE).price_book.unwrap().1)
    };
    assert_eq!(usage(month(4)), (1_400, 1));
    assert_eq!(usage(month(5)), (2_160, 2));
}

#[test]
fn without_a_price_book_nothing_is_charged_and_everything_is_shown() {
    let mut world = Tested::default();
    for event in making(ContractKind::Member) {
        world.learn(Fact::Contract(CONTRACT, event));
    }
    world.apply(&recorded(&[used(on(4, 2, 0), 5)]));
    let statement = stated(&world, month(4), on(5, 1, 0));
    assert_eq!(statement.total, Money::jpy(0));
    assert!(statement.lines.iter().all(|line| line.unpriced && line.price_book.is_none()));
    assert_eq!(line(&statement, SIMPLE).quantity.to_string(), "5");
    assert!(
        parts(&world.ledger.as_of(u64::MAX), PROMOTER, line(&statement, SIMPLE)).unwrap()[0].rule.is_none()
    );
}

#[test]
fn a_vendor_pays_a_data_fee() {
    let mut world = Tested::new(ContractKind::VendorParticipation);
    world.apply(&recorded(&[used(on(4, 2, 0), 5)]));
    let statement = stated(&world, month(4), on(5, 1, 0));
    assert_eq!(statement.lines[1].id, "data-fee/0/simple-analysis/open/-");
}

#[test]
fn contracts_without_charges_are_not_in_a_month() {
    let world = april();
    let month_of = |number| {
        let view = world.ledger.as_of(u64::MAX);
        let contracts = view.contracts().map(|contract| (contract, view));
        rate_month(contracts, month(number), on(12, 1, 0), |contract, month| {
            world.ledger.lines(contract, month)
        })
    };
    assert_eq!(month_of(4).unwrap().len(), 1);
    assert_eq!(month_of(5).unwrap(), []);
    let view = world.ledger.as_of(0);
    assert_eq!(rate_month([(CONTRACT, view)], month(4), on(12, 1, 0), |_, _| vec![]).unwrap(), []);
}

/// A part as: dataset, yen, weights.
type Weighed = (DatasetId, i64, Vec<(OrganisationId, u128)>);

fn weighed(uses: &[Use]) -> Vec<Weighed> {
    let mut world = Tested::new(ContractKind::Member);
    world.apply(&recorded(uses));
    let statement = stated(&world, month(4), on(4, 30, 0));
    let parts = parts(&world.ledger.as_of(u64::MAX), PROMOTER, line(&statement, SIMPLE)).unwrap();
    let parts = parts.into_iter();
    parts.map(|part: Part<'_>| (part.dataset.unwrap(), part.net.minor_units(), part.institutions)).collect()
}

fn shares(weights: [u128; 3]) -> Vec<(OrganisationId, u128)> {
    INSTITUTIONS.into_iter().zip(weights).filter(|(_, weight)| *weight > 0).collect()
}

#[test]
fn a_line_is_parted_over_datasets_by_cases() {
    let first = used(on(4, 2, 0), 6);
    let second = Use { dataset: 1, ..used(on(4, 2, 0), 9) };
    assert_eq!(
        weighed(&[first, second]),
        [(DATASETS[0], 560, shares([3, 1, 0])), (DATASETS[1], 840, shares([0, 0, 5]))]
    );
}

#[test]
fn institutions_weigh_by_counted_cases_and_the_rest_by_composition() {
    let first = |cases| used(on(4, 2, 0), cases);
    let second = |cases| Use { dataset: 2, ..used(on(4, 2, 0), cases) };
    let counted = Use { counted: vec![2, 1, 1], ..first(4) };
    let weights = |uses: &[Use]| weighed(uses)[0].2.clone();
    assert_eq!(weights(std::slice::from_ref(&counted)), shares([2, 1, 1]));
    // 2 + 4 × 3/4 + 3 × 1/3, 1 + 4 × 1/4 + 3 × 1/3, 1 + 3 × 1/3.
    assert_eq!(weights(&[counted.clone(), first(4), second(3)]), shares([6, 3, 2]));
    // 5 × 3/4 + 1/3, 5 × 1/4 + 1/3, 1/3, over 12.
    assert_eq!(weights(&[first(5), second(1)]), shares([49, 19, 4]));
    // What is not billed gives no weight.
    let flagged = Use { verdict: Verdict::AfterExpiry, ..counted };
    assert_eq!(weights(&[first(5), flagged]), shares([3, 1, 0]));
}

#[test]
fn the_parts_of_a_month_sum_to_its_charges_and_the_shares_to_the_parts() {
    let mut world = april();
    world.learn(ordered());
    world.apply(&recorded(&[Use { order: true, ..used(on(4, 3, 0), 11) }]));
    let view = world.ledger.as_of(u64::MAX);
    let statement = stated(&world, month(4), on(5, 1, 0));
    let mut total = 0;
    for line in &statement.lines {
        let parts = parts(&view, statement.issuer, line).unwrap();
        assert_eq!(parts.iter().map(|part| part.net.minor_units()).sum::<i64>(), line.amount.minor_units());
        for part in parts {
            assert_eq!(part.seller, line.order.map(|_| Seller::alone(MEMBER)));
            assert_eq!(
                part.parties(BASE, PROMOTER).data_provider.is_some(),
                part.dataset == Some(DATASETS[1])
            );
            let rule = part.rule.unwrap();
            let lines = split_part(part.net, rule.content, &line.charge_kind, &part.parties(BASE, PROMOTER));
            total += lines.unwrap().iter().map(|line| line.amount.minor_units()).sum::<i64>();
        }
    }
    assert_eq!(total, statement.total.minor_units());
}

#[test]
fn those_who_run_the_forum_are_known_by_date_and_position() {
    let mut world = Tested::default();
    let [first, second] =
        [registration(BASE, Capacity::BaseOperator, None), registration(PROMOTER, Capacity::Promoter, None)];
    let before = world.learn(first);
    world.learn(second);
    world.learn(registration(MEMBER, Capacity::BaseOperator, Some(on(5, 1, 0))));
    let view = world.ledger.as_of(u64::MAX);
    assert_eq!(view.operator(Capacity::BaseOperator, on(6, 1, 0)), Some(BASE), "the first of several");
    assert_eq!(view.operator(Capacity::Promoter, on(4, 1, 0)), Some(PROMOTER));
    assert_eq!(view.operator(Capacity::Promoter, on(3, 1, 0)), None, "not yet");
    assert_eq!(world.ledger.as_of(before).operator(Capacity::Promoter, on(4, 1, 0)), None, "not known yet");
    assert_eq!(view.name(PROMOTER), Some("somebody"));
    assert_eq!(view.name(INSTITUTIONS[0]), None);
}
