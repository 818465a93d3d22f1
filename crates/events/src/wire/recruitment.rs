//! Recruitments as the wire has them, for one viewer at the moment of the question.

use domain::{
    id::OrganisationId,
    recruitment::{Asked, Course, Participation, Recruitment, Sight, Sought, Status, Triage},
    time::Timestamp,
};
use proto::kiban::recruitment::v1 as wire;

use super::time;
use crate::recruitment_form::{answer_form, criteria_form};

/// A recruitment as somebody with this sight may see it now; `None` if nobody has asked for it.
pub fn recruitment(state: &Recruitment, sight: Sight, now: Timestamp) -> Option<wire::Recruitment> {
    let stage = recruitment_stage(state.status(now))?;
    let shown = of_request(state.asked()?, sight, stage);
    let reason = reason(state);
    let Some(course) = state.course() else { return Some(wire::Recruitment { reason, ..shown }) };
    let (contacted, enrolled) = numbers(course, sight);
    let pseudonyms = course.participants.keys().filter(|_| sight.pseudonyms).map(ToString::to_string);
    let visible = course.institutions.iter().filter(|(id, _)| sight.institutions || sight.own == Some(**id));
    Some(wire::Recruitment {
        ethics_approval: course.approval.ethics_approval.as_str().into(),
        approval_valid_until: Some(time(course.approval.valid_until)),
        contacted,
        enrolled,
        pseudonyms: pseudonyms.collect(),
        institutions: visible.map(|(id, part)| participation(*id, part, course, sight)).collect(),
        reason,
        ..shown
    })
}

/// Where a recruitment stands; `None` for one that nobody has asked for.
pub const fn recruitment_stage(status: Status) -> Option<wire::RecruitmentStage> {
    Some(match status {
        Status::Vacant => return None,
        Status::AwaitingTriage => wire::RecruitmentStage::AwaitingTriage,
        Status::Requested => wire::RecruitmentStage::Requested,
        Status::Rejected => wire::RecruitmentStage::Rejected,
        Status::Open => wire::RecruitmentStage::Open,
        Status::Lapsed => wire::RecruitmentStage::Lapsed,
        Status::Closed => wire::RecruitmentStage::Closed,
    })
}

fn of_request(asked: &Asked, sight: Sight, stage: wire::RecruitmentStage) -> wire::Recruitment {
    let request = &asked.request;
    let (diagnosis, criteria) = match &request.sought {
        Sought::Diagnosis(diagnosis) => (diagnosis.to_string(), None),
        Sought::Criteria(criteria) => (String::new(), Some(criteria_form(criteria))),
    };
    // An institution has no business with the contracts of the others.
    let of_contracts = sight.pseudonyms || sight.institutions;
    let contract = of_contracts.then(|| asked.contract.to_string());
    let executors = request.executor_contract.filter(|_| of_contracts);
    let finding = asked.finding.as_ref().filter(|_| sight.institutions);
    wire::Recruitment {
        id: asked.id.to_string(),
        contract_id: contract.unwrap_or_default(),
        member_id: request.member.to_string(),
        executor_id: request.executor.to_string(),
        executor_contract_id: executors.map(|id| id.to_string()).unwrap_or_default(),
        study_title: request.study_title.as_str().into(),
        diagnosis,
        criteria,
        participants_wanted: request.participants_wanted,
        requested_at: Some(time(asked.at)),
        stage: stage.into(),
        triage_by_person: asked.triage == Triage::Person,
        triage_finding: finding.map(|found| found.finding.as_str().into()).unwrap_or_default(),
        ..Default::default()
    }
}

/// How many were contacted and enrolled: in all, or of an institution that sees nothing else by itself.
fn numbers(course: &Course, sight: Sight) -> (u64, u32) {
    match sight.own.filter(|_| !sight.pseudonyms && !sight.institutions) {
        Some(own) => {
            let part = course.institutions.get(&own);
            part.map_or((0, 0), |part| (part.contacted.into(), part.enrolled))
        }
        None => (course.contacted(), u32::try_from(course.enrolled()).unwrap_or(u32::MAX)),
    }
}

fn participation(
    institution: OrganisationId,
    part: &Participation,
    course: &Course,
    sight: Sight,
) -> wire::Participation {
    let own = sight.own == Some(institution);
    let pseudonyms = course.participants_of(institution).filter(|_| own).map(ToString::to_string);
    let response = part.response.as_ref();
    let reason = response.and_then(|response| response.reason.as_ref());
    wire::Participation {
        institution_id: institution.to_string(),
        supply_contract_id: part.supply_contract.to_string(),
        invited_at: Some(time(part.invited_at)),
        answer: response.map(|response| answer_form(response.answer).into()).unwrap_or_default(),
        reason: reason.map(|reason| reason.as_str().into()).unwrap_or_default(),
        answered_at: response.map(|response| time(response.at)),
        contacted: part.contacted,
        enrolled: part.enrolled,
        pseudonyms: pseudonyms.collect(),
    }
}

fn reason(state: &Recruitment) -> String {
    match state {
        Recruitment::Vacant | Recruitment::Requested(_) | Recruitment::Approved { .. } => String::new(),
        Recruitment::Rejected { refusal, .. } => refusal.reason.as_str().into(),
        Recruitment::Closed { closing, .. } => closing.reason.as_str().into(),
    }
}
