//! The demo's own count of what it did, kept apart from the server's: what statements must come to.

use std::collections::BTreeMap;

use domain::time::{Month, Timestamp};
use proto::kiban::{
    access::v1::{Outcome, ReportUsageResponse},
    common::v1::{Right, Verdict},
};

use crate::demo::{actors::Part, contracts::Deal, datasets::Holdings, offers::Offer, usage::Use};

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

/// What became of a service in a month, or of a venture in the year: the steps of its funnel, in order.
pub(super) type Funnel = [u64; 5];

/// The steps of a service's funnel.
pub(super) mod step {
    /// A member looked at it, counted once a day.
    pub(in crate::demo) const VIEWED: usize = 0;
    /// A member asked for a quote.
    pub(in crate::demo) const REQUESTED: usize = 1;
    /// The vendor quoted.
    pub(in crate::demo) const QUOTED: usize = 2;
    /// A member ordered.
    pub(in crate::demo) const ORDERED: usize = 3;
    /// The vendor took the order.
    pub(in crate::demo) const ACCEPTED: usize = 4;
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
    /// Yen by contract, month and charge kind, of everything whose price is known beforehand.
    pub(super) charged: BTreeMap<(Deal, Month, &'static str), i64>,
    /// What of it is whose, by charge kind.
    pub(super) earned: BTreeMap<(&'static str, Part), i64>,
    /// By service and month.
    pub(super) services: BTreeMap<(Offer, Month), Funnel>,
    /// Looks at deals, entries into data rooms and the like, by what is counted.
    pub(super) deals: BTreeMap<&'static str, u64>,
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

    /// Counts what falls due under a contract, shared out by percentages.
    pub(super) fn charge(
        &mut self,
        deal: Deal,
        month: Month,
        kind: &'static str,
        amount: i64,
        shares: &[(Part, i64)],
    ) {
        *self.charged.entry((deal, month, kind)).or_default() += amount;
        self.earn(kind, amount, shares);
    }

    /// Counts what of an amount is whose.
    pub(super) fn earn(&mut self, kind: &'static str, amount: i64, shares: &[(Part, i64)]) {
        for ((part, _), share) in shares.iter().zip(share_out(amount, shares)) {
            *self.earned.entry((kind, *part)).or_default() += share;
        }
    }

    /// Counts a step of a service's funnel.
    pub(super) fn stepped(&mut self, offer: Offer, at: Timestamp, step: usize) {
        self.services.entry((offer, Month::of(at))).or_default()[step] += 1;
    }

    /// Counts something about deals.
    pub(super) fn dealt(&mut self, what: &'static str) {
        *self.deals.entry(what).or_default() += 1;
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

/// An amount in proportion to weights: what whole yen leave over goes to the largest remainders.
pub(super) fn share_out(amount: i64, shares: &[(Part, i64)]) -> Vec<i64> {
    let (sign, amount) = (amount.signum(), amount.abs());
    let total: i64 = shares.iter().map(|(_, weight)| weight).sum();
    let mut parts: Vec<i64> = shares.iter().map(|(_, weight)| amount * weight / total.max(1)).collect();
    let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
    by_remainder.sort_by_key(|place| -(amount * shares[*place].1 % total.max(1)));
    let left = amount - parts.iter().sum::<i64>();
    for place in by_remainder.into_iter().take(left.unsigned_abs() as usize) {
        parts[place] += 1;
    }
    parts.into_iter().map(|part| sign * part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_yen_sum_to_the_amount() {
        let shares = [(Part::Base, 2), (Part::Promoter, 38), (Part::Mitsuba, 60)];
        assert_eq!(share_out(15, &shares), [0, 6, 9]);
        assert_eq!(share_out(-15, &shares), [0, -6, -9]);
    }
}
