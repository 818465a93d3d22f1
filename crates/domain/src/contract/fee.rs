//! When the contract fee falls due, and for how many days: yearly in advance from activation (requirements
//! §2.1), with tier changes settled by days (§2.2).
//!
//! - Each contract year is charged when it starts, in the tier of that instant, for its days within the term.
//!   A renewal is charged when it starts, up to the end of the contract year in which it does.
//! - A tier change credits the old tier's fee for the days from the change on, and charges the new tier's for
//!   them, both at the change.
//! - Nothing is charged from the end of the contract on, and nothing is paid back for an early one.
//! - A pause changes no fee, unless the terms say [`PausedFees::ByDays`]. Then it credits the fee of its days at
//!   the price that was charged for them, for each contract year and tier apart: at the resumption, or in the
//!   last instant of a contract that is never resumed, for only then is it known how many days they are. Years
//!   that start and tiers that change meanwhile are charged as ever.
//!
//! Days are dates in Asia/Tokyo, and each belongs to one instalment: the day of a change to the new tier, a
//! day on which a term ends at noon to that term. The days of a pause are those from the date of the pause on,
//! without the date of the resumption, so that one that is resumed on its date has none; of a contract that is
//! never resumed they go on to its last date. So what is charged, less what pauses credit, is the days on which
//! the contract is not paused.

use jiff::civil::Date;

use crate::{
    contract::{
        Pause, PausedFees, Terms, Timeline,
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

/// What made an instalment fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// A contract year or a renewal started.
    Year,
    /// The tier changed.
    TierChange,
    /// A pause ended, by resumption or with the contract.
    Pause,
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
    /// Why it falls due.
    pub occasion: Occasion,
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
        let mut fees = Fees::default();
        self.charge_years(activated_at.tokyo_date(), now, &mut fees);
        self.credit_pauses(now, &mut fees);
        fees.due.sort_by_key(|instalment| instalment.charged_at);
        fees.due
    }

    /// Charges each contract year within each term, as far as they have started.
    fn charge_years<'t>(&'t self, activated_on: Date, now: Timestamp, fees: &mut Fees<'t>) {
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
                    return;
                }
                self.charge_span(&span, now, fees);
                charged_until = span.until;
            }
        }
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
    fn charge_span<'t>(&'t self, span: &Span, now: Timestamp, fees: &mut Fees<'t>) {
        let Some(phase) = self.phase_at(span.charged_at) else { return };
        let mut charge = span.charge(phase, span.charged_at, Occasion::Year);
        fees.charge(charge);
        let changes = self.phases().iter().filter(|next| {
            span.charged_at < next.starts_at
                && next.starts_at < span.ends_at
                && self.is_due(next.starts_at, now)
        });
        for next in changes {
            if next.segment == charge.segment {
                continue;
            }
            let new = span.charge(next, next.starts_at, Occasion::TierChange);
            fees.due.push(FeeInstalment {
                segment: charge.segment,
                terms: charge.terms,
                priced_at: charge.priced_at,
                sign: Sign::Credit,
                ..new
            });
            fees.charge_instead(new);
            charge = new;
        }
    }

    /// Gives back what was charged for the days of each pause that is over.
    fn credit_pauses(&self, now: Timestamp, fees: &mut Fees<'_>) {
        for pause in self.pauses() {
            let Some((until, charged_at)) = self.end_of(pause, now) else { continue };
            let paid = fees.paid.iter().filter(|paid| paid.terms.paused_fees == PausedFees::ByDays);
            fees.due.extend(paid.filter_map(|paid| {
                let (from, until) = (paid.from.max(pause.from.tokyo_date()), paid.until.min(until));
                let days = days_between(from, until);
                let (sign, occasion) = (Sign::Credit, Occasion::Pause);
                (days > 0).then_some(FeeInstalment { from, until, days, charged_at, sign, occasion, ..*paid })
            }));
        }
    }

    /// The first date after the days of a pause that is over, and when they are given back.
    fn end_of(&self, pause: &Pause, now: Timestamp) -> Option<(Date, Timestamp)> {
        let ends_at = self.ends_at()?;
        match pause.until.filter(|until| *until < ends_at) {
            Some(resumed_at) => (resumed_at <= now).then(|| (resumed_at.tokyo_date(), resumed_at)),
            None => (ends_at <= now).then(|| (first_date_after(ends_at), last_instant_before(ends_at))),
        }
    }
}

/// The instalments as they are found.
#[derive(Default)]
struct Fees<'t> {
    /// What has fallen due.
    due: Vec<FeeInstalment<'t>>,
    /// By which charge each day is paid in the end, in order: its days are those for which no later one was
    /// charged instead.
    paid: Vec<FeeInstalment<'t>>,
}

impl<'t> Fees<'t> {
    fn charge(&mut self, charge: FeeInstalment<'t>) {
        self.due.push(charge);
        self.paid.push(charge);
    }

    /// Charges days that the last charge was for.
    fn charge_instead(&mut self, charge: FeeInstalment<'t>) {
        if let Some(last) = self.paid.last_mut() {
            last.until = charge.from;
        }
        self.charge(charge);
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
    /// The charge for the days of the span from an instant on, in the tier of a phase.
    fn charge<'t>(&self, phase: &'t Phase, charged_at: Timestamp, occasion: Occasion) -> FeeInstalment<'t> {
        let from = charged_at.tokyo_date();
        FeeInstalment {
            segment: phase.segment,
            contract_year: self.contract_year,
            terms: &phase.terms,
            occasion,
            charged_at,
            priced_at: charged_at,
            from,
            until: self.until,
            days: days_between(from, self.until),
            year_days: self.year_days,
            sign: Sign::Charge,
        }
    }
}

/// The date after the one that holds the last instant before an end.
pub(super) fn first_date_after(end: Timestamp) -> Date {
    last_instant_before(end).tokyo_date().tomorrow().unwrap_or(Date::MAX)
}

fn last_instant_before(end: Timestamp) -> Timestamp {
    Timestamp::from_micros(end.as_micros() - 1).unwrap_or(Timestamp::MIN)
}

pub(super) fn days_between(from: Date, until: Date) -> u32 {
    from.until(until).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}
