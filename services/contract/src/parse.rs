//! Requests into commands. The facts of other contexts are empty here; `facts` fills them in.

use std::collections::BTreeSet;

use domain::{
    contract::{
        ApplyForContract, ApproveContract, ChangeTier, ContractKind, Lane, OfferContract, PauseContract,
        RejectContract, RenewContract, Renewal, ResumeContract, Reviewer, SignContract, TerminateContract,
    },
    id::{ContractId, OrganisationId, PersonId},
    time::Timestamp,
};
use engine::{
    Caller, Reason, Refusal,
    parse::{id, instant, optional_instant, text},
};
use proto::kiban::contract::v1 as wire;

use crate::parse_terms::{purposes, quotas, terms};

pub(crate) fn apply(
    id: ContractId,
    caller: &Caller,
    request: &wire::ApplyForContractRequest,
    at: Timestamp,
) -> Result<ApplyForContract, Refusal> {
    Ok(ApplyForContract {
        id,
        kind: kind("kind", request.kind)?,
        applicant: caller.organisation,
        applicant_capacities: BTreeSet::new(),
        issuer: self::id("issuer_id", &request.issuer_id)?,
        issuer_capacities: BTreeSet::new(),
        purposes: purposes("purposes", &request.purposes)?,
        lane: lane("lane", request.lane)?,
        at,
    })
}

pub(crate) fn approve(
    caller: &Caller,
    request: &wire::ApproveContractRequest,
    at: Timestamp,
) -> Result<ApproveContract, Refusal> {
    Ok(ApproveContract {
        by: reviewer(caller)?,
        reviewer_capacities: BTreeSet::new(),
        valid_until: instant("valid_until", request.valid_until.as_ref())?,
        at,
    })
}

pub(crate) fn reject(
    caller: &Caller,
    request: &wire::RejectContractRequest,
    at: Timestamp,
) -> Result<RejectContract, Refusal> {
    Ok(RejectContract {
        by: reviewer(caller)?,
        reviewer_capacities: BTreeSet::new(),
        reason: text("reason", &request.reason)?,
        at,
    })
}

/// The parties are the applicant, the issuer who calls, and those whom the request adds.
pub(crate) fn offer(
    caller: &Caller,
    applicant: OrganisationId,
    request: &wire::OfferContractRequest,
    at: Timestamp,
) -> Result<OfferContract, Refusal> {
    let further = request.further_party_ids.iter().enumerate();
    let mut parties: BTreeSet<OrganisationId> = further
        .map(|(index, party)| id(&format!("further_party_ids[{index}]"), party))
        .collect::<Result<_, _>>()?;
    parties.extend([applicant, caller.organisation]);
    Ok(OfferContract {
        issuer: caller.organisation,
        parties,
        terms: terms("terms", request.terms.as_ref())?,
        at,
    })
}

pub(crate) fn sign(caller: &Caller, at: Timestamp) -> Result<SignContract, Refusal> {
    Ok(SignContract { party: caller.organisation, person: person(caller, "a signature")?, at })
}

pub(crate) fn change_tier(request: &wire::ChangeTierRequest, at: Timestamp) -> Result<ChangeTier, Refusal> {
    Ok(ChangeTier {
        tier: text("tier", &request.tier)?,
        quotas: quotas("quotas", &request.quotas)?,
        effective_at: optional_instant("effective_at", request.effective_at.as_ref())?.unwrap_or(at),
        at,
    })
}

pub(crate) fn pause(request: &wire::PauseContractRequest, at: Timestamp) -> Result<PauseContract, Refusal> {
    Ok(PauseContract { reason: text("reason", &request.reason)?, at })
}

pub(crate) const fn resume(at: Timestamp) -> ResumeContract {
    ResumeContract { at }
}

pub(crate) fn renew(request: &wire::RenewContractRequest, at: Timestamp) -> Result<RenewContract, Refusal> {
    let renewal = match (&request.end, &request.terms) {
        (Some(end), None) => Renewal::SameTerms { ends_at: instant("end", Some(end))? },
        (None, Some(new)) => Renewal::NewTerms(Box::new(terms("terms", Some(new))?)),
        (None, None) => return Err(Refusal::invalid("end", "is missing; give it, or other terms")),
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid("end", "stands beside other terms, which have an end of their own"));
        }
    };
    Ok(RenewContract { renewal, at })
}

pub(crate) fn terminate(
    caller: &Caller,
    request: &wire::TerminateContractRequest,
    at: Timestamp,
) -> Result<TerminateContract, Refusal> {
    Ok(TerminateContract {
        by: caller.organisation,
        reason: text("reason", &request.reason)?,
        effective_at: optional_instant("effective_at", request.effective_at.as_ref())?.unwrap_or(at),
        at,
    })
}

fn reviewer(caller: &Caller) -> Result<Reviewer, Refusal> {
    Ok(Reviewer { organisation: caller.organisation, person: person(caller, "a decision")? })
}

fn person(caller: &Caller, what: &str) -> Result<PersonId, Refusal> {
    let message = || format!("{what} is a person's: the caller must name one");
    caller.person.ok_or_else(|| Refusal::new(Reason::PersonRequired, message()))
}

fn kind(field: &str, number: i32) -> Result<ContractKind, Refusal> {
    use wire::ContractKind as Wire;
    match Wire::try_from(number) {
        Ok(Wire::Member) => Ok(ContractKind::Member),
        Ok(Wire::VendorParticipation) => Ok(ContractKind::VendorParticipation),
        Ok(Wire::Investor) => Ok(ContractKind::Investor),
        Ok(Wire::Supply) => Ok(ContractKind::Supply),
        Ok(Wire::DataProvider) => Ok(ContractKind::DataProvider),
        Ok(Wire::Unspecified) | Err(_) => Err(Refusal::invalid(field, "is no kind of contract")),
    }
}

fn lane(field: &str, number: i32) -> Result<Lane, Refusal> {
    match wire::Lane::try_from(number) {
        Ok(wire::Lane::Unspecified | wire::Lane::Standard) => Ok(Lane::Standard),
        Ok(wire::Lane::Expedited) => Ok(Lane::Expedited),
        Err(_) => Err(Refusal::invalid(field, "is no lane")),
    }
}
