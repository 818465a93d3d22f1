//! What holds for any interleaving of admissions, reports with repeats, and reversals.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::fixture::*;
use crate::{access::*, id::SourceId, terms::Right};

#[derive(Debug, Clone)]
enum Step {
    Admit(Right, u32, i64),
    Report(u32, Vec<ReportedRecord>, i64),
    ReverseRecord(u32, u64),
    ReverseAdmission(u64),
}

fn any_record() -> impl Strategy<Value = ReportedRecord> {
    let right = prop_oneof![Just(Right::Browse), Just(Right::SimpleAnalysis), Just(Right::DetailedAnalysis)];
    (1..12u64, 0..2u32, 0..2u32, right, 1..4u32, 0..400i64, 0..4u64).prop_map(
        |(sequence, dataset, viewer, right, cases, day, settles_admission)| ReportedRecord {
            sequence,
            dataset,
            viewer,
            order: 0,
            right: Some(right),
            cases,
            occurred_at_us: START + (day - 10) * DAY,
            settles_admission,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let analysis = prop_oneof![Just(Right::SimpleAnalysis), Just(Right::DetailedAnalysis)];
    prop_oneof![
        2 => (analysis, 1..50u32, 0..400i64).prop_map(|(right, cases, day)| Step::Admit(right, cases, day)),
        5 => (1..3u32, prop::collection::vec(any_record(), 1..12), 390..450i64)
            .prop_map(|(epoch, records, day)| Step::Report(epoch, records, day)),
        1 => (1..3u32, 1..12u64).prop_map(|(epoch, sequence)| Step::ReverseRecord(epoch, sequence)),
        1 => (1..4u64).prop_map(Step::ReverseAdmission),
    ]
}

fn play(world: &mut World, step: Step) {
    match step {
        Step::Admit(right, cases, day) => {
            world.accept(Command::RunAnalysis(run(right, cases, START + day * DAY)));
        }
        Step::Report(epoch, mut records, day) => {
            let newest = world.state.last_admission;
            records.iter_mut().filter(|record| record.settles_admission > newest).for_each(|record| {
                record.settles_admission = 0;
            });
            let batch = std::sync::Arc::new(Batch::new(header(epoch), records, []).unwrap());
            let first = world.report_under(contract(), batch.clone(), START + day * DAY);
            let again = world.report_under(contract(), batch, START + day * DAY);
            assert_eq!(again.0, None, "a retry writes nothing");
            for ((first, verdict), (again, verdict_again)) in first.1.iter().zip(&again.1) {
                let expected = if *first == Outcome::New { Outcome::Known } else { *first };
                assert_eq!((expected, verdict), (*again, verdict_again));
            }
        }
        Step::ReverseRecord(epoch, sequence) => {
            let key = RecordKey { source: SourceId::from_u128(SOURCE), epoch, sequence };
            let of_epoch = |event: &&UsageRecorded| event.parts().epoch == epoch;
            let found = world.usage().filter(of_epoch).find_map(|event| Found::in_usage(event, sequence));
            let decided = world.decide(reverse(ReversalTarget::Record(key), found, START));
            world.apply(&decided.unwrap_or_default());
        }
        Step::ReverseAdmission(number) => {
            let found = world.history.iter().find_map(|event| match event {
                Event::AnalysisAdmitted(admitted) if admitted.number == number => Some(Found::from(admitted)),
                _ => None,
            });
            let decided = world.decide(reverse(ReversalTarget::Admission(number), found, START));
            world.apply(&decided.unwrap_or_default());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn each_key_counts_once_and_quota_is_what_stands(steps in prop::collection::vec(any_step(), 1..14)) {
        let mut world = World::new();
        for step in steps {
            play(&mut world, step);
        }
        let mut firsts = BTreeSet::new();
        for event in world.usage() {
            for row in event.parts().rows.iter().filter(|row| row.conflict != Some(ConflictReason::Content)) {
                prop_assert!(firsts.insert((event.parts().epoch, row.sequence)), "a key has two firsts");
            }
        }
        // Everything that was added and not taken back, summed from the events alone.
        let mut standing: BTreeMap<QuotaKey, i64> = BTreeMap::new();
        for change in world.history.iter().flat_map(Event::changes) {
            let within = matches!(
                (change.of.right, change.of.verdict),
                (Right::SimpleAnalysis | Right::DetailedAnalysis, crate::terms::Verdict::InScope | crate::terms::Verdict::OverQuota)
            );
            if let Some(period) = change.of.period.filter(|_| within) {
                let key = QuotaKey { period: period.quota_period, right: change.of.right };
                let cases = i64::from(change.of.cases);
                *standing.entry(key).or_default() += if change.sign == Sign::Added { cases } else { -cases };
            }
        }
        standing.retain(|_, cases| *cases != 0);
        let used: BTreeMap<_, _> = world.state.used.iter().map(|(key, cases)| (*key, *cases as i64)).collect();
        prop_assert_eq!(standing, used);
        let settled = &world.state.settled;
        prop_assert!((1..=world.state.last_admission).all(|number| !settled.contains(number) || !world.state.reversed.contains(number)));
    }
}
