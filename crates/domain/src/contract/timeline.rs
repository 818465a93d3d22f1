//! What a contract was, is and will be at any instant.
//!
//! A projection that needs no more than this folds it from contract events by itself.

use jiff::civil::Date;

use crate::{
    contract::{Event, Term, Terms},
    terms::Tier,
    time::Timestamp,
};

/// The terms of one contract over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    offered: Option<Terms>,
    activated_at: Option<Timestamp>,
    phases: Vec<Phase>,
    pauses: Vec<Pause>,
    terminated_at: Option<Timestamp>,
}

/// A stretch with the same terms. It lasts until the next phase starts, or the contract ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// The segment, counted from 0. Phases of one tier, such as before and after a renewal, are one segment.
    pub segment: u32,
    /// From when on the terms apply.
    pub starts_at: Timestamp,
    /// The terms.
    pub terms: Terms,
}

/// A stretch in which use was suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// From when on.
    pub from: Timestamp,
    /// Until when, or `None` if it lasts.
    pub until: Option<Timestamp>,
}

/// The stretch over which cases are counted against a quota: it starts anew with each segment and with each
/// contract year (requirements §2.2, §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaPeriod {
    /// The segment, counted from 0.
    pub segment: u32,
    /// The contract year, counted from 0 at activation.
    pub contract_year: u32,
}

/// What a contract is at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'t> {
    /// Nothing may be used.
    NotActive(NotActive),
    /// What the terms cover may be used.
    InForce {
        /// The segment, counted from 0.
        segment: u32,
        /// The tier; the same as in the terms.
        tier: &'t Tier,
        /// The terms.
        terms: &'t Terms,
        /// Where cases count.
        quota_period: QuotaPeriod,
    },
    /// The term is over.
    Expired {
        /// Its end.
        since: Timestamp,
    },
    /// The contract was ended before its term.
    Terminated {
        /// From when on.
        since: Timestamp,
    },
}

/// Why a contract is not active although it has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotActive {
    /// Not every party has signed.
    NotSigned,
    /// It comes into force later than the instant of the question.
    NotYet {
        /// When.
        starts_at: Timestamp,
    },
    /// Use is suspended.
    Paused {
        /// From when on.
        since: Timestamp,
    },
}

impl Timeline {
    /// Folds one event. Events that do not touch the terms change nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::ContractOffered(event) => self.offered = Some(event.terms.clone()),
            Event::ContractActivated(event) => self.activate(event.effective_at),
            Event::TierChanged(event) => {
                if let Some(last) = self.phases.last() {
                    let terms =
                        Terms { tier: event.tier.clone(), quotas: event.quotas, ..last.terms.clone() };
                    self.start_phase(event.effective_at, terms);
                }
            }
            Event::ContractRenewed(event) => self.renew(event.ends_at, event.terms.as_ref()),
            Event::ContractPaused(event) => {
                self.pauses.push(Pause { from: event.effective_at, until: None });
            }
            Event::ContractResumed(event) => {
                if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.until.is_none()) {
                    pause.until = Some(event.effective_at);
                }
            }
            Event::ContractTerminated(event) => self.terminated_at = Some(event.effective_at),
            Event::ContractApplied(_)
            | Event::ContractApproved(_)
            | Event::ContractRejected(_)
            | Event::ContractSigned(_)
            | Event::ContractExpired(_) => {}
        }
    }

    /// What the contract is at an instant, by what is known now.
    pub fn standing_at(&self, instant: Timestamp) -> Standing<'_> {
        let (Some(activated_at), Some(term_ends_at)) = (self.activated_at, self.term_ends_at()) else {
            return Standing::NotActive(NotActive::NotSigned);
        };
        if let Some(since) = self.terminated_at.filter(|terminated_at| *terminated_at <= instant) {
            return Standing::Terminated { since };
        }
        if term_ends_at <= instant {
            return Standing::Expired { since: term_ends_at };
        }
        let Some(phase) = self.phase_at(instant) else {
            return Standing::NotActive(NotActive::NotYet { starts_at: activated_at });
        };
        if let Some(pause) = self.pauses.iter().find(|pause| pause.covers(instant)) {
            return Standing::NotActive(NotActive::Paused { since: pause.from });
        }
        Standing::InForce {
            segment: phase.segment,
            tier: &phase.terms.tier,
            terms: &phase.terms,
            quota_period: QuotaPeriod {
                segment: phase.segment,
                contract_year: contract_year(activated_at.tokyo_date(), instant.tokyo_date()),
            },
        }
    }

    /// The terms of an instant, whether or not use is suspended; `None` before the start and after the end.
    pub fn terms_at(&self, instant: Timestamp) -> Option<&Phase> {
        let ended = self.ends_at().is_none_or(|ends_at| ends_at <= instant);
        if ended { None } else { self.phase_at(instant) }
    }

    /// The phases in order of effect; future ones, and ones that an early end leaves out, are among them.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The pauses in order.
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// When the contract comes or came into force, once every party has signed.
    pub const fn activated_at(&self) -> Option<Timestamp> {
        self.activated_at
    }

    /// When the last agreed term ends, once every party has signed.
    pub fn term_ends_at(&self) -> Option<Timestamp> {
        self.phases.last().map(|phase| phase.terms.term.ends_at())
    }

    /// From when on the contract is terminated, if it is.
    pub const fn terminated_at(&self) -> Option<Timestamp> {
        self.terminated_at
    }

    /// When the contract ends: by its term or by termination, whichever is first.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let term_ends_at = self.term_ends_at()?;
        Some(self.terminated_at.map_or(term_ends_at, |terminated_at| terminated_at.min(term_ends_at)))
    }

    /// The phase that has started last at an instant, were the contract without end.
    pub(super) fn phase_at(&self, instant: Timestamp) -> Option<&Phase> {
        self.phases.iter().rev().find(|phase| phase.starts_at <= instant)
    }

    fn activate(&mut self, effective_at: Timestamp) {
        if let Some(terms) = self.offered.take() {
            self.activated_at = Some(effective_at);
            self.start_phase(effective_at, terms);
        }
    }

    fn renew(&mut self, ends_at: Timestamp, terms: Option<&Terms>) {
        let Some(last) = self.phases.last() else { return };
        let starts_at = last.terms.term.ends_at();
        // A term that would hold no instant is in no history; a fold must be total all the same.
        let Ok(term) = Term::new(starts_at, ends_at) else { return };
        let terms = Terms { term, ..terms.unwrap_or(&last.terms).clone() };
        self.start_phase(starts_at, terms);
    }

    fn start_phase(&mut self, starts_at: Timestamp, terms: Terms) {
        let segment = match self.phases.last() {
            None => 0,
            Some(last) if last.terms.tier == terms.tier => last.segment,
            Some(last) => last.segment.saturating_add(1),
        };
        self.phases.push(Phase { segment, starts_at, terms });
    }
}

impl Pause {
    /// Whether use is suspended at an instant.
    pub fn covers(&self, instant: Timestamp) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }
}

/// The date on which a contract year starts, counted from 0 on the date of activation.
///
/// Years are those of the civil code (民法 article 143, paragraph 2): without a corresponding date a year ends
/// with the last day of the month, so one that runs from 29 February starts anew on 1 March.
pub(super) fn anniversary(activated_on: Date, contract_year: u32) -> Date {
    let year = i32::from(activated_on.year()).saturating_add_unsigned(contract_year);
    let Some(year) = i16::try_from(year).ok().filter(|year| *year <= Date::MAX.year()) else {
        return Date::MAX;
    };
    Date::new(year, activated_on.month(), activated_on.day())
        .or_else(|_| Date::new(year, 3, 1))
        .unwrap_or(Date::MAX)
}

/// The contract year to which a date belongs, counted from 0; 0 also before activation.
pub(super) fn contract_year(activated_on: Date, date: Date) -> u32 {
    let years = u32::try_from(i32::from(date.year()) - i32::from(activated_on.year())).unwrap_or(0);
    if date < anniversary(activated_on, years) { years.saturating_sub(1) } else { years }
}
