//! The years of a contract, by which a minimum commitment is counted (requirements §2.1: `commitment-true-up`).

use jiff::civil::Date;

use crate::{
    contract::{
        Phase, Timeline,
        fee::{days_between, first_date_after},
        timeline::anniversary,
    },
    time::Timestamp,
};

/// A contract year that is over, because the next one started or the contract ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractYear<'t> {
    /// Which one, counted from 0 at activation.
    pub number: u32,
    /// The phase in which it started: its terms say what was committed.
    pub phase: &'t Phase,
    /// The first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// The first date.
    pub from: Date,
    /// The first date after it; a day on which the contract ends at noon belongs to it.
    pub until: Date,
    /// The days from `from` to `until`: fewer than those of the year if the contract ended within it.
    pub days: u32,
    /// The days of the whole contract year: 365 or 366.
    pub year_days: u32,
    /// Whether the contract ended with it.
    pub is_last: bool,
}

impl Timeline {
    /// The contract years that are over at an instant, in order.
    pub fn ended_years(&self, now: Timestamp) -> Vec<ContractYear<'_>> {
        let mut years = Vec::new();
        let (Some(activated_at), Some(ends_at)) = (self.activated_at(), self.ends_at()) else { return years };
        let activated_on = activated_at.tokyo_date();
        for number in 0.. {
            let from = anniversary(activated_on, number);
            let next = anniversary(activated_on, number.saturating_add(1));
            let starts_at = Timestamp::start_of_tokyo_date(from).max(activated_at);
            let year_ends_at = Timestamp::start_of_tokyo_date(next).min(ends_at);
            // The last condition is the end of time.
            if year_ends_at <= starts_at || year_ends_at > now || next <= from {
                break;
            }
            let Some(phase) = self.phase_at(starts_at) else { break };
            let until = next.min(first_date_after(year_ends_at));
            years.push(ContractYear {
                number,
                phase,
                starts_at,
                ends_at: year_ends_at,
                from,
                until,
                days: days_between(from, until),
                year_days: days_between(from, next),
                is_last: ends_at <= Timestamp::start_of_tokyo_date(next),
            });
        }
        years
    }
}
