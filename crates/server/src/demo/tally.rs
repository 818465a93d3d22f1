//! The demo's own count of what it did, kept apart from the server's: what statements must come to.

use std::collections::BTreeMap;

use domain::time::{Month, Timestamp};
use proto::kiban::{
    access::v1::{Outcome, ReportUsageResponse},
    common::v1::{Right, Verdict},
};

use crate::demo::{contracts::Deal, datasets::Holdings, usage::Use};

/// What the outcomes are called.
pub(super) const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::New, "new"),
    (Outcome::Known, "known"),
    (Outcome::KnownAtAnotherTime, "known at another time"),
    (Outcome::Conflicting, "conflicting"),
];

/// What the verdicts are called.
pub(super) const VERDICTS: [(Verdict, &str); 4] = [
    (Verdict::InScope, "in scope"),
    (Verdict::OverQuota, "over quota"),
    (Verdict::OutsideContract, "outside contract"),
    (Verdict::AfterExpiry, "after expiry"),
];

/// What tells the use on a statement apart: contract, month, right, class, order.
pub(super) type Line = (Deal, Month, i32, String, String);

/// What became of what one meter reported.
#[derive(Debug, Clone, Default)]
pub(super) struct Reported {
    pub(super) batches: u64,
    /// In the order of [`OUTCOMES`].
    pub(super) outcomes: [u64; 4],
    /// Of new records, in the order of [`VERDICTS`].
    pub(super) verdicts: [u64; 4],
}

/// The count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Cases by line.
    pub(super) cases: BTreeMap<Line, i64>,
    /// Records stored as conflicts by contract and month.
    pub(super) conflicts: BTreeMap<(Deal, Month), u64>,
    /// By the meter's place.
    pub(super) meters: BTreeMap<usize, Reported>,
    /// How many records had to come out as each outcome.
    pub(super) expected: [u64; 4],
}

impl Tally {
    /// Counts one use under a contract, or takes it back.
    pub(super) fn add(
        &mut self,
        deal: Deal,
        at: Timestamp,
        right: Right,
        class: &str,
        order: &str,
        cases: i64,
    ) {
        let line = (deal, Month::of(at), i32::from(right), class.to_owned(), order.to_owned());
        *self.cases.entry(line).or_default() += cases;
    }

    /// Counts what a batch had to leave behind. A record that settles belongs to its admission, and is counted
    /// by whoever reports it.
    pub(super) fn expect(&mut self, deal: Deal, holdings: &Holdings, uses: &[Use], outcomes: &[Outcome]) {
        for (seen, outcome) in uses.iter().zip(outcomes) {
            if let Some(place) = OUTCOMES.iter().position(|(known, _)| known == outcome) {
                self.expected[place] += 1;
            }
            let class = holdings.all.get(seen.dataset).map_or("", |holding| holding.class);
            match outcome {
                Outcome::New if seen.settles == 0 => {
                    self.add(deal, seen.at, seen.right, class, &seen.order, i64::from(seen.cases));
                }
                Outcome::Conflicting => {
                    *self.conflicts.entry((deal, Month::of(seen.at))).or_default() += 1;
                }
                Outcome::New | Outcome::Known | Outcome::KnownAtAnotherTime | Outcome::Unspecified => {}
            }
        }
    }

    /// Takes note of what the server says became of a batch.
    pub(super) fn came(&mut self, meter: usize, reply: &ReportUsageResponse) {
        let reported = self.meters.entry(meter).or_default();
        reported.batches += 1;
        for (outcome, verdict) in reply.outcomes.iter().zip(&reply.verdicts) {
            if let Some(place) = OUTCOMES.iter().position(|(known, _)| i32::from(*known) == *outcome) {
                reported.outcomes[place] += 1;
            }
            let place = VERDICTS.iter().position(|(known, _)| i32::from(*known) == *verdict);
            if let (true, Some(place)) = (*outcome == i32::from(Outcome::New), place) {
                reported.verdicts[place] += 1;
            }
        }
    }

    /// What became of all records, in the order of [`OUTCOMES`].
    pub(super) fn outcomes(&self) -> [u64; 4] {
        let mut sum = [0; 4];
        for reported in self.meters.values() {
            for (total, count) in sum.iter_mut().zip(reported.outcomes) {
                *total += count;
            }
        }
        sum
    }
}
