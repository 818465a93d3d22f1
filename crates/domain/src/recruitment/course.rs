//! What may not be done with a recruitment once it is approved.

use crate::{
    contract::ContractKind,
    id::OrganisationId,
    recruitment::{
        Answer, Asked, CloseRecruitment, Course, EnrolParticipant, Event, InstitutionInvited,
        InstitutionResponded, InviteInstitution, MOST_CONTACTED, MOST_INSTITUTIONS, ParticipantEnrolled,
        ParticipantsContacted, Participation, Recruitment, RecruitmentClosed, Rejection, ReportContacted,
        RespondToInvitation, Status, decide::check_executor,
    },
    time::Timestamp,
    under_contract::ContractNow,
};

pub(super) fn invite(state: &Recruitment, command: &InviteInstitution) -> Result<Vec<Event>, Rejection> {
    let InviteInstitution { by, by_operator, institution, executor_contract, supply_contract, at } = *command;
    let (asked, course) = approved(state, at)?;
    if !by_operator && by != asked.request.executor {
        return Err(Rejection::MayNotInvite { organisation: by });
    }
    if let Some(known) = course.institutions.get(&institution) {
        let again = known.supply_contract == supply_contract.id;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyInvited { institution }) };
    }
    check_approval(course, at)?;
    if course.institutions.len() >= MOST_INSTITUTIONS {
        return Err(Rejection::TooManyInstitutions);
    }
    if by == asked.request.executor {
        check_executor(by, executor_contract)?;
    }
    check_supply(institution, supply_contract)?;
    Ok(vec![Event::InstitutionInvited(InstitutionInvited {
        institution,
        supply_contract: supply_contract.id,
        contract_revision: supply_contract.revision,
        by,
        at,
    })])
}

pub(super) fn respond(state: &Recruitment, command: RespondToInvitation) -> Result<Vec<Event>, Rejection> {
    let RespondToInvitation { institution, answer, reason, supply_contract, at } = command;
    let (_, course) = approved(state, at)?;
    let part = invited(course, institution)?;
    if let Some(known) = &part.response {
        let again = (known.answer, &known.reason) == (answer, &reason);
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyResponded { institution }) };
    }
    if answer == Answer::Accepted {
        check_approval(course, at)?;
        check_supply(institution, supply_contract.ok_or(Rejection::NotInvited { institution })?)?;
    }
    Ok(vec![Event::InstitutionResponded(InstitutionResponded { institution, answer, reason, at })])
}

/// What has been done is reported even if the approval has ended meanwhile; only enrolling needs it.
pub(super) fn contacted(state: &Recruitment, command: &ReportContacted) -> Result<Vec<Event>, Rejection> {
    let ReportContacted { institution, number, at } = *command;
    let (_, course) = approved(state, at)?;
    let part = accepted(course, institution)?;
    let within = part.contacted.checked_add(number).is_some_and(|total| total <= MOST_CONTACTED);
    if number == 0 || !within {
        return Err(Rejection::ContactedOutOfRange { number });
    }
    Ok(vec![Event::ParticipantsContacted(ParticipantsContacted { institution, number, at })])
}

pub(super) fn enrol(state: &Recruitment, command: EnrolParticipant) -> Result<Vec<Event>, Rejection> {
    let EnrolParticipant { institution, pseudonym, contract, supply_contract, executor_contract, at } =
        command;
    let (asked, course) = approved(state, at)?;
    let part = accepted(course, institution)?;
    match course.participants.get(&pseudonym) {
        Some(by) if *by == institution => return Ok(vec![]),
        Some(_) => return Err(Rejection::PseudonymTaken),
        None => {}
    }
    check_approval(course, at)?;
    if part.enrolled >= part.contacted {
        return Err(Rejection::NobodyLeftToEnrol { contacted: part.contacted });
    }
    let wanted = asked.request.participants_wanted;
    if course.enrolled() >= wanted as usize {
        return Err(Rejection::Full { wanted });
    }
    check_supply(institution, supply_contract.ok_or(Rejection::NotInvited { institution })?)?;
    let contract =
        contract.ok_or(Rejection::WrongStage { needed: Status::Open, status: state.status(at) })?;
    contract.check(asked.request.member, ContractKind::Member).map_err(Rejection::NotCovered)?;
    // The executor has a part in the fee that falls due.
    check_executor(asked.request.executor, executor_contract)?;
    let contract_revision = contract.revision;
    Ok(vec![Event::ParticipantEnrolled(ParticipantEnrolled {
        institution,
        pseudonym,
        contract_revision,
        at,
    })])
}

pub(super) fn close(state: &Recruitment, command: CloseRecruitment) -> Result<Vec<Event>, Rejection> {
    let CloseRecruitment { by, by_operator, reason, at } = command;
    if let Recruitment::Closed { closing, .. } = state
        && (closing.by, &closing.reason) == (by, &reason)
    {
        return Ok(vec![]);
    }
    let (Recruitment::Requested(asked) | Recruitment::Approved { asked, .. }) = state else {
        return Err(Rejection::WrongStage { needed: Status::Open, status: state.status(at) });
    };
    if !by_operator && ![asked.request.member, asked.request.executor].contains(&by) {
        return Err(Rejection::MayNotClose { organisation: by });
    }
    Ok(vec![Event::RecruitmentClosed(RecruitmentClosed { by, reason, at })])
}

fn approved(state: &Recruitment, now: Timestamp) -> Result<(&Asked, &Course), Rejection> {
    match state {
        Recruitment::Approved { asked, course } => Ok((asked, course)),
        Recruitment::Vacant
        | Recruitment::Requested(_)
        | Recruitment::Rejected { .. }
        | Recruitment::Closed { .. } => {
            Err(Rejection::WrongStage { needed: Status::Open, status: state.status(now) })
        }
    }
}

fn check_approval(course: &Course, now: Timestamp) -> Result<(), Rejection> {
    if course.approval.has_lapsed(now) {
        return Err(Rejection::ApprovalLapsed { valid_until: course.approval.valid_until });
    }
    Ok(())
}

fn invited(course: &Course, institution: OrganisationId) -> Result<&Participation, Rejection> {
    course.institutions.get(&institution).ok_or(Rejection::NotInvited { institution })
}

fn accepted(course: &Course, institution: OrganisationId) -> Result<&Participation, Rejection> {
    let part = invited(course, institution)?;
    if part.has_accepted() { Ok(part) } else { Err(Rejection::NotAccepted { institution }) }
}

fn check_supply(institution: OrganisationId, contract: ContractNow) -> Result<(), Rejection> {
    contract.check(institution, ContractKind::Supply).map_err(Rejection::InstitutionNotCovered)
}
