//! Records of meters: verdicts, keys, outcomes, conflicts, gaps.

use std::sync::Arc;

use super::fixture::*;
use crate::{
    access::{Outcome::*, *},
    contract::{ContractPaused, ContractResumed, ContractTerminated, Event as ContractEvent},
    id::{OrganisationId, SourceId},
    terms::{Right, Verdict::*},
    text::Reason,
};

#[test]
fn each_record_is_judged_by_the_terms_when_it_occurred() {
    let pause = [
        ContractEvent::ContractPaused(ContractPaused {
            reason: Reason::new("review").unwrap(),
            effective_at: at(NOW - 10),
        }),
        ContractEvent::ContractResumed(ContractResumed { effective_at: at(NOW - 5) }),
    ];
    let mut world = World::new();
    let on = |sequence, occurred_at_us| ReportedRecord { occurred_at_us, ..record(sequence) };
    let records = [
        on(1, NOW),
        on(2, START - 1),
        on(3, NOW - 10),
        on(4, NOW - 5),
        on(5, END),
        ReportedRecord { dataset: 1, ..on(6, NOW) },
        ReportedRecord { right: Some(Right::Browse), cases: 1_000, ..on(7, NOW) },
        on(8, START + 366 * DAY),
        on(9, DAY - 1),
    ];
    let now = END + DAY;
    let (recorded, outcomes) = world.report_under(contract_with(terms(), &pause), batch(&records), now);
    let recorded = recorded.unwrap();
    let expected = [
        InScope,
        OutsideContract,
        OutsideContract,
        InScope,
        AfterExpiry,
        OutsideContract,
        InScope,
        InScope,
        OutsideContract,
    ];
    assert_eq!(verdicts(&recorded), expected);
    assert_eq!(outcomes, expected.map(|verdict| (New, verdict)));
    let rows = &recorded.parts().rows;
    let years: Vec<_> =
        rows.iter().map(|row| recorded.period(row).map(|period| period.quota_period.contract_year)).collect();
    // Also while use is suspended, or not covered, the terms say where a use belongs.
    assert_eq!(years, [Some(0), None, Some(0), Some(0), None, Some(0), Some(0), Some(1), None]);
    let freezes: Vec<_> = rows.iter().map(|row| recorded.dataset(row).freeze).collect();
    assert_eq!(freezes, [Some(2), Some(1), Some(2), Some(2), Some(2), Some(1), Some(2), Some(2), None]);
    assert_eq!(world.used(Right::SimpleAnalysis), 20);
}

#[test]
fn a_terminated_contract_is_past_its_expiry_and_an_unsigned_one_covers_nothing() {
    let terminated = ContractEvent::ContractTerminated(ContractTerminated {
        reason: Reason::new("breach").unwrap(),
        by: OrganisationId::from_u128(1),
        effective_at: at(NOW),
        at: at(NOW),
    });
    let (recorded, _) =
        World::new().report_under(contract_with(terms(), &[terminated]), batch(&[record(1)]), NOW);
    assert_eq!(verdicts(&recorded.unwrap()), [AfterExpiry]);
    let unsigned = ContractNow { contract: Default::default(), revision: 0 };
    let (recorded, _) = World::new().report_under(unsigned, batch(&[record(1)]), NOW);
    assert_eq!(verdicts(&recorded.unwrap()), [OutsideContract]);
}

#[test]
fn what_exceeds_the_quota_is_flagged_and_counted() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 60, NOW);
    let cases = |sequence, cases| ReportedRecord { cases, ..record(sequence) };
    let (recorded, _) = world.report(&[cases(1, 40), cases(2, 1), cases(3, 2)]);
    assert_eq!(verdicts(&recorded.unwrap()), [InScope, OverQuota, OverQuota]);
    assert_eq!(world.used(Right::SimpleAnalysis), 103);
    // The other right has a quota of its own; more than one run may have is over quota, too.
    let detailed =
        |sequence, cases| ReportedRecord { right: Some(Right::DetailedAnalysis), cases, ..record(sequence) };
    let (recorded, _) = world.report(&[detailed(4, 41), detailed(5, 1)]);
    assert_eq!(verdicts(&recorded.unwrap()), [OverQuota, OverQuota]);
    let mut world = World::new();
    let (recorded, _) = world.report(&[cases(1, 61), cases(2, 39)]);
    assert_eq!(verdicts(&recorded.unwrap()), [OverQuota, InScope]);
}

#[test]
fn a_repeated_record_is_known_and_writes_nothing() {
    let mut world = World::new();
    world.report(&[record(1), record(2)]);
    let later = ReportedRecord { occurred_at_us: NOW - 1, ..record(2) };
    let (recorded, outcomes) = world.report(&[record(1), later, record(2)]);
    assert_eq!(recorded, None);
    assert_eq!(outcomes, [(Known, InScope), (KnownAtAnotherTime, InScope), (Known, InScope)]);
    let (recorded, outcomes) = world.report(&[record(3), record(1), record(3)]);
    assert_eq!(recorded.unwrap().parts().rows.len(), 1);
    assert_eq!(outcomes, [(New, InScope), (Known, InScope), (Known, InScope)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 30);
}

#[test]
fn a_conflict_is_stored_once_per_key_and_content_and_never_counts() {
    let mut world = World::new();
    let other = |cases| ReportedRecord { cases, ..record(1) };
    // Within one call the earlier index is the first.
    let (recorded, outcomes) = world.report(&[record(1), other(11), other(11), record(1)]);
    let recorded = recorded.unwrap();
    assert_eq!(
        recorded.parts().rows.iter().map(|row| row.conflict).collect::<Vec<_>>(),
        [None, Some(ConflictReason::Content)]
    );
    assert_eq!(outcomes, [(New, InScope), (Conflicting, InScope), (Conflicting, InScope), (Known, InScope)]);
    let (recorded, outcomes) = world.report(&[other(11), other(12), other(12)]);
    assert_eq!(recorded.unwrap().parts().rows.len(), 1);
    assert_eq!(outcomes, [(Conflicting, InScope); 3]);
    let (recorded, outcomes) = world.report(&[other(12), other(11), record(1)]);
    assert_eq!(recorded, None);
    assert_eq!(outcomes, [(Conflicting, InScope), (Conflicting, InScope), (Known, InScope)]);
    assert_eq!(world.used(Right::SimpleAnalysis), 10);
    assert_eq!(world.history.iter().flat_map(Event::changes).count(), 1);
    assert_eq!(world.state.meter(SourceId::from_u128(SOURCE), 1).unwrap().conflicts, 2);
}

#[test]
fn every_field_but_occurred_at_is_content() {
    let base = || Batch::new(header(1), [record(1)], []).unwrap();
    let of = |record| Batch::new(header(1), [record], []).unwrap();
    let institution = |institution| {
        Batch::new(header(1), [record(1)], [ReportedCount { record: 0, institution, cases: 10 }]).unwrap()
    };
    for (other, outcome) in [
        (base(), Known),
        (of(ReportedRecord { occurred_at_us: NOW - 1, ..record(1) }), KnownAtAnotherTime),
        (of(ReportedRecord { dataset: 1, ..record(1) }), Conflicting),
        (of(ReportedRecord { viewer: 1, ..record(1) }), Conflicting),
        (of(ReportedRecord { right: Some(Right::Browse), ..record(1) }), Conflicting),
        (of(ReportedRecord { cases: 9, ..record(1) }), Conflicting),
        (of(ReportedRecord { settles_admission: 1, ..record(1) }), Conflicting),
        (institution(0), Conflicting),
    ] {
        let mut world = World::new();
        world.accept(Command::ViewDataset(view(NOW)));
        world.report_under(contract(), Arc::new(base()), NOW);
        let (recorded, outcomes) = world.report_under(contract(), Arc::new(other), NOW);
        assert_eq!(outcomes.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>(), [outcome]);
        assert_eq!(recorded.is_some(), outcome == Conflicting);
    }
    let mut world = World::new();
    world.report_under(contract(), Arc::new(institution(0)), NOW);
    let (_, outcomes) = world.report_under(contract(), Arc::new(institution(1)), NOW);
    assert_eq!(outcomes, [(Conflicting, InScope)]);
    let (_, outcomes) = world.report_under(contract(), Arc::new(institution(0)), NOW);
    assert_eq!(outcomes, [(Known, InScope)]);
}

#[test]
fn keys_differ_by_source_and_epoch() {
    let mut world = World::new();
    world.accept(register(2));
    let of = |source, epoch| {
        let header = BatchHeader { source: SourceId::from_u128(source), ..header(epoch) };
        Arc::new(Batch::new(header, [record(1)], []).unwrap())
    };
    for (source, epoch) in [(1, 1), (1, 7), (1, 2), (2, 1)] {
        let (_, outcomes) = world.report_under(contract(), of(source, epoch), NOW);
        assert_eq!(outcomes, [(New, InScope)], "{source} {epoch}");
    }
    assert_eq!(world.state.sources[&SourceId::from_u128(1)].newest_epoch(), Some(7));
    assert_eq!(world.used(Right::SimpleAnalysis), 40);
}

#[test]
fn gaps_and_the_next_sequence_are_seen() {
    let mut world = World::new();
    world.report(&[record(5), record(2), record(3), record(9)]);
    let meter = world.state.meter(SourceId::from_u128(SOURCE), 1).unwrap();
    assert_eq!(meter.next_sequence(), 10);
    assert_eq!(meter.gaps().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>(), [(1, 1), (4, 4), (6, 8)]);
    assert_eq!(world.state.sources[&SourceId::from_u128(SOURCE)].last_reported_at(), Some(at(NOW)));
    let repeats = world.state.repeats(&batch(&[record(9), record(1), record(2), record(9)]));
    assert_eq!(repeats.sequences, [2, 9]);
}

#[test]
fn what_was_not_looked_up_is_asked_for() {
    let mut world = World::new();
    world.report(&[record(1)]);
    let repeated = world.reporting(contract(), batch(&[record(1)]), NOW);
    let blind = ReportUsage { earlier: Default::default(), ..repeated };
    assert_eq!(world.decide(Command::ReportUsage(blind)), Err(Rejection::EarlierRecordsMissing));
    // The same conflict arrives twice at once: the second one was looked up before the first was stored.
    let conflict = batch(&[ReportedRecord { cases: 11, ..record(1) }]);
    let outdated = world.reporting(contract(), conflict.clone(), NOW);
    world.report_under(contract(), conflict.clone(), NOW);
    assert_eq!(world.decide(Command::ReportUsage(outdated)), Err(Rejection::EarlierRecordsMissing));
    let looked_up_again = world.reporting(contract(), conflict, NOW);
    assert_eq!(world.decide(Command::ReportUsage(looked_up_again)), Ok(vec![]));
}

#[test]
fn a_source_is_registered_once() {
    let world = World::new();
    assert_eq!(world.decide(register(SOURCE)), Ok(vec![]));
    let Command::RegisterSource(again) = register(SOURCE) else { panic!() };
    let renamed = RegisterSource { name: crate::text::Name::new("other").unwrap(), ..again };
    let rejection = Rejection::SourceAlreadyRegistered { source_id: renamed.source };
    assert_eq!(world.decide(Command::RegisterSource(renamed)), Err(rejection));
}
