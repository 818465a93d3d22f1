//! What is taken back, once.

use super::fixture::*;
use crate::{access::*, id::SourceId, terms::Right};

fn found(world: &World, sequence: u64) -> Option<Found> {
    world.usage().find_map(|event| Found::in_usage(event, sequence))
}

#[test]
fn a_record_is_taken_back_once_and_gives_its_quota_back() {
    let mut world = World::new();
    world.report(&[record(1), record(2), ReportedRecord { cases: 3, ..record(1) }]);
    let target = ReversalTarget::Record(key(1));
    let standing = found(&world, 1);
    let events = world.accept(reverse(target, standing.clone(), NOW));
    let [Event::UsageReversed(reversed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((reversed.reversed.cases, reversed.reversed.occurred_at), (10, at(NOW)));
    let changes: Vec<_> = events[0].changes().map(|change| (change.sign, change.of.cases)).collect();
    assert_eq!(changes, [(Sign::TakenBack, 10)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 10);
    assert_eq!(world.decide(reverse(target, standing, NOW)), Err(Rejection::AlreadyReversed { target }));
    // It was the first under its key, for ever.
    let (recorded, outcomes) = world.report(&[record(1)]);
    assert_eq!((recorded, outcomes[0].0), (None, Outcome::Known));
}

#[test]
fn an_open_admission_is_taken_back_once() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 60, NOW);
    let target = ReversalTarget::Admission(1);
    world.accept(reverse(target, None, NOW));
    assert_eq!(world.used(Right::SimpleAnalysis), 0);
    assert_eq!(world.decide(reverse(target, None, NOW)), Err(Rejection::AlreadyReversed { target }));
}

#[test]
fn an_admission_that_stands_for_good_is_looked_up() {
    let mut world = World::new();
    let admitted = world.admit(Right::SimpleAnalysis, 60, NOW);
    let late = NOW + 365 * DAY;
    world.accept(Command::ViewDataset(view(late)));
    let target = ReversalTarget::Admission(1);
    assert_eq!(world.decide(reverse(target, None, late)), Err(Rejection::EarlierRecordsMissing));
    world.accept(reverse(target, Some(Found::from(&admitted)), late));
    assert_eq!(world.used(Right::SimpleAnalysis), 0);
}

#[test]
fn a_settling_record_is_taken_back_from_the_period_of_the_admission() {
    let mut world = World::new();
    let admitted = world.admit(Right::SimpleAnalysis, 60, NOW);
    world.report_under(contract(), batch(&[ReportedRecord { settles_admission: 1, ..record(1) }]), NOW + DAY);
    let standing = found(&world, 1);
    let target = ReversalTarget::Admission(1);
    assert_eq!(world.decide(reverse(target, None, NOW)), Err(Rejection::AdmissionSettled { admission: 1 }));
    let events = world.accept(reverse(ReversalTarget::Record(key(1)), standing, NOW + DAY));
    let [Event::UsageReversed(reversed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(reversed.reversed.occurred_at, admitted.at);
    assert_eq!(world.used(Right::SimpleAnalysis), 0);
}

#[test]
fn refusals() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 10, NOW);
    let settles = |sequence| ReportedRecord { settles_admission: 1, ..record(sequence) };
    world.report(&[settles(1), settles(2)]);
    let elsewhere = RecordKey { source: SourceId::from_u128(9), ..key(1) };
    for (target, found, rejection) in [
        (ReversalTarget::Record(elsewhere), None, Rejection::UnknownSource { source_id: elsewhere.source }),
        (ReversalTarget::Record(key(3)), None, Rejection::UnknownRecord { key: key(3) }),
        (ReversalTarget::Record(key(2)), found(&world, 2), Rejection::RecordIsConflict { key: key(2) }),
        (ReversalTarget::Record(key(1)), None, Rejection::EarlierRecordsMissing),
        (ReversalTarget::Admission(0), None, Rejection::UnknownAdmission { admission: 0, newest: 1 }),
        (ReversalTarget::Admission(2), None, Rejection::UnknownAdmission { admission: 2, newest: 1 }),
        (ReversalTarget::Admission(1), None, Rejection::AdmissionSettled { admission: 1 }),
    ] {
        assert_eq!(world.decide(reverse(target, found, NOW)), Err(rejection));
    }
}
