//! What may not be done with a contract, up to the last signature; the rest is in `life`.

use std::collections::BTreeSet;

use crate::{
    contract::{
        Application, ApplyForContract, ApproveContract, Command, Commitment, Contract, ContractActivated,
        ContractApplied, ContractApproved, ContractOffered, ContractRejected, ContractSigned, Event,
        OfferContract, ProhibitedUse, RejectContract, Rejection, Reviewer, Role, SignContract, Terms, life,
    },
    organisation::Capacity,
    terms::{MOST_AMOUNT, PriceBookChoice, Purpose, ShareRuleChoice},
    time::Timestamp,
};

/// The most purposes of a contract, the most dataset classes, and the most parties.
pub(super) const MOST_ENTRIES: usize = 64;

pub(super) fn decide(state: &Contract, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::ApplyForContract(command) => apply(state, command),
        Command::ApproveContract(command) => approve(state, command),
        Command::RejectContract(command) => reject(state, command),
        Command::OfferContract(command) => offer(state, command),
        Command::SignContract(command) => sign(state, command),
        Command::ChangeTier(command) => life::change_tier(state, command),
        Command::PauseContract(command) => life::pause(state, command),
        Command::ResumeContract(command) => life::resume(state, command),
        Command::RenewContract(command) => life::renew(state, command),
        Command::TerminateContract(command) => life::terminate(state, command),
        Command::ExpireContract(command) => life::expire(state, command),
    }
}

fn apply(state: &Contract, command: ApplyForContract) -> Result<Vec<Event>, Rejection> {
    let ApplyForContract { id, kind, applicant, issuer, purposes, lane, at, .. } = command;
    check_purposes(&purposes)?;
    if applicant == issuer {
        return Err(Rejection::OwnIssuer { organisation: applicant });
    }
    if let Some(known) = state.application() {
        let again = Application { id, kind, applicant, issuer, purposes, lane, at: known.at };
        return if *known == again { Ok(vec![]) } else { Err(Rejection::AlreadyApplied { id: known.id }) };
    }
    let needed = kind.applicant_capacity();
    if !command.applicant_capacities.contains(&needed) {
        return Err(Rejection::ApplicantLacksCapacity { applicant, kind, needed });
    }
    let issues = |capacity: &Capacity| matches!(capacity, Capacity::Promoter | Capacity::BaseOperator);
    if !command.issuer_capacities.iter().any(issues) {
        return Err(Rejection::IssuerMayNotIssue { issuer });
    }
    Ok(vec![Event::ContractApplied(ContractApplied { id, kind, applicant, issuer, purposes, lane, at })])
}

fn approve(state: &Contract, command: ApproveContract) -> Result<Vec<Event>, Rejection> {
    let ApproveContract { by, reviewer_capacities, valid_until, at } = command;
    if let Contract::Approved { approval, .. } = state
        && approval.by == by.person
        && approval.valid_until == valid_until
    {
        return Ok(vec![]);
    }
    if valid_until <= at {
        return Err(Rejection::ApprovalEndsAtOnce { valid_until, now: at });
    }
    check_reviewer(undecided(state)?, by, &reviewer_capacities)?;
    Ok(vec![Event::ContractApproved(ContractApproved { by: by.person, valid_until, at })])
}

fn reject(state: &Contract, command: RejectContract) -> Result<Vec<Event>, Rejection> {
    let RejectContract { by, reviewer_capacities, reason, at } = command;
    if let Contract::Rejected { refusal, .. } = state
        && refusal.by == by.person
        && refusal.reason == reason
    {
        return Ok(vec![]);
    }
    check_reviewer(undecided(state)?, by, &reviewer_capacities)?;
    Ok(vec![Event::ContractRejected(ContractRejected { by: by.person, reason, at })])
}

fn offer(state: &Contract, command: OfferContract) -> Result<Vec<Event>, Rejection> {
    let OfferContract { issuer, parties, terms, at } = command;
    if let Contract::Offered(agreement) = state
        && agreement.application.issuer == issuer
        && agreement.parties == parties
        && agreement.terms == terms
    {
        return Ok(vec![]);
    }
    let Contract::Approved { application, approval } = state else {
        return Err(Rejection::NotApproved { stage: state.stage() });
    };
    if approval.has_lapsed(at) {
        return Err(Rejection::ApprovalLapsed { valid_until: approval.valid_until });
    }
    if issuer != application.issuer {
        return Err(Rejection::NotTheIssuer { organisation: issuer, issuer: application.issuer });
    }
    at_most("parties", parties.len())?;
    for (role, organisation) in [(Role::Applicant, application.applicant), (Role::Issuer, issuer)] {
        if !parties.contains(&organisation) {
            return Err(Rejection::PartyMissing { role, organisation });
        }
    }
    check_terms(&terms, application, at)?;
    Ok(vec![Event::ContractOffered(ContractOffered { parties, terms, at })])
}

fn sign(state: &Contract, command: SignContract) -> Result<Vec<Event>, Rejection> {
    let SignContract { party, person, at } = command;
    let Some(agreement) = state.agreement() else {
        return Err(Rejection::NotOffered { stage: state.stage() });
    };
    if agreement.signatures.contains_key(&party) {
        return Ok(vec![]);
    }
    if !agreement.parties.contains(&party) {
        return Err(Rejection::NotAParty { organisation: party });
    }
    if agreement.approval.has_lapsed(at) {
        return Err(Rejection::ApprovalLapsed { valid_until: agreement.approval.valid_until });
    }
    not_over(&agreement.terms, at)?;
    let mut events = vec![Event::ContractSigned(ContractSigned { party, person, at })];
    let others_have_signed =
        agreement.parties.iter().all(|other| *other == party || agreement.signatures.contains_key(other));
    if others_have_signed {
        let effective_at = agreement.terms.term.starts_at().max(at);
        events.push(Event::ContractActivated(ContractActivated { effective_at }));
    }
    Ok(events)
}

/// The rules of terms, whether offered or of a renewal: they stay within what was reviewed.
pub(super) fn check_terms(terms: &Terms, application: &Application, at: Timestamp) -> Result<(), Rejection> {
    check_purposes(&terms.purposes)?;
    if terms.dataset_classes.is_empty() && application.kind.must_name_dataset_classes() {
        return Err(Rejection::NoDatasetClass);
    }
    at_most("dataset classes", terms.dataset_classes.len())?;
    if terms.countries.is_empty() {
        return Err(Rejection::NoCountry);
    }
    if let PriceBookChoice::Pin(_, 0) = terms.price_book {
        return Err(Rejection::PinnedToNoVersion { what: "price book" });
    }
    if let ShareRuleChoice::Pin(_, 0) = terms.share_rule {
        return Err(Rejection::PinnedToNoVersion { what: "share rule" });
    }
    terms.minimum_commitment.as_ref().map_or(Ok(()), check_commitment)?;
    not_over(terms, at)?;
    match terms.purposes.difference(&application.purposes).next() {
        Some(purpose) => Err(Rejection::PurposeNotApproved { purpose: purpose.clone() }),
        None => Ok(()),
    }
}

fn check_purposes(purposes: &BTreeSet<Purpose>) -> Result<(), Rejection> {
    if purposes.is_empty() {
        return Err(Rejection::NoPurpose);
    }
    at_most("purposes", purposes.len())?;
    for purpose in purposes {
        if let Some(rule) = ProhibitedUse::named_by(purpose) {
            return Err(Rejection::ProhibitedPurpose { purpose: purpose.clone(), rule });
        }
    }
    Ok(())
}

fn check_commitment(commitment: &Commitment) -> Result<(), Rejection> {
    let Commitment { amount, charge_kinds } = commitment;
    if amount.minor_units() <= 0 {
        return Err(Rejection::CommitmentToNothing { amount: *amount });
    }
    if amount.minor_units() > MOST_AMOUNT {
        return Err(Rejection::CommitmentTooHigh { amount: *amount });
    }
    if charge_kinds.is_empty() {
        return Err(Rejection::NothingCountsTowardsCommitment);
    }
    at_most("charge kinds", charge_kinds.len())?;
    match charge_kinds.iter().find(|kind| !Commitment::can_count(kind)) {
        Some(kind) => Err(Rejection::CannotCountTowardsCommitment { charge_kind: kind.clone() }),
        None => Ok(()),
    }
}

fn undecided(state: &Contract) -> Result<&Application, Rejection> {
    match state {
        Contract::Applied(application) => Ok(application),
        Contract::Vacant
        | Contract::Approved { .. }
        | Contract::Rejected { .. }
        | Contract::Offered(_)
        | Contract::Signed(_) => Err(Rejection::NotApplied { stage: state.stage() }),
    }
}

fn check_reviewer(
    application: &Application,
    by: Reviewer,
    capacities: &BTreeSet<Capacity>,
) -> Result<(), Rejection> {
    let organisation = by.organisation;
    if organisation == application.applicant {
        return Err(Rejection::OwnApplication { organisation });
    }
    if organisation != application.issuer && !capacities.contains(&Capacity::BaseOperator) {
        return Err(Rejection::ReviewerMayNotDecide { organisation });
    }
    Ok(())
}

fn not_over(terms: &Terms, now: Timestamp) -> Result<(), Rejection> {
    let ends_at = terms.term.ends_at();
    if ends_at <= now { Err(Rejection::TermOver { ends_at, now }) } else { Ok(()) }
}

fn at_most(what: &'static str, entries: usize) -> Result<(), Rejection> {
    if entries > MOST_ENTRIES {
        return Err(Rejection::TooManyEntries { what, entries, most: MOST_ENTRIES });
    }
    Ok(())
}
