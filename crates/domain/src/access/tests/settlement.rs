//! Records that settle admissions.

use super::fixture::*;
use crate::{
    access::{Outcome::*, *},
    contract::Limit,
    terms::{Right, Verdict::*},
};

fn settling(sequence: u64, admission: u64, cases: u32) -> ReportedRecord {
    ReportedRecord { settles_admission: admission, cases, ..record(sequence) }
}

fn conflicts(recorded: &UsageRecorded) -> Vec<Option<ConflictReason>> {
    recorded.parts().rows.iter().map(|row| row.conflict).collect()
}

#[test]
fn a_settlement_replaces_the_admission_in_its_period() {
    let mut world = World::new();
    let admitted = world.admit(Right::SimpleAnalysis, 50, START + 364 * DAY);
    let occurred_at_us = START + 370 * DAY;
    let record =
        ReportedRecord { occurred_at_us, right: Some(Right::DetailedAnalysis), ..settling(1, 1, 20) };
    let (recorded, outcomes) = world.report_under(contract(), batch(&[record]), occurred_at_us);
    let recorded = recorded.unwrap();
    assert_eq!(outcomes, [(New, InScope)]);
    let row = &recorded.parts().rows[0];
    assert_eq!(recorded.period(row), Some(&admitted.period), "not the second contract year");
    assert_eq!((row.occurred_at, recorded.counts_at(0, row)), (at(occurred_at_us), admitted.at));
    let replaced = recorded.parts().named[0].replaced.as_ref().unwrap();
    assert_eq!(*replaced, ReplacedUse::from(&admitted));
    assert_eq!([world.used(Right::SimpleAnalysis), world.used(Right::DetailedAnalysis)], [0, 20]);
    assert!(world.state.open.is_empty());
    let event = world.history.last().unwrap();
    let changes: Vec<_> =
        event.changes().map(|change| (change.sign, change.of.cases, change.of.occurred_at)).collect();
    assert_eq!(changes, [(Sign::TakenBack, 50, admitted.at), (Sign::Added, 20, admitted.at)]);
}

#[test]
fn only_what_goes_beyond_the_admission_can_be_over_quota() {
    for (cases, verdict) in [(60, InScope), (59, InScope), (61, OverQuota)] {
        let mut world = World::new();
        world.admit(Right::SimpleAnalysis, 60, NOW);
        world.report(&[ReportedRecord { cases: 60, ..record(1) }]);
        assert_eq!(world.used(Right::SimpleAnalysis), 120);
        let (_, outcomes) = world.report(&[settling(2, 1, cases)]);
        assert_eq!(outcomes, [(New, verdict)], "{cases} cases");
        assert_eq!(world.used(Right::SimpleAnalysis), 60 + u64::from(cases));
    }
    // Within quota and run there is room for more than was admitted.
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    assert_eq!(world.report(&[settling(1, 1, 60)]).1, [(New, InScope)]);
    let left = world.state.remaining(&contract().contract, at(NOW))[0].cases;
    assert_eq!(left, Limit::Cases(40));
}

#[test]
fn a_second_settlement_conflicts_in_one_call_and_in_another() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    let (recorded, outcomes) = world.report(&[settling(1, 1, 8), settling(2, 1, 9)]);
    assert_eq!(conflicts(&recorded.unwrap()), [None, Some(ConflictReason::AlreadySettled)]);
    assert_eq!(outcomes, [(New, InScope), (Conflicting, InScope)]);
    let (recorded, _) = world.report(&[settling(3, 1, 7)]);
    assert_eq!(conflicts(&recorded.unwrap()), [Some(ConflictReason::AlreadySettled)]);
    // Their keys were seen: sent again they are what they were, and another content contradicts them.
    let (recorded, outcomes) = world.report(&[settling(3, 1, 7), settling(1, 1, 8), settling(2, 1, 9)]);
    assert_eq!(
        (recorded, outcomes),
        (None, vec![(Conflicting, InScope), (Known, InScope), (Conflicting, InScope)])
    );
    let (recorded, _) = world.report(&[record(3)]);
    assert_eq!(conflicts(&recorded.unwrap()), [Some(ConflictReason::Content)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 8);
}

#[test]
fn an_admission_may_be_settled_until_its_last_instant() {
    let until = NOW + i64::from(SETTLE) * DAY;
    for (now, expected) in [(until, None), (until + 1, Some(ConflictReason::SettlementLate))] {
        let mut world = World::new();
        world.admit(Right::SimpleAnalysis, 10, NOW);
        let (recorded, _) = world.report_under(contract(), batch(&[settling(1, 1, 8)]), now);
        assert_eq!(conflicts(&recorded.unwrap()), [expected]);
    }
    // Also where a later event has let go of it.
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    world.report_under(contract(), batch(&[record(1)]), until + 1);
    assert!(world.state.open.is_empty());
    let (recorded, _) = world.report_under(contract(), batch(&[settling(2, 1, 8)]), until + 1);
    assert_eq!(conflicts(&recorded.unwrap()), [Some(ConflictReason::SettlementLate)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 20, "it stands as admitted");
}

#[test]
fn a_reversed_admission_cannot_be_settled() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    world.accept(reverse(ReversalTarget::Admission(1), None, NOW));
    let (recorded, outcomes) = world.report(&[settling(1, 1, 8)]);
    let recorded = recorded.unwrap();
    assert_eq!(conflicts(&recorded), [Some(ConflictReason::AdmissionReversed)]);
    assert_eq!(recorded.parts().named[0].replaced, None);
    assert_eq!(outcomes, [(Conflicting, InScope)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 0);
}

#[test]
fn a_view_can_be_settled_by_what_followed() {
    let mut world = World::new();
    world.accept(Command::ViewDataset(view(NOW)));
    let (_, outcomes) = world.report(&[settling(1, 1, 10)]);
    assert_eq!(outcomes, [(New, InScope)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 10);
}

#[test]
fn a_settlement_of_what_is_not_covered_gives_the_quota_back() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    let (_, outcomes) = world.report(&[ReportedRecord { dataset: 1, ..settling(1, 1, 10) }]);
    assert_eq!(outcomes, [(New, OutsideContract)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 0);
}
