//! What may not be done with a contract that every party has signed.

use crate::{
    contract::{
        Agreement, ChangeTier, Contract, ContractExpired, ContractPaused, ContractRenewed, ContractResumed,
        ContractTerminated, Event, ExpireContract, PauseContract, Phase, Rejection, RenewContract, Renewal,
        ResumeContract, TerminateContract, TierChanged, decide::check_terms,
    },
    time::Timestamp,
};

pub(super) fn change_tier(state: &Contract, command: ChangeTier) -> Result<Vec<Event>, Rejection> {
    let ChangeTier { tier, quotas, effective_at, at } = command;
    not_in_the_past(effective_at, at)?;
    let signed = Signed::of(state)?;
    signed.has_not_ended(at)?;
    if effective_at < signed.starts_at {
        return Err(Rejection::EffectiveBeforeStart { effective_at, starts_at: signed.starts_at });
    }
    signed.ends_after(effective_at)?;
    let last = signed.last;
    if effective_at >= last.starts_at && tier == last.terms.tier {
        return if quotas == last.terms.quotas { Ok(vec![]) } else { Err(Rejection::SameTier { tier }) };
    }
    if effective_at <= last.starts_at {
        return Err(Rejection::LaterTermsStand { starts_at: last.starts_at, effective_at });
    }
    Ok(vec![Event::TierChanged(TierChanged { tier, quotas, effective_at, at })])
}

pub(super) fn pause(state: &Contract, command: PauseContract) -> Result<Vec<Event>, Rejection> {
    let PauseContract { reason, at } = command;
    let signed = Signed::of(state)?;
    signed.has_not_ended(at)?;
    if at < signed.starts_at {
        return Err(Rejection::NotYetInForce { starts_at: signed.starts_at });
    }
    // A clock that went back must not let this pause begin before the last one ended.
    let effective_at = match signed.agreement.timeline.pauses().last() {
        Some(pause) => match pause.until {
            None => return Ok(vec![]),
            Some(until) => at.max(until),
        },
        None => at,
    };
    Ok(vec![Event::ContractPaused(ContractPaused { reason, effective_at })])
}

pub(super) fn resume(state: &Contract, command: ResumeContract) -> Result<Vec<Event>, Rejection> {
    let signed = Signed::of(state)?;
    signed.has_not_ended(command.at)?;
    match signed.agreement.timeline.pauses().last() {
        Some(pause) if pause.until.is_none() => {
            let effective_at = command.at.max(pause.from);
            Ok(vec![Event::ContractResumed(ContractResumed { effective_at })])
        }
        Some(_) | None => Ok(vec![]),
    }
}

pub(super) fn renew(state: &Contract, command: RenewContract) -> Result<Vec<Event>, Rejection> {
    let RenewContract { renewal, at } = command;
    let signed = Signed::of(state)?;
    signed.has_not_ended(at)?;
    signed.is_not_terminated()?;
    let term_ends_at = signed.term_ends_at;
    let (ends_at, terms) = match renewal {
        Renewal::SameTerms { ends_at } if ends_at == term_ends_at => return Ok(vec![]),
        Renewal::SameTerms { ends_at } if ends_at < term_ends_at => {
            return Err(Rejection::RenewalEndsTooEarly { ends_at, term_ends_at });
        }
        Renewal::SameTerms { ends_at } => (ends_at, None),
        Renewal::NewTerms(terms) if *terms == signed.last.terms => return Ok(vec![]),
        Renewal::NewTerms(terms) => {
            let starts_at = terms.term.starts_at();
            if starts_at != term_ends_at {
                return Err(Rejection::RenewalIsNotAdjacent { starts_at, term_ends_at });
            }
            check_terms(&terms, &signed.agreement.application, at)?;
            (terms.term.ends_at(), Some(*terms))
        }
    };
    Ok(vec![Event::ContractRenewed(ContractRenewed { ends_at, terms, at })])
}

pub(super) fn terminate(state: &Contract, command: TerminateContract) -> Result<Vec<Event>, Rejection> {
    let TerminateContract { by, reason, effective_at, at } = command;
    let signed = Signed::of(state)?;
    if !signed.agreement.parties.contains(&by) {
        return Err(Rejection::NotAParty { organisation: by });
    }
    if signed.agreement.timeline.terminated_at() == Some(effective_at) {
        return Ok(vec![]);
    }
    signed.is_not_terminated()?;
    not_in_the_past(effective_at, at)?;
    signed.has_not_ended(at)?;
    signed.ends_after(effective_at)?;
    Ok(vec![Event::ContractTerminated(ContractTerminated { by, reason, effective_at, at })])
}

pub(super) fn expire(state: &Contract, command: ExpireContract) -> Result<Vec<Event>, Rejection> {
    let signed = Signed::of(state)?;
    if signed.agreement.expiry_recorded {
        return Ok(vec![]);
    }
    signed.is_not_terminated()?;
    let ends_at = signed.term_ends_at;
    if command.at < ends_at {
        return Err(Rejection::NotYetExpired { ends_at, now: command.at });
    }
    Ok(vec![Event::ContractExpired(ContractExpired { effective_at: ends_at })])
}

/// A contract that every party has signed, and what its timeline then always has.
struct Signed<'s> {
    agreement: &'s Agreement,
    /// When it comes or came into force.
    starts_at: Timestamp,
    /// The end of the last agreed term.
    term_ends_at: Timestamp,
    /// The phase that starts last.
    last: &'s Phase,
}

impl<'s> Signed<'s> {
    fn of(state: &'s Contract) -> Result<Self, Rejection> {
        let not_signed = || Rejection::NotSigned { stage: state.stage() };
        let timeline = state.timeline().ok_or_else(not_signed)?;
        let agreement = state.agreement().ok_or_else(not_signed)?;
        let starts_at = timeline.activated_at().ok_or_else(not_signed)?;
        let last = timeline.phases().last().ok_or_else(not_signed)?;
        Ok(Self { agreement, starts_at, term_ends_at: last.terms.term.ends_at(), last })
    }

    fn has_not_ended(&self, now: Timestamp) -> Result<(), Rejection> {
        match self.agreement.timeline.terminated_at() {
            Some(effective_at) if effective_at <= now => Err(Rejection::AlreadyTerminated { effective_at }),
            _ if self.term_ends_at <= now || self.agreement.expiry_recorded => {
                Err(Rejection::Expired { since: self.term_ends_at })
            }
            _ => Ok(()),
        }
    }

    fn is_not_terminated(&self) -> Result<(), Rejection> {
        match self.agreement.timeline.terminated_at() {
            Some(effective_at) => Err(Rejection::AlreadyTerminated { effective_at }),
            None => Ok(()),
        }
    }

    fn ends_after(&self, effective_at: Timestamp) -> Result<(), Rejection> {
        let ends_at = self.agreement.timeline.ends_at().unwrap_or(self.term_ends_at);
        if ends_at <= effective_at {
            return Err(Rejection::EffectiveAfterEnd { effective_at, ends_at });
        }
        Ok(())
    }
}

fn not_in_the_past(effective_at: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    if effective_at < now {
        return Err(Rejection::EffectiveInThePast { effective_at, now });
    }
    Ok(())
}
