//! What may not be done with a recruitment up to its approval; the rest is in `course`.

use std::collections::BTreeSet;

use crate::{
    contract::{ContractKind, Reviewer},
    id::OrganisationId,
    organisation::Capacity,
    recruitment::{
        ApproveRecruitment, Asked, Command, Event, MOST_PARTICIPANTS, PatientRecruitmentRequested,
        Recruitment, RecruitmentApproved, RecruitmentRejected, RecruitmentTriaged, RejectRecruitment,
        Rejection, RequestRecruitment, RequestedRecruitment, Status, TriageRecruitment, course,
    },
    time::Timestamp,
    under_contract::ContractNow,
    vendor_admission::VendorAdmission,
};

pub(super) fn decide(state: &Recruitment, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RequestRecruitment(command) => request(state, command),
        Command::TriageRecruitment(command) => triage(state, command),
        Command::ApproveRecruitment(command) => approve(state, command),
        Command::RejectRecruitment(command) => reject(state, command),
        Command::InviteInstitution(command) => course::invite(state, &command),
        Command::RespondToInvitation(command) => course::respond(state, command),
        Command::ReportContacted(command) => course::contacted(state, &command),
        Command::EnrolParticipant(command) => course::enrol(state, command),
        Command::CloseRecruitment(command) => course::close(state, command),
    }
}

fn request(state: &Recruitment, command: RequestRecruitment) -> Result<Vec<Event>, Rejection> {
    let RequestRecruitment { id, request, contract, executor_capacities, executor_contract, admission, at } =
        command;
    let participants = request.participants_wanted;
    if !(1..=MOST_PARTICIPANTS).contains(&participants) {
        return Err(Rejection::ParticipantsOutOfRange { participants });
    }
    if request.member == request.executor {
        return Err(Rejection::OwnExecutor { organisation: request.member });
    }
    if let Some(asked) = state.asked() {
        let again = (asked.id, asked.contract) == (id, contract.id) && asked.request == request;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyRequested { id: asked.id }) };
    }
    contract.check(request.member, ContractKind::Member).map_err(Rejection::NotCovered)?;
    let organisation = request.executor;
    let recruits = |capacity: &Capacity| matches!(capacity, Capacity::Vendor | Capacity::Promoter);
    if !executor_capacities.iter().any(recruits) {
        return Err(Rejection::NotAnExecutor { organisation });
    }
    if executor_contract.is_none() && !executor_capacities.contains(&Capacity::Promoter) {
        return Err(Rejection::ExecutorContractMissing { organisation });
    }
    check_executor(organisation, executor_contract)?;
    check_admitted(&request, &admission)?;
    let triage = request.sought.triage();
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id,
        contract,
        contract_revision,
        request,
        triage,
        at,
    })])
}

fn triage(state: &Recruitment, command: TriageRecruitment) -> Result<Vec<Event>, Rejection> {
    let TriageRecruitment { by, reviewer_capacities, finding, at } = command;
    let asked = undecided(state, at)?;
    if let Some(known) = &asked.finding
        && (known.by, &known.finding) == (by.person, &finding)
    {
        return Ok(vec![]);
    }
    check_reviewer(asked, by, &reviewer_capacities)?;
    if !asked.awaits_triage() {
        return Err(Rejection::TriageNotNeeded);
    }
    Ok(vec![Event::RecruitmentTriaged(RecruitmentTriaged { by: by.person, finding, at })])
}

fn approve(state: &Recruitment, command: ApproveRecruitment) -> Result<Vec<Event>, Rejection> {
    let ApproveRecruitment { by, ethics_approval, valid_until, contract, executor_contract, at, .. } =
        command;
    if let Recruitment::Approved { course, .. } = state
        && (course.approval.by, course.approval.valid_until) == (by.person, valid_until)
        && course.approval.ethics_approval == ethics_approval
    {
        return Ok(vec![]);
    }
    if valid_until <= at {
        return Err(Rejection::ApprovalEndsAtOnce { valid_until, now: at });
    }
    let asked = undecided(state, at)?;
    check_reviewer(asked, by, &command.reviewer_capacities)?;
    if asked.awaits_triage() {
        return Err(Rejection::TriageRequired);
    }
    contract.check(asked.request.member, ContractKind::Member).map_err(Rejection::NotCovered)?;
    check_executor(asked.request.executor, executor_contract)?;
    check_admitted(&asked.request, &command.admission)?;
    let by = by.person;
    Ok(vec![Event::RecruitmentApproved(RecruitmentApproved { by, ethics_approval, valid_until, at })])
}

fn reject(state: &Recruitment, command: RejectRecruitment) -> Result<Vec<Event>, Rejection> {
    let RejectRecruitment { by, reviewer_capacities, reason, at } = command;
    if let Recruitment::Rejected { refusal, .. } = state
        && (refusal.by, &refusal.reason) == (by.person, &reason)
    {
        return Ok(vec![]);
    }
    check_reviewer(undecided(state, at)?, by, &reviewer_capacities)?;
    Ok(vec![Event::RecruitmentRejected(RecruitmentRejected { by: by.person, reason, at })])
}

fn undecided(state: &Recruitment, now: Timestamp) -> Result<&Asked, Rejection> {
    match state {
        Recruitment::Requested(asked) => Ok(asked),
        Recruitment::Vacant
        | Recruitment::Rejected { .. }
        | Recruitment::Approved { .. }
        | Recruitment::Closed { .. } => {
            Err(Rejection::WrongStage { needed: Status::Requested, status: state.status(now) })
        }
    }
}

/// A vendor recruits under its participation; the promoter has no contract with itself.
pub(super) fn check_executor(
    executor: OrganisationId,
    contract: Option<ContractNow>,
) -> Result<(), Rejection> {
    let check = |contract: ContractNow| contract.check(executor, ContractKind::VendorParticipation);
    contract.map_or(Ok(()), check).map_err(Rejection::ExecutorNotCovered)
}

/// Who recruits as a vendor must be admitted to it, as to every kind of service; the promoter needs no admission.
fn check_admitted(request: &RequestedRecruitment, admission: &VendorAdmission) -> Result<(), Rejection> {
    if request.executor_contract.is_none() || admission.admits(request.executor) {
        return Ok(());
    }
    Err(Rejection::NotAdmitted { organisation: request.executor })
}

fn check_reviewer(asked: &Asked, by: Reviewer, capacities: &BTreeSet<Capacity>) -> Result<(), Rejection> {
    let organisation = by.organisation;
    if [asked.request.member, asked.request.executor].contains(&organisation) {
        return Err(Rejection::ConflictOfInterest { organisation });
    }
    let runs = |capacity: &Capacity| matches!(capacity, Capacity::BaseOperator | Capacity::Promoter);
    if !capacities.iter().any(runs) {
        return Err(Rejection::ReviewerMayNotDecide { organisation });
    }
    Ok(())
}
