//! When the contract fee falls due, and for how many days: yearly in advance from activation (requirements
//! §2.1), with tier changes settled by days (§2.2).
//!
//! - Each contract year is charged when it starts, in the tier of that instant, for its days within the term.
//!   A renewal is charged when it starts, up to the end of the contract year in which it does.
//! - A tier change credits the old tier's fee for the days from the change on, and charges the new tier's for
//!   them, both at the change.
//! - Nothing is charged from the end of the contract on, and nothing is paid back for an early one. A pause
//!   changes no fee.
//!
//! Days are dates in Asia/Tokyo, and each belongs to one instalment: the day of a change to the new tier, a
//! day on which a term ends at noon to that term.

use jiff::civil::Date;

use crate::{
    contract::{
        Terms, Timeline,
        timeline::{Phase, anniversary, contract_year},
    },
    terms::Tier,
    time::Timestamp,
};

/// Whether an instalment is owed or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Owed by the member.
    Charge,
    /// Given back to the member.
    Credit,
}

/// A part of the contract fee: `days / year_days` of the yearly fee of its tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeInstalment<'t> {
    /// The segment, counted from 0.
    pub segment: u32,
    /// The contract year, counted from 0.
    pub contract_year: u32,
    /// The terms of the segment: tier, price book, share rule.
    pub terms: &'t Terms,
    /// When it falls due; the month of this instant is the month of the line.
    pub charged_at: Timestamp,
    /// The instant whose price applies: when it falls due, or for a credit when that which it gives back did.
    pub priced_at: Timestamp,
    /// The first date.
    pub from: Date,
    /// The first date after it.
    pub until: Date,
    /// The days from `from` to `until`.
    pub days: u32,
    /// The days of the whole contract year: 365 or 366.
    pub year_days: u32,
    /// Whether it is owed or given back.
    pub sign: Sign,
}

impl FeeInstalment<'_> {
    /// The tier whose yearly fee it is a part of.
    pub const fn tier(&self) -> &Tier {
        &self.terms.tier
    }
}

impl Timeline {
    /// The instalments of the contract fee that have fallen due by an instant, in order.
    pub fn fee_instalments(&self, now: Timestamp) -> Vec<FeeInstalment<'_>> {
        let Some(activated_at) = self.activated_at() else { return Vec::new() };
        let activated_on = activated_at.tokyo_date();
        let mut instalments = Vec::new();
        let mut charged_until = activated_on;
        for (starts_at, ends_at) in self.terms_in_order() {
            let term_until = first_date_after(ends_at);
            while charged_until < term_until {
                let year = contract_year(activated_on, charged_until);
                let year_starts_on = anniversary(activated_on, year);
                let next_year_starts_on = anniversary(activated_on, year.saturating_add(1));
                let span = Span {
                    contract_year: year,
                    year_days: days_between(year_starts_on, next_year_starts_on),
                    charged_at: starts_at.max(Timestamp::start_of_tokyo_date(charged_until)),
                    ends_at: ends_at.min(Timestamp::start_of_tokyo_date(next_year_starts_on)),
                    until: term_until.min(next_year_starts_on),
                };
                // The end of time: a year that cannot end is charged no more.
                if !self.is_due(span.charged_at, now) || span.until <= charged_until {
                    return instalments;
                }
                self.charge_span(&span, now, &mut instalments);
                charged_until = span.until;
            }
        }
        instalments
    }

    /// The first term from activation on, and each renewal.
    fn terms_in_order(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let mut last_end = None;
        self.phases().iter().filter_map(move |phase| {
            let ends_at = phase.terms.term.ends_at();
            (last_end.replace(ends_at) != Some(ends_at)).then_some((phase.starts_at, ends_at))
        })
    }

    fn is_due(&self, charged_at: Timestamp, now: Timestamp) -> bool {
        charged_at <= now && self.terminated_at().is_none_or(|terminated_at| charged_at < terminated_at)
    }

    /// Charges a span in the tier in which it starts, and settles each tier change within it.
    fn charge_span<'t>(&'t self, span: &Span, now: Timestamp, instalments: &mut Vec<FeeInstalment<'t>>) {
        let Some(mut phase) = self.phase_at(span.charged_at) else { return };
        let mut priced_at = span.charged_at;
        instalments.push(span.instalment(phase, priced_at, priced_at, Sign::Charge));
        let changes = self.phases().iter().filter(|next| {
            span.charged_at < next.starts_at
                && next.starts_at < span.ends_at
                && self.is_due(next.starts_at, now)
        });
        for next in changes {
            if next.segment == phase.segment {
                continue;
            }
            instalments.push(span.instalment(phase, next.starts_at, priced_at, Sign::Credit));
            instalments.push(span.instalment(next, next.starts_at, next.starts_at, Sign::Charge));
            (phase, priced_at) = (next, next.starts_at);
        }
    }
}

/// Days that are charged at once: a contract year, or what a term leaves of it.
struct Span {
    contract_year: u32,
    year_days: u32,
    charged_at: Timestamp,
    ends_at: Timestamp,
    until: Date,
}

impl Span {
    /// The days of the span from an instant on, in the tier of a phase.
    fn instalment<'t>(
        &self,
        phase: &'t Phase,
        charged_at: Timestamp,
        priced_at: Timestamp,
        sign: Sign,
    ) -> FeeInstalment<'t> {
        let from = charged_at.tokyo_date();
        FeeInstalment {
            segment: phase.segment,
            contract_year: self.contract_year,
            terms: &phase.terms,
            charged_at,
            priced_at,
            from,
            until: self.until,
            days: days_between(from, self.until),
            year_days: self.year_days,
            sign,
        }
    }
}

/// The date after the one that holds the last instant before an end.
pub(super) fn first_date_after(end: Timestamp) -> Date {
    let last = Timestamp::from_micros(end.as_micros() - 1).unwrap_or(Timestamp::MIN);
    last.tokyo_date().tomorrow().unwrap_or(Date::MAX)
}

pub(super) fn days_between(from: Date, until: Date) -> u32 {
    from.until(until).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}
